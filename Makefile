# One door for everything: `make` lists the targets. Needs GNU make and Python 3.11 or newer.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The interpreter that makes .venv; without a choice, the first of python3.11, 3.12, 3.13 and python3 that will do.
PYTHON ?=
# Handed to pytest. Three processes unless said otherwise, for many tests wait for servers more than they count:
# make test PYTEST_ARGS="-k approvals".
PYTEST_ARGS ?= -n 3

# Which fault campaigns to run (B1, or B1,F4, or all), for how long together, and with which seed.
CAMPAIGN ?=
MINUTES ?=
SEED ?=

BIN := .venv/bin

.PHONY: help env run test faults check format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

env: .venv/.installed ## make .venv from requirements.lock; renewed when that file changes
	@:

run: env ## start the service with demonstration cases
	@$(BIN)/guanka up --demo

test: env ## run the whole suite; PYTEST_ARGS is handed on
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

faults: env ## run fault campaigns: CAMPAIGN=B1 MINUTES=20 SEED=7; without CAMPAIGN, show their ledger
	@$(BIN)/python -m tests.faults $(if $(CAMPAIGN),--campaign "$(CAMPAIGN)") \
		$(if $(MINUTES),--minutes "$(MINUTES)") $(if $(SEED),--seed "$(SEED)")

check: env ## format, lint, types, import directions, module length, lock file
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/python -m tests.architecture.shape
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/python -m basedpyright

format: env ## put the code into its one format, and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## write requirements.lock anew from pyproject.toml
	@bash .ci/lock "$(PYTHON)"

clean: ## remove .venv and all caches; var/ with the data of a service stays
	@rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps: a change of pyproject.toml alone need not fetch every library again.
.venv/.installed: .venv/.locked pyproject.toml
	@rm -f $@
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip -qq --no-input install --no-deps --no-build-isolation -e .
	@touch $@
	@echo "Ready: .venv/bin/guanka"

.venv/.locked: requirements.lock
	@rm -f $@
	@bash .ci/venv "$(PYTHON)"
	@touch $@
