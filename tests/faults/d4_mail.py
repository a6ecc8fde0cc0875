"""A mail server refuses, stalls or hangs up at every point of the conversation, or has its encryption taken
away. What is said to be sent is stored, what may have been stored is said to be unclear, and no password and
no mail ever goes out in the open where encryption was asked for.
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from unittest.mock import patch

from notifications import channels
from notifications.channels import AppriseChannel, SendResult, SendState
from notifications.messages import Message
from notifications.routing import Address
from tests.sinks.smtp import CUT, HANG, ScriptedMail, a_scripted_server

NAME = "D4"
SUBJECT = "A mail server fails at every point of the conversation: nothing lost, nothing in the open."
GOAL = 2_000
QUICK = 1

RETRY, FINAL, UNCLEAR = SendState.RETRY, SendState.REJECTED, SendState.UNKNOWN
STEPS: Final = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "END")
OPEN: Final[Mapping[str, tuple[Mapping[str, str], SendState]]] = {
    "fine": ({}, SendState.SENT),
    "greeting_refused": ({"CONNECT": "554 5.3.2 not today"}, RETRY),
    "greeting_busy": ({"CONNECT": "421 4.3.2 busy"}, RETRY),
    "password_wrong": ({"AUTH": "535 5.7.8 wrong"}, RETRY),
    "login_busy": ({"AUTH": "454 4.7.0 later"}, RETRY),
    "sender_greylisted": ({"MAIL": "451 4.7.1 greylisted"}, RETRY),
    "sender_refused": ({"MAIL": "553 5.1.8 unknown sender"}, FINAL),
    "login_missing": ({"MAIL": "530 5.7.0 login first"}, RETRY),
    "mailbox_busy": ({"RCPT": "450 4.2.1 busy"}, RETRY),
    "mailbox_full": ({"RCPT": "452 4.2.2 full"}, RETRY),
    "nobody_there": ({"RCPT": "550 5.1.1 no such user"}, FINAL),
    "relaying_denied": ({"RCPT": "554 5.7.1 relaying denied"}, FINAL),
    "data_refused": ({"DATA": "554 5.5.1 no"}, FINAL),
    "content_refused": ({"END": "554 5.7.1 spam"}, FINAL),
    "too_large": ({"END": "552 5.3.4 too large"}, FINAL),
    "content_later": ({"END": "451 4.3.0 later"}, RETRY),
    "nonsense": ({"RCPT": "999 what"}, RETRY),
    **{
        f"cut_at_{step.lower()}": ({step: CUT}, UNCLEAR if step in ("DATA", "END") else RETRY)
        for step in STEPS
    },
    "silent_at_end": ({"END": HANG}, UNCLEAR),
    "silent_at_rcpt": ({"RCPT": HANG}, RETRY),
}
STRIPPED: Final[Mapping[str, Mapping[str, str]]] = {
    "not_offered": {},
    "refused": {"EHLO": "250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN", "STARTTLS": "454 4.7.0 no TLS"},
    "promised_only": {"EHLO": "250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN", "STARTTLS": "220 go"},
    "cut": {"EHLO": "250-sink\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN", "STARTTLS": CUT},
}
PASSWORD: Final = "p4sswordCanary"


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    while True:
        unclear = 0
        with patch.object(channels, "CONNECT_SECONDS", 0.3):
            for name in rng.sample(list(OPEN), len(OPEN)):
                script, wanted = OPEN[name]
                with a_scripted_server(**script) as server:
                    unclear += _told_truly(name, wanted, _send(server, rng, secure=False), server)
            for name, script in STRIPPED.items():
                with a_scripted_server(**script) as server:
                    result = _send(server, rng, secure=True)
                    _in_the_open(name, server)
                    assert result.state is RETRY, f"{name}: {result}"
        yield {"scenarios": len(OPEN) + len(STRIPPED), "unclear": unclear}


def _told_truly(name: str, wanted: SendState, result: SendResult, server: ScriptedMail) -> int:
    assert result.state is wanted, f"{name}: {result}, expected {wanted}"
    stored = len(server.kept)
    if result.state is SendState.SENT:
        assert stored == 1, f"{name}: said to be sent, and {stored} stored"
    elif result.state is not UNCLEAR:
        assert stored == 0, f"{name}: {result}, and yet {stored} stored"
    assert PASSWORD not in repr(result)
    return int(result.state is UNCLEAR)


def _in_the_open(name: str, server: ScriptedMail) -> None:
    heard = " ".join(server.heard)
    words = [word for word in ("AUTH", "MAIL", "DATA", PASSWORD) if word in heard]
    assert words == [], f"{name}: {words} went out without encryption"
    assert server.kept == [], f"{name}: a mail went out without encryption"


def _send(server: ScriptedMail, rng: random.Random, *, secure: bool) -> SendResult:
    scheme = "mailtos" if secure else "mailto"
    url = f"{scheme}://robot:{PASSWORD}@127.0.0.1:{server.port}?from=gate@guanka.example"
    # With something in it: a mail of blanks is not sent at all.
    body = "新" + "".join(rng.choices("新品上市.\r\n abc", k=rng.randrange(1, 2000)))
    message = Message(subject="请审批", text=body, html=f"<p>{body}</p>", key=f"{rng.getrandbits(64):x}")
    address = Address(channel="email", url=url, email="hua@example.cn", name="华敏")
    return AppriseChannel().send(message, address)
