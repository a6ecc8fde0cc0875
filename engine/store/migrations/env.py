"""Run by Alembic only: engine.store.schema hands over a connection with its transaction begun and its lock
held.
"""

from alembic import context

from engine.store.schema import VERSION_TABLE
from engine.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,  # the transaction around it is ours: all revisions, or none
)
context.run_migrations()
