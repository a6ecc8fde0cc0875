"""The same company on PostgreSQL, as teams run it: the runner waits to be told, files lie in the database."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.clock import FixedClock
from engine.store.blobs import DatabaseBlobs
from tests.prefect_process import PrefectProcess
from tests.stories.house import RHYTHM, House, open_house
from tests.stories.people import Paper

SOP = "over_budget_request"
UNASKED = 600.0  # seconds until the runner would look by itself: longer than the story waits for anything


@pytest.fixture
def team_house(
    prefect_process: PrefectProcess, postgres_url: str, tmp_path: Path, clock: FixedClock
) -> Iterator[House]:
    """A company on PostgreSQL whose runner moves nothing unless it is notified."""
    rhythm = replace(RHYTHM, poll=UNASKED)
    with prefect_process.in_use(), open_house(tmp_path, postgres_url, clock, rhythm=rhythm) as house:
        yield house


@pytest.mark.postgres
def test_a_request_is_granted_from_the_mail_on_postgresql(team_house: House, tmp_path: Path):
    luo = team_house.person("罗军", "executor")
    superior = team_house.person("冯总", "superior_manager")
    quotation = Paper("展位报价.pdf", b"%PDF-1.7 9 m2, 38,000 CNY")

    request = luo.starts(SOP, "五一展位追加", budget_total="120000 CNY", spent_so_far="115000 CNY")
    team_house.sees(request, stage="write_request")
    luo.fills(request, item="activity", amount="38000 CNY", reason="主办方提高了展位费")
    luo.attaches(request, "quotation", quotation)
    luo.completes(request)
    luo.advances(request, "grant")
    superior.signs_from_mail("超预算审批", comment="同意追加")
    team_house.sees(request, outcome="granted")
    assert luo.gets_mail("已通过：提交并批准")

    (kept,) = luo.looks_at(request)["attachments"]
    assert isinstance(team_house.parts.store.blobs, DatabaseBlobs)
    download = team_house.api.get(
        f"/api/v1/cases/{request.id}/files/{kept['hash']}", headers={"X-Guanka-Person": superior.id}
    )
    assert download.content == quotation.data
    assert not (tmp_path / "files").exists()
    assert team_house.moves_of(request) == ["grant"]
    team_house.is_sound()
