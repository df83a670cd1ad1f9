"""Does a secret that a person, an agent's code or its error mentions get out again?"""

import json
import logging

import pytest
from supervisor.core.event import Event
from supervisor.core.issue import Issue
from supervisor.simulator import DEFAULT_ACCOUNT

from wire.wiring import broker

TOKEN = "wire-test-token"
WORDS = f"pasted by mistake: {TOKEN} for {DEFAULT_ACCOUNT}"


def said(supervisor: object, events: list[Event]) -> str:
    return " ".join(json.dumps(event.issue.as_dict()) for event in events) + json.dumps(
        supervisor.get_health_status()  # type: ignore[attr-defined]  # it is a Supervisor
    )


def test_a_token_in_an_operators_words_reaches_no_callback_no_health_and_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events: list[Event] = []
    with broker() as (_, supervisor), caplog.at_level(logging.INFO, "supervisor"):
        supervisor.subscribe(events.append, name="test")
        supervisor.tick()
        supervisor.hold("reduce", why=WORDS, who=TOKEN)
        supervisor.acknowledge("operator_hold", why=WORDS, who="ann")
        told = said(supervisor, events) + supervisor.explain().text()
        supervisor.release(why=WORDS, who="ann")
        told += said(supervisor, events) + caplog.text
    assert events[0].issue.code == "operator_hold"
    assert "reduce by [secret]: pasted by mistake: [secret] for ****" in told
    assert TOKEN not in told
    assert DEFAULT_ACCOUNT not in told


def test_a_token_in_a_callbacks_exception_gets_nowhere() -> None:
    def careless(_: Issue) -> None:
        raise RuntimeError(WORDS)

    with broker(on_issue_detected=careless) as (_, supervisor):
        supervisor.tick()
        supervisor.hold("reduce", why="lunch", who="ann")
        supervisor.tick()
        told = said(supervisor, [])
    assert "callback_failing" in told
    assert "raised RuntimeError: pasted by mistake: [secret]" in told
    assert TOKEN not in told
    assert DEFAULT_ACCOUNT not in told


def test_a_token_in_a_failed_orders_error_is_masked_in_its_diagnosis() -> None:
    order = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 100, "tag": TOKEN}
    with broker() as (_, supervisor):
        supervisor.tick()
        issue = supervisor.diagnose_order_failure(order, RuntimeError(WORDS))
        told = json.dumps(issue.as_dict()) + said(supervisor, [])
    assert "pasted by mistake: [secret]" in issue.error_message
    assert TOKEN not in told
    assert DEFAULT_ACCOUNT not in told
