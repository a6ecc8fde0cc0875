"""A counter that grows with every change of people, roles, settings and versions, so that what was read may
be kept.
"""

from sqlalchemy import Connection, select, update

from engine.store.tables import Meta, table

COMPANY = "company"
META = table(Meta)
GROWTH = update(META).where(META.c.name == COMPANY).values(value=META.c.value + 1)
CURRENT = select(META.c.value).where(META.c.name == COMPANY)


def grow(connection: Connection) -> None:
    """Call inside the transaction that makes the change, before it: the row is also the lock that orders
    such changes.
    """
    connection.execute(GROWTH)
