"""A record on paper. Everything people typed reaches the layout as JSON data and never as markup."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.text import Language, Text
from runtime.signoff import labels
from runtime.signoff.document import as_file
from runtime.signoff.fonts import NoFont, chinese_font

TEMPLATE: Final = Path(__file__).parent / "templates" / "record.typ"
LONGEST_WORD: Final = 24  # of letters without a break; longer ones may be broken anywhere
BREAK: Final = "\u200b"
_ONE_AT_A_TIME = threading.Lock()  # setting a page takes all of a core, and links reach strangers

Record = Mapping[str, Any]


def printed(record: Record, language: Language) -> bytes:
    """The record as a PDF with the same record attached as JSON. Raises NoFont."""
    import typst

    font = chinese_font()
    if font is None:
        raise NoFont
    view = json.dumps({**_View(record, language).made(), "font": font}, ensure_ascii=False)
    with _ONE_AT_A_TIME:
        made: Any = typst.compile(
            _template(),
            sys_inputs={"view": view, "record": as_file(record)},
            timestamp=int(datetime.fromisoformat(record["made_at"]).timestamp()),
        )
    return made


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


class _View:
    """The record in the words of one language, ready to be laid out."""

    def __init__(self, record: Record, language: Language) -> None:
        self._record = record
        self._language: Language = language
        self._zone = ZoneInfo(record["zone"])

    def made(self) -> dict[str, Any]:
        record = self._record
        last, state = record["rounds"][-1], record["approval"]["state"]
        return {
            "language": self._language,
            "labels": {name: self._say(text) for name, text in labels.LABELS.items()},
            "title": self._in(record["approval"]["title"]),
            "case": soft(record["case"]["title"]),
            "state": state,
            "outcome": self._outcome(),
            "matter": self._matter(),
            "erased": last["text"] is None,
            "fields": [self._field(one) for one in last["fields"]],
            "documents": [self._document(one) for one in last["documents"]],
            "missing": [self._in(one["title"]) for one in last["missing"]],
            "decisions": [self._decision(one) for one in last["decisions"]],
            "earlier": [self._earlier(one) for one in record["rounds"][:-1]],
            "hashes": self._hashes(last),
            "url": record["check"]["url"],
            "code": _code(record["check"]["url"]),
            "made": self._at(record["made_at"]),
            "id": f"{record['case']['id']} / {record['approval']['id']}",
        }

    def _say(self, text: Text, **parts: object) -> str:
        return text.in_(self._language).format(**parts) if parts else text.in_(self._language)

    def _in(self, words: Mapping[str, str]) -> str:
        return soft(words[self._language])

    def _at(self, written: str | None) -> str:
        if written is None:
            return ""
        local = datetime.fromisoformat(written).astimezone(self._zone)
        return f"{local.isoformat(sep=' ', timespec='seconds')[:-6]} {local.isoformat()[-6:]}"

    def _outcome(self) -> str:
        now = self._record["approval"]
        said = [self._say(labels.STATES[now["state"]]), self._at(now["at"])]
        return " · ".join(
            part for part in (*said, self._say(labels.BY_RULE) if now["by_rule"] else "") if part
        )

    def _matter(self) -> list[list[str]]:
        record, label = self._record, labels.LABELS
        sop, request = record["case"]["sop"], record["request"]
        version = self._say(labels.VERSION, version=sop["version"])
        found = [
            (label["case"], f"{record['case']['title']} ({record['case']['id']})"),
            (label["sop"], f"{sop['title'][self._language]} · {version}"),
            (label["asked_for"], record["approval"]["transition"]["title"][self._language]),
            (label["asked_by"], f"{self._name(request['by'])} · {self._at(request['at'])}"),
            (label["reason"], request["reason"]),
        ]
        return [[self._say(name), soft(said)] for name, said in found if said]

    def _name(self, person: Mapping[str, Any]) -> str:
        return person["name"] or self._say(labels.BY_RULE)

    def _field(self, one: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "title": self._in(one["title"]),
            "text": self._in(one["reads"]),
            "columns": [self._in(column) for column in one.get("columns", ())],
            "rows": [[self._in(cell) for cell in row] for row in one.get("rows", ())],
        }

    def _document(self, one: Mapping[str, Any]) -> dict[str, str]:
        version = self._say(labels.VERSION, version=one["version"]) if one["version"] else ""
        title = " · ".join(part for part in (one["title"][self._language], version) if part)
        return {
            "file": soft(one["file"]),
            "title": soft(title),
            "size": f"{one['size']:,} B",
            "sha256": one["sha256"],
        }

    def _decision(self, one: Mapping[str, Any]) -> dict[str, Any]:
        label, person = labels.LABELS, one["person"]
        facts = [
            (label["decided"], self._at(one["at"])),
            (label["shown"], self._at(one["shown_at"])),
            (label["how"], self._how(one)),
            *self._origin(one["client"] or {}),
        ]
        who = self._name(person)
        if one["by"]["id"] != person["id"]:
            who = self._say(labels.FOR, by=self._name(one["by"]), person=who)
        outside = self._say(label["external"]) if person["external"] else ""
        return {
            "who": soft(who),
            "role": soft(" · ".join(part for part in (person["role"][self._language], outside) if part)),
            "verdict": one["verdict"],
            "said": self._say(labels.VERDICTS[one["verdict"]]),
            "taken_back": one["taken_back"],
            "comment": soft(one["comment"]),
            "facts": [[self._say(name), soft(said)] for name, said in facts if said],
        }

    def _how(self, one: Mapping[str, Any]) -> str:
        parts = [
            self._say(labels.VIAS[one["via"]]),
            self._say(labels.ASSURANCES[one["assurance"]]),
            self._say(labels.LINK_NUMBER, issue=one["issue"]) if one["issue"] else "",
        ]
        return (", " if self._language == "en" else "，").join(part for part in parts if part)

    def _origin(self, client: Mapping[str, str]) -> list[tuple[Text, str]]:
        label = labels.LABELS
        address, claimed = client.get("address", ""), client.get("forwarded", "")
        if claimed:
            address = f"{address} ({self._say(label['forwarded'])} {claimed})"
        return [(label["origin"], address), (label["agent"], client.get("agent", ""))]

    def _earlier(self, one: Mapping[str, Any]) -> str:
        people = [self._name(d["person"]) for d in one["decisions"] if d["verdict"] == "approve"]
        listed = ("、" if self._language == "zh" else ", ").join(people) or self._say(labels.NOBODY)
        number = self._say(labels.ROUND, round=one["round"])
        return soft(self._say(labels.EARLIER, round=number, at=self._at(one["opened_at"]), people=listed))

    def _hashes(self, last: Mapping[str, Any]) -> list[list[str]]:
        record, label = self._record, labels.LABELS
        found = [
            (self._say(label["content"]), "", last["content"]),
            (self._say(label["event"]), *self._place(record["check"])),
            (self._say(label["head"]), *self._place(record["head"])),
        ]
        if record["anchor"] is not None:
            anchor = record["anchor"]
            found.append((self._say(label["anchor"]), self._at(anchor["at"]), anchor["root"]))
        return [list(one) for one in (*found, (self._say(label["seal"]), "", record["seal"]))]

    def _place(self, at: Mapping[str, Any]) -> tuple[str, str]:
        return self._say(labels.EVENT, sequence=at["sequence"]), at["hash"]


def soft(text: str) -> str:
    """With places to break where a long run of letters has none, so that nothing leaves the page."""
    run, out = 0, list[str]()
    for letter in text:
        breaks = letter.isspace() or not letter.isascii()
        run = 0 if breaks else run + 1
        out.append(letter)
        if run and run % LONGEST_WORD == 0:
            out.append(BREAK)
    return "".join(out)


def _code(url: str | None) -> str | None:
    """A QR code as SVG."""
    if url is None:
        return None
    import segno

    return segno.make(url, error="m", micro=False).svg_inline(scale=4, border=0, omitsize=True)
