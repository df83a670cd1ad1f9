"""A broker that hangs holds no caller: over real sockets and threads, with real seconds kept few."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from time import monotonic, time

import pytest
from supervisor.concerns.facts import Place
from supervisor.orders import Canceled, Desk, OrderSettings, Outcome, Result
from supervisor.orders.handle import Handle
from supervisor.simulator import DEFAULT_ACCOUNT, Account, Server, Simulator, serve
from supervisor.tradier.client import Reader
from supervisor.tradier.orders_wire import Previewer, Trader

from orders.orders_room import Record, buy, lock_is_free, resting, token

QUICK = OrderSettings(
    wait=0.5, deadline=0.8, looks=(0.1, 0.1, 0.2, 0.2, 0.2, 0.2), cancel_pauses=(0.1, 0.1, 0.1), calm=0.2, poll=0.2
)


@pytest.fixture
def server() -> Iterator[Server]:
    with_money = Simulator([Account(cash=Decimal(100_000))])
    made = serve(with_money)
    yield made
    made.close()


def desk_at(server: Server) -> Desk:
    url = server.url
    record = Record()
    return Desk(
        reads=Reader(url, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX),
        previews=Previewer(url, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX),
        trades=Trader(url, token, DEFAULT_ACCOUNT, intended=Place.SANDBOX),
        ledger=record,
        gate=record,
        now=time,
        settings=QUICK,
    )


def until(desk: Desk, happened: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Ticks until that has happened, as the monitor would; whether it has."""
    end = monotonic() + seconds
    while not happened() and monotonic() < end:
        Handle(None).wait(0.02)
        desk.tick()
    return happened()


def test_an_order_that_fills_is_told_at_once(server: Server) -> None:
    began = monotonic()
    result = desk_at(server).submit(resting())
    assert result.outcome is Outcome.LANDED
    assert monotonic() - began < 5.0


def test_a_caller_is_held_no_longer_than_its_wait_and_the_order_is_followed_to_its_end(server: Server) -> None:
    desk = desk_at(server)
    server.simulator.inject("lost_hang", "order", count=1)
    began = monotonic()
    result = desk.submit(resting())
    assert monotonic() - began < 1.0
    assert result.outcome is Outcome.UNKNOWN
    assert until(desk, lambda: desk.status(str(result.tag)).outcome is Outcome.LANDED)
    assert len(server.simulator.bookings) == 1


def test_a_caller_who_gives_up_before_the_order_left_calls_it_off(server: Server) -> None:
    desk = desk_at(server)
    server.simulator.inject("slow", "balances", seconds=5.0, by=0.5)
    result = desk.submit(buy(), wait=0.2)
    assert (result.outcome, result.by) == (Outcome.REFUSED, "us")
    server.simulator.clear()
    assert until(desk, lambda: any(request.endpoint == "balances" for request in server.simulator.requests))
    until(desk, lambda: bool(server.simulator.bookings), seconds=1.2)
    assert server.simulator.bookings == []


def test_callbacks_hear_every_new_word_and_one_that_raises_harms_nobody(server: Server) -> None:
    desk = desk_at(server)
    heard: list[Result] = []

    def bad(_: Result) -> None:
        raise ValueError("mine")

    handle = desk.submit_async(resting(), heard.append)
    handle.on(bad)
    assert until(desk, lambda: handle.done)
    free: list[bool] = []
    handle.on(lambda _: free.append(lock_is_free(desk)))
    word = desk.cancel(str(handle.result.order_id), wait=5.0)
    assert word.outcome is Canceled.CANCELED
    assert handle.result.status == "canceled"
    assert heard[-1].status == "canceled"
    assert free
    assert all(free)
