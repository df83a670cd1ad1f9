"""The small functions that decide what an order was, what remains of it, and what of it is kept."""

from decimal import Decimal
from typing import Any, cast

import pytest
from supervisor.errors import JournalError
from supervisor.orders import Outcome, Result
from supervisor.orders.build import understand
from supervisor.orders.evidence import _words as words_in
from supervisor.orders.handle import Canceled, Cancellation, Handle
from supervisor.orders.proof import alike, with_id
from supervisor.orders.records import Intention, Tell, plain
from supervisor.orders.replacing import remaining
from supervisor.orders.sending import Errand, Sender
from supervisor.tradier.records import OrderRow

BUY = {"symbol": "AAPL", "side": "buy", "quantity": 10, "type": "limit", "price": "100", "duration": "day"}
OTO = {
    "class": "oto",
    "duration": "day",
    "legs": [
        {"symbol": "AAPL", "side": "buy", "quantity": 10, "type": "limit", "price": "100"},
        {"symbol": "AAPL", "side": "sell", "quantity": 10, "type": "limit", "price": "110"},
    ],
}


class Understanding:
    """Of a sender, what reading an order needs."""

    def understand(self, raw: Any) -> Any:
        return understand(raw, None)


def after(word: Cancellation, raw: Any = BUY) -> tuple[Result | None, Errand]:
    errand = Errand(raw, Handle(Result(Outcome.UNKNOWN)))
    return remaining(errand, word, cast(Sender, Understanding())), errand


def test_an_order_that_filled_whole_is_not_replaced() -> None:
    told, _ = after(Cancellation(Canceled.FILLED, "7", "filled", Decimal(10)))
    assert told is not None
    assert (told.outcome, told.order_id) == (Outcome.LANDED, "7")


@pytest.mark.parametrize(
    ("outcome", "words"), [(Canceled.WORKING, "still works"), (Canceled.UNKNOWN, "could not be read")]
)
def test_nothing_is_put_beside_an_order_that_may_still_work(outcome: Canceled, words: str) -> None:
    told, errand = after(Cancellation(outcome, "7", errors=("why",)))
    assert told is not None
    assert told.outcome is Outcome.REFUSED
    assert words in told.errors[0]
    assert told.errors[-1] == "why"
    assert errand.only is None


@pytest.mark.parametrize(("filled", "only"), [(0, None), (4, 6)])
def test_what_had_filled_is_taken_off_what_is_sent(filled: int, only: int | None) -> None:
    told, errand = after(Cancellation(Canceled.CANCELED, "7", "canceled", Decimal(filled)))
    assert (told, errand.only) == (None, only)


def test_where_all_had_filled_before_it_was_canceled_nothing_remains() -> None:
    told, _ = after(Cancellation(Canceled.CANCELED, "7", "canceled", Decimal(10)))
    assert told is not None
    assert told.outcome is Outcome.LANDED


def test_of_a_package_that_filled_in_part_a_person_says_the_rest() -> None:
    told, _ = after(Cancellation(Canceled.CANCELED, "7", "canceled", Decimal(4)), OTO)
    assert told is not None
    assert told.outcome is Outcome.REFUSED
    assert "say the rest as a new order" in told.errors[0]


def test_an_order_that_can_not_be_understood_is_refused_on_its_own_way_out() -> None:
    told, errand = after(Cancellation(Canceled.CANCELED, "7", "canceled", Decimal(4)), {"symbol": "AAPL"})
    assert (told, errand.only) == (None, None)


def test_a_leg_is_found_by_its_own_id() -> None:
    leg = OrderRow("8", "open")
    rows = [OrderRow("5", "open"), OrderRow("7", "open", legs=(leg,))]
    assert with_id(rows, "8") is leg
    assert with_id(rows, "7") is rows[1]
    assert with_id(rows, "9") is None


@pytest.mark.parametrize(
    ("change", "is_alike"),
    [
        ({}, True),
        ({"tag": "other"}, False),
        ({"created_at": 100.0}, False),
        ({"quantity": Decimal(9)}, False),
        ({"side": "sell"}, False),
        ({"created_at": None}, True),
    ],
)
def test_an_untagged_row_may_be_an_order_if_made_since_of_the_same_as_many(
    change: dict[str, Any], is_alike: bool
) -> None:
    order, _ = understand(BUY, None)
    row: dict[str, Any] = {"symbol": "AAPL", "side": "buy", "quantity": Decimal(10), "created_at": 10_000.0, **change}
    assert alike(OrderRow("7", "open", **row), order, 10_000.0) is is_alike


@pytest.mark.parametrize("kind", [Intention, Tell])
def test_a_record_that_can_not_be_read_is_named(kind: type[Intention] | type[Tell]) -> None:
    with pytest.raises(JournalError, match="in the journal can't be read"):
        kind.from_dict({"strange": 1})


def test_whatever_an_agent_gave_is_kept_plain_and_bounded() -> None:
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    assert plain({"a": (1, 2.5, Decimal("1.5"), None, True)}) == {"a": [1, "2.5", "1.5", None, True]}
    assert len(str(plain(deep))) < 1000
    assert plain(10**20) == str(10**20)
    assert plain(10**6000) == "int"
    assert len(plain("x" * 100_000)) < 10_000


class Reply:
    """A reply as some library would hand it on."""

    status_code = 502

    def __init__(self, text: Any, json: Any = None) -> None:
        self.text, self._json = text, json

    def json(self) -> Any:
        if self._json is None:
            raise ValueError("no JSON")
        return self._json


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply("", {"errors": {"error": "No."}}), ["No."]),
        (Reply("plain words"), ["plain words"]),
        (Reply(" "), ["HTTP 502 without a body"]),
        (Reply(None), ["HTTP 502 without a body"]),
    ],
)
def test_a_reply_tells_by_its_json_else_by_its_text_else_by_its_status(reply: Reply, words: list[str]) -> None:
    assert list(words_in(reply, 0)) == words
