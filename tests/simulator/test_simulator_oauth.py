"""Does the simulated broker hand out tokens as documented, and let them die in time?"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from requests.auth import HTTPBasicAuth
from supervisor.simulator import Reply, Simulator, SimulatorAdapter, serve

from simulator.asking import HEADERS, NOON, SAMPLES, Desk

CLIENT, SECRET, REFRESH = "partner-1", "s3cret:with:colons", "refresh-1"
DAY = 86_400.0


def basic(client: str = CLIENT, secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client}:{secret}".encode()).decode()}


def desk(**how: Any) -> Desk:
    one = Desk()
    one.simulator.oauth.allow(CLIENT, SECRET, REFRESH, **how)
    return one


def refresh(one: Desk, token: str = REFRESH, headers: Mapping[str, str] | None = None, step: float = 1.0) -> Reply:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return one.ask("POST", "oauth/refreshtoken", form, headers or basic(), step)


def redeem(one: Desk, code: str, step: float = 1.0) -> Reply:
    form = {"grant_type": "authorization_code", "code": code}
    return one.ask("POST", "oauth/accesstoken", form, basic(), step)


def issued(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply
    body: dict[str, Any] = json.loads(reply.body)
    return body


def reading(one: Desk, token: str, step: float = 1.0) -> Reply:
    return one.ask("GET", "user/profile", headers={**HEADERS, "Authorization": f"Bearer {token}"}, step=step)


def words(reply: Reply) -> str:
    said: str = json.loads(reply.body)["fault"]["faultstring"]
    return said


def test_a_refresh_brings_a_token_in_the_documented_shape() -> None:
    sample = SAMPLES["oauth_access_token_ok"]
    reply = refresh(desk())
    body = issued(reply)
    assert list(body) == list(sample["body"])
    assert {type(body[name]) is type(value) for name, value in sample["body"].items()} == {True}
    assert (body["expires_in"], body["status"], body["refresh_token"]) == (86399, "approved", REFRESH)
    assert (body["issued_at"], body["scope"]) == ("2026-11-23T12:00:01-05:00", sample["body"]["scope"])
    assert reply.headers["Content-Type"] == sample["headers"]["Content-Type"]


def test_a_new_token_is_good_for_a_day_and_expired_after_it() -> None:
    one = desk()
    one.simulator.allow_only("dashboard")
    token = issued(refresh(one))["access_token"]
    assert reading(one, token).status == 200
    assert reading(one, token, step=DAY - 1.5).status == 200
    over = reading(one, token, step=0.5)
    assert (over.status, words(over)) == (401, "Access Token expired")
    one.simulator.allow_only()
    assert reading(one, token).status == 401


def test_a_refresh_leaves_earlier_tokens_good_and_brings_another_each_time() -> None:
    one = desk()
    one.simulator.allow_only("dashboard")
    first, second = (issued(refresh(one))["access_token"] for _ in range(2))
    assert first != second
    assert [reading(one, token).status for token in (first, second)] == [200, 200]


def test_an_expired_token_stays_expired_while_the_refreshed_one_is_good() -> None:
    one = desk()
    old = issued(refresh(one))["access_token"]
    one.simulator.expire(old)
    new = issued(refresh(one))["access_token"]
    assert words(reading(one, old)) == "Access Token expired"
    assert reading(one, new).status == 200
    one.simulator.revoke(new)
    assert words(reading(one, new)) == "Invalid Access Token"


def test_tokens_come_from_the_seed() -> None:
    def tokens(seed: int) -> list[str]:
        one = Desk(seed=seed)
        one.simulator.oauth.allow(CLIENT, SECRET, REFRESH)
        return [issued(refresh(one))["access_token"] for _ in range(3)]

    assert tokens(7) == tokens(7)
    assert not set(tokens(7)) & set(tokens(8))


def test_a_code_brings_a_token_once_within_ten_minutes_and_for_its_own_client() -> None:
    one = desk()
    good, late = (one.simulator.oauth.authorize(CLIENT, one.now) for _ in range(2))
    foreign = one.simulator.oauth.authorize("partner-2", one.now)
    assert issued(redeem(one, good, step=599))["refresh_token"] == REFRESH
    refusal = {"ErrorCode": "invalid_request", "Error": "Invalid Authorization Code"}
    for code, step in ((good, 0.5), (foreign, 0.0), (late, 0.5)):
        reply = redeem(one, code, step)
        assert (reply.status, json.loads(reply.body)) == (400, refusal)


def test_without_refreshing_enabled_a_reply_has_no_refresh_token_and_none_is_taken() -> None:
    one = Desk()
    one.simulator.oauth.allow(CLIENT, SECRET)
    assert "refresh_token" not in issued(redeem(one, one.simulator.oauth.authorize(CLIENT, one.now)))
    assert refresh(one).status == 400


@pytest.mark.parametrize(
    "headers",
    [
        basic("partner-2"),
        basic(secret="s3cret"),
        {"Authorization": f"Basic {CLIENT}:{SECRET}"},
        {"Authorization": basic()["Authorization"].replace("Basic", "Bearer")},
        {"Authorization": "Basic é"},
        {"Accept": "application/json"},
    ],
    ids=["unknown client", "bad secret", "not encoded", "not Basic", "not ASCII", "no header"],
)
def test_a_client_that_cannot_prove_itself_is_refused(headers: dict[str, str]) -> None:
    reply = refresh(desk(), headers=headers)
    refusal = {"ErrorCode": "invalid_client", "Error": "ClientId is Invalid"}
    assert (reply.status, json.loads(reply.body)) == (401, refusal)


def test_a_refresh_token_that_is_wrong_or_revoked_is_refused() -> None:
    one = desk()
    one.simulator.revoke("other")
    assert refresh(one, "refresh-2").status == 400
    one.simulator.revoke(REFRESH)
    reply = refresh(one)
    assert (reply.status, json.loads(reply.body)["Error"]) == (400, "Invalid Refresh Token")
    assert reading(one, "any-token").status == 200


@pytest.mark.parametrize(
    ("form", "status", "part"),
    [
        ({"refresh_token": REFRESH}, 400, "Required param : grant_type"),
        ({"grant_type": "password", "refresh_token": REFRESH}, 500, "Unsupported grant type : password"),
        ({"grant_type": "refresh_token"}, 400, "missing a required parameter : refresh_token"),
    ],
)
def test_a_request_that_asks_for_nothing_known_is_refused(form: dict[str, str], status: int, part: str) -> None:
    reply = desk().ask("POST", "oauth/refreshtoken", form, basic())
    assert (reply.status, part in reply.body.decode()) == (status, True)


def test_a_rotating_client_gets_another_refresh_token_and_the_used_one_is_refused() -> None:
    one = desk(rotate=True)
    second = issued(refresh(one))["refresh_token"]
    assert second != REFRESH
    assert refresh(one).status == 400
    assert refresh(one, second).status == 200


def test_faults_strike_a_refresh_and_leave_the_rest_alone() -> None:
    one = desk()
    for name, status in {"http_500_backend": 500, "client_refused_fault": 401, "refresh_refused": 400}.items():
        one.simulator.inject(name, "refreshtoken", count=1)
        assert (reading(one, "any-token").status, refresh(one).status) == (200, status)
    one.simulator.inject("client_refused", count=1)
    assert redeem(one, one.simulator.oauth.authorize(CLIENT, one.now)).status == 401
    assert refresh(one).status == 200


def test_a_hanging_refresh_is_a_timeout_and_no_token_is_made() -> None:
    simulator = Simulator()
    simulator.oauth.allow(CLIENT, SECRET, REFRESH)
    simulator.inject("hang", "refreshtoken", count=1)
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH}
    with requests.Session() as session:
        session.mount("http://", SimulatorAdapter(simulator, lambda: NOON))
        url, auth = "http://broker/v1/oauth/refreshtoken", HTTPBasicAuth(CLIENT, SECRET)
        with pytest.raises(requests.ReadTimeout):
            session.post(url, data=form, auth=auth, timeout=5)
        assert simulator.as_dict()["oauth"] == {"clients": 1, "issued": 0}
        assert session.post(url, data=form, auth=auth, timeout=5).json()["status"] == "approved"


def test_a_useless_refresh_succeeds_and_its_token_is_refused() -> None:
    one = desk()
    one.simulator.inject("refresh_useless", count=1)
    assert reading(one, issued(refresh(one))["access_token"]).status == 401
    assert reading(one, issued(refresh(one))["access_token"]).status == 200


@pytest.mark.parametrize("name", ["token_revoked", "token_expired", "token_invalid_text", "wrong_environment"])
def test_a_fault_of_all_tokens_does_not_strike_oauth_which_takes_none(name: str) -> None:
    one = desk()
    one.simulator.inject(name)
    assert (reading(one, "any-token").status, refresh(one).status) == (401, 200)


def test_oauth_counts_against_no_quota() -> None:
    one = Desk(limits="sandbox")
    one.simulator.oauth.allow(CLIENT, SECRET, REFRESH)
    replies = [refresh(one, step=0) for _ in range(70)]
    assert {reply.status for reply in replies} == {200}
    assert "X-Ratelimit-Used" not in replies[-1].headers


def test_no_secret_is_kept_or_shown() -> None:
    one = desk()
    made = issued(refresh(one))["access_token"]
    code = one.simulator.oauth.authorize(CLIENT, one.now)
    redeem(one, code)
    simulator = one.simulator
    shown = repr((simulator.requests, simulator.as_dict(), vars(simulator.oauth)["_clients"]))
    assert ("refresh_token", "***") in simulator.requests[0].form
    assert not [secret for secret in (SECRET, REFRESH, made, code) if secret in shown]


def test_a_client_is_allowed_and_a_code_made_over_the_control_api() -> None:
    simulator = Simulator()
    with serve(simulator) as server, requests.Session() as session:
        session.trust_env = False
        control = f"{server.control_url}/_control"
        told = {"client_id": "1e3", "secret": "007", "refresh_token": "12"}
        state = session.post(f"{control}/oauth", data=told, timeout=2)
        assert state.json()["oauth"] == {"clients": 1, "issued": 0}
        assert "007" not in state.text
        code = session.post(f"{control}/code", data={"client_id": "1e3"}, timeout=2).json()["code"]
        url = f"{server.url}/v1/oauth"
        form = {"grant_type": "authorization_code", "code": code}
        redeemed = session.post(f"{url}/accesstoken", data=form, auth=("1e3", "007"), timeout=2)
        form = {"grant_type": "refresh_token", "refresh_token": "12"}
        refreshed = session.post(f"{url}/refreshtoken", data=form, auth=("1e3", "007"), timeout=2)
        assert (redeemed.status_code, refreshed.status_code) == (200, 200)
        missing = session.post(f"{control}/oauth", data={"client_id": "x"}, timeout=2)
        assert (missing.status_code, "secret=" in missing.json()["error"]) == (400, True)
