"""What Alembic runs: the migrations, on a connection and in a transaction that are handed in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
