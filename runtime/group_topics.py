"""Topics that somebody names for a group: not to name any is the usual ones, to name none is refused."""

from collections.abc import Iterable

from engine.groups import Topic
from engine.text import Text
from runtime.group_book import GroupRefused


def named(about: Iterable[str] | None) -> tuple[str, ...]:
    """As a Wish has them; None are the usual ones. Raises GroupRefused for a list without a topic."""
    if about is None:
        return ()
    topics = tuple(one for one in about if one.strip())
    if not topics:
        raise GroupRefused("about", _NONE)
    return topics


_ALL = "、".join(Topic), ", ".join(Topic)
_NONE = Text(
    f"about 是空的；请至少写一类：{_ALL[0]}；不写 about 就是常用的几类",
    f"about is empty; name one topic at least: {_ALL[1]}; without about it is the usual ones",
)
