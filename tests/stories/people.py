"""The people of a story, and what they do: all of it over HTTP, and what they decide only from their mail."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from pydantic import JsonValue

from tests.stories.browser import Page
from tests.stories.post import Letter
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.stories.house import House, RunningCase


@dataclass(frozen=True, slots=True)
class Paper:
    """A file somebody hands in."""

    name: str
    data: bytes = b"%PDF-1.7 as agreed"


class Refused(AssertionError):
    """Guanka said no; the sentences say why, in Chinese and English."""

    def __init__(self, answer: dict[str, Any]) -> None:
        said = answer.get("sentences") or {"zh": [str(answer)]}
        super().__init__(" ".join(sentence for language in said.values() for sentence in language))
        self.codes = {blocker["code"] for blocker in answer.get("blockers", ())}


class Person:
    """`role` is the first role held, and the person's id; a customer has no account and acts by mail only."""

    def __init__(self, house: "House", person_id: str, name: str, *, language: str) -> None:
        self.house = house
        self.id = person_id
        self.name = name
        self.language = language
        self.email = f"{person_id}@company.example"

    # What a member of the company does.

    def starts(self, sop: str, title: str, **values: object) -> "RunningCase":
        answer = self._call("POST", "/cases", {"sop": sop, "title": title, "values": values})
        return self.house.running_case(answer["case_id"])

    def fills(self, case: "RunningCase", **values: object) -> None:
        """Gives fields their values; papers are handed in on the case's page."""
        papers = {name: value for name, value in values.items() if isinstance(value, Paper)}
        plain = {name: value for name, value in values.items() if not isinstance(value, Paper)}
        if plain:
            self._call("PATCH", f"/cases/{case.id}/fields", {"values": plain})
        for name, paper in papers.items():
            form = self.opens(f"/cases/{case.id}").form(f"/cases/{case.id}/fields", having=f"f.{name}")
            saved = form.send({}, {f"f.{name}": (paper.name, paper.data, "application/pdf")})
            assert saved.status == httpx.codes.OK, saved.part("[role=alert]") or saved.text[:500]

    def completes(self, case: "RunningCase", *tasks: str) -> None:
        """These tasks, or everything still open on the checklist."""
        for task in tasks or self._open_tasks(case):
            self._call("POST", f"/cases/{case.id}/tasks/{task}/complete")

    def attaches(self, case: "RunningCase", deliverable: str, paper: Paper) -> None:
        file = {"file": (paper.name, paper.data, "application/pdf")}
        self._call("POST", f"/cases/{case.id}/deliverables/{deliverable}", files=file)

    def advances(self, case: "RunningCase", transition: str, reason: str = "") -> None:
        self._call("POST", f"/cases/{case.id}/transitions/{transition}", {"reason": reason})

    def holds(self, case: "RunningCase", reason: str, *, resume_on: str | None = None) -> None:
        self._call("POST", f"/cases/{case.id}/hold", {"reason": reason, "resume_on": resume_on})

    def resumes(self, case: "RunningCase") -> None:
        self._call("POST", f"/cases/{case.id}/resume")

    def comments(self, case: "RunningCase", text: str) -> None:
        self._call("POST", f"/cases/{case.id}/comments", {"text": text})

    def opens_child(self, case: "RunningCase", child: str, title: str, **values: JsonValue) -> "RunningCase":
        """The child is opened through the outbox; it is there when this returns."""
        before = set(self.looks_at(case)["children"])
        self._call("POST", f"/cases/{case.id}/children/{child}", {"title": title, "values": values})
        (opened,) = set(self.looks_at(case)["children"]) - before
        self.house.rests()
        return self.house.running_case(opened)

    # What anybody with a mailbox does.

    def gets_mail(self, about: str) -> Letter:
        """The next unread letter with these words in its subject."""
        return self.house.post.next_letter(self.email, about)

    def signs_from_mail(self, about: str, *, comment: str = "") -> Page:
        """Opens the link of the letter, types its four digits, and agrees."""
        return self.decides(self.gets_mail(about), "approve", comment)

    def refuses_from_mail(self, about: str, *, comment: str) -> Page:
        return self.decides(self.gets_mail(about), "reject", comment)

    def decides(self, letter: Letter, verdict: str, comment: str = "") -> Page:
        assert letter.link, f"a letter that can be answered: {letter.text}"
        form = self.opens_link(letter).form(letter.link.rpartition("/")[2])
        typed = {"verdict": verdict, "code": letter.code} | ({"comment": comment} if comment else {})
        answer = form.send(typed)
        assert answer.status == httpx.codes.OK, answer.text
        return answer

    def opens_link(self, letter: Letter) -> Page:
        """On the phone the mail is read on: a browser that knows nothing of Guanka."""
        return self.house.browser(f"{self.id}'s phone", self.language).open(letter.link)

    # What a member of the company looks at.

    def looks_at(self, case: "RunningCase") -> dict[str, Any]:
        return self._call("GET", f"/cases/{case.id}")

    def task(self, case: "RunningCase", task: str) -> tuple[str, int]:
        """Its state, and the how-manieth time it has come round."""
        found = next(each for each in self.looks_at(case)["tasks"] if each["id"] == task)
        return found["state"], found["occurrence"]

    def deadlines(self, case: "RunningCase") -> dict[str, datetime]:
        """When what is due."""
        found = self.looks_at(case)["deadlines"]
        return {each["id"]: datetime.fromisoformat(each["due_at"]) for each in found}

    def waits_until_it_may(self, case: "RunningCase", transition: str) -> None:
        """Looks at the case until nothing stands in the way of this move."""

        def is_open() -> bool:
            moves = {move["id"]: move for move in self.looks_at(case)["transitions"]}
            return transition in moves and not moves[transition]["blockers"]

        eventually(is_open, f"{transition} to be possible in {case.title}", limit=60)

    def looks_up(self, path: str) -> Any:
        """Any list of the API, such as /overdue."""
        return self._call("GET", path)

    def opens(self, path: str, *, language: str | None = None) -> Page:
        """A page of the company's own face, in a browser where this person is chosen."""
        spoken = language or self.language
        browser = self.house.browser(self.id, spoken, chosen=quote(self.id))
        return browser.open(f"{path}{'&' if '?' in path else '?'}lang={spoken}")

    def _open_tasks(self, case: "RunningCase") -> list[str]:
        return [task["id"] for task in self.looks_at(case)["tasks"] if task["state"] == "open"]

    def _call(self, method: str, path: str, body: Any = None, files: Any = None) -> Any:
        response = self.house.api.request(
            method, f"/api/v1{path}", json=body, files=files, headers={"X-Guanka-Person": quote(self.id)}
        )
        if response.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(response.json())
        return response.json()
