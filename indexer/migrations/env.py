"""Alembic's entry: runs the revisions on the connection, and in the transaction, that the caller opened."""

from alembic import context

from mindseye.indexer.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
