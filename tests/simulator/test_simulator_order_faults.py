"""When an order goes wrong at the broker: is it booked or not, and what does the client see?"""

import json

import pytest
from supervisor.simulator import Act

from simulator.asking import ACCOUNT, Desk, coded, error

BOOKED = ("lost_502", "lost_reset", "lost_hang", "lost_empty", "fake_400_booked")
NOT_BOOKED = ("order_500", "fake_400", "backoffice", "refusal")


@pytest.mark.parametrize(("fault", "count"), [*((name, 1) for name in BOOKED), *((name, 0) for name in NOT_BOOKED)])
def test_a_lost_reply_means_booked_and_a_refusal_means_not(fault: str, count: int) -> None:
    desk = Desk()
    desk.simulator.inject(fault, count=1)
    reply = desk.order(tag="mine")
    assert b'"id"' not in reply.body
    assert [booking.tag for booking in desk.simulator.bookings] == ["mine"] * count
    listed = desk.mine("orders?includeTags=true")["orders"]
    assert (listed["order"]["tag"] == "mine") if count else listed == "null"


def test_the_lost_replies_look_as_named() -> None:
    desk = Desk()
    seen = {}
    for name in (*BOOKED, "order_500", "fake_400"):
        desk.simulator.inject(name, count=1)
        seen[name] = desk.order()
    assert (seen["lost_502"].status, seen["lost_502"].headers["Content-Type"]) == (502, "text/html")
    assert [seen[name].behaviour.act for name in ("lost_reset", "lost_hang")] == [Act.RESET, Act.HANG]  # type: ignore[union-attr]  # a missing one fails as well
    assert (seen["lost_empty"].status, seen["lost_empty"].body) == (200, b"")
    assert seen["fake_400_booked"].body == seen["fake_400"].body
    assert json.loads(seen["fake_400"].body)["error"] == "Unexpected server error"
    assert seen["order_500"].body == b"An error occurred while communicating with the backend."


def test_order_faults_leave_reads_alone() -> None:
    desk = Desk()
    for name in (*BOOKED, *NOT_BOOKED):
        desk.simulator.inject(name)
    for path in ("balances", "positions", "orders"):
        assert desk.ask("GET", f"accounts/{ACCOUNT}/{path}").status == 200


def test_an_outage_of_orders_takes_previews_with_it() -> None:
    desk = Desk()
    desk.simulator.inject("fake_400")
    assert desk.order(preview="true").status == 400


def test_what_the_broker_refuses_anyway_is_not_booked_by_a_lost_reply() -> None:
    desk = Desk()
    desk.simulator.inject("lost_502")
    assert desk.order(side="sell").status == 502
    assert not desk.simulator.bookings


@pytest.mark.parametrize("code", ["OptionLevelRestriction", "OmsUnavailable", "NeverHeardOf"])
def test_the_back_office_refuses_with_any_code(code: str) -> None:
    desk = Desk()
    desk.simulator.inject("backoffice", code=code)
    assert error(desk.order()) == coded(code)
    desk.simulator.clear()
    desk.simulator.inject("refusal", words=["one", "two"])
    assert error(desk.order()) == ["one", "two"]


def test_a_late_order_is_missing_from_list_and_lookup_until_its_time() -> None:
    desk = Desk()
    desk.simulator.inject("late_listing", by=5)
    order = desk.placed(desk.order(type="limit", price="1.50"))
    assert desk.mine("orders") == {"orders": "null"}
    assert desk.ask("GET", f"accounts/{ACCOUNT}/orders/{order}").status == 401
    desk.now += 2
    assert desk.mine("orders")["orders"]["order"]["id"] == order
    assert desk.row(order)["status"] == "open"


def test_an_acknowledged_order_may_be_rejected_later_with_any_reason() -> None:
    desk = Desk()
    desk.simulator.inject("rejected_later", by=3, reason="OmsInternalError ", count=1)
    order = desk.placed(desk.order())
    row = desk.row(order)
    assert (row["status"], "reason_description" in row) == ("open", False)
    desk.now += 2
    row = desk.row(order)
    assert (row["status"], row["reason_description"]) == ("rejected", "OmsInternalError ")
    assert (row["exec_quantity"], row["remaining_quantity"]) == (0, 0)
    assert desk.held() == {}
    assert (
        desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}").body == b"order already in finalized state: rejected"
    )
    assert desk.row(desk.placed(desk.order()))["status"] == "filled"


def test_a_zombie_refuses_to_be_canceled_until_the_fault_ends() -> None:
    desk = Desk()
    order = desk.placed(desk.order(type="limit", price="1.50"))
    desk.simulator.inject("zombie", count=2)
    for _ in range(2):
        reply = desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}")
        assert (reply.status, reply.body.decode()) == (400, "order not available to be canceled")
        assert desk.row(order)["status"] == "open"
    assert desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}").status == 200


def test_a_cancel_that_is_lost_was_still_done() -> None:
    desk = Desk()
    order = desk.placed(desk.order(type="limit", price="1.50"))
    desk.simulator.inject("lost_502", "cancel", count=1)
    assert desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}").status == 502
    reply = desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}")
    assert reply.body == b"order already in finalized state: canceled"


def test_an_order_can_be_kept_unfilled_or_partly_filled_until_cleared() -> None:
    desk = Desk()
    desk.simulator.inject("partial_fill", quantity=4, count=1)
    partly = desk.placed(desk.order(quantity=10))
    desk.simulator.inject("unfilled", count=1)
    never = desk.placed(desk.order(symbol="F"))
    row = desk.row(partly)
    assert (row["status"], row["exec_quantity"], row["remaining_quantity"]) == ("partially_filled", 4, 6)
    assert desk.row(never)["status"] == "open"
    assert desk.held() == {"AAPL": 4}
    desk.simulator.clear("partial_fill")
    assert desk.row(partly)["status"] == "filled"
    assert desk.row(never)["status"] == "open"
    desk.simulator.clear()
    assert desk.row(never)["status"] == "filled"


def test_a_partly_filled_order_keeps_what_it_filled_when_canceled() -> None:
    desk = Desk()
    desk.simulator.inject("partial_fill", quantity=4)
    order = desk.placed(desk.order(quantity=10))
    desk.row(order)
    desk.placed(desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}"))
    row = desk.row(order)
    assert (row["status"], row["exec_quantity"], row["remaining_quantity"]) == ("canceled", 4, 0)
    assert desk.held() == {"AAPL": 4}
