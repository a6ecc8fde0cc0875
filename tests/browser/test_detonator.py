"""The robot of the campaigns can decide where it may: so that its deciding nothing says something."""

import random

import pytest

from tests.detonator import Detonator

pytestmark = pytest.mark.browser


class Told(Detonator):
    """Somebody forwarded it the whole message."""

    def detonate(self, address: str) -> None:
        with self._context() as context:
            page = self._open(context, address)
            self._fill(page)
            self._act(page, lambda: page.locator("button[value=approve]").click(force=True))

    def _rubbish(self, field: object) -> str:
        return self.unknown


def test_a_robot_that_was_told_the_digits_decides(served):
    served.site.asked()
    link, code = served.site.letter()
    Told(served.browser, random.Random(7), presses=True, unknown=code).detonate(link)
    done = {e.event.kind for e in served.site.store.history.read_events("poster-1")}
    assert "decision_recorded" in done
