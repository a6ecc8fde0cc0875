"""Rules over a whole SOP."""

from engine.definition.compiled import Definition
from engine.definition.findings import Findings
from engine.definition.tree import Tree


def check(definition: Definition, tree: Tree, findings: Findings) -> None:
    """Adds what is wrong with the SOP as a whole to `findings`."""
