"""What does `supervisor check` say of a broker that behaves like this, from a cold start, over real HTTP?"""

import socket
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from supervisor.simulator import DEFAULT_ACCOUNT, Account, AccountKind, Reply, Request, Simulator, preset

from cli.commanding import Commands, Said

OPENING = {"open_equity", "open_option"}
CLOSING = {"close_equity", "close_option"}
EVERYTHING = OPENING | CLOSING | {"cancel"}
REDUCE = CLOSING | {"cancel"}
NOTHING = {"cancel"}
EQUITIES = REDUCE | {"open_equity"}
OPTIONS = REDUCE | {"open_option"}

TIMEOUT = 0.3


@attrs.frozen
class Expected:
    """What must come out: the issues by code, the status, the permits, the exit code."""

    issues: dict[str, str]
    status: str
    permits: set[str]
    code: int


def said(told: Said) -> Expected:
    health = told.json()
    assert told.err == ""
    assert health["active_issues"] == len(health["issues"])
    issues = {issue["code"]: issue["severity"] for issue in health["issues"]}
    assert len(issues) == len(health["issues"])
    return Expected(issues, health["status"], set(health["gate"]["permits"]), told.code)


HEALTHY = Expected({}, "healthy", EVERYTHING, 0)
REJECTED = Expected({"credentials_rejected": "critical"}, "unhealthy", NOTHING, 2)
OVER_QUOTA = Expected({"rate_limited": "warning"}, "healthy", REDUCE, 2)
FAILED = Expected({"connection_failed": "critical"}, "unhealthy", REDUCE, 2)
GARBLED = Expected({"connection_error": "error"}, "degraded", REDUCE, 2)
NOT_FOUND = Expected({"account_not_found": "critical"}, "unhealthy", NOTHING, 2)
RESTRICTED = Expected({"account_restricted": "critical"}, "unhealthy", REDUCE, 2)
UNCONFIRMED = Expected({"account_unconfirmed": "warning"}, "healthy", REDUCE, 2)
NO_FUNDS = Expected({"no_buying_power": "warning"}, "healthy", REDUCE, 2)
CALLED = Expected({"margin_call": "error"}, "degraded", REDUCE, 2)
BLIND_TO_FUNDS = Expected({"buying_power_unreadable": "error"}, "degraded", REDUCE, 2)
BLIND_TO_PROFILE = Expected(
    {"account_unreadable": "error", "approval_unreadable": "error"}, "degraded", REDUCE, 2
)  # fmt: skip
SKEWED = Expected({"clock_skew": "error"}, "degraded", REDUCE, 2)

Broker = Callable[[], Simulator]


def like(name: str) -> Broker:
    return lambda: preset(name)


def with_account(**changes: Any) -> Broker:
    return lambda: Simulator([Account(DEFAULT_ACCOUNT, **changes)])


def with_fault(name: str, endpoint: str | None = None, **how: Any) -> Broker:
    def made() -> Simulator:
        simulator = preset("healthy_margin")
        simulator.inject(name, endpoint, **how)
        return simulator

    return made


# fmt: off
ROWS: dict[str, tuple[Broker, Expected]] = {
    "answers well, margin": (like("healthy_margin"), HEALTHY),
    "answers well, cash":   (like("healthy_cash"), HEALTHY),
    "answers well, pdt":    (like("healthy_pdt"), HEALTHY),
    "sends no Date":        (like("missing_date"), HEALTHY),
    "says html, sends JSON": (with_fault("wrong_content_type"), HEALTHY),
    "lists several, ours not first": (like("several_accounts"), HEALTHY),

    "does not list ours":             (like("account_missing"), NOT_FOUND),
    "does not list ours, answers it": (with_fault("account_missing"), NOT_FOUND),
    "says Unauthorized Account":      (like("account_foreign"), NOT_FOUND),

    "closed":     (like("account_closed"), Expected({"account_restricted": "critical"}, "unhealthy", NOTHING, 2)),
    "suspended":  (like("account_suspended"), RESTRICTED),
    "restricted": (like("account_restricted"), RESTRICTED),
    "frozen":     (with_account(status="frozen"), RESTRICTED),
    "a status never heard of": (with_account(status="limbo"), RESTRICTED),
    "open":       (with_account(status="open"), HEALTHY),
    "Approved, in capitals": (with_account(status="APPROVED"), HEALTHY),

    "no status":      (like("status_missing"), UNCONFIRMED),
    "empty status":   (like("status_empty"), UNCONFIRMED),
    "unknown status": (like("status_unknown"), UNCONFIRMED),

    "level below the required one": (like("level_low"), Expected({"options_not_approved": "error"}, "degraded", EQUITIES, 1)),
    "level at the required one":    (with_account(option_level=2), HEALTHY),

    "no stock power":  (like("no_stock_power"), Expected({"no_buying_power": "warning"}, "healthy", OPTIONS, 0)),
    "stock power in debt": (with_account(stock_power=Decimal("-12.5")), Expected({"no_buying_power": "warning"}, "healthy", OPTIONS, 0)),
    "no option power": (with_account(option_power=Decimal(0), stock_power=Decimal(900)), Expected({"no_buying_power": "warning"}, "healthy", EQUITIES, 0)),
    "option power 0E-8": (with_account(option_power=Decimal("0E-8"), stock_power=Decimal(900)), Expected({"no_buying_power": "warning"}, "healthy", EQUITIES, 0)),
    "no power":        (like("no_buying_power"), NO_FUNDS),
    "no settled cash": (like("no_cash"), NO_FUNDS),
    "no power, pdt":   (with_account(kind=AccountKind.PDT, cash=Decimal(30000), stock_power=Decimal(0), option_power=Decimal(0)), NO_FUNDS),
    "maintenance call": (like("margin_call"), CALLED),
    "fed call":         (like("fed_call"), CALLED),
    "a call and no power": (with_account(maintenance_call=Decimal(1), stock_power=Decimal(0), option_power=Decimal(0)), CALLED),

    "token invalid":           (like("token_bad"), REJECTED),
    "token invalid, bare text": (like("token_bad_text"), REJECTED),
    "token invalid, small letters": (with_fault("token_invalid_lower"), REJECTED),
    "token invalid, XML":      (with_fault("token_invalid_xml"), REJECTED),
    "token expired":           (like("token_expired"), REJECTED),
    "token expired in a 500":  (like("token_expired_500"), REJECTED),
    "token of the other environment": (like("token_elsewhere"), REJECTED),
    "token unknown to the gateway": (with_fault("oauth_invalid_token"), REJECTED),
    "key unknown to the gateway": (with_fault("oauth_invalid_key"), REJECTED),
    "token without the scope": (with_fault("scope_missing"), REJECTED),

    "429 with headers":    (like("rate_limited"), OVER_QUOTA),
    "429 without headers": (with_fault("http_429_bare"), OVER_QUOTA),
    "quota fault in a 429": (with_fault("http_429_fault"), OVER_QUOTA),
    "quota fault in a 500": (like("rate_limited_fault"), OVER_QUOTA),

    "refuses":         (like("refuse"), FAILED),
    "resets":          (like("reset"), FAILED),
    "resets in headers": (with_fault("reset_in_headers"), FAILED),
    "resets in body":  (with_fault("reset_in_body"), FAILED),
    "hangs":           (like("hang"), FAILED),
    "drips its header": (like("drip_header"), FAILED),
    "drips its body":  (like("drip_body"), FAILED),
    "500":             (like("server_500"), FAILED),
    "500 and no word": (with_fault("http_500_empty"), FAILED),
    "500 datastore":   (with_fault("http_500_datastore"), FAILED),
    "502":             (like("server_502"), FAILED),
    "503":             (like("server_503"), FAILED),
    "504 in XML":      (like("server_504"), FAILED),
    "a 400 that wears a server error": (like("fake_400"), FAILED),

    "HTML":      (like("html"), GARBLED),
    "a maintenance page": (with_fault("html"), GARBLED),
    "XML":       (like("xml"), GARBLED),
    "nothing":   (like("empty"), GARBLED),
    "JSON of no known shape": (like("nonsense"), GARBLED),
    "half of its JSON": (like("truncated"), GARBLED),
    "half of its body": (with_fault("cut_body"), GARBLED),
    "a redirect": (with_fault("redirect"), GARBLED),

    "500 on balances":  (like("balances_fail"), BLIND_TO_FUNDS),
    "HTML on balances": (with_fault("html", "balances"), BLIND_TO_FUNDS),
    "hangs on balances": (with_fault("hang", "balances"), BLIND_TO_FUNDS),
    "500 on profile":   (like("profile_fail"), BLIND_TO_PROFILE),
    "XML on profile":   (with_fault("xml", "profile"), BLIND_TO_PROFILE),
    "hangs on profile": (with_fault("hang", "profile"), BLIND_TO_PROFILE),

    "a Date 30 s ahead": (like("skewed_date"), SKEWED),
    "a Date 8 s behind": (with_fault("date_skewed", by=-8.0), SKEWED),
    "a Date 3 s behind": (with_fault("date_skewed", by=-3.0), HEALTHY),
}
# fmt: on


@pytest.mark.parametrize("row", ROWS)
def test_a_broker_that_behaves_like_this_comes_out_like_that(command: Commands, row: str) -> None:
    broker, expected = ROWS[row]
    command.broker(broker())
    told = command("check", "--json", "--timeout", str(TIMEOUT))
    assert said(told) == expected
    assert told.took <= 4 * TIMEOUT + 0.5


def test_all_is_well_scores_one(command: Commands) -> None:
    server = command.broker(preset("healthy_margin"))
    health = command("check", "--json").json()
    assert (health["health_score"], health["gate"]["mode"]) == (1.0, "open")
    assert sorted(one.endpoint for one in server.simulator.requests) == ["balances", "profile"]


def test_a_level_below_a_required_three_closes_option_openings(command: Commands) -> None:
    command.settings("option_level = 3")
    command.broker(Simulator([Account(DEFAULT_ACCOUNT, option_level=2)]))
    assert said(command("check", "--json")) == ROWS["level below the required one"][1]


def test_less_than_the_floor_set_is_low_and_nothing_is_closed(command: Commands) -> None:
    command.settings("low_buying_power = 100")
    command.broker(preset("low_funds"))
    expected = Expected({"low_buying_power": "warning"}, "healthy", EVERYTHING, 0)
    assert said(command("check", "--json")) == expected


def test_a_broker_that_answers_slowly_is_called_slow_and_nothing_is_closed(command: Commands) -> None:
    command.settings("slow = 0.15\nprompt = 0.1")
    command.broker(with_fault("slow", by=0.2)())
    expected = Expected({"broker_slow": "warning"}, "healthy", EVERYTHING, 0)
    assert said(command("check", "--json")) == expected


# fmt: off
ELSEWHERE = {
    "live, sandbox intended":      ("https://api.tradier.com/v1", "true", "critical", "unhealthy"),
    "live, nothing said":          ("https://api.tradier.com", None, "critical", "unhealthy"),
    "sandbox, live intended":      ("https://sandbox.tradier.com/v1", "false", "error", "degraded"),
    "unlisted, sandbox intended":  ("https://sandbox.tradier.com.example.org/v1", "true", "critical", "unhealthy"),
    "unlisted, live intended":     ("https://api.tradier.com:8443/v1", "false", "critical", "unhealthy"),
    "plain http off this machine": ("http://sandbox.tradier.com/v1", "true", "critical", "unhealthy"),
}
# fmt: on


@pytest.mark.parametrize("case", ELSEWHERE)
def test_to_a_mismatched_host_no_request_leaves(command: Commands, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    url, sandbox, severity, status = ELSEWHERE[case]
    command.env(TRADIER_BASE_URL=url, TRADIER_SANDBOX=sandbox)
    left: list[object] = []

    def resolve(*where: object, **_: object) -> list[object]:
        left.append(where)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", lambda _, where: left.append(where))
    told = command("check", "--json")
    assert said(told) == Expected({"endpoint_mismatch": severity}, status, NOTHING, 2)
    assert told.json()["gate"]["mode"] == "halted"
    assert left == []


def test_several_accounts_and_none_named_are_listed_masked_and_exit_3(command: Commands) -> None:
    command.broker(preset("several_accounts"))
    command.env(TRADIER_ACCOUNT_ID=None)
    told = command("check")
    assert (told.code, told.out) == (3, "")
    assert "the token sees 3 accounts: ****0077 (cash, active), ****0088 (margin, closed), ****0001" in told.err
    assert "TRADIER_ACCOUNT_ID" in told.err
    assert "VA9001" not in told.err
    as_json = command("check", "--json")
    assert as_json.code == 3
    assert "****0077" in as_json.json()["error"]
    assert "VA9001" not in as_json.out
    watched = command("run", "--for", "2")
    assert (watched.code, watched.out) == (3, "")  # and no alarm about an account that nobody named
    assert "the token sees 3 accounts" in watched.err


def test_the_one_account_of_a_token_needs_no_name(command: Commands) -> None:
    command.broker(preset("healthy_cash"))
    command.env(TRADIER_ACCOUNT_ID=None)
    assert said(command("check", "--json")) == HEALTHY


class Moody(Simulator):
    """A broker with another fault in each round of two requests; the last one stays."""

    def __init__(self, *moods: tuple[str, dict[str, Any]]) -> None:
        super().__init__()
        self._moods = moods

    def respond(self, request: Request, now: float) -> Reply:
        with self.lock:
            name, how = self._moods[min(len(self.state.requests) // 2, len(self._moods) - 1)]
            self.inject(name, count=1, **how)
            return super().respond(request, now)


SLOWLY = ("slow", {"by": 0.8 * TIMEOUT})
NEVER: tuple[str, dict[str, Any]] = ("hang", {})
BYTEWISE = ("drip_body", {"every": 0.02})
# fmt: off
MOODS = {
    "slow, then hangs":        (SLOWLY, SLOWLY, NEVER),
    "hangs, then drips":       (NEVER, BYTEWISE),
    "hangs every other time":  (SLOWLY, NEVER, SLOWLY, NEVER, SLOWLY, NEVER),
    "hangs, slow, drips":      (NEVER, SLOWLY, BYTEWISE, SLOWLY),
}
# fmt: on


@pytest.mark.parametrize("case", MOODS)
def test_check_ends_within_four_timeouts_whatever_the_broker_does(command: Commands, case: str) -> None:
    command.settings("slow = 0.15\nprompt = 0.1")
    command.broker(Moody(*MOODS[case]))
    told = command("check", "--json", "--timeout", str(TIMEOUT))
    assert told.took <= 4 * TIMEOUT + 0.5
    assert told.json()["stats"]["total_checks"] >= 3


def test_the_program_itself_ends_in_time_while_the_broker_hangs_and_says_why(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    prompt = command.program(
        "check", "--timeout", "60"
    )  # what a program costs to start on this machine, as busy as it is
    command.broker(preset("hang"))
    told = command.program("check", "--timeout", str(TIMEOUT))
    assert (prompt.code, told.code) == (0, 2)
    assert "connection_failed" in told.out
    assert told.err == ""
    assert told.took <= 4 * TIMEOUT + 3 * prompt.took


def test_check_writes_nothing(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    command("check")
    assert not command.home.exists()
