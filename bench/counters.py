"""What PostgreSQL counted while something happened: statements, commits and bytes of log."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

# Counts the application's role only, so that the measuring itself does not show.
_COUNTS = """
select coalesce(sum(calls) filter (where query !~* '^(begin|commit|rollback|savepoint|release)'), 0),
       coalesce(sum(calls) filter (where query ~* '^commit'), 0)
from pg_stat_statements
join pg_roles on pg_roles.oid = userid
where rolname = %s
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one span: BEGIN, COMMIT and ROLLBACK are no statements here."""

    statements: int
    commits: int
    wal_bytes: int


class Counters:
    """A superuser's view of one server."""

    def __init__(self, conninfo: str, role: str) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._connection.execute("create extension if not exists pg_stat_statements")
        self._role = role
        self._began = 0

    def begin(self) -> None:
        """Forget what was counted so far."""
        self._connection.execute("select pg_stat_statements_reset()")
        self._began = self._position()

    def end(self) -> Counts:
        row = self._connection.execute(_COUNTS, (self._role,)).fetchone()
        assert row
        return Counts(int(row[0]), int(row[1]), self._position() - self._began)

    def show(self) -> list[tuple[int, str]]:
        """Return how often each statement ran, for finding out why there are so many."""
        rows = self._connection.execute(
            "select calls, query from pg_stat_statements join pg_roles on pg_roles.oid = userid"
            " where rolname = %s order by calls desc",
            (self._role,),
        )
        return [(int(calls), str(query)) for calls, query in rows]

    def close(self) -> None:
        self._connection.close()

    def _position(self) -> int:
        row = self._connection.execute("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        assert row
        return int(row[0])
