"""Every provider refuses with every code it is known to have, mostly under HTTP 200, and answers nonsense in
between. Nothing that was not taken is said to be sent, and each code is judged as the table says.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from notifications.blocks import Paragraph
from notifications.channels import AppriseChannel, SendResult, SendState
from notifications.messages import Button, Message
from notifications.routing import Address
from notifications.services.codes import kinds, known
from notifications.services.receipt import Verdict
from tests.sinks.providers import PROVIDERS, Provider, providing
from tests.sinks.server import Say
from tests.sinks.smtp import ScriptedMail, a_scripted_server

NAME = "D1"
SUBJECT = "Providers refuse with every known code: each judged as it is known, none taken for a yes."
GOAL = 1_000
QUICK = 1

STATES = {
    Verdict.PERMANENT: SendState.REJECTED,
    Verdict.TRANSIENT: SendState.RETRY,
    Verdict.LIMIT: SendState.LATER,
}
NONSENSE = (
    Say(body="<html>Welcome</html>"),
    Say(body='{"errcode":'),
    Say(body="null"),
    Say(body="0"),
    Say(body='{"errcode": null, "code": null, "id": null}'),
    Say(body=b"\x00\xff" * 50),
    Say(body="ok" * 50_000),
    Say(status=204),
    Say(status=302, headers={"Location": "http://127.0.0.1:1/"}),
    Say(status=500, body="ok"),
    Say(status=401, body='{"errcode": 0, "code": 0, "errmsg": "ok"}'),
    Say(cut=True),
)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with ExitStack() as stack:
        there = {kind: stack.enter_context(providing(kind)) for kind in PROVIDERS}
        mail = stack.enter_context(a_scripted_server())
        while True:
            told = _round(there, rng)
            yield {**told, "codes": told["codes"] + _mail_round(mail, rng)}


def _round(there: Mapping[str, Provider], rng: random.Random) -> Mapping[str, int]:
    codes = nonsense = sent = 0
    for kind, provider in there.items():
        rows = known("feishu" if kind == "lark" else kind)
        for row in rng.sample(rows, len(rows)):
            provider.sink.always = provider.refusal(row.code, f"x {row.said} y")
            result = _send(provider, rng)
            told = f"{kind} {row.code}: {result}"
            assert (result.state, result.code) == (STATES[row.verdict], row.code), told
            codes += 1
        for say in rng.sample(NONSENSE, 4):
            if kind == "teams" and say.status in (200, 202):
                continue  # a workflow says no more than that it took the request
            provider.sink.always = say
            result = _send(provider, rng)
            assert result.state is not SendState.SENT, f"{kind}: {say} was taken for a yes"
            nonsense += 1
        provider.sink.always = None
        before = len(provider.sink.arrived)
        result = _send(provider, rng)
        taken = len(provider.sink.arrived) - before
        assert (result.state is SendState.SENT) == bool(taken), f"{kind}: {result}, {taken} arrived"
        sent += taken
    assert set(kinds()) - set(there) == {"email"}
    return {"codes": codes, "nonsense": nonsense, "sent": sent}


def _mail_round(server: ScriptedMail, rng: random.Random) -> int:
    """The reader is refused, or the message itself before it is handed over."""
    rows = known("email")
    url = f"mailto://127.0.0.1:{server.port}?from=gate@guanka.example"
    for row in rng.sample(rows, len(rows)):
        server.script = {rng.choice(["MAIL", "RCPT", "DATA"]): f"{row.code} x {row.said} y"}
        address = Address(channel="email", url=url, email="hua@example.cn")
        result = AppriseChannel().send(replace(_message(rng), html="<p>新品</p>"), address)
        told = f"email {row.code} {server.script}: {result}"
        assert (result.state, result.code) == (STATES[row.verdict], row.code), told
        assert not server.kept, told
    return len(rows)


def _send(provider: Provider, rng: random.Random) -> SendResult:
    return AppriseChannel().send(_message(rng), Address(channel=provider.kind, url=provider.url))


def _message(rng: random.Random) -> Message:
    body = "新" + "".join(rng.choices("新品上市 abc*_[]()#\n\U0001f600", k=rng.randrange(1, 400)))
    return Message(
        subject=body[:30],
        text=body,
        html="",
        blocks=rng.choice([(), (Paragraph(body),)]),
        buttons=(Button(label="打开", url="https://gate.example/s/a.b.1"),),
        key=f"{rng.getrandbits(128):032x}",
    )
