"""What of all that happens a page is told."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from app.events import tickets
from app.events.listening import Listener, News, concerns, messages

ORG = uuid4()
ANN = Listener(ORG, uuid4(), frozenset({"p:ann", "t:finance"}), frozenset({"approver"}))
OPERATOR = replace(ANN, roles=frozenset({"operator"}))
ORDER = uuid4()


def _news(kind: str, *principals: str, seq: int = 1) -> News:
    return News(seq, ORG, kind, ORDER, frozenset(principals))


@pytest.mark.parametrize(
    ("listener", "news", "told"),
    [
        pytest.param(ANN, _news("instance"), True, id="an order moved"),
        pytest.param(ANN, _news("instance", "t:sales"), True, id="an order moved to another team"),
        pytest.param(ANN, _news("item", "t:finance"), True, id="the inbox of one's team moved"),
        pytest.param(ANN, _news("item", "t:sales"), False, id="the inbox of another team moved"),
        pytest.param(ANN, _news("incident"), False, id="an incident, told to an approver"),
        pytest.param(OPERATOR, _news("incident"), True, id="an incident, told to an operator"),
        pytest.param(ANN, replace(_news("instance"), org_id=uuid4()), False, id="another organisation's"),
    ],
)
def test_a_listener_is_told_what_concerns_them(listener: Listener, news: News, told: bool) -> None:
    assert concerns(listener, news) is told


def test_what_changed_often_is_told_once_and_as_ones_own_if_it_ever_was() -> None:
    batch = [_news("instance", seq=4), _news("instance", "t:finance", seq=5), _news("instance", seq=6)]

    told = messages(ANN, batch, 6)

    assert told == [
        b'id: 6\nevent: change\ndata: {"kind":"instance","subject":"%s","mine":true}\n\n'
        % str(ORDER).encode()
    ]


def test_a_ticket_says_who_listens() -> None:
    assert tickets.read("secret", tickets.mint("secret", ANN)) == ANN


def test_a_ticket_of_another_installation_opens_nothing() -> None:
    assert tickets.read("secret", tickets.mint("another secret", ANN)) is None


def test_an_old_ticket_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = tickets.mint("secret", ANN)

    monkeypatch.setattr(tickets, "LASTS_SECONDS", -1)

    assert tickets.read("secret", ticket) is None
