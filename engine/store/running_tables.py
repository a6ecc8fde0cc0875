"""Rows that keep an installation running, and hold nothing of a case: signs of life, clocks, claims, limits,
tries, and addresses given out.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from engine.store.rows import NO_ROWID, Row, count, flag, instant, string


class CalendarSeenRow(Row, table=True):
    """Which data of a calendar the open deadlines are counted with. `settled_at`: since when all of them are;
    null while some may not be.
    """

    __tablename__ = "calendar_seen"
    calendar: str = string(primary_key=True)
    version: str = string()
    seen_at: datetime = instant()
    settled_at: datetime | None = instant()


class HeartbeatRow(Row, table=True):
    __tablename__ = "heartbeat"
    name: str = string(primary_key=True)
    at: datetime = instant()
    note: str = string()
    paused: bool = flag()


class StoreClockRow(Row, table=True):
    """SQLite only: what time it was, in microseconds since 1970, when the machine started. `doubted_at`: how
    many it had been up when a process's own clock contradicted.
    """

    __tablename__ = "store_clock"
    __table_args__ = (NO_ROWID,)
    boot: str = string(primary_key=True)
    started_at: int = Field(sa_type=BigInteger)
    doubted_at: int | None = Field(sa_type=BigInteger)


class SweepClaimRow(Row, table=True):
    """A case one runner sweeps, or that rests after it failed; nobody else takes it before `due_at`. It
    refers to no row: a claim must not wait for whoever writes the case.
    """

    __tablename__ = "sweep_claim"
    __table_args__ = (NO_ROWID,)
    case_id: str = string(primary_key=True)
    due_at: datetime = instant()
    lease_holder: str | None = string()
    token: int = count()


class AlarmRow(Row, table=True):
    """Something operators are told of once: `since` when it is so, `told_at` when they were. Its telling is
    claimed as a message is.
    """

    __tablename__ = "alarm"
    __table_args__ = (NO_ROWID,)
    name: str = string(primary_key=True)
    since: datetime = instant()
    told_at: datetime | None = instant()
    due_at: datetime = instant()
    lease_holder: str | None = string()
    token: int = count()


class CodeAttemptRow(Row, table=True):
    """Wrong codes typed at one link; without a case, one person's within the hour that `approval` names."""

    __tablename__ = "code_attempt"
    __table_args__ = (NO_ROWID,)
    case_id: str = string(primary_key=True)
    approval: str = string(primary_key=True)
    person: str = string(primary_key=True)
    round: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    issue: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    tries: int = count()


class FeedRow(Row, table=True):
    """A calendar somebody subscribed to, of a person's deadlines or of the case named. `hash` is of the token
    in its address, which stands nowhere; `epoch` is that of the keys when it was given out.
    """

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("hash"), Index(None, "person"))
    id: str = string(primary_key=True)
    person: str = string(ForeignKey("people.id"))
    case_id: str | None = string(ForeignKey("case_.id"))
    hash: str = string()
    epoch: int = count()
    made_at: datetime = instant()
    ended_at: datetime | None = instant()


class SendLimitRow(Row, table=True):
    """One robot of a chat, named by a hash; `shut_until` where its provider takes nothing before."""

    __tablename__ = "send_limit"
    __table_args__ = (NO_ROWID,)
    robot: str = string(primary_key=True)
    shut_until: datetime | None = instant()


class SendSlotRow(Row, table=True):
    """`used`: a message left then; else it waits for about then. `key` names the message."""

    __tablename__ = "send_slot"
    __table_args__ = (NO_ROWID,)
    robot: str = string(ForeignKey("send_limit.robot"), primary_key=True)
    at: datetime = instant(primary_key=True)
    key: str = string(primary_key=True)
    used: bool = flag(primary_key=True)
