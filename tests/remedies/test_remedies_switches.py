"""The switches of `symbol` and `formatting` rule the order desk too: off means refused with what would be right."""

import json
from pathlib import Path
from typing import Any

import pytest
from supervisor.cli import heal
from supervisor.config import Settings
from supervisor.orders import OrderSettings, Outcome
from supervisor.simulator import DEFAULT_ACCOUNT

from remedies.ward import Ward, ward

EXACTLY = {"class": "equity", "symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": "100.00", "duration": "day"}  # fmt: skip
CODE = "AAPL261218C00200000"
OPTION = {**EXACTLY, "class": "option", "option_symbol": CODE, "side": "buy_to_open", "price": "1.00"}
OFF: list[dict[str, Any]] = [
    {"remedies": (("formatting", "off"), ("symbol", "off"))},
    {"remedies": (("formatting", "ask"), ("symbol", "dry_run"))},
    {"enable_auto_fix": False},
    {"dry_run": True},
]


def desk(root: Path | None = None, **switches: Any) -> Any:
    return ward(root, orders=OrderSettings(), settings=Settings(live_jitter=False, **switches))


def submit(w: Ward, order: dict[str, Any]) -> Any:
    if not w.supervisor.can_trade():
        w.run(1)
    return w.supervisor.orders.submit(order)


def sent(w: Ward) -> list[dict[str, str]]:
    return [dict(r.form) for r in w.simulator.requests if r.method == "POST" and r.endpoint == "order"]


@pytest.mark.parametrize("switches", OFF, ids=str)
def test_off_an_order_that_is_written_as_it_should_be_leaves_as_it_is(switches: dict[str, Any]) -> None:
    with desk(**switches) as w:
        result = submit(w, EXACTLY)
        assert (result.outcome, result.fixes_applied) == (Outcome.LANDED, ())
        assert len(w.simulator.bookings) == 1


@pytest.mark.parametrize("switches", OFF, ids=str)
@pytest.mark.parametrize(
    ("order", "cause", "words"),
    [
        ({**EXACTLY, "symbol": " aapl "}, "symbol",
         "symbol does not put it right by itself (its switch): say symbol AAPL (not ' aapl ')"),
        ({**EXACTLY, "symbol": "brk.b"}, "symbol",
         "symbol does not put it right by itself (its switch): say symbol BRK/B (not 'brk.b')"),
        ({**OPTION, "option_symbol": "AAPL  261218C00200000"}, "symbol",
         f"symbol does not put it right by itself (its switch): say option_symbol {CODE} (not 'AAPL  261218C00200000')"),
        ({**EXACTLY, "side": "BUY", "duration": None}, "order",
         "formatting does not put it right by itself (its switch): say side buy (not 'BUY'), duration day (it is missing)"),
        ({**EXACTLY, "type": None}, "order",
         "formatting does not put it right by itself (its switch): say type limit (it is missing)"),
        ({**EXACTLY, "class": None}, "order",
         "formatting does not put it right by itself (its switch): say class equity (it is missing)"),
    ],
)  # fmt: skip
def test_off_what_would_have_been_put_right_is_refused_with_what_would_be_right(
    switches: dict[str, Any], order: dict[str, Any], cause: str, words: str
) -> None:
    with desk(**switches) as w:
        result = submit(w, order)
        assert (result.outcome, result.by, result.cause, result.final) == (Outcome.REFUSED, "us", cause, True)
        assert result.errors == (words,)
        assert w.simulator.bookings == []
        assert not [r for r in w.simulator.requests if r.method != "GET"]


@pytest.mark.parametrize(("off", "left"), [("symbol", "formatting"), ("formatting", "symbol")])
def test_each_switch_rules_its_own_corrections_only(off: str, left: str) -> None:
    wrong = {"symbol": {**EXACTLY, "symbol": "aapl"}, "formatting": {**EXACTLY, "side": "BUY"}}
    with desk(remedies=((off, "off"),)) as w:
        assert submit(w, wrong[left]).outcome is Outcome.LANDED
        assert submit(w, wrong[off]).outcome is Outcome.REFUSED
        both = submit(w, {**EXACTLY, "symbol": "msft", "side": "BUY"})
        assert both.errors[0].startswith(f"{off} does not")
        assert len(both.errors) == 1


@pytest.mark.parametrize("price", [100, 100.0, "100", "100.0", "1e2"])
@pytest.mark.parametrize("quantity", [1, 1.0, "1", "1.0"])
def test_off_a_number_is_a_number_however_it_is_spelled(price: Any, quantity: Any) -> None:
    with desk(**OFF[0]) as w:
        result = submit(w, {**EXACTLY, "price": price, "quantity": quantity})
        assert result.outcome is Outcome.LANDED


def test_off_a_bare_sell_of_an_option_is_refused_with_the_side_that_positions_settle() -> None:
    with desk(**OFF[0]) as w:
        bought = submit(w, {**OPTION, "price": "500.00"})
        assert bought.outcome is Outcome.LANDED
        w.run(130)
        bare = submit(w, {**OPTION, "side": "sell", "price": "0.05"})
        assert bare.outcome is Outcome.REFUSED
        assert "say side sell_to_close (not 'sell')" in bare.errors[0]


def test_off_a_preview_and_a_change_are_refused_likewise_and_a_replacement_cancels_nothing() -> None:
    with desk(**OFF[0]) as w:
        resting = submit(w, EXACTLY)
        assert resting.order_id
        changed = w.supervisor.orders.modify(resting.order_id, {"duration": "GTC"})
        assert changed.errors == (
            "formatting does not put it right by itself (its switch): say duration gtc (not 'GTC')",
        )
        replaced = w.supervisor.orders.replace(resting.order_id, {**EXACTLY, "side": "BUY"})
        assert replaced.outcome is Outcome.REFUSED
        assert replaced.errors[-1] == "nothing was canceled"
        assert w.supervisor.orders.status(resting.order_id).status == "open"
        assert not [r for r in w.simulator.requests if r.method in {"PUT", "DELETE"}]


def test_on_every_correction_is_in_the_answer_on_record_and_in_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRADIER_ACCOUNT_ID", DEFAULT_ACCOUNT)
    monkeypatch.setenv("TRADIER_SANDBOX", "true")
    monkeypatch.delenv("TRADIER_BASE_URL", raising=False)
    with desk(tmp_path) as w:
        result = submit(w, {"symbol": " aapl ", "side": "BUY", "qty": "1.0", "type": "limit", "price": "100"})
        assert result.outcome is Outcome.LANDED
        made = {fix.field: (fix.before, fix.after) for fix in result.fixes_applied}
        assert made == {
            "symbol": (" aapl ", "AAPL"),
            "side": ("BUY", "buy"),
            "price": ("100", "100.00"),
            "quantity": ("1.0", "1"),
            "class": ("", "equity"),
            "duration": ("", "day"),
        }
        (intent,) = w.journal("intent")
        assert {fix["field"] for fix in intent.body["fixes"]} == set(made)
        submit(w, {**EXACTLY, "quantity": 2})
        assert heal.fixes(home=str(tmp_path), as_json=True) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["fixes"] == []
        (tidied,) = told["tidied"]
        assert tidied["tag"] == result.tag
        assert {fix["field"]: (fix["before"], fix["after"]) for fix in tidied["fixes"]} == made
        assert heal.fixes(home=str(tmp_path)) == 0
        line = capsys.readouterr().out
        assert "tidied" in line
        assert "side BUY -> buy" in line
        assert "duration - -> day" in line
