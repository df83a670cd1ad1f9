"""Whatever remedies, settings and faults there are: nothing is ordered, nothing moves towards live, nothing is given away."""

from decimal import Decimal as D
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supervisor.concerns.facts import Place
from supervisor.config import Settings
from supervisor.orders import OrderSettings
from supervisor.remedies.form import Applied, Later, Manner, Nothing, Outcome, Plan, Policy, Scene
from supervisor.remedies.oauth import Client as OAuthClient
from supervisor.remedies.oauth import Refresher
from supervisor.remedies.tokens import Pair
from supervisor.remedies.wallet import Wallet
from supervisor.simulator import Simulator, become
from supervisor.tradier.endpoints import parse_base

from remedies.ward import LIVE, SANDBOX, Client, Submitter, Ward, ward

FAULTS = ["hang", "refuse", "html", "http_429", "token_invalid", "token_expired", "http_503_empty", "margin_call"]
PRESETS = ["no_buying_power", "account_suspended", "healthy_margin", "level_low", "skewed_date"]
CODES = ["no_buying_power", "connection_failed", "credentials_rejected", "account_restricted", "endpoint_mismatch"]
POLICIES = st.sampled_from([*Policy])
NAMES = [
    "endpoint",
    "reauthentication",
    "connection",
    "quota",
    "journal",
    "symbol",
    "formatting",
    "order_size",
    "token_refresh",
    "wild",
]


class Wild:
    """A remedy that calls whatever its ports offer, in any order, and lies about it."""

    name = "wild"
    codes = frozenset(CODES)
    manner = Manner()

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def _meddle(self, scene: Scene) -> None:
        ports = scene.ports
        acts: list[Any] = []
        if ports.wiring is not None:
            acts += [ports.wiring.to_sandbox, ports.wiring.renew, lambda: ports.wiring.ask_afresh(1.0)]
        if ports.allowance is not None:
            acts += [ports.allowance.hold_back, ports.allowance.let_go]
        if ports.tokens is not None:
            acts += [ports.tokens.put_back, ports.tokens.keep, ports.tokens.rejected]
            acts += [lambda: ports.tokens.take("the file"), lambda: ports.tokens.refresh(1.0, lambda: True)]
        for act in self.data.draw(st.lists(st.sampled_from(acts), max_size=3)):
            act()
        if self.data.draw(st.booleans()):
            raise OSError("wild")

    def plan(self, scene: Scene) -> Plan | None:
        return self.data.draw(st.sampled_from([None, Plan("wild"), Plan("wild", finish="look"), Plan("w", acts=False)]))

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        self._meddle(scene)
        outcomes: list[Outcome] = [Applied("did"), Applied("did", "look"), Later("soon", 3.0), Nothing("no")]
        return self.data.draw(st.sampled_from(outcomes))

    def proves(self, _: Plan, scene: Scene) -> bool:
        return self.data.draw(st.booleans())

    def undo(self, _: Plan, scene: Scene) -> str | None:
        self._meddle(scene)
        return self.data.draw(st.sampled_from([None, "something is left"]))


ORDER = {"symbol": "aapl", "side": "buy", "quantity": 900_000, "type": "limit", "price": "190", "duration": "day"}
REFUSALS = [
    "Undefined symbol: aapl",
    "You do not have enough buying power for this trade",
    "Invalid parameter, class: x",
]


def with_credentials(w: Ward) -> Wallet:
    """A wallet with another source, and with what refreshes its token."""
    client = OAuthClient("client-1", "client-secret-99")
    intended = w._how["intended"]
    refresher = Refresher(client, lambda: w.broker.reader.base, intended=intended, adapter=w.net)
    w.net.grants += [{"access_token": f"granted-token-{n}", "expires_in": 900} for n in range(20)]
    sources = {"the file": lambda: "filed-token-1"}
    return Wallet(lambda: w.token, sources=sources, refresher=refresher, pair=Pair(w.token, "refresh-1", None))


def tumble(w: Ward, data: st.DataObject, simulator: Simulator) -> None:
    """Whatever may happen, for a while."""
    for _ in range(data.draw(st.integers(1, 3))):
        what = data.draw(st.sampled_from(["fault", "preset", "diagnose", "clear", "restore"]))
        if what == "fault":
            simulator.inject(
                data.draw(st.sampled_from(FAULTS)), seconds=data.draw(st.sampled_from([20.0, 200.0, 900.0]))
            )
        elif what == "preset":
            become(simulator, data.draw(st.sampled_from(PRESETS)))
        elif what == "clear":
            simulator.clear()
        elif what == "diagnose":
            w.supervisor.diagnose_order_failure(dict(ORDER), data.draw(st.sampled_from(REFUSALS)))
        else:
            w.supervisor.healing.restore()  # as a restart does
        w.run(data.draw(st.sampled_from([5.0, 100.0, 250.0])))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_nothing_orders_and_nothing_leads_towards_live(data: st.DataObject) -> None:
    remedies = tuple(
        (name, str(data.draw(POLICIES))) for name in data.draw(st.lists(st.sampled_from(NAMES), unique=True))
    )
    how = Settings(live_jitter=False, remedies=remedies, price_rule=data.draw(st.sampled_from(["off", "mid"])))
    base, intended = data.draw(
        st.sampled_from([(SANDBOX, Place.SANDBOX), (LIVE, Place.SANDBOX), (SANDBOX, Place.LIVE), (LIVE, Place.LIVE)])
    )
    at = data.draw(st.sampled_from([SANDBOX, LIVE, None]))
    submitter = None if at is None else Submitter(at == SANDBOX, Client(at))
    desk = data.draw(st.sampled_from([None, OrderSettings()]))
    wallet = data.draw(st.sampled_from([None, with_credentials]))
    others: dict[str, Any] = {"submitter": submitter, "remedies": [Wild(data)], "orders": desk, "make_wallet": wallet}
    with ward(settings=how, base=base, intended=intended, **others) as w:
        simulator = w.simulator
        simulator.account.stock_power = D(20_000)
        w.run(1)
        tumble(w, data, simulator)
        asked = {(logged.method, logged.endpoint) for logged in simulator.requests}
        assert simulator.bookings == []
        assert {method for method, endpoint in asked if endpoint != "preview"} <= {"GET"}
        before = [parse_base(base).place, *([parse_base(at).place] if at else [])]
        after = [w.broker.reader.base.place, *([parse_base(w.submitter.rest_client.api_base).place] if at else [])]
        for was, is_ in zip(before, after, strict=True):
            assert is_ is was or (was is Place.LIVE and is_ is Place.SANDBOX)
        if submitter is not None:
            assert submitter.sandbox or at == LIVE
        if base == SANDBOX and intended is Place.LIVE:
            assert (simulator.requests, w.net.asked) == (
                [],
                [],
            )  # to a mismatched host nothing leaves, no secret either
        events = w.take()
        for issue in {told.split()[1] for told in events}:
            ends = sum(told.startswith("resolved") and told.split()[1] == issue for told in events)
            begins = sum(told == f"detected {issue}" for told in events)
            assert begins - ends in (0, 1)
            assert sum(told == f"fixed {issue}" for told in events) <= ends


def test_no_port_has_a_way_to_order() -> None:
    with ward(orders=OrderSettings()) as w:
        w.run(1)
        ports = w.supervisor.healing.ports()
        for port in (ports.wiring, ports.tokens, ports.allowance, ports.record, ports.market, ports.failed):
            names = {name for name in dir(port) if not name.startswith("_")}
            assert not names & {"submit", "cancel", "modify", "replace", "preview", "trades", "place", "post", "delete"}
