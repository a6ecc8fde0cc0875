"""Ways to make a link that was never given out: from a good one, or from other good ones."""

import base64
import hashlib
import json
import random
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from itsdangerous import Signer

from engine.ids import ApprovalId, CaseId, PersonId
from notifications.keys import Keys
from notifications.links import CODE_SALT, LINK_SALT, LinkClaim, issue_link

ALPHABET: Final = string.ascii_letters + string.digits + "-_"
LOOKALIKES: Final = {"a": "а", "e": "е", "o": "о", ".": "．", "-": "‐", "1": "１", "l": "ⅼ"}


def token_of(keys: Keys, claim: LinkClaim) -> str:
    return issue_link("", keys, claim).removeprefix("/s/")


def a_claim(rng: random.Random, keys: Keys) -> LinkClaim:
    return LinkClaim(
        case=CaseId("".join(rng.choices(ALPHABET, k=8))),
        approval=ApprovalId(f"a{rng.randrange(1, 99)}"),
        person=PersonId(rng.choice(["hua", "王芳", "li.ming"])),
        round=rng.randrange(1, 9),
        content="".join(rng.choices("0123456789abcdef", k=16)),
        issue=rng.randrange(1, 5),
        epoch=keys.epoch,
        key=keys.ring.newest.id,
    )


class Forger:
    """Knows good tokens and how tokens are made, but no key. `forged` never gives back a good one."""

    def __init__(self, rng: random.Random, keys: Keys, claim: LinkClaim, others: list[str]) -> None:
        self._rng, self._claim, self._others = rng, claim, others
        self.token = token_of(keys, claim)
        self._payload, self._signature, self._key = self.token.split(".")

    def forged(self) -> tuple[str, str]:
        """How, and the token."""
        while True:
            how = self._rng.choice(list(WAYS))
            token = WAYS[how](self)
            if token != self.token and token not in self._others:
                return how, token

    def bit_flipped(self) -> str:
        data = bytearray(self.token.encode())
        data[self._rng.randrange(len(data))] ^= 1 << self._rng.randrange(8)
        return data.decode("latin-1")

    def character_changed(self) -> str:
        at = self._rng.randrange(len(self.token))
        return self.token[:at] + self._rng.choice(ALPHABET) + self.token[at + 1 :]

    def truncated(self) -> str:
        return self.token[: self._rng.randrange(len(self.token))]

    def lengthened(self) -> str:
        more = "".join(self._rng.choices([*ALPHABET, "=", ".", " ", "\0"], k=self._rng.randrange(1, 9)))
        return self._rng.choice([self.token + more, more + self.token])

    def case_changed(self) -> str:
        return self._rng.choice([self.token.lower(), self.token.upper(), self.token.swapcase()])

    def parts_swapped(self) -> str:
        """Another person's payload under this signature, and so on."""
        payload, signature, key = self._rng.choice(self._others).split(".")
        mixed = [(payload, self._signature, self._key), (self._payload, signature, self._key)]
        return ".".join(self._rng.choice([*mixed, (self._signature, self._payload, key)]))

    def other_key_named(self) -> str:
        names = ["0", "2", "01", "-1", "", "1 ", "１", str(self._rng.randrange(99))]
        return f"{self._payload}.{self._signature}.{self._rng.choice(names)}"

    def claim_changed(self) -> str:
        """Another case, approval, person, round, content, link or epoch under the signature of this one."""
        return f"{_payload(self._other_claim())}.{self._signature}.{self._key}"

    def signed_with_another_key(self) -> str:
        secret = self._rng.choice([b"", b"secret", self._payload.encode(), secrets.token_bytes(32)])
        salt = self._rng.choice([LINK_SALT, CODE_SALT, b"itsdangerous.Signer"])
        signer = Signer(secret, salt=salt, digest_method=hashlib.sha256, key_derivation="hmac")
        return f"{signer.sign(_payload(self._other_claim())).decode()}.{self._key}"

    def spelt_otherwise(self) -> str:
        """The same bytes in another base 64, or letters that only look alike."""
        if self._rng.random() < 0.5:
            return "".join(LOOKALIKES.get(c, c) for c in self.token)
        last = ALPHABET.index(self._signature[-1]) if self._signature[-1] in ALPHABET else 0
        return f"{self._payload}.{self._signature[:-1]}{ALPHABET[last ^ 1]}.{self._key}"

    def _other_claim(self) -> LinkClaim:
        changes: list[dict[str, Any]] = [
            {"case": CaseId("other")},
            {"approval": ApprovalId("a99")},
            {"person": PersonId("eve")},
            {"round": self._claim.round + 1},
            {"content": self._claim.content[::-1] + "0"},
            {"issue": self._claim.issue + 1},
            {"epoch": self._claim.epoch + self._rng.choice([-1, 1])},
        ]
        return replace(self._claim, **self._rng.choice(changes))


def _payload(claim: LinkClaim) -> str:
    parts = (claim.case, claim.approval, claim.person, claim.round, claim.content, claim.issue, claim.epoch)
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


WAYS: Final[Mapping[str, Callable[[Forger], str]]] = {
    way.__name__: way
    for way in (
        Forger.bit_flipped,
        Forger.character_changed,
        Forger.truncated,
        Forger.lengthened,
        Forger.case_changed,
        Forger.parts_swapped,
        Forger.other_key_named,
        Forger.claim_changed,
        Forger.signed_with_another_key,
        Forger.spelt_otherwise,
    )
}
