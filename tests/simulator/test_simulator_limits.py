"""Does the quota count as documented: per token, category and minute?"""

from simulator.asking import HEADERS, SAMPLES, Desk


def test_without_limits_nothing_is_counted_and_no_header_is_sent() -> None:
    desk = Desk()
    replies = [desk.ask("GET", "user/profile", step=0) for _ in range(300)]
    assert {reply.status for reply in replies} == {200}
    assert not any(name.startswith("X-Ratelimit") for name in replies[-1].headers)


def test_the_last_allowed_request_shows_none_left_and_the_next_is_a_429() -> None:
    desk = Desk(limits="sandbox")
    first = desk.ask("GET", "user/profile", step=0)
    *_, last = [desk.ask("GET", "user/profile", step=0) for _ in range(59)]
    over = desk.ask("GET", "user/profile", step=0)
    assert set(first.headers) >= set(SAMPLES["profile_one_account"]["headers"])
    assert (first.headers["X-Ratelimit-Used"], first.headers["X-Ratelimit-Available"]) == ("1", "59")
    assert (last.status, last.headers["X-Ratelimit-Available"]) == (200, "0")
    expiry = int((desk.now + 60) * 1000)
    assert (over.status, over.body.decode()) == (429, f"Quota Violation {expiry}")
    assert over.headers["X-Ratelimit-Expiry"] == str(expiry)
    assert over.headers["Content-Type"] == SAMPLES["ratelimit_429_text"]["headers"]["Content-Type"]


def test_a_window_ends_a_minute_after_its_first_request() -> None:
    desk = Desk(limits="sandbox")
    for _ in range(61):
        reply = desk.ask("GET", "user/profile", step=0)
    assert reply.status == 429
    assert desk.ask("GET", "user/profile", step=59.9).status == 429
    assert desk.ask("GET", "user/profile", step=0.1).status == 200


def test_categories_and_tokens_have_windows_of_their_own() -> None:
    desk = Desk(limits="live")
    for _ in range(120):
        desk.ask("GET", "user/profile", step=0)
    assert desk.ask("GET", "accounts/VA90010001/orders", step=0).status == 429
    assert desk.ask("GET", "markets/clock", step=0).status == 200
    assert desk.ask("GET", "user/profile", headers={**HEADERS, "Authorization": "Bearer other"}, step=0).status == 200
    order = desk.order(type="limit", price="1.50")
    assert order.headers["X-Ratelimit-Allowed"] == "60"
