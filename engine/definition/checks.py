"""Rules over a whole SOP. What is named must be declared; only then is the course of the stages judged."""

from typing import Final

from engine.definition.checks_approvals import check_approvals
from engine.definition.checks_children import check_children
from engine.definition.checks_flow import check_flow
from engine.definition.checks_names import check_names
from engine.definition.checks_transitions import check_transitions
from engine.definition.compiled import Definition
from engine.definition.findings import Findings
from engine.definition.judge import Judge
from engine.definition.tree import Tree
from engine.text import Text

MOST_NAMED: Final = 500
_WITHIN: Final = {"tasks": "stages", "deliverables": "stages", "approvals": "transitions"}


def check(definition: Definition, tree: Tree, findings: Findings) -> None:
    """Adds what is wrong with the SOP as a whole to `findings`."""
    judge = Judge(definition, tree, findings)
    if _too_many(judge):
        return
    check_names(judge)
    check_transitions(judge)
    check_approvals(judge)
    check_children(judge)
    # An unknown stage would make others look unreachable: the map is judged when every name on it is right.
    if judge.faultless:
        check_flow(judge)


def _too_many(judge: Judge) -> bool:
    """Names are compared with one another; no SOP that people follow comes near this bound."""
    sop = judge.sop
    groups = {group: len(names) for group, names in judge.declared.items()}
    groups |= {"stages": len(sop.stages), "transitions": len(sop.transitions), "rules": len(sop.rules)}
    found = [(group, count) for group, count in groups.items() if count > MOST_NAMED]
    for group, count in found:
        judge.fault(
            (_WITHIN.get(group, group),),
            Text(
                f"{group} 共 {count} 项，最多 {MOST_NAMED}；请拆成多个 SOP",
                f"{count} {group}, at most {MOST_NAMED}; split the file into several SOPs",
            ),
            key=True,
        )
    return bool(found)
