"""Does the simulated broker fail exactly as, where and as long as it is told?"""

import json
from email.utils import parsedate_to_datetime

import pytest
from supervisor.errors import SupervisorError
from supervisor.simulator import FAULTS, PRESETS, Account, Act, become, preset
from supervisor.simulator.routes import ENDPOINTS

from simulator.asking import ACCOUNT, Desk


def status(desk: Desk, path: str = "user/profile") -> int:
    return desk.ask("GET", path).status


def test_a_fault_strikes_one_endpoint_and_no_other() -> None:
    desk = Desk()
    desk.simulator.inject("http_500_backend", "balances")
    assert status(desk) == 200
    assert status(desk, f"accounts/{ACCOUNT}/balances") == 500


def test_a_fault_strikes_several_endpoints_or_a_whole_category() -> None:
    desk = Desk()
    desk.simulator.inject("http_503_empty", "profile,clock")
    desk.simulator.inject("http_502_nginx", "market")
    assert [status(desk, path) for path in ("user/profile", "markets/clock", "markets/lookup?q=F")] == [503, 503, 502]
    assert status(desk, f"accounts/{ACCOUNT}/positions") == 200


def test_a_fault_strikes_one_method_only() -> None:
    desk = Desk()
    desk.simulator.inject("http_503_empty", method="post")
    assert desk.order().status == 503
    assert status(desk) == 200
    assert not desk.simulator.bookings


def test_a_counted_fault_ends_after_its_count() -> None:
    desk = Desk()
    desk.simulator.inject("http_503_empty", count=2)
    assert [status(desk) for _ in range(3)] == [503, 503, 200]


def test_a_timed_fault_ends_after_its_time_counted_from_the_first_request() -> None:
    desk = Desk()
    desk.simulator.inject("http_503_empty", seconds=10)
    desk.now += 1000
    assert status(desk) == 503
    desk.now += 8.5
    assert status(desk) == 503
    assert status(desk) == 200


def test_a_fault_lasts_until_it_is_cleared_by_name_or_with_all() -> None:
    desk = Desk()
    desk.simulator.inject("http_503_empty")
    desk.simulator.inject("date_missing")
    desk.simulator.clear("http_503_empty")
    reply = desk.ask("GET", "user/profile")
    assert (reply.status, "Date" in reply.headers) == (200, False)
    desk.simulator.clear()
    assert "Date" in desk.ask("GET", "user/profile").headers


def test_the_older_answer_hides_the_younger_and_spends_its_count_alone() -> None:
    desk = Desk()
    desk.simulator.inject("http_503_empty", count=1)
    desk.simulator.inject("http_502_nginx", count=1)
    assert [status(desk) for _ in range(3)] == [503, 502, 200]


@pytest.mark.parametrize(
    ("name", "how", "part"),
    [
        ("no_such", {}, "no fault 'no_such'"),
        ("hang", {"endpoint": "nowhere"}, "no endpoint nowhere"),
        ("slow", {"seconds": 1, "speed": 3}, "no parameter speed; it takes: by"),
    ],
)
def test_what_is_unknown_is_named(name: str, how: dict[str, object], part: str) -> None:
    with pytest.raises(SupervisorError, match=part):
        Desk().simulator.inject(name, **how)  # type: ignore[arg-type]  # wrong arguments are the point


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_says_what_it_does_and_does_something(name: str) -> None:
    spec = FAULTS[name]
    assert spec.means.endswith(".")
    assert set(spec.endpoint.split(",")) <= ENDPOINTS | {"*"}
    does = bool(spec.answer) + bool(spec.twist) + bool(spec.patch)
    by_name = {"late_listing", "zombie", "rejected_later", "unfilled", "partial_fill", "refresh_useless"}
    by_name |= {"stuck_pending", "phantom"}
    assert does == (0 if name in by_name else 1)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("refuse", Act.REFUSE),
        ("reset", Act.RESET),
        ("hang", Act.HANG),
        ("reset_in_headers", Act.RESET_IN_HEADERS),
        ("reset_in_body", Act.RESET_IN_BODY),
        ("drip_header", Act.DRIP_HEADER),
        ("drip_body", Act.DRIP_BODY),
        ("cut_body", Act.CUT_BODY),
    ],
)
def test_misbehaviour_is_handed_to_the_shell(name: str, act: Act) -> None:
    desk = Desk()
    desk.simulator.inject(name)
    behaviour = desk.ask("GET", "user/profile").behaviour
    assert behaviour is not None
    assert behaviour.act is act


def test_nothing_is_done_when_the_fault_comes_first_and_all_when_it_spoils_the_reply() -> None:
    for name, booked in {"hang": 0, "reset": 0, "drip_body": 1, "reset_in_body": 1, "slow": 1, "cut_body": 1}.items():
        desk = Desk()
        desk.simulator.inject(name)
        desk.order()
        assert len(desk.simulator.bookings) == booked, name


def test_any_answer_may_come_after_the_work_was_done() -> None:
    desk = Desk()
    desk.simulator.inject("http_504_xml", "order", after=True)
    assert desk.order().status == 504
    assert len(desk.simulator.bookings) == 1


def test_slow_replies_say_how_long_they_take_and_add_up() -> None:
    desk = Desk()
    desk.simulator.inject("slow", by=2.5)
    desk.simulator.inject("slow", by=0.5)
    reply = desk.ask("GET", "user/profile")
    assert (reply.status, reply.delay) == (200, 3.0)


def test_dates_are_true_unless_skewed() -> None:
    desk = Desk()

    def off() -> float:
        return parsedate_to_datetime(desk.ask("GET", "user/profile").headers["Date"]).timestamp() - desk.now

    assert off() == 0
    desk.simulator.inject("date_skewed", by=-45)
    assert off() == -45


def test_bodies_are_spoilt_as_named() -> None:
    desk = Desk()
    whole = desk.ask("GET", "user/profile").body
    desk.simulator.inject("truncated_json", count=1)
    cut = desk.ask("GET", "user/profile")
    assert cut.body == whole[: len(whole) // 2]
    desk.simulator.inject("wrong_length", count=1)
    assert desk.ask("GET", "user/profile").headers["Content-Length"] == str(len(whole) - 10)
    desk.simulator.inject("wrong_content_type", count=1)
    assert desk.ask("GET", "user/profile").headers["Content-Type"] == "text/html"
    desk.simulator.inject("nonsense", count=1, shape=[])
    assert desk.ask("GET", "user/profile").body == b"[]"


def test_account_faults_show_our_account_otherwise_and_leave_it_as_it_is() -> None:
    desk = Desk(Account("VA1"), Account("VA2"), ours="VA2")
    desk.simulator.inject("account_status", status="frozen", count=1)
    rows = desk.get("user/profile")["profile"]["account"]
    assert [row["status"] for row in rows] == ["active", "frozen"]
    assert [row["status"] for row in desk.get("user/profile")["profile"]["account"]] == ["active", "active"]


def test_funds_gone_empties_every_buying_power_and_refuses_orders() -> None:
    desk = Desk()
    desk.simulator.inject("funds_gone")
    margin = desk.mine("balances")["balances"]["margin"]
    assert (margin["option_buying_power"], margin["stock_buying_power"]) == (0, 0)
    assert b"InitialMargin" in desk.order().body
    desk.simulator.clear()
    assert desk.order().status == 200


def test_a_quota_fault_names_its_end_with_and_without_headers() -> None:
    desk = Desk()
    desk.simulator.inject("http_429", count=1)
    with_headers = desk.ask("GET", "user/profile")
    assert with_headers.body.decode() == f"Quota Violation {with_headers.headers['X-Ratelimit-Expiry']}"
    assert 0 < int(with_headers.headers["X-Ratelimit-Expiry"]) / 1000 - desk.now <= 60
    desk.simulator.inject("http_429_bare", count=1)
    bare = desk.ask("GET", "user/profile")
    assert bare.status == 429
    assert "X-Ratelimit-Expiry" not in bare.headers
    desk.simulator.inject("http_429_fault", status=500)
    inside = desk.ask("GET", "user/profile")
    assert inside.status == 500
    assert json.loads(inside.body)["fault"]["detail"]["errorcode"] == "policies.ratelimit.QuotaViolation"


ROWS = (
    *("healthy_margin", "healthy_cash", "healthy_pdt", "several_accounts", "account_missing", "account_foreign"),
    *("account_closed", "account_suspended", "status_missing", "status_empty", "status_unknown", "level_low"),
    *("no_buying_power", "no_stock_power", "no_option_power", "no_cash", "low_funds", "margin_call", "fed_call"),
    *("token_bad", "token_expired", "token_elsewhere", "rate_limited", "reset", "refuse", "hang", "drip_header"),
    *("drip_body", "server_500", "html", "xml", "empty", "nonsense", "slow", "balances_fail", "profile_fail"),
    *("skewed_date",),
)


def test_every_promise_about_a_broker_has_its_preset() -> None:
    assert set(ROWS) <= set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_the_same_broker_whether_begun_or_become(name: str) -> None:
    begun, become_later = preset(name, account="6YA12345"), preset("hang", account="6YA12345")
    become(become_later, name)
    one, other = Desk(), Desk()
    one.simulator, other.simulator = begun, become_later
    for path in ("user/profile", "accounts/6YA12345/balances", "accounts/6YA12345/positions"):
        assert one.ask("GET", path) == other.ask("GET", path)
    assert PRESETS[name].means.endswith(".")


def test_presets_of_accounts_put_ours_where_they_say() -> None:
    desk = Desk()
    desk.simulator = preset("several_accounts", account="VA90010077")
    numbers = [row["account_number"] for row in desk.get("user/profile")["profile"]["account"]]
    assert numbers[2:] == ["VA90010077"]
    assert len(set(numbers)) == 3
    desk.simulator = preset("account_missing", account="VA5")
    assert desk.get("user/profile")["profile"]["account"]["account_number"] != "VA5"
    assert desk.ask("GET", "accounts/VA5/balances").body == b"Unauthorized Account: VA5"
    desk.simulator = preset("account_foreign", account="VA5")
    assert desk.get("user/profile")["profile"]["account"]["account_number"] == "VA5"
    assert desk.ask("GET", "accounts/VA5/balances").status == 401


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(SupervisorError, match="no scenario 'nope'"):
        preset("nope")
