"""Can every outage seen in the wild be played, by HTTP alone, at any endpoint and as often as it was seen?

One row for each of the outages that are known (section 10 of the reference), told and met on the wire.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from supervisor.errors import SupervisorError
from supervisor.simulator import Server, Simulator, serve
from supervisor.simulator.routes import ENDPOINTS

from simulator.asking import ACCOUNT, HEADERS, Desk, error, legs

ORDER = {"class": "equity", "symbol": "F", "side": "buy", "quantity": 1, "type": "market", "duration": "day"}
SPREAD = legs(("SPY261218C00690000", "buy_to_open", 1), ("SPY261218C00695000", "sell_to_open", 1))
MULTILEG = {"class": "multileg", "symbol": "SPY", "type": "debit", "duration": "day", "price": "9.00", **SPREAD}

# fmt: off
OUTAGES = {
    "backend, orders":    ({"fault": "http_500_backend", "endpoint": "trading"}, "POST", 500, "communicating with the backend."),
    "fake 400, orders":   ({"fault": "fake_400"},                                "POST", 400, "Unexpected server error"),
    "fake 400, preview":  ({"fault": "fake_400", "endpoint": "preview"},         "PREV", 400, "Unexpected server error"),
    "proxy":              ({"fault": "http_502_nginx"},                          "POST", 502, "<title>502 Bad Gateway</title>"),
    "XML fault, reads":   ({"fault": "http_504_xml", "endpoint": "orders"},      "GET",  504, "GatewayTimeout"),
    "empty 503, reads":   ({"fault": "http_503_empty", "endpoint": "orders"},    "GET",  503, ""),
    "data store":         ({"fault": "http_500_datastore"},                      "GET",  500, "Datastore Error"),
    "documentation site": ({"fault": "docs_html", "endpoint": "standard"},       "GET",  200, "<title>Tradier API</title>"),
    "500 on reads":       ({"fault": "http_500_empty", "endpoint": "balances,positions,orders"}, "GET", 500, ""),
    "empty at day's end": ({"fault": "empty", "endpoint": "orders"},             "GET",  200, ""),
    "odd 404":            ({"fault": "http_404", "method": "GET"},               "GET",  404, ""),
    "too big a body":     ({"fault": "too_big_body", "endpoint": "orders"},      "GET",  500, "protocol.http.TooBigBody"),
    "errors inside a 200": ({"fault": "refusal", "words": "Some words."},        "POST", 200, "Some words."),
    "quota":              ({"fault": "http_429"},                                "GET",  429, "Quota Violation"),
}
# fmt: on


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(Simulator()) as running:
        yield running


def tell(server: Server, command: str, **form: Any) -> Any:
    reply = requests.post(f"{server.url}/_control/{command}", data=form, timeout=5)
    assert reply.status_code == 200, reply.text
    return reply.json()


def ask(server: Server, method: str) -> requests.Response:
    url = f"{server.url}/v1/accounts/{ACCOUNT}/orders"
    form = {**ORDER, "preview": "true"} if method == "PREV" else ORDER if method == "POST" else None
    return requests.request("POST" if form else method, url, data=form, headers=HEADERS, timeout=5)


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_seen_in_the_wild_can_be_played_twice_and_is_over(server: Server, outage: str) -> None:
    how, method, status, words = OUTAGES[outage]
    tell(server, "fault", count=2, **how)
    for _ in range(2):
        reply = ask(server, method)
        assert (reply.status_code, words in reply.text) == (status, True)
        assert words or not reply.text
    assert not server.simulator.bookings
    assert ask(server, method).ok


def test_a_share_of_the_calls_may_fail_and_the_seed_says_which() -> None:
    def played(seed: int) -> list[int]:
        desk = Desk(seed=seed)
        desk.simulator.inject("fake_400", chance=0.59)
        return [desk.order(preview="true").status for _ in range(200)]

    assert played(1) == played(1)
    assert played(1) != played(2)
    assert 0.5 < played(1).count(400) / 200 < 0.7


@pytest.mark.parametrize("chance", [-0.1, 1.01])
def test_a_chance_is_a_share(chance: float) -> None:
    with pytest.raises(SupervisorError, match="from 0 to 1"):
        Simulator().inject("fake_400", chance=chance)


def test_a_share_of_refused_connections_leaves_the_port_open(server: Server) -> None:
    tell(server, "fault", fault="refuse", chance=1)
    with pytest.raises(requests.ConnectionError, match="reset"):
        ask(server, "GET")


def test_a_phantom_has_filled_legs_an_open_parent_and_no_position() -> None:
    desk = Desk()
    desk.simulator.inject("phantom", count=1)
    order = desk.placed(desk.send(MULTILEG))
    desk.now += 3600
    desk.simulator.clear()
    row = desk.row(order)
    assert (row["status"], {leg["status"] for leg in row["leg"]}) == ("open", {"filled"})
    assert desk.held() == {}


def test_a_stuck_order_stays_pending_and_as_a_zombie_refuses_to_be_canceled() -> None:
    desk = Desk()
    desk.simulator.inject("stuck_pending", count=1)
    order = desk.placed(desk.order(quantity=5))
    desk.simulator.inject("zombie", count=1)
    refused = desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}")
    assert (refused.status, refused.body) == (400, b"order not available to be canceled")
    assert desk.row(order)["status"] == "pending"
    assert desk.held() == {}
    assert desk.ask("DELETE", f"accounts/{ACCOUNT}/orders/{order}").status == 200
    assert desk.row(order)["status"] == "canceled"


def test_what_can_be_told_is_listed_and_each_of_it_is_there(server: Server) -> None:
    told = requests.get(f"{server.control_url}/_control/", timeout=5).json()
    assert set(told["endpoints"]) == ENDPOINTS
    for command in told["commands"]:
        method, names = command.split(maxsplit=1)
        for name in names.split("  ")[0].removeprefix("/_control/ alone").split(", "):
            reply = requests.request(method, f"{server.control_url}/_control/{name}", timeout=5)
            assert reply.status_code != 404, command


def test_every_fault_says_where_it_strikes_unless_told(server: Server) -> None:
    faults = requests.get(f"{server.control_url}/_control/faults", timeout=5).json()
    for fault in faults.values():
        assert set(fault["endpoint"].split(",")) <= ENDPOINTS | {"*"}


def test_quotas_begin_and_end_on_command(server: Server) -> None:
    assert "X-Ratelimit-Used" not in ask(server, "GET").headers
    tell(server, "limits", limits="sandbox")
    assert [ask(server, "GET").status_code for _ in range(61)] == [200] * 60 + [429]
    tell(server, "limits", limits="none")
    assert ask(server, "GET").status_code == 200
    refused = requests.post(f"{server.url}/_control/limits", data={"limits": "few"}, timeout=5)
    assert (refused.status_code, "sandbox" in json.loads(refused.text)["error"]) == (400, True)


def test_a_gtc_market_order_is_refused_where_the_back_office_is_told_to() -> None:
    desk = Desk()
    desk.simulator.inject("backoffice", code="MarketOrderIsGtc")
    assert error(desk.order(duration="gtc"))[1] == "MarketOrderIsGtc"


def test_gains_and_events_can_be_told_by_http(server: Server) -> None:
    gains = [{"symbol": "F", "open_date": "2024-01-02T00:00:00.000Z", "close_date": "2024-01-03T00:00:00.000Z"}]
    events = [{"type": "fee", "date": "2024-01-02T00:00:00Z", "amount": -1.25, "fee": {}}] * 2
    url = f"{server.url}/_control/set"
    assert requests.post(url, json={"gains": gains, "history": events}, timeout=5).status_code == 200
    mine = f"{server.url}/v1/accounts/{ACCOUNT}"
    assert (
        requests.get(f"{mine}/gainloss", headers=HEADERS, timeout=5).json()["gainloss"]["closed_position"] == gains[0]
    )
    assert requests.get(f"{mine}/history", headers=HEADERS, timeout=5).json()["history"]["event"] == events
    for wrong in ({"gains": "none"}, {"history": [{"type": "fee"}]}, {"history": [5]}):
        refused = requests.post(url, json=wrong, timeout=5)
        assert (refused.status_code, "JSON list of objects" in refused.json()["error"]) == (400, True)
