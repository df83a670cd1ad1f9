"""Whatever a broker answers: no exception, nothing invented, nothing told that is a secret, no false "healthy"."""

import json

import pytest
from supervisor.core.reading import Kind
from supervisor.tradier.orders_wire import Sent

from wire.bodies import ENDPOINTS, GROWTH, SLOWEST, TOKEN, One, bodies, tried

SAMPLE = 150
"""Bodies for each endpoint; `make bodies` gives each 100,000."""


@pytest.mark.parametrize("name", ENDPOINTS)
def test_no_body_makes_a_read_or_an_order_raise_invent_or_tell(name: str) -> None:
    told = tried(name, SAMPLE, seed=20261123)
    assert told.wrong == ()
    assert told.slowest < SLOWEST
    assert told.grown < GROWTH
    assert sum(told.came.values()) == SAMPLE
    assert len(told.came) >= 2  # they are bodies of more than one kind


@pytest.mark.parametrize("name", ["positions", "lookup", "quotes"])
def test_a_token_that_the_broker_echoes_in_an_answer_is_masked_in_what_is_read(name: str) -> None:
    answers = {
        "positions": {"positions": {"position": {"symbol": TOKEN, "quantity": 1, "cost_basis": 1, "id": 1}}},
        "lookup": {"securities": {"security": {"symbol": "GOOGL", "description": f"for {TOKEN}"}}},
        "quotes": {"quotes": {"unmatched_symbols": {"symbol": TOKEN}}},
    }
    adapter = One()
    adapter.body = json.dumps(answers[name]).encode()
    got = ENDPOINTS[name].ask(adapter)
    assert got.failure is None
    assert "[secret]" in repr(got)
    assert TOKEN not in repr(got)


@pytest.mark.parametrize(
    "body", [b'\x1e{"positions":"null"}', b'{"positions":"null"}\x1f', b'\x85{"positions":"null"}']
)
def test_a_control_character_makes_of_no_body_an_empty_account(body: bytes) -> None:
    adapter = One()
    adapter.body = body
    got = ENDPOINTS["positions"].ask(adapter)
    assert not isinstance(got, Sent)
    assert got.failure is not None
    assert got.failure.kind is Kind.GARBLED
    adapter.body = b' \r\n{"positions":"null"}\t'
    again = ENDPOINTS["positions"].ask(adapter)
    assert not isinstance(again, Sent)
    assert again.value == ()


def test_the_same_seed_gives_the_same_bodies() -> None:
    first, again = (list(bodies(ENDPOINTS["orders"], 50, seed=7)) for _ in range(2))
    assert first == again
    assert len({body for _, body, _ in first}) > 40
