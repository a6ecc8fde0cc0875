"""What happens to a link between a message and a browser: mail programs that guess where an address ends,
servers that fold lines, and gateways that put an address of their own before it.
"""

import base64
import random
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

AFTER = (*">)].,;!?*_|\"'", "...", "&gt;", *"。，）」”：")
ADDED = ("utm_source=mail&utm_medium=approval", "fbclid=AbC-1_2", "mkt_tok=x.y.z", "lang=en", "amp;x=1")


def cut_at_space(text: str) -> str:
    """How most programs find an address: up to the next blank, whatever stands there."""
    return re.findall(r"https?://\S+", text)[0]


def percent_encoded(path: str, rng: random.Random) -> str:
    """Some characters written as their numbers, as some gateways do with every one they do not trust."""
    return "".join(f"%{ord(c):02X}" if c in "._-" or rng.random() < 0.1 else c for c in path)


def folded(path: str, rng: random.Random) -> str:
    """Broken as a mail server folds long lines, and joined by a program that kept the break."""
    place = rng.randrange(20, len(path) - 5)
    return (
        path[:place] + rng.choice(["%0D%0A", "=%0D%0A", "%20", "%0A%20", "%09", "%E2%80%8B"]) + path[place:]
    )


def _split(link: str) -> tuple[str, str]:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}", parts.path


def spellings(link: str, rng: random.Random) -> Mapping[str, str]:
    """By kind, one way each in which the link may arrive. Each still holds all of it."""
    origin, path = _split(link)
    after, query = rng.choice(AFTER), rng.choice(ADDED)
    encoded = f"{origin}/s/{percent_encoded(path.removeprefix('/s/'), rng)}"
    return {
        "as it was": link,
        "punctuation": cut_at_space(f"Link:\n{link}{after}\n"),
        "punctuation, encoded": link + quote(after),
        "in brackets": cut_at_space(f"<{link}>"),
        "in Chinese text": cut_at_space(f"请打开{link}。谢谢"),
        "added to the query": f"{link}?{query}",
        "added without a question mark": f"{link}&{query}",
        "a fragment": f"{link}#:~:text=x",
        "encoded": encoded,
        "encoded twice": encoded.replace("%", "%25"),
        "all of the path encoded": origin + "/" + quote(path[1:], safe=""),
        "folded": origin + folded(path, rng),
        "a slash too many": link + "/",
        "two slashes": origin + "/" + path,
        "host in capitals": link.replace("http://127.0.0.1", "HTTP://LOCALHOST"),
        "encoded and added to": f"{encoded}{quote(after)}?{query}",
    }


def ruined(link: str, rng: random.Random) -> Mapping[str, str]:
    """By kind, one way each in which a part of the link is lost."""
    origin, path = _split(link)
    place = rng.randrange(4, len(path) - 1)
    return {
        "cut": origin + path[:place],
        "cut to nothing": f"{origin}/s/",
        "without its slash": f"{origin}/s",
        "beginning lost": f"{origin}/s/{path[place:]}",
        "in small letters": origin + path.lower(),
        "in capitals": origin + "/s/" + path.removeprefix("/s/").upper(),
        "a letter too many": link + rng.choice("abcXYZ019"),
        "two run together": link + link,
    }


PAGE = "<!doctype html><meta charset=utf-8>{head}<body>{body}"


def _redirects(target: str) -> tuple[int, str, str]:
    return 302, target, ""


def _sends_on(target: str) -> tuple[int, str, str]:
    return 307, target, ""


def _refreshes(target: str) -> tuple[int, str, str]:
    return 200, "", PAGE.format(head=f'<meta http-equiv=refresh content="0;url={target}">', body="")


def _scripts(target: str) -> tuple[int, str, str]:
    return 200, "", PAGE.format(head="", body=f"<script>location.replace({target!r})</script>")


def _asks(target: str) -> tuple[int, str, str]:
    return 200, "", PAGE.format(head="", body=f'<a id=on href="{target}">This link is safe: go on</a>')


def _asks_by_form(target: str) -> tuple[int, str, str]:
    form = f'<form action="{target}"><button id=on>Go on</button></form>'
    return 200, "", PAGE.format(head="", body=form)


def _asks_in_a_new_tab(target: str) -> tuple[int, str, str]:
    return 200, "", PAGE.format(head="", body=f'<a id=on target=_blank href="{target}">Go on</a>')


WRAPPERS: Mapping[str, Callable[[str], tuple[int, str, str]]] = {
    "redirects": _redirects,
    "sends on": _sends_on,
    "refreshes": _refreshes,
    "scripts": _scripts,
    "asks": _asks,
    "asks by a form": _asks_by_form,
    "asks in a new tab": _asks_in_a_new_tab,
}
CODES: Mapping[str, Callable[[str], str]] = {
    "quoted": lambda link: quote(link, safe=""),
    "quoted twice": lambda link: quote(quote(link, safe=""), safe=""),
    "base64": lambda link: base64.urlsafe_b64encode(link.encode()).decode(),
}


def wrapped(gateway: str, wrapper: str, code: str, link: str) -> str:
    """The gateway's address for the link: what then stands in the message."""
    return f"{gateway}/{quote(wrapper)}/{quote(code)}?u={CODES[code](link)}&d=1&sig=abc"


async def gateway(scope: Any, receive: Any, send: Any) -> None:
    """Unwraps what `wrapped` wrapped, the way the wrapper is named for."""
    if scope["type"] != "http":
        return
    parts = scope["path"].strip("/").split("/")
    given = parse_qs(scope["query_string"].decode()).get("u", [""])[0]
    status, location, body = 404, "", ""
    if len(parts) == 2 and parts[0] in WRAPPERS:
        link = base64.urlsafe_b64decode(given).decode() if parts[1] == "base64" else _unquoted(given)
        status, location, body = WRAPPERS[parts[0]](link)
    headers = [(b"content-type", b"text/html; charset=utf-8")]
    headers += [(b"location", location.encode())] if location else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


def _unquoted(given: str) -> str:
    return unquote(given) if given.lower().startswith("http%") else given
