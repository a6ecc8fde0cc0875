"""How hard the laws are tried: HYPOTHESIS_PROFILE=thorough searches long; without it, quick and repeatable.

Quick draws the same examples in every run, so that a red build is red again; thorough draws new ones.
"""

import os

from hypothesis import HealthCheck, settings

# Building a whole SOP and a story for it draws much: that is no sign of a slow law.
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile(
    "quick", max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW
)
settings.register_profile(
    "thorough", max_examples=3000, deadline=None, print_blob=True, suppress_health_check=SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
