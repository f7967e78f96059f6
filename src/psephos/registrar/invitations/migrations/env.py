"""How Alembic gets at the tables: over the connection that `engine` passes in."""

from alembic import context

from psephos.registrar.invitations.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
