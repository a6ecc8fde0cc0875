"""The tables of names in docs/templates.md: what they have to be. Run as a module it writes them."""

from engine.outbox import MessageKind, NoticeKind
from notifications.wording_names import Form, Kind, Name, names_of
from tests.docs.documents import ROOT

PAGE = ROOT / "docs" / "templates.md"
HEAD = "以下由程序生成。 What follows is made from the program.\n"
FORMS = {
    Form.TEXT: "文字 text",
    Form.NUMBER: "数字 number",
    Form.FLAG: "是或否 yes or no",
    Form.CHOICE: "代号 code",
    Form.LIST: "列表 list",
}


def tables() -> str:
    """First what every kind about a case has; kinds with the same names beside it stand over one table."""
    everywhere = set.intersection(*(set(names_of(kind)) for kind in MessageKind))
    groups: dict[str, list[str]] = {}
    for kind in MessageKind:
        groups.setdefault(_rows(kind, set(names_of(kind)) - everywhere), []).append(f"`{kind}`")
    for notice in NoticeKind:
        groups.setdefault(_rows(notice, set(names_of(notice))), []).append(f"`{notice}`")
    common = _table(
        "关于案例的每种消息 · Every kind about a case", _rows(MessageKind.CASE_RESUMED, everywhere)
    )
    own = [_table(", ".join(kinds), rows) for rows, kinds in groups.items() if rows]
    return "\n".join([common, *own])


def _table(title: str, rows: str) -> str:
    return f"### {title}\n\n| 名称 Name | 形式 Form | 含义 Meaning |\n|---|---|---|\n{rows}\n"


def _rows(kind: Kind, wanted: set[str]) -> str:
    """One line for each of these names, in the order of the program."""
    return "\n".join(
        f"| `{name}` | {FORMS[spec.form]} | {spec.means.zh} {spec.means.en}{_choices(spec)} |"
        for name, spec in names_of(kind).items()
        if name in wanted
    )


def _choices(spec: Name) -> str:
    said = (f'`"{value}"` {text.zh} {text.en}' for value, text in spec.choices.items())
    return f"：{'; '.join(said)}" if spec.choices else ""


def written() -> str:
    """The page with its tables as they have to be."""
    before, _, _ = PAGE.read_text(encoding="utf-8").partition(HEAD)
    return f"{before}{HEAD}\n{tables()}"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
