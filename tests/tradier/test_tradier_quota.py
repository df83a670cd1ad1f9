"""Does each purpose get its share, and a cancel always?"""

import pytest
from supervisor.concerns.facts import Place
from supervisor.tradier.quota import Category, Purpose, Quota, told

READS, ORDERS = Category.STANDARD, Category.TRADING
NOW = 1_795_444_800.0


def spend(quota: Quota, category: Category, purpose: Purpose, now: float = NOW) -> int:
    """How many go out before one is held back."""
    count = 0
    while count < 500 and quota.take(category, purpose, now):
        count += 1
    return count


def headers(allowed: int, used: int) -> dict[str, str]:
    return {
        "X-Ratelimit-Allowed": str(allowed),
        "X-Ratelimit-Used": str(used),
        "X-Ratelimit-Available": str(allowed - used),
    }


@pytest.mark.parametrize(("place", "category", "strategy", "ceiling"), [
    (Place.LIVE,    READS,           108 - 10 - 27, 108),
    (Place.LIVE,    Category.MARKET, 108 - 10 - 27, 108),
    (Place.SANDBOX, READS,           54 - 5 - 13,   54),
    (Place.LIVE,    ORDERS,          54 - 5 - 13,   54),
    (Place.SANDBOX, ORDERS,          54 - 5 - 13,   54),
])  # fmt: skip
def test_strategy_leaves_the_shares_of_health_and_of_cancelling(
    place: Place, category: Category, strategy: int, ceiling: int
) -> None:
    quota = Quota.for_place(place)
    assert spend(quota, category, Purpose.STRATEGY) == strategy
    assert spend(quota, category, Purpose.HEALTH) == ceiling * 10 // 100
    assert spend(quota, category, Purpose.RECONCILE) == ceiling * 25 // 100
    assert not quota.may_send(category, Purpose.RECONCILE, NOW)


def test_health_never_takes_what_is_kept_for_cancelling() -> None:
    quota = Quota.for_place(Place.LIVE)
    assert spend(quota, READS, Purpose.HEALTH) == 108 - 27
    assert spend(quota, READS, Purpose.RECONCILE) == 27


def test_a_cancel_always_goes() -> None:
    quota = Quota.for_place(Place.SANDBOX)
    assert spend(quota, ORDERS, Purpose.CANCEL) == 500
    quota.exhaust(ORDERS, NOW + 60, NOW)
    assert quota.take(ORDERS, Purpose.CANCEL, NOW)
    assert not quota.take(ORDERS, Purpose.STRATEGY, NOW)


def test_categories_are_counted_apart() -> None:
    quota = Quota.for_place(Place.SANDBOX)
    spend(quota, READS, Purpose.STRATEGY)
    assert quota.take(Category.MARKET, Purpose.STRATEGY, NOW)


def test_the_window_begins_with_its_first_request_and_lasts_a_minute() -> None:
    quota = Quota.for_place(Place.SANDBOX)
    assert quota.opens_at(READS, NOW) == NOW
    spend(quota, READS, Purpose.STRATEGY, NOW + 5)
    assert quota.opens_at(READS, NOW + 6) == NOW + 65
    assert not quota.take(READS, Purpose.STRATEGY, NOW + 64.9)
    assert quota.take(READS, Purpose.STRATEGY, NOW + 65)


def test_asking_counts_nothing() -> None:
    quota = Quota.for_place(Place.SANDBOX)
    assert all(quota.may_send(READS, Purpose.STRATEGY, NOW) for _ in range(500))


def test_what_the_headers_say_replaces_our_own_count() -> None:
    quota = Quota.for_place(Place.LIVE)
    quota.learn(READS, headers(120, 106), NOW, NOW + 30)
    assert spend(quota, READS, Purpose.RECONCILE) == 0
    assert quota.opens_at(READS, NOW) == NOW + 30
    quota.learn(READS, headers(120, 3), NOW, NOW + 30)
    assert spend(quota, READS, Purpose.RECONCILE) > 90


def test_loopback_has_no_ceiling_until_headers_say_one() -> None:
    quota = Quota.for_place(Place.LOOPBACK)
    assert spend(quota, READS, Purpose.HEALTH) == 500
    quota.learn(READS, headers(60, 60), NOW)
    assert spend(quota, READS, Purpose.HEALTH) == 0


def test_a_quota_fault_shuts_until_its_end_and_no_longer() -> None:
    quota = Quota.for_place(Place.LOOPBACK)
    quota.exhaust(READS, NOW + 12, NOW)
    assert not quota.take(READS, Purpose.HEALTH, NOW + 11)
    assert quota.take(READS, Purpose.HEALTH, NOW + 12)


def test_a_clock_set_back_opens_a_new_window_and_no_window_outlasts_a_minute() -> None:
    quota = Quota.for_place(Place.SANDBOX)
    quota.exhaust(READS, NOW + 9999, NOW)
    assert quota.opens_at(READS, NOW) == NOW + 60
    assert quota.take(READS, Purpose.HEALTH, NOW - 7200)


def test_the_same_calls_give_the_same_answers() -> None:
    def run() -> list[bool]:
        quota = Quota.for_place(Place.SANDBOX)
        return [
            quota.take(READS, purpose, NOW + second) for second in range(0, 200, 3) for purpose in list(Purpose) * 2
        ]

    assert run() == run()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (headers(120, 7), (120, 7)),
        ({"x-ratelimit-allowed": "60", "x-ratelimit-used": " 9 "}, (60, 9)),
        ({"X-Ratelimit-Allowed": "60", "X-Ratelimit-Available": "0"}, (60, 60)),
        ({"X-Ratelimit-Allowed": "60"}, None),
        ({"X-Ratelimit-Used": "60"}, None),
        ({"X-Ratelimit-Allowed": "0", "X-Ratelimit-Used": "0"}, None),
        ({"X-Ratelimit-Allowed": "-60", "X-Ratelimit-Used": "x"}, None),
        ({}, None),
    ],
)
def test_missing_headers_mean_unknown_not_zero(given: dict[str, str], expected: tuple[int, int] | None) -> None:
    assert told(given) == expected
