"""Rules over a whole SOP. What is named must be declared; only then is the course of the stages judged."""

from engine.definition.checks_approvals import check_approvals
from engine.definition.checks_children import check_children
from engine.definition.checks_flow import check_flow
from engine.definition.checks_names import check_names
from engine.definition.checks_transitions import check_transitions
from engine.definition.compiled import Definition
from engine.definition.findings import Findings
from engine.definition.judge import Judge
from engine.definition.tree import Tree


def check(definition: Definition, tree: Tree, findings: Findings) -> None:
    """Adds what is wrong with the SOP as a whole to `findings`."""
    judge = Judge(definition, tree, findings)
    check_names(judge)
    check_transitions(judge)
    check_approvals(judge)
    check_children(judge)
    # An unknown stage would make others look unreachable: the map is judged when every name on it is right.
    if judge.faultless:
        check_flow(judge)
