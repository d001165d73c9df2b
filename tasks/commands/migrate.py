"""`placet migrate`: bring the database to the present tables, as its owner."""

from __future__ import annotations

from app import migrating
from app.config import Settings
from tasks.checks import require_database


def run(settings: Settings) -> None:
    """Migrate as PLACET_MIGRATION_URL says; raise UnreachableError where either role is not let in."""
    own = settings.migration_url != settings.database_url
    require_database(settings.migration_url, "PLACET_MIGRATION_URL" if own else "PLACET_DATABASE_URL")
    migrating.migrate(settings)
    require_database(settings.database_url, "PLACET_DATABASE_URL")
