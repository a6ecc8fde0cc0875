"""What people write with a command, by its name for people, and the blocker where it will not do."""

from collections.abc import Mapping
from typing import Final

from engine.case.refusal import Blocker
from engine.text import Text

WRITTEN: Final[Mapping[str, Text]] = {
    "title": Text("标题", "the title"),
    "name": Text("文件名", "the file name"),
    "reason": Text("理由", "the reason"),
    "comment": Text("意见", "the comment"),
    "opinion": Text("意见", "the opinion"),
    "question": Text("要补充什么材料", "what material is needed"),
    "waits_for": Text("等谁", "whom you wait for"),
    "answer": Text("答复", "the answer"),
}


def unusable(*, code: str, what: str, **detail: str) -> Blocker:
    """`what` is the name in the command."""
    return Blocker(code=code, subject=what, title=WRITTEN[what], detail=detail)
