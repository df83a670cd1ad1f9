"""Small truths of the order desk: what rows claim, what is held, what an error tells, and who hears of a verdict."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from supervisor.core.reading import Failure, Kind
from supervisor.orders.causes import Cause
from supervisor.orders.claims import Claim, of_row
from supervisor.orders.evidence import _words as words_in
from supervisor.orders.gather import gather
from supervisor.orders.handle import Handle
from supervisor.orders.inventory import Inventory
from supervisor.orders.judge import Estimate
from supervisor.orders.running import Runner
from supervisor.orders.settings import OrderSettings
from supervisor.tradier.records import OrderRow

from orders.orders_room import buy, room
from orders.test_orders_diagnose import diagnoser, plainly
from orders.test_orders_pure import Reply
from orders.test_orders_trips import Confused

TEN = Decimal(10)


def leg(**fields: Any) -> OrderRow:
    shown: dict[str, Any] = {"symbol": "AAPL", "side": "sell", "quantity": TEN} | fields
    return OrderRow("1", shown.pop("status", "open"), **shown)


@pytest.mark.parametrize(
    ("row", "claims"),
    [
        (leg(), [Claim("AAPL", "sell", TEN)]),
        (leg(status="filled"), []),
        (leg(side=None), []),
        (leg(quantity=None), []),
        (leg(exec_quantity=TEN), []),
        (leg(kind="multileg", legs=(leg(), leg(status="filled"), leg(symbol=None))), [Claim("AAPL", "sell", TEN)]),
        (leg(kind="oto", legs=(leg(side=None), leg())), []),
    ],
)
def test_a_row_claims_what_is_still_to_be_filled_and_named(row: OrderRow, claims: list[Claim]) -> None:
    assert list(of_row(row)) == claims


def test_before_positions_were_read_nothing_is_unexplained() -> None:
    made = Inventory()
    assert made.unexplained_by("AAPL") == 0
    made.explain("AAPL", TEN)
    made.rows_seen((leg(exec_quantity=TEN),))
    assert (made.expected, made.words(), made.suspicious) == (None, (), False)


def test_what_is_acknowledged_while_it_is_counted_anew_is_not_expected_twice() -> None:
    made = Inventory()
    made.positions_seen({}, 0.0)
    made.rows_seen(())
    for at in (10.0, 20.0):
        made.positions_seen({"F": TEN}, at)
        made.rows_seen(())
    assert made.words() == ("+10 F",)
    made._expected = None  # as after a fill between the first two readings
    made.acknowledge()
    made.positions_seen({"F": TEN}, 30.0)
    assert (made.expected, made.words()) == ({"F": TEN}, ())


class Told:
    """Some library's error, with words in a field and a method of the same kind."""

    message = "not enough money"

    def reason(self) -> str:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Failure(Kind.SERVER, "the backend is down"), ["the backend is down"]),
        (Told(), ["not enough money"]),
        (42, ["42"]),
    ],
)
def test_an_error_of_any_making_tells_by_its_telling_fields_else_as_it_prints(value: Any, words: list[str]) -> None:
    assert list(words_in(value, 0)) == words


@pytest.mark.parametrize(
    ("status", "cause"), [(429, Cause.RATE_LIMIT), (401, Cause.CREDENTIALS), (403, Cause.CREDENTIALS)]
)
def test_a_bare_status_says_what_it_says(status: int, cause: Cause) -> None:
    reply = Reply("")
    reply.status_code = status
    assert plainly(buy(), reply).cause is cause


def test_an_order_that_can_not_be_understood_is_not_looked_up() -> None:
    with room() as here:
        made = diagnoser(here)
        assert made.diagnose({}, "strange words").cause is Cause.UNKNOWN
        assert here.simulator.requests == []


def test_a_preview_of_the_diagnosis_that_was_booked_is_named() -> None:
    with room() as here:
        here.adapter.inner = Confused(here.simulator)
        found = diagnoser(here).diagnose(buy(), "strange words")
        assert [found.booked] == [str(booking.order_id) for booking in here.simulator.bookings]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"legs": ["no leg"]}, "leg 0 is no mapping of fields"),
        ({"legs": [{"symbol": "F"}], "orders": [{"symbol": "F"}]}, "legs and orders are both given"),
        ({"legs": 7}, "legs is no list of legs"),
        ({"legs": {"symbol": "F"}}, ""),
    ],
)
def test_legs_that_are_none_are_named(order: dict[str, Any], words: str) -> None:
    assert "; ".join(fault.words for fault in gather(order).faults) == words


@pytest.mark.parametrize(
    ("estimate", "sentence"),
    [
        (Estimate(clean=False, words="no answer"), "no preview came: no answer"),
        (Estimate(clean=True), "the broker would take it: it does not say what it costs"),
        (Estimate(clean=True, margin_change=TEN), "the broker would take it: takes margin 10.00"),
    ],
)
def test_an_estimate_is_said_in_a_sentence(estimate: Estimate, sentence: str) -> None:
    assert estimate.sentence() == sentence


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("impatient")
def test_a_verdict_that_comes_while_somebody_begins_to_listen_is_heard_once() -> None:
    rounds = 3000
    heard: list[tuple[int, int]] = []
    handles = [Handle(0) for _ in range(rounds)]
    gate = Barrier(2)

    def hear(number: int, word: int) -> None:
        heard.append((number, word))

    def tell() -> None:
        for handle in handles:
            gate.wait()
            handle.update(1, done=True)

    thread = Thread(target=tell)
    thread.start()
    for number, handle in enumerate(handles):
        gate.wait()
        handle.on(partial(hear, number))
    thread.join()
    assert sorted(heard) == [(number, 1) for number in range(rounds)]


def test_an_order_that_can_not_be_understood_is_refused_with_its_faults_and_nothing_is_asked() -> None:
    with room() as here:
        result = here.desk.submit(buy(quantity=-1))
        assert (str(result.outcome), result.by, result.final) == ("refused", "us", True)
        assert result.errors
        assert here.simulator.requests == []


def test_with_tidying_switched_off_an_order_that_needs_it_is_refused() -> None:
    with room(settings=OrderSettings(tidy_fields=False)) as here:
        assert str(here.desk.submit(buy(side="BUY")).outcome) == "refused"
        assert here.simulator.requests == []


def test_of_an_order_that_can_not_be_right_its_faults_explain_words_we_do_not_know() -> None:
    assert plainly(buy(quantity=-1), "strange words").explanation.startswith("The order can't be right: ")


def test_of_jobs_of_one_name_one_runs_at_a_time() -> None:
    runner, done = Runner(inline=True), list[str]()

    def first() -> None:
        runner.run_alone("read", lambda: done.append("meanwhile"))
        runner.run_alone("other", lambda: done.append("other"))
        done.append("first")

    runner.run_alone("read", first)
    runner.run_alone("read", lambda: done.append("afterwards"))
    assert done == ["other", "first", "afterwards"]
