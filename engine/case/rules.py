"""Rules: what must hold after every command on the case that owns the data, e.g. never over budget."""

from engine.case.draft import Draft, Refused
from engine.case.refusal import Blocker, Why
from engine.case.view import CaseView
from engine.definition.guards import groups, judge
from engine.definition.model import RuleSpec


def breaches(draft: Draft) -> tuple[Blocker, ...]:
    """The rules the result would break, each with the value it breaks for and the remedy the SOP offers.

    Judged only when values changed: they held before. A rule that cannot be known yet is not broken.
    """
    rules = draft.definition.sop.rules
    if not rules or (draft.before is not None and draft.before.values == draft.case.values):
        return ()
    return tuple(blocker for rule in rules for blocker in _broken(draft, rule))


def keep(draft: Draft) -> None:
    """Refuses what would break a rule."""
    broken = breaches(draft)
    if broken:
        raise Refused(Why.BLOCKED, *broken)


def _broken(draft: Draft, rule: RuleSpec) -> list[Blocker]:
    view = CaseView(draft.definition, draft.case, draft.facts)
    guard = draft.definition.guard(rule.always, per=rule.per)
    if rule.per is None:
        return [_blocker(draft, rule, None)] if judge(guard, view).holds is False else []
    broken = [group for group in groups(guard, view) if judge(guard, view, group=group).holds is False]
    return [_blocker(draft, rule, group) for group in broken]


def _blocker(draft: Draft, rule: RuleSpec, group: object | None) -> Blocker:
    detail = {"condition": rule.always}
    if group is not None:
        detail["group_zh"], detail["group_en"] = _group_titles(draft, rule.per or "", str(group))
    if rule.remedy is not None:
        remedy = draft.definition.title_of(rule.remedy)
        detail |= {"remedy": rule.remedy, "remedy_zh": remedy.zh, "remedy_en": remedy.en}
    code = _CODES[group is not None, rule.remedy is not None]
    return Blocker(code=code, subject=rule.id, title=draft.definition.title_of(rule.id), detail=detail)


# by: judged per group, has a remedy
_CODES = {
    (False, False): "rule_broken",
    (False, True): "rule_broken_remedy",
    (True, False): "rule_broken_for",
    (True, True): "rule_broken_for_remedy",
}


def _group_titles(draft: Draft, per: str, group: str) -> tuple[str, str]:
    name, _, column = per.partition(".")
    spec = draft.definition.sop.fields.get(name)
    values = spec.columns[column].values if spec and column in spec.columns else {}
    title = values.get(group)
    return (title.zh or group, title.en or group) if title else (group, group)
