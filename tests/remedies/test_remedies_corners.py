"""The corners: what a remedy sees when facts are missing, one-sided or gone, and what a healer does when told no."""

import logging
from collections.abc import Mapping
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import attrs
import pytest
from supervisor.concerns.facts import Balances, Place
from supervisor.config import Settings
from supervisor.core.issue import Issue
from supervisor.core.mending import PROVED
from supervisor.core.reading import Failure, Kind, Reading, Round
from supervisor.core.words import Severity
from supervisor.errors import SupervisorError
from supervisor.monitor.repairing import FailedOrders
from supervisor.remedies.connection import ConnectionRemedy
from supervisor.remedies.endpoint import EndpointRemedy
from supervisor.remedies.form import Nothing, Plan, Scene
from supervisor.remedies.formatting import FormattingRemedy
from supervisor.remedies.journal import JournalRemedy
from supervisor.remedies.order_size import OrderSizeRemedy
from supervisor.remedies.ports import Ports, Standing
from supervisor.remedies.symbol import SymbolRemedy
from supervisor.simulator import become
from supervisor.tradier.records import Quote, Quotes, Security

from remedies.test_remedies_healer import CODE, Cure, poor, raises, rich
from remedies.test_remedies_orders import LIMIT, MISSING, settings
from remedies.ward import EXACT, ward

FAILED = Failure(Kind.UNREACHABLE, "no")
ISSUE = Issue("x-1", "x", Severity.WARNING, "x", "x", "x", 0.0)


@attrs.define
class Market:
    """Questions about the market, answered as set; None fails."""

    quoted: tuple[Quote, ...] | None = ()
    found: tuple[Security, ...] | None = ()
    money: Any = None

    def quotes(self, symbols: Any, _: float) -> Reading:
        if self.quoted is None:
            return Reading("quotes", 0.0, 0.1, failure=FAILED)
        return Reading("quotes", 0.0, 0.1, Quotes(self.quoted, tuple(symbols)))

    def lookup(self, _: str, __: float) -> Reading:
        return self._named("lookup")

    def search(self, _: str, __: float) -> Reading:
        return self._named("search")

    def _named(self, source: str) -> Reading:
        return Reading(source, 0.0, 0.1, self.found, FAILED if self.found is None else None)

    def balances(self, _: float) -> Reading:
        return Reading("balances", 0.0, 0.1, self.money, FAILED if self.money is None else None)


def scene(order: Mapping[str, Any] | None = None, how: Settings = EXACT, market: Any = None, **ports: Any) -> Scene:
    failed = FailedOrders()
    if order is not None:
        failed.note("x-1", order)
    return Scene(ISSUE, 0.0, Round({}), ports=Ports(failed=failed, market=market or Market(), **ports), settings=how)


def power(amount: str) -> Balances:
    return Balances("margin", D(amount), D(amount), D(0))


def test_an_order_written_as_it_should_be_has_nothing_to_be_put_right() -> None:
    whole = {**LIMIT, "symbol": "AAPL", "price": "100.00"}
    assert FormattingRemedy().plan(scene(whole)) is None
    quoted = Market((Quote("AAPL"),))
    assert SymbolRemedy().plan(scene(whole, market=quoted)) is None


@pytest.mark.parametrize(
    "order",
    [
        {**MISSING, "quantity": "many"},
        {**MISSING, "class": "multileg", "legs": []},
        {**MISSING, "side": "sideways", "price": "1"},
    ],
    ids=str,
)
def test_more_than_a_missing_price_is_not_filled(order: dict[str, Any]) -> None:
    assert FormattingRemedy().plan(scene(order, settings(price_rule="mid"))) is None


@pytest.mark.parametrize(
    "quoted", [None, (), (Quote("AAPL", bid=D(0), ask=D(1)),), (Quote("AAPL", ask=D(1)),)], ids=str
)
@pytest.mark.parametrize("rule", ["mid", "marketable"])
def test_without_a_fresh_quote_of_two_good_sides_no_price_is_filled_or_proved(rule: str, quoted: Any) -> None:
    how = settings(price_rule=rule)
    assert FormattingRemedy().plan(scene(MISSING, how, Market(quoted))) is None
    good = scene(MISSING, how, Market((Quote("AAPL", bid=D("9.99"), ask=D("10.00")),)))
    plan = FormattingRemedy().plan(good)
    assert plan is not None
    assert "bid 9.99, ask 10.00" in plan.words
    FormattingRemedy().apply(plan, good)
    assert FormattingRemedy().proves(plan, good)
    assert not FormattingRemedy().proves(
        plan, attrs.evolve(good, ports=attrs.evolve(good.ports, market=Market(quoted)))
    )


def test_what_is_offered_and_can_no_longer_be_understood_is_not_proved() -> None:
    seen = scene(MISSING)
    assert seen.ports.failed is not None
    plan = Plan("x", {"order": {"class": "nonsense"}, "symbols": ["AAPL"]})
    seen.ports.failed.offer("x-1", plan.data["order"])
    for remedy in (FormattingRemedy(), SymbolRemedy()):
        assert remedy.proves(plan, seen) is False


def test_a_symbol_that_nobody_can_look_up_leads_to_no_suggestion() -> None:
    strange = {**LIMIT, "symbol": "ZZZZ"}
    assert SymbolRemedy().plan(scene(strange, market=Market(found=None))) is None
    assert SymbolRemedy().plan(scene(strange, market=Market(found=()))) is None
    assert SymbolRemedy().plan(scene({**LIMIT, "symbol": " "})) is None
    option = {**LIMIT, "class": "option", "option_symbol": "AAPL1261218C00200000", "side": "buy"}
    plan = SymbolRemedy().plan(scene(option, market=Market(found=(Security("AAPL", "Apple", "Q", "stock"),))))
    assert plan is not None
    assert (plan.acts, plan.data["suggestions"]) == (False, ["AAPL"])


@pytest.mark.parametrize(
    ("change", "quoted", "size"),
    [
        ({"type": "market"}, (Quote("AAPL", ask=D("100.00")),), 97),
        ({"type": "stop", "stop": "200"}, (Quote("AAPL", ask=D("100.00")),), 48),
        ({"type": "market"}, (), None),
        ({"type": "market"}, (Quote("AAPL"),), None),
        ({"type": "market", "side": "sell_short"}, (Quote("AAPL", ask=D("100.00")),), None),
        ({"type": "market", "side": "sell"}, (Quote("AAPL", ask=D("100.00")),), None),
    ],
    ids=str,
)
def test_without_a_limit_the_worst_price_is_the_ask_with_its_band_or_the_stop(
    change: dict[str, Any], quoted: Any, size: int | None
) -> None:
    """97: 10,000 less the cushion of 2 %, by 100.00 and half a per cent. A short's cost only the broker can say."""
    order = {**LIMIT, "symbol": "AAPL", "quantity": 1000, "price": None, **change}
    plan = OrderSizeRemedy().plan(scene(order, market=Market(quoted, money=power("10000"))))
    assert (None if plan is None else plan.data["size"]) == size


def test_without_money_known_or_any_left_there_is_no_smaller_order() -> None:
    order = {**LIMIT, "symbol": "AAPL", "quantity": 1000}
    assert OrderSizeRemedy().plan(scene(order)) is None
    assert OrderSizeRemedy().plan(scene(order, market=Market(money=power("-5")))) is None
    assert OrderSizeRemedy().plan(scene({**order, "side": "?"}, market=Market(money=power("5000")))) is None


@attrs.define
class Wires:
    """A wiring whose sessions answer as set."""

    fresh: Reading
    place: Place = Place.LIVE
    used: Place = Place.UNLISTED

    def ask_afresh(self, _: float) -> Reading:
        return self.fresh

    def standing(self) -> Standing:
        return Standing(self.place, self.used, None, None)


def test_a_broker_that_answers_badly_on_a_fresh_session_too_is_down() -> None:
    bad = Reading("profile", 0.0, 0.1, failure=Failure(Kind.SERVER, "502 Bad Gateway"))
    wiring: Any = Wires(bad)
    seen = attrs.evolve(scene(wiring=wiring), tries=1)
    told = ConnectionRemedy().apply(Plan("x"), seen)
    assert isinstance(told, Nothing)
    assert "502 Bad Gateway" in told.words


def test_live_intended_and_an_unlisted_host_used_or_all_as_intended_is_no_case_for_the_endpoint_remedy() -> None:
    wires: list[Any] = [
        Wires(Reading("x", 0.0, 0.1, 1)),
        Wires(Reading("x", 0.0, 0.1, 1), Place.SANDBOX, Place.SANDBOX),
    ]
    for wiring in wires:
        assert EndpointRemedy().plan(scene(wiring=wiring)) is None


def test_a_fresh_journal_that_is_sound_stays_whatever_is_undone() -> None:
    class Sound:
        def trouble(self) -> None:
            return None

        def sound(self) -> bool:
            return True

    record: Any = Sound()
    left = JournalRemedy().undo(Plan("x", {"aside": "old"}), scene(record=record))
    assert left == "the fresh journal is sound and stays; the old one is kept as old"


def test_a_scene_of_ones_own_is_wanted_until_told_otherwise() -> None:
    scene().insist()
    with pytest.raises(SupervisorError, match="given up"):
        attrs.evolve(scene(), wanted=lambda: False).insist()


ASKS = Settings(live_jitter=False, remedies=(("cure", "ask"),))


def test_what_is_approved_when_it_is_no_longer_needed_is_not_begun() -> None:
    cure = Cure()
    with ward(remedies=[cure], settings=ASKS) as w:
        poor(w)
        become(w.simulator, "healthy_margin")
        w.supervisor.look()  # it recovers, and the healer has not heard of that yet
        with pytest.raises(SupervisorError, match="is no longer needed"):
            w.supervisor.approve("cure", why="go", who="ann")
        assert "apply" not in cure.did


def test_what_cannot_be_put_on_record_is_not_begun(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=ASKS) as w:
        poor(w)
        w.supervisor.memory.journal.close()  # type: ignore[attr-defined]  # a Memory has one
        assert "is dropped" in w.supervisor.approve("cure", why="go", who="ann")
        assert "apply" not in cure.did
        assert "could not be put on record" in w.fix()["says"]


def test_the_process_that_dies_with_a_plan_on_record_began_nothing(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure]) as w:
        tell = w.supervisor.healing.tell

        def dies(repair: Any, signal: str, words: str) -> bool:
            if signal != "was_planned":
                raise KeyboardInterrupt
            return tell(repair, signal, words)

        w.supervisor.healing.tell = dies  # type: ignore[method-assign]  # the process dies between two entries
        with pytest.raises(KeyboardInterrupt):
            poor(w)
        w.killed()
        w.run(1)
        first = w.fix(0)
        assert (first["state"], first["says"]) == ("dropped", "the process ended before it began")
        assert "undo" not in cure.did


def test_an_issue_that_cannot_be_told_as_fixed_leaves_the_repair_unproved() -> None:
    cure = Cure()
    with ward(remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        mend = w.supervisor.healing.mend
        w.supervisor.healing.mend = lambda issue, step, words: step != PROVED and mend(issue, step, words)  # type: ignore[method-assign,assignment]
        poor(w).run(200)
        assert w.take() == [f"detected {CODE}", f"resolved {CODE} recovered", f"failed {CODE}"]
        assert (w.fixed, w.fix()["result"]) == (0, "failed")


def test_a_repair_that_fails_after_its_issue_is_gone_and_cannot_be_undone_is_finished_by_a_person() -> None:
    cure = Cure(undo=raises)
    with ward(remedies=[cure]) as w:
        poor(w)
        assert w.fix()["state"] == "verifying"
        become(w.simulator, "margin_call")
        w.run(200)
        told = w.take()
        assert f"resolved {CODE} superseded" in told
        assert f"partial {CODE}" in told
        assert "is finished" in w.supervisor.approve(w.fix(0)["id"], why="looked", who="ann")
        assert w.fix(0)["state"] == "finished"


def test_what_a_remedy_raises_once_it_is_proved_is_logged_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Settling(Cure):
        def settled(self, _: Plan, __: Scene) -> None:
            raise RuntimeError("the cure is worse")

    cure = Settling()
    with ward(remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        with caplog.at_level(logging.ERROR):
            poor(w).run(60)
        assert w.fixed == 1
        assert "remedy_settled" in caplog.text


@pytest.mark.parametrize(("state", "after"), [("verifying", "partial"), ("planned", "dropped"), ("waiting", "dropped")])
def test_a_repair_that_the_book_alone_remembers_is_settled(state: str, after: str) -> None:
    """Nothing is left of its plan, so nothing can be undone: a person is told to look, where anything was begun."""
    cure = Cure()
    with ward(remedies=[cure], settings=ASKS if state == "waiting" else EXACT) as w:
        if state == "planned":
            w.supervisor.tell("repair", "buying_power:cure", "was_planned")
        poor(w)
        cursor = w.supervisor.book.cursor("repair", "buying_power:cure")
        if state == "planned":
            cursor.state = state
        assert cursor.state == state
        w.supervisor.healing.healer.restore([], w.supervisor.now())
        assert w.supervisor.book.cursor("repair", "buying_power:cure").state == after
        assert not [issue for issue in w.supervisor.health().issues if issue.metadata.get("repair") == "repair_applied"]


def test_what_a_person_finished_meanwhile_is_not_asked_to_be_proved() -> None:
    cure = Cure(plan=lambda _: Plan("half of it", finish="call the broker"))
    with ward(remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(60)
        w.supervisor.approve("cure", why="called them", who="ann")
        healer = w.supervisor.healing.healer
        cure.did.clear()
        healer._ask_proof(healer.ledger.repairs[0], w.supervisor.now())
        assert (cure.did, healer.ledger.repairs[0].state) == ([], "finished")
