"""The table of codes in docs/channels.md. `python -m tests.docs.channel_codes` writes it anew."""

from pathlib import Path
from typing import Final

from notifications.services.codes import kinds, known

PAGE: Final = Path(__file__).parents[2] / "docs" / "channels.md"
MARK: Final = (
    "<!-- codes: from notifications/services/codes.yaml, checked by tests/docs/test_channels.py -->\n"
)


def table() -> str:
    lines = ["", "| 渠道 Channel | 代码 Code | | 怎么办 What to do |", "|---|---|---|---|"]
    for kind in kinds():
        for row in known(kind):
            word = f"（{row.said}）" if row.said else ""
            remedy = f"{row.remedy.zh} · {row.remedy.en}"
            lines.append(f"| {kind} | `{row.code}`{word} | {row.verdict} | {remedy} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    before, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    return before + mark + table()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
