"""The page about channels says what the program does."""

from notifications.limits import BUDGETS
from notifications.recognising import KINDS
from tests.docs.channel_codes import PAGE, page


def test_every_known_code_stands_on_the_page_as_it_is_judged() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_kind_of_address_and_every_budget_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [scheme for scheme in KINDS if f"{scheme}://" not in text and scheme not in ("json", "lark")]
    assert missing == []
    assert {windows[0] for kind, b in BUDGETS.items() for windows in b.windows} == {18, 90, 4, 1, 3}
