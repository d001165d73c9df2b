"""The risk of one order, reckoned in plain Python by the model in use, or from the share so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from math import sqrt
from typing import Any

from sqlalchemy import delete, select

from app.customers.models import Customer
from app.customers.profiling import may_be_profiled
from app.database import Transaction
from app.insights import order_history, predictions, scorecards, scoring
from app.insights.models import SaidPrediction
from app.insights.order_facts import DIRECT, OF_CUSTOMER, OUTCOMES, Placed, known_of
from app.insights.order_risk import ANY, NAME, PROBABILITY
from app.insights.reasons import reason_of
from app.insights.scoring import Scorer
from app.needs.models import Need
from app.orders.foresight import Asked, Foreseen, Outcome, Risk
from app.orders.models import Order

LAST = 200
LEAST = 20
FORMAT = 1
REASONS = 3
LOWER, USUAL, HIGHER = "lower", "usual", "higher"
_EIGHTY = 1.2816  # 80 of 100 lie within so many standard deviations


def assess(tx: Transaction, asked: Asked) -> Risk | None:
    """Return the risk by the model in use; None where there is none."""
    scorer = scoring.scorer_of(tx, NAME)
    if scorer is None or scorer.weights.get("format") != FORMAT:
        return None
    may_look_back = tx.session.scalar(
        select(Customer.id).where(Customer.id == asked.customer_id, may_be_profiled())
    )
    others = order_history.past_of(tx, asked.customer_id, asked.order_id, asked.at) if may_look_back else []
    facts = known_of(_placed(tx, asked), others)
    unsaid = () if may_look_back else OF_CUSTOMER
    return by_model(scorer, {**facts, **dict.fromkeys(unsaid)}, asked.currency, unsaid)


def _placed(tx: Transaction, asked: Asked) -> Placed:
    channel = None
    if asked.need_id is not None:
        channel = tx.session.scalar(select(Need.channel).where(Need.id == asked.need_id))
    return Placed(
        at=asked.at,
        amount=asked.totals.total,
        discount_percent=asked.totals.discount_percent,
        margin_percent=asked.totals.margin_percent,
        lines=asked.lines,
        wanted_on=asked.wanted_on,
        channel=channel or DIRECT,
        customer_since=asked.customer_since,
    )


def by_model(scorer: Scorer, facts: Mapping[str, Any], currency: str, unsaid: Collection[str] = ()) -> Risk:
    """Return what a version says of these facts, with its three main reasons; `unsaid` are none."""
    weights = scorer.weights
    whole = weights[ANY]
    found = scorecards.assess(whole["card"], facts)
    reasons = [part for part in found.reasons(len(found.parts)) if part.feature not in unsaid]
    low, high = range_of(whole["ranges"], found.probability)
    return Risk(
        probability=found.probability,
        low=low,
        high=high,
        level=_level(low, high, whole["usual"]),
        usual=whole["usual"],
        count=weights["cases"],
        version=scorer.version,
        model_id=scorer.model_id,
        reasons=tuple(reason_of(part, currency) for part in reasons[:REASONS]),
        outcomes=tuple(_outcome(name, weights["outcomes"][name], facts) for name in OUTCOMES),
    )


def _outcome(name: str, each: Mapping[str, Any], facts: Mapping[str, Any]) -> Outcome:
    learned = each["card"] is not None
    chance = scorecards.assess(each["card"], facts).probability if learned else each["usual"]
    return Outcome(name, OUTCOMES[name], chance, learned)


def range_of(ranges: Sequence[Sequence[float]], probability: float) -> tuple[float, float]:
    """Return between what the true share lies: [up to, cases, failed] of cases that looked as likely."""
    _, count, failed = next((each for each in ranges if probability <= each[0]), ranges[-1])
    low, high = wilson(int(failed), int(count))
    return min(low, probability), max(high, probability)


def wilson(failed: int, count: int) -> tuple[float, float]:
    """Return Wilson's interval of a share, which holds the true one in 80 of 100 cases."""
    share, square = failed / count, _EIGHTY**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    width = _EIGHTY / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, middle - width), min(1.0, middle + width)


def _level(low: float, high: float, usual: float) -> str:
    if low > usual:
        return HIGHER
    return LOWER if high < usual else USUAL


def so_far(tx: Transaction, now: datetime) -> Foreseen:
    """Return how often the last orders that are over did not go well; else how many are missing."""
    over = order_history.outcomes().where(
        Order.status.in_(order_history.ENDED), Order.ended_at.is_not(None), Order.ended_at <= now
    )
    came = [frozenset(order_history.outcomes_of(row, now)) for row in tx.session.execute(over.limit(LAST))]
    count = len(came)
    if count < LEAST:
        return Foreseen(None, LEAST - count)
    failed = sum(map(bool, came))
    low, high = wilson(failed, count)
    outcomes = tuple(
        Outcome(name, words, sum(name in each for each in came) / count, False)
        for name, words in OUTCOMES.items()
    )
    return Foreseen(Risk(failed / count, low, high, USUAL, failed / count, count, outcomes=outcomes))


def note(tx: Transaction, order: Order, risk: Risk, now: datetime) -> None:
    """Keep what was said of an order at its submission, by the model and by the share so far.

    Submitted again, what is said then counts.
    """
    tx.session.execute(
        delete(SaidPrediction).where(
            SaidPrediction.kind == NAME,
            SaidPrediction.subject == order.number,
            SaidPrediction.happened_at.is_(None),
        )
    )
    told = [(risk.model_id, risk.probability)]
    if risk.model_id is not None:
        told.append((None, risk.usual))
    for model_id, probability in told:
        said = {str(PROBABILITY): round(probability, 4)}
        predictions.say(tx, NAME, order.number, said, now, model_id=model_id, customer_id=order.customer_id)
