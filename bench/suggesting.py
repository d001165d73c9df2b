"""Suggestions at 100,000 customers and 10,000 products: how fast they come, and what computing them costs.

`python -m bench.suggesting [CUSTOMERS] [DATABASE_URL]`, on SQLite unless told. Orders are made up: each
customer has some usual products and tries others; a fifth of the products is out of stock, and a tenth of
the customers refused.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from flask import Flask
from sqlalchemy import insert

from app import create_app
from app.catalogue.models import Product
from app.columns import new_id
from app.config import load_settings
from app.customers.models import Customer
from app.customers.queries import get_customer
from app.database import db, reading, transaction
from app.insights import suggestions
from app.insights.learning.recommend import training
from app.insights.models import ModelStatus, TrainedModel
from app.insights.pseudonyms import pseudonyms_of
from app.insights.suggestions_shown import suggestions_for
from app.insights.trained import Job, Learned, Row
from app.migrating import migrate
from app.moments import utc_now
from bench import results
from tests.builders import Firm, a_firm

CUSTOMERS, PRODUCTS = 100_000, 10_000
ORDERS, LINES, DAYS = 10, 3, 300
ASKED = 2_000
AT_ONCE = 5_000


def measure(customers: int = CUSTOMERS, url: str = "") -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="placet-bench-") as folder:
        environ = {
            "PLACET_VAR": folder,
            "PLACET_DATABASE_URL": url or f"sqlite:///{Path(folder) / 'placet.db'}",
            "PLACET_SECRET_KEY": "a key for measuring",
            "PLACET_AUDIT_KEY": "a key for measuring",
            "PLACET_RATE_LIMITS": "off",
        }
        settings = load_settings(environ)
        migrate(settings)
        app = create_app(settings)
        with app.app_context():
            firm = a_firm()
            people, products = _people(firm, customers), _products(firm)
            figures = _build(firm, people, products)
            results.record(figures)  # it took minutes
            figures |= _ask(app, firm, people)
            db.engine.dispose()
        return figures


def _people(firm: Firm, count: int) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    now = utc_now()
    rows = [
        {"id": each, "org_id": firm.org_id, "number": f"B-{at}", "name": f"Customer {at}", "created_at": now}
        | {"profiling": "refused" if at % 10 == 9 else "unasked"}
        for at, each in enumerate(ids)
    ]
    _insert(firm, Customer, rows)
    return ids


def _products(firm: Firm) -> list[UUID]:
    ids = [new_id() for _ in range(PRODUCTS)]
    now = utc_now()
    rows = [
        {"id": each, "org_id": firm.org_id, "sku": f"B-{at}", "name": f"Product {at}", "currency": "EUR"}
        | {"price": 5, "on_hand": 0 if at % 5 == 4 else 20, "created_at": now}
        for at, each in enumerate(ids)
    ]
    _insert(firm, Product, rows)
    return ids


def _insert(firm: Firm, model: type, rows: list[dict[str, object]]) -> None:
    for begin in range(0, len(rows), AT_ONCE):
        with transaction(firm.org_id) as tx:
            tx.session.execute(insert(model), rows[begin : begin + AT_ONCE])


def _rows(people: list[str], products: list[str], now: datetime) -> Iterator[Row]:
    """Yield lines as they would be read: popular products more often, and each customer's own most often."""
    random = np.random.default_rng(1)
    popular = (random.pareto(1.2, (len(people), 8)) * 40).astype(int) % len(products)
    for order in range(ORDERS):
        ago = DAYS * (ORDERS - order - random.random(len(people))) / ORDERS
        usual = random.integers(0, 8, (len(people), LINES))
        for at, customer in enumerate(people):
            moment = now - timedelta(days=float(ago[at]))
            for line in usual[at]:
                new = random.random() < 0.3
                item = int(random.pareto(1.2) * 40) % len(products) if new else popular[at, line]
                yield customer, products[item], f"{at}-{order}", moment


def _build(firm: Firm, people: list[UUID], products: list[UUID]) -> dict[str, float]:
    pseudonym, before = pseudonyms_of(firm.org_id), _memory()
    names = [pseudonym(each) for at, each in enumerate(people) if at % 10 != 9]
    began, processor = time.perf_counter(), time.process_time()
    job = Job(utc_now(), 1, None, lambda percent, doing: None)
    learned = training.learn(_rows(names, [str(each) for each in products], job.now), job)
    seconds, spent = time.perf_counter() - began, time.process_time() - processor
    began, processor = time.perf_counter(), time.process_time()
    with transaction(firm.org_id) as tx:
        model = _model(learned)
        model.org_id = firm.org_id
        tx.session.add(model)
        tx.flush()
        suggestions.keep(tx, model.id, learned.tables["candidate"])
        suggestions.keep(tx, None, learned.tables["baseline"])
    return {
        "suggest.learn_s": seconds,
        "suggest.learn_cpu_s": spent,
        "suggest.keep_s": time.perf_counter() - began,
        "suggest.keep_cpu_s": time.process_time() - processor,
        "suggest.build_mib": _memory() - before,
        "suggest.lines": float(learned.rows + learned.held_back),
    }


def _model(learned: Learned) -> TrainedModel:
    now = utc_now()
    model = TrainedModel(id=new_id(), kind=suggestions.NAME, version=1, status=ModelStatus.IN_USE)
    model.used_as, model.run_id, model.code_version, model.seed = suggestions.NAME, new_id(), "bench", 1
    model.rows_since, model.rows_until, model.held_since = learned.since, learned.until, learned.held_since
    model.row_count, model.held_back, model.features, model.reasons = 1, 1, [], []
    model.metrics, model.trained_at, model.trusted = {}, now, []
    model.artefact, model.weights, model.reference = learned.artefact, {}, {}
    return model


def _memory() -> float:
    """Return the most that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ask(app: Flask, firm: Firm, people: list[UUID]) -> dict[str, float]:
    """Ask for customers drawn at random, in the program and through the API with its token."""
    drawn = np.random.default_rng(2).integers(0, len(people), ASKED)
    read, answer, shown = [], [], 0
    processor = time.process_time()
    for at in drawn:
        began = time.perf_counter()
        with reading(firm.org_id) as tx:
            found = suggestions_for(tx, get_customer(tx, people[at]))
        read.append(time.perf_counter() - began)
        shown += len(found.again) + len(found.new)
        assert found.is_empty == (at % 10 == 9), found
    spent = time.process_time() - processor
    client, headers = app.test_client(), firm.headers("sales")
    for at in drawn:
        path = f"/api/v1/customers/{people[at]}/suggestions"
        began = time.perf_counter()
        assert client.get(path, headers=headers).status_code == 200
        answer.append(time.perf_counter() - began)
    return {
        "suggest.read_ms_p50": float(np.percentile(read, 50)) * 1000,
        "suggest.read_ms_p95": float(np.percentile(read, 95)) * 1000,
        "suggest.read_cpu_ms": spent / ASKED * 1000,
        "suggest.api_ms_p50": float(np.percentile(answer, 50)) * 1000,
        "suggest.api_ms_p95": float(np.percentile(answer, 95)) * 1000,
        "suggest.shown": shown / ASKED,
    }


if __name__ == "__main__":
    given = sys.argv[1:]
    results.record(measure(int(given[0]) if given else CUSTOMERS, given[1] if len(given) > 1 else ""))
