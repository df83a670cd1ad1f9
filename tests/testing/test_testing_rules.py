"""Each rule that never bends is seen to fail where it is broken on purpose, and only that one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from supervisor.concerns.facts import Place
from supervisor.core.event import Event, EventKind
from supervisor.core.slot import Sweep
from supervisor.core.words import ALL, CLOSING, Mode, Outcome, Permit, Status
from supervisor.monitor.gate import Gate
from supervisor.monitor.published import Published
from supervisor.monitor.supervisor import Supervisor
from supervisor.testing import rules_orders, rules_record, rules_verdict
from supervisor.testing.clocks import Frozen
from supervisor.testing.invariants import Broken, invariants
from supervisor.testing.records import Departure, Strike, Told
from supervisor.testing.witness import Seen
from supervisor.testing.world import World

BUY = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 150, "duration": "day"}
ORDERS = "/v1/accounts/VA1/orders"
SANDBOX = "sandbox.tradier.com"


@pytest.fixture
def world(frozen: Frozen, tmp_path: Path) -> Iterator[World]:
    """A world with a desk, at its first look, in which every rule holds."""
    frozen.reset("2026-11-23T15:00:00")
    found = World(frozen, tmp_path, desk=True)
    found.start()
    for rule in invariants():
        rule(found)
    yield found
    found.checks.clear()
    found.close()


def breaks(rule: Callable[[World], None], world: World) -> str:
    with pytest.raises(Broken) as broken:
        rule(world)
    return str(broken.value)


def permitting(monkeypatch: pytest.MonkeyPatch, permits: int) -> None:
    monkeypatch.setattr(Gate, "permits_now", lambda _: Permit(permits))


# ---------------------------------------------------------------- the verdict


def test_cancelling_that_is_blocked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    permitting(monkeypatch, ALL & ~Permit.CANCEL)
    assert "cancelling is permitted" in breaks(rules_verdict.cancelling_always, world)


def test_opening_against_a_concern(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.running.hold("reduce", who="ann", why="x")
    permitting(monkeypatch, ALL)
    assert "operator is reduce" in breaks(rules_verdict.opening_needs_all, world)


def test_opening_with_a_critical_issue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.strike(Strike("refuse"))
    world.run_to(world.frozen.true + 120)
    permitting(monkeypatch, ALL)
    for cursor in world.running.book.cursors():  # every table permits, and the issue is still open
        monkeypatch.setitem(
            world.running.book.table(cursor.name).states,
            cursor.state,
            attrs.evolve(world.running.book.table(cursor.name).states[cursor.state], permits=ALL),
        )
    assert "connection_failed" in breaks(rules_verdict.opening_needs_all, world)


def test_opening_while_something_is_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.running.book.cursor("account").state = "unknown"
    permitting(monkeypatch, ALL)
    assert "account unknown" in breaks(rules_verdict.unknown_closes, world)


def test_opening_on_old_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Supervisor, "can_trade", lambda *_: True)
    world.frozen.advance(600)
    assert "600 s after" in breaks(rules_verdict.opening_needs_fresh, world)


def test_closing_blocked_for_a_trifle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    permitting(monkeypatch, Permit.CANCEL)
    assert "only where it does harm" in breaks(rules_verdict.closing_unless_harmful, world)


@pytest.mark.parametrize(
    ("published", "before", "after", "rule"),
    [(ALL, ALL, CLOSING, "what takes away is published before"), (ALL, CLOSING, ALL, "what gives is published once")],
)
def test_publishing_in_the_wrong_order(world: World, published: int, before: int, after: int, rule: str) -> None:
    world.running.hold("reduce", who="ann", why="x")
    world.note()
    world.seen = [Seen(world.seen[-1].sweep, int(published), int(before), int(after))]
    assert rule in breaks(rules_verdict.restricts_at_once, world)


def test_a_monitor_that_publishes_too_late_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Supervisor._publish

    def late(self: Supervisor, *no_more_than: int, **options: Any) -> None:
        if not no_more_than:
            honest(self, **options)

    monkeypatch.setattr(Supervisor, "_publish", late)
    world.strike(Strike("refuse"))
    world.checks = [rules_verdict.restricts_at_once]
    with pytest.raises(Broken, match="what takes away is published before it is on record"):
        world.run_to(world.frozen.true + 90)


def test_a_closed_permit_without_a_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    permitting(monkeypatch, CLOSING)
    assert "open_equity" in breaks(rules_verdict.ClosedHasReason(), world)


def test_a_score_that_is_not_that_of_the_issues(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    health = attrs.evolve(world.running.health(), score=0.71)
    monkeypatch.setattr(Published, "health", lambda _: health)
    assert "0.710, and by the issues 1.000" in breaks(rules_verdict.score_in_band, world)
    wrong = attrs.evolve(health, score=1.0, status=Status.DEGRADED)
    monkeypatch.setattr(Published, "health", lambda _: wrong)
    assert "the status is the score's band" in breaks(rules_verdict.score_in_band, world)


def test_a_mode_that_does_not_fit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "mode", Mode.HALTED)
    assert "the permits in one word" in breaks(rules_verdict.mode_fits, world)


# ---------------------------------------------------------------- issues, restarts and words


def _moved(world: World, signal: str) -> None:
    """The last move, as if that signal had led to it, giving what is closed."""
    world.running.hold("reduce", who="ann", why="x")
    world.note()
    move = world.newest[-1]
    world.newest = [attrs.evolve(move, signal=signal, permits_before=int(CLOSING), permits_after=int(ALL))]


def test_a_permit_given_by_a_miss(world: World) -> None:
    _moved(world, "failed")
    assert "gave ['open_equity', 'open_option']" in breaks(rules_record.only_readings_give, world)


@pytest.mark.parametrize("signal", ["failed", "garbled", "(time)"])
def test_a_recovery_without_a_successful_reading(world: World, signal: str) -> None:
    _moved(world, signal)
    issue = attrs.evolve(world.running.health().issues[0], outcome=Outcome.RECOVERED)
    world.told.append(Told(0.0, Event(EventKind.RESOLVED, issue, 0.0, world.newest[0].entry)))
    assert f"recovered on {signal}" in breaks(rules_record.OnlyReadingsMend(), world)


def test_a_problem_told_twice_or_never(world: World) -> None:
    world.running.hold("reduce", who="ann", why="x")
    world.note()
    told = world.told[-1]
    assert told.line == "detected operator_hold"
    world.told.append(told)
    assert "detected once" in breaks(rules_record.Paired(), world)
    world.told = []
    assert "those told and not ended" in breaks(rules_record.Paired(), world)
    world.told = [Told(0.0, attrs.evolve(told.event, kind=EventKind.RESOLVED))]
    assert "resolved once" in breaks(rules_record.Paired(), world)


def test_a_masked_concern_that_tells(world: World) -> None:
    world.strike(Strike("refuse"))
    world.run_to(world.frozen.true + 120)
    rule = rules_record.Masked()
    rule(world)
    issue = attrs.evolve(world.running.health().issues[0], concern="account")
    world.seen = [Seen(Sweep(events=[Event(EventKind.DETECTED, issue, 0.0, 1)]))]
    assert "a masked concern tells nothing" in breaks(rule, world)


def test_a_hold_that_does_not_outlive_a_restart(world: World) -> None:
    rule = rules_record.Outlives()
    world.running.hold("halt", who="ann", why="x")
    rule(world)
    world.stop()
    world.home.hold.unlink()
    (world.home.journal).unlink()
    world.start()
    assert world.running.book.cursor("operator").state == "reduce"  # a lost journal begins so; a halt is more
    assert "a hold outlives every restart" in breaks(rule, world)


def test_a_lost_journal_that_begins_free(world: World) -> None:
    rule = rules_record.Outlives()
    rule(world)
    world.stop()
    world.lose_journal()
    for file in world.home.folder.glob("journal.db*"):
        file.unlink()
    world.start()
    assert "the operator said reduce, and it begins free" in breaks(rule, world)


def test_an_order_and_an_acknowledgement_that_do_not_outlive_a_restart(world: World) -> None:
    world.agent.submit("first", BUY)
    world.strike(Strike("slow", params={"by": 3}))
    world.run_to(world.frozen.true + 300)
    (issue,) = world.running.health().issues
    world.running.acknowledge(issue.issue_id, who="ann", why="known")
    rule = rules_record.Outlives()
    rule(world)
    world.stop()
    world.start()
    rule(world)  # as it is, both are there
    book, key = world.running.book, next(key for key in world.running.book.living if key[0] == "order")
    world.starts += 1
    kept = book.living.pop(key)
    assert "was forgotten" in breaks(rule, world)
    book.living[key] = kept
    cursor = next(slot.cursor for slot in book.slots if slot.cursor.issue)
    rule(world)
    world.starts += 1
    assert cursor.issue is not None
    cursor.issue = attrs.evolve(cursor.issue, acknowledged=None)
    assert f"that of {issue.issue_id} was forgotten" in breaks(rule, world)


def test_a_trip_that_a_restart_forgets(world: World) -> None:
    world.strike(Strike("refusal", "order"))
    for n, symbol in enumerate(("AAPL", "MSFT", "SPY")):
        world.agent.submit(f"n{n}", {**BUY, "symbol": symbol})
        world.frozen.advance(1)
        world.tick()
    rule = rules_record.Outlives()
    rule(world)
    world.starts += 1
    cursor = next(c for (name, _), c in world.running.book.living.items() if name == "breaker")
    cursor.state = "closed"
    assert "breaker/" in breaks(rule, world)


def test_a_secret_that_is_told(world: World) -> None:
    world.running.hold("reduce", who="ann", why="x")
    world.note()
    world.tokens.append("operator")  # as if that word were a token
    assert "no secret is told" in breaks(rules_record.nothing_secret_is_told, world)


# ---------------------------------------------------------------- what leaves


def test_a_request_to_another_host(world: World) -> None:
    world.departures = [Departure("GET", "api.tradier.com", "/v1/user/profile")]
    assert "left for api.tradier.com" in breaks(rules_orders.only_to_the_intended, world)
    world.intends = Place.LIVE
    rules_orders.only_to_the_intended(world)


def test_more_requests_than_are_granted(world: World) -> None:
    rule = rules_orders.Gentle()
    world.departures = [Departure("GET", SANDBOX, "/v1/user/profile")] * 60
    rule(world)
    world.departures = [Departure("GET", SANDBOX, "/v1/markets/clock"), Departure("POST", SANDBOX, ORDERS)]
    rule(world)
    world.departures = [Departure("GET", SANDBOX, "/v1/user/profile")]
    assert "61 were sent under standard" in breaks(rule, world)


SENT = Departure("POST", SANDBOX, ORDERS, books=True, tag="k7a", handed_in=True, on_record=True)


@pytest.mark.parametrize(
    ("left", "rule"),
    [
        ([SENT, SENT], "no order is ever sent twice"),
        ([attrs.evolve(SENT, tag="")], "no order is ever sent twice"),
        ([attrs.evolve(SENT, handed_in=None)], "only what the agent hands in is sent"),
        ([attrs.evolve(SENT, handed_in=False)], "a closed gate sends nothing"),
        ([attrs.evolve(SENT, on_record=False)], "an order is on record before it leaves"),
    ],
)
def test_an_order_that_must_not_leave(world: World, left: list[Departure], rule: str) -> None:
    world.departures = left
    assert rule in breaks(rules_orders.Once(), world)


def test_a_booking_that_no_order_of_ours_explains(world: World) -> None:
    world.agent.submit("first", BUY)
    world.departures = []
    assert "booked once at most" in breaks(rules_orders.Once(), world)


def test_what_leaves_is_seen_as_it_leaves(world: World) -> None:
    world.agent.submit("first", BUY)
    world.note()
    (order,) = [left for left in world.departures if left.books]
    assert (order.method, order.host, order.handed_in, order.on_record) == ("POST", SANDBOX, True, True)
    assert order.tag == world.agent.standing("first").tag


def test_a_journal_written_after_the_order_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Supervisor, "must_note", lambda *_: None)
    world.agent.submit("first", BUY)
    world.checks = [rules_orders.Once()]
    with pytest.raises(Broken, match="an order is on record before it leaves"):
        world.note()


def test_a_desk_that_sends_twice_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from supervisor.tradier.orders_wire import Trader

    honest = Trader.submit

    def twice(self: Trader, *args: Any) -> Any:
        honest(self, *args)
        return honest(self, *args)

    monkeypatch.setattr(Trader, "submit", twice)
    world.agent.submit("first", BUY)
    world.checks = [rules_orders.Once()]
    with pytest.raises(Broken, match="no order is ever sent twice"):
        world.note()


def test_every_rule_of_the_list_is_broken_somewhere_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    for module in (rules_verdict, rules_record, rules_orders):
        for name, thing in vars(module).items():
            if callable(thing) and getattr(thing, "__module__", "") == module.__name__ and name[0] != "_":
                assert name == "category" or f"{module.__name__.rpartition('.')[2]}.{name}" in source, name
