"""What an agent sends through its own adapter goes through the order desk, whichever way it is tried."""

import copy
import pickle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from freezegun import freeze_time
from supervisor.config import Settings
from supervisor.errors import SupervisorError
from supervisor.optimus import OrderNotPlaced
from supervisor.simulator import DEFAULT_ACCOUNT, preset

from optimus.optimus_doubles import BUY, EXACT, MONDAY, TradierBrokerAdapter, integrate, run, sent
from optimus.test_optimus_watching import until

ORDERS = f"accounts/{DEFAULT_ACCOUNT}/orders"
FORM = {key: str(value) for key, value in BUY.items()} | {"class": "equity"}


def ways(view: Any) -> dict[str, Any]:
    """Every way to place an order through the view."""
    return {
        "submit_order": lambda: view.submit_order(dict(BUY)),
        "submit_order, by name": lambda: view.submit_order(order=dict(BUY)),
        "submit_order, fields by name": lambda: view.submit_order(**BUY),
        "_request": lambda: view.rest_client._request("POST", ORDERS, data=FORM),
        "_request, path with a slash": lambda: view.rest_client._request("post", "/v1/" + ORDERS, FORM),
        "_request, query": lambda: view.rest_client._request(method="POST", path=f"{ORDERS}?{urlencode(FORM)}"),
        "_request, pairs": lambda: view.rest_client._request("POST", ORDERS, data=list(FORM.items())),
        "a method of the adapter's own": lambda: view.buy_through_the_client(FORM),
    }


@pytest.mark.parametrize("name", ["healthy_margin", "account_suspended"])
@pytest.mark.parametrize("way", list(ways(None)))
def test_every_way_is_gated_and_sent_once(tmp_path: Path, way: str, name: str) -> None:
    simulator = preset(name)
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        place = ways(integration.tradier_adapter)[way]
        if name == "healthy_margin":
            told = place()
            assert told["order"]["status"] == "ok"
            assert told["order"]["id"] == told["id"] == int(told["order_id"])
            assert sent(simulator) == ["POST order"]
            with pytest.raises(OrderNotPlaced, match="same order"):
                place()
            assert sent(simulator) == ["POST order"]
        else:
            with pytest.raises(OrderNotPlaced, match="account"):
                place()
            assert sent(simulator) == []


def test_previews_changes_and_cancels_go_through_the_desk(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        view = integration.tradier_adapter
        assert view.rest_client._request("POST", ORDERS, data={**FORM, "preview": "true"})["order"]["status"] == "ok"
        assert simulator.bookings == []
        placed = view.submit_order({**BUY, "price": 100})["id"]
        changed = view.rest_client._request("PUT", f"{ORDERS}/{placed}", data={"price": "101"})
        assert changed["order"]["id"] == placed
        assert view.cancel_order(placed)["outcome"] == "canceled"
        with pytest.raises(OrderNotPlaced, match="canceled"):
            view.rest_client._request("PUT", f"{ORDERS}/{placed}", data={"price": "102"})
        assert view.rest_client._request("DELETE", f"{ORDERS}/{placed}")["outcome"] == "canceled"
        assert sent(simulator) == ["POST order", "PUT modify", "DELETE cancel"]


def test_a_filled_order_is_not_called_canceled(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        view = integration.tradier_adapter
        placed = view.submit_order({**BUY, "price": 400})["id"]
        run(frozen, integration, 5)
        with pytest.raises(OrderNotPlaced, match="filled"):
            view.cancel_order(placed)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"accounts/{DEFAULT_ACCOUNT}/Orders"),
        ("POST", f"accounts/{DEFAULT_ACCOUNT}/%6Frders"),
        ("POST", f"markets/../accounts/{DEFAULT_ACCOUNT}/orders"),
        ("PATCH", ORDERS),
        ("", ORDERS),
        ("POST", "somewhere/new"),
    ],
)
def test_what_is_not_understood_is_not_sent(tmp_path: Path, method: str, path: str) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path)
        integration.tick()
        with pytest.raises(SupervisorError, match="not sent"):
            integration.tradier_adapter.rest_client._request(method, path, data=FORM)
        assert sent(simulator) == []


def test_what_is_no_order_goes_on_as_ever(tmp_path: Path) -> None:
    class Client:
        api_base = "https://sandbox.tradier.com/v1"

        def _request(self, method: str, path: str, **named: Any) -> tuple[str, str]:
            return method, path

    adapter = TradierBrokerAdapter()
    adapter.rest_client = Client()  # type: ignore[assignment]  # another client
    with freeze_time(MONDAY):
        _, integration = integrate(preset("healthy_margin"), tmp_path, adapter=adapter)
        client = integration.tradier_adapter.rest_client
        for method, path in (("POST", "markets/events/session"), ("DELETE", "watchlists/mine/symbols/AAPL")):
            assert client._request(method, path) == (method, path)
        assert client is integration.tradier_adapter.rest_client
        assert isinstance(client, Client)


def test_a_session_of_the_clients_only_reads(tmp_path: Path) -> None:
    adapter = TradierBrokerAdapter()
    adapter.rest_client.session = requests.Session()  # type: ignore[attr-defined]  # as many clients have one
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        _, integration = integrate(simulator, tmp_path, adapter=adapter)
        integration.tick()
        session = integration.tradier_adapter.rest_client.session
        with pytest.raises(SupervisorError, match="not sent"):
            session.post(f"https://sandbox.tradier.com/v1/elsewhere/{ORDERS}", data=FORM)
        with pytest.raises(SupervisorError, match="not sent"):
            session.send(requests.Request("POST", "https://sandbox.tradier.com/v1/" + ORDERS, data=FORM).prepare())
        answer = session.post("https://sandbox.tradier.com/v1/" + ORDERS, data=FORM)
        assert answer.json()["order"]["status"] == "ok"
        assert sent(simulator) == ["POST order"]


def test_the_view_behaves_as_the_object(tmp_path: Path) -> None:
    adapter = TradierBrokerAdapter()
    with freeze_time(MONDAY):
        _, integration = integrate(preset("healthy_margin"), tmp_path, adapter=adapter)
        view = integration.tradier_adapter
        assert view == adapter
        assert hash(view) == hash(adapter)
        assert bool(view) is True
        assert dir(view) == dir(adapter)
        assert view.submit_order.__name__ == "submit_order"
        assert not hasattr(view, "place_order")
        view.sandbox = False
        assert adapter.sandbox is False
        del view.sandbox
        assert not hasattr(adapter, "sandbox")
        for copied in (copy.copy(view), copy.deepcopy(view)):
            assert copied is view
        with pytest.raises(TypeError):
            pickle.dumps(view)


def test_the_guard_is_turned_off_loudly(tmp_path: Path) -> None:
    adapter = TradierBrokerAdapter()
    with freeze_time(MONDAY):
        settings = Settings(**{name: getattr(EXACT, name) for name in ("live_jitter",)}, guard_adapter=False)
        agent, integration = integrate(preset("healthy_margin"), tmp_path, adapter=adapter, settings=settings)
        assert integration.tradier_adapter is adapter
        assert integration.get_health_status()["guard"] == "off"
    assert until(lambda: any("guard_adapter is OFF" in line for line in agent.lines))
