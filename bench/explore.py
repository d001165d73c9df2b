"""How long exploring a million needs takes: grouped, added up, and put across, as pages ask."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median

import psycopg

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.customers import commands as customers
from app.database import reading, transaction
from app.insights.models import TrainedModel
from app.needs import board, commands, explore, funnel
from app.needs.explore import Measure, Question, Side
from app.needs.queries import Filter
from bench import business, results
from bench.business import Business
from bench.harness import installation
from tasks.embedded.postgres import SUPERUSER

NEEDS = 1_000_000
ROUNDS = 5
_BY = Question(currency="EUR")
QUESTIONS = {
    "type": _BY,
    "channel_worth": replace(_BY, rows=Side.CHANNEL, measure=Measure.VALUE),
    "time": replace(_BY, rows=Side.TIME),
    "type_by_time": replace(_BY, columns=Side.TIME, measure=Measure.MEAN_VALUE),
    "segment": replace(_BY, rows=Side.SEGMENT),
    "customer_segment": replace(_BY, rows=Side.CUSTOMER_SEGMENT),
    "theme": replace(_BY, rows=Side.THEME),
    "theme_by_customer_segment": replace(_BY, rows=Side.THEME, columns=Side.CUSTOMER_SEGMENT),
    "product_by_channel": replace(_BY, rows=Side.PRODUCT, columns=Side.CHANNEL),
}
# Half of the needs are of five thousand known customers.
_FILL = """
with numbered as (select id, row_number() over () as at from customers where org_id = %(org)s)
insert into needs (id, org_id, number, need_type, customer_id, customer_name, text, channel, quantity, value,
  currency, status, lost_reason, owner_id, version, created_at, updated_at, next_step)
select uuidv7(), org_id, 'B-' || n, 'type ' || (n * 7919 %% 25), numbered.id, 'Customer ' || n %% 5000,
  'Something that a customer asked for, number ' || n || ', with words about what, why and until when',
  (array['web', 'email', 'phone', 'fair', 'import', 'partner'])[1 + n %% 6], 1 + n %% 50, (n * 31 %% 90000),
  case when n %% 20 = 0 then 'USD' else 'EUR' end,
  case when n %% 10 < 8 then 'new' else 'qualified' end, '', owner_id, 1,
  timestamptz '2026-11-01' - (n %% 730) * interval '1 day' - (n %% 86400) * interval '1 second',
  created_at, ''
from (select * from needs where org_id = %(org)s limit 1) as kept, generate_series(1, %(needs)s::bigint) as n
left join numbered on numbered.at = n %% 10000
"""
_CUSTOMERS = """
insert into customers select (jsonb_populate_record(kept, jsonb_build_object(
  'id', uuidv7(), 'number', 'B-' || n, 'name', 'Customer ' || n, 'email', 'c' || n || '@bench.example'))).*
from customers as kept, generate_series(1, 5000) as n where kept.org_id = %(org)s
"""
# Customers in five segments, and a fifth of the needs in thirty themes.
_AROUND = (
    """
insert into customer_segments
  (id, org_id, model_id, customer_id, number, code, recency_days, frequency, value)
select uuidv7(), org_id, null, id, 1 + abs(hashtext(id::text)) %% 5, 'recent often much', 1, 1, 1
from customers where org_id = %(org)s
""",
    """
insert into need_themes (org_id, model_id, need_id, number)
select org_id, %(model_id)s::uuid, id, 1 + abs(hashtext(id::text)) %% 30 from needs
where org_id = %(org)s and abs(hashtext(id::text)) %% 5 = 0
""",
)


def measure(needs: int = NEEDS) -> dict[str, float]:
    with installation() as place, business.application(place.settings):
        firm = business.open_business("benchexplore")
        commands.create(actor_of(firm), {"need_type": "type 0", "text": "The first", "currency": "EUR"})
        with psycopg.connect(place.postgres.conninfo(SUPERUSER, "placet"), autocommit=True) as connection:
            _fill_around(connection, firm, needs)
            connection.execute("vacuum analyze")
        figures = {f"needs.explore_{name}_ms": _ask(firm, question) for name, question in QUESTIONS.items()}
        figures["needs.explore_month_ms"] = _ask(
            firm, _BY, Filter(since=date(2026, 3, 1), until=date(2026, 3, 31))
        )
        figures["needs.board_ms"] = _time(firm, lambda tx: board.columns(tx, Filter()))
        figures["needs.funnel_ms"] = _time(firm, lambda tx: funnel.funnel(tx, Filter()))
        return figures


def _fill_around(connection: psycopg.Connection, firm: Business, needs: int) -> None:
    """Keep customers in segments, needs, half of them theirs, and themes of a version in use."""
    customers.create(actor_of(firm), {"name": "The first"})
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction(firm.org_id) as tx:
        model = TrainedModel(id=new_id(), org_id=firm.org_id, kind="themes", version=1, status="published")
        model.used_as, model.run_id, model.seed, model.code_version = "themes", new_id(), 1, ""
        model.rows_since = model.rows_until = model.held_since = model.trained_at = begun
        model.row_count, model.held_back, model.features, model.metrics, model.reasons = 1, 1, [], {}, []
        model.artefact, model.trusted, model.weights, model.reference = b"", [], {}, {}
        tx.session.add(model)
        model_id = model.id
    for statement in (_CUSTOMERS, _FILL, *_AROUND):
        connection.execute(statement, {"org": firm.org_id, "model_id": model_id, "needs": needs})


def actor_of(firm: Business) -> Actor:
    return Actor(org_id=firm.org_id, person_id=firm.person_id, roles=frozenset({Role.SALES}))


def _ask(firm: Business, question: Question, wanted: Filter = Filter()) -> float:  # noqa: B008 # frozen
    def ask(tx: object) -> object:
        return explore.explore(tx, wanted, question, (40, 8))  # type: ignore[arg-type] # an open read

    return _time(firm, ask)


def _time(firm: Business, ask: Callable[..., object]) -> float:
    """Return the median time of a read in milliseconds, its transaction included."""
    times = []
    for number in range(1 + ROUNDS):
        began = time.perf_counter()
        with reading(firm.org_id) as tx:
            ask(tx)
        if number:
            times.append((time.perf_counter() - began) * 1000)
    return round(median(times), 1)


if __name__ == "__main__":
    results.record(measure(int(sys.argv[1]) if len(sys.argv) > 1 else NEEDS))
