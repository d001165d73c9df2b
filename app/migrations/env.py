"""Alembic's entry: runs the migrations on the connection that `app.migrating` opened."""

from alembic import context

from app import models as models
from app.database import Model

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Model.metadata, transaction_per_migration=False)
context.run_migrations()
