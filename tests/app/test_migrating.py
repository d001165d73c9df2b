"""A database that an earlier Placet made is brought to the tables that this one needs."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import create_engine, inspect, text

from app.config import Settings
from app.database import prepare_engine
from app.migrating import is_at_head, migrate

_UNDONE = (
    "alter table history_steps drop column changed",
    "drop table element_times",
    "drop table element_marks",
    "drop table moved_instances",
    "alter table incidents drop column process",
    "alter table incidents drop column seen",
    "update alembic_version set version_num = '0002'",
)


def test_instances_of_before_are_seen_as_those_of_today(app: Flask, settings: Settings) -> None:
    engine = create_engine(settings.migration_url)
    prepare_engine(engine)
    with engine.begin() as connection:
        for statement in _UNDONE:
            connection.execute(text(statement))

    migrate(settings)

    with engine.connect() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("history_steps")}
        assert is_at_head(connection)
        assert "changed" in columns
        incidents = {column["name"] for column in inspect(connection).get_columns("incidents")}
        assert {"process", "seen"} <= incidents
        tables = set(inspect(connection).get_table_names())
        assert {"element_times", "element_marks", "moved_instances"} <= tables
    engine.dispose()
