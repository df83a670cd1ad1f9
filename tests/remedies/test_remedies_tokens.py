"""A token that was rotated, rejected, expired or about to: and not one of them is to be seen anywhere."""

import json
import logging
import stat
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from requests.exceptions import ReadTimeout
from supervisor.concerns.facts import Place
from supervisor.errors import SupervisorError
from supervisor.log import hidden
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.wallets import wallet_for
from supervisor.remedies.form import Applied, Nothing, Plan
from supervisor.remedies.oauth import Client as OAuthClient
from supervisor.remedies.oauth import Refresher, only_refresh
from supervisor.remedies.tokens import FileTokenStore, Pair, Stored, token_in_file
from supervisor.remedies.wallet import Wallet
from supervisor.simulator import DEFAULT_ACCOUNT, SimulatorAdapter, preset
from supervisor.tradier.exchange import prepare

from remedies.test_remedies_healer import Cure, poor
from remedies.ward import EXACT, FIRST_TOKEN, MONDAY, Ward, ward

REJECTED, NEW, REFRESH, NEXT_REFRESH = (
    "credentials_rejected",
    "second-token-Xk77",
    "refresh-Aa11bb22",
    "refresh-Cc33dd44",
)
SECRETS = (FIRST_TOKEN, NEW, REFRESH, NEXT_REFRESH, "client-secret-99", "third-token-Jj55")
GRANT = {"access_token": NEW, "expires_in": 86399, "status": "approved", "refresh_token": NEXT_REFRESH}


def with_file(path: Path, **more: Any) -> Any:
    return lambda w: Wallet(lambda: w.token, sources={"TRADIER_TOKEN_FILE": lambda: token_in_file(path)}, **more)


def oauth(path: Path, expires_at: float | None = None) -> Any:
    def make(w: Ward) -> Wallet:
        client = OAuthClient("client-1", "client-secret-99")
        refresher = Refresher(client, lambda: w.broker.reader.base, intended=Place.SANDBOX, adapter=w.net)
        return Wallet(
            lambda: w.token,
            store=FileTokenStore(path),
            refresher=refresher,
            pair=Pair(FIRST_TOKEN, REFRESH, expires_at),
        )

    return make


def everything(root: Path) -> bytes:
    return b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())


def test_a_rotated_token_in_another_source_is_taken_and_proved(tmp_path: Path) -> None:
    file = tmp_path / "token"
    home = tmp_path / "home"
    with ward(home, make_wallet=with_file(file)) as w:
        w.run(1)
        w.simulator.allow_only(NEW)
        file.write_text(NEW + "\n")
        w.run(66)
        assert w.take() == [f"detected {REJECTED}"]
        w.run(30)
        assert w.take() == [f"fixed {REJECTED}", f"resolved {REJECTED} recovered"]
        assert (w.wallet.current(), w.token, w.fixed) == (NEW, FIRST_TOKEN, 1)
        assert w.states("reauthentication") == ["planned", "applying", "verifying", "fixed"]
    assert not any(secret.encode() in everything(home) for secret in SECRETS)


def test_another_token_that_is_no_good_either_is_put_back_and_never_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"# mine\nexport TRADIER_API_KEY='{NEW}'\n")
    with ward(tmp_path / "home", make_wallet=with_file(file)) as w:
        w.run(1)
        w.simulator.allow_only("third-token-Jj55")
        w.run(66 + 185)
        assert w.take() == [f"detected {REJECTED}", f"failed {REJECTED}"]
        assert (w.wallet.current(), w.codes(), w.fixed) == (FIRST_TOKEN, [REJECTED], 0)
        assert w.states("reauthentication") == ["planned", "applying", "verifying", "undoing", "undone"]
        before = len(w.simulator.requests)
        w.run(3600)
        assert len(w.supervisor.fixes()) == 1
        assert len(w.simulator.requests) - before <= 2 * (3600 / 300 + 1)
        file.write_text("third-token-Jj55")
        w.run(400)
        assert w.take() == [f"fixed {REJECTED}", f"resolved {REJECTED} recovered"]


def test_an_expired_token_is_refreshed_once_and_the_old_pair_kept_until_that_is_proved(tmp_path: Path) -> None:
    store, home = tmp_path / "pair.json", tmp_path / "home"
    with ward(home, make_wallet=oauth(store)) as w:
        w.run(1)
        w.net.grants.append(GRANT)
        w.simulator.expire(FIRST_TOKEN)
        w.run(66)
        assert w.take() == [f"detected {REJECTED}"]
        kept = json.loads(store.read_text())
        assert (kept["pair"]["access"], kept["before"]["access"]) == (NEW, FIRST_TOKEN)
        assert stat.S_IMODE(store.stat().st_mode) == 0o600
        w.run(30)
        assert w.take() == [f"fixed {REJECTED}", f"resolved {REJECTED} recovered"]
        assert w.net.asked == [("client-1:client-secret-99", f"grant_type=refresh_token&refresh_token={REFRESH}")]
        assert json.loads(store.read_text())["before"] is None
        assert w.states("token_refresh") == ["planned", "applying", "verifying", "fixed"]
        w.restart()
        w.run(20)
        assert w.wallet.current() == NEW
    assert not any(secret.encode() in everything(home) for secret in SECRETS)


def test_a_token_is_refreshed_before_it_expires(tmp_path: Path) -> None:
    with ward(tmp_path, make_wallet=oauth(tmp_path / "pair.json")) as w:
        w.net.grants.append(GRANT)
        w.wallet._pair = Pair(FIRST_TOKEN, REFRESH, w.supervisor.now() + 1000)
        w.run(90)
        assert w.take() == []
        w.run(31)
        assert w.take() == ["detected token_expiring"]
        assert w.supervisor.can_trade()
        w.run(30)
        assert w.take() == ["fixed token_expiring", "resolved token_expiring recovered"]
        assert (w.wallet.current(), w.fixed) == (NEW, 1)
        assert w.supervisor.can_trade()


LOST: list[Any] = [
    ReadTimeout("lost"),
    {"status": "denied"},
    {"access_token": 7},
    {"fault": {"faultstring": "Invalid"}},
]


@pytest.mark.parametrize("grant", LOST, ids=["lost", "denied", "no text", "fault"])
def test_a_refresh_that_brings_nothing_leaves_all_as_it_was_and_is_not_repeated(tmp_path: Path, grant: Any) -> None:
    with ward(tmp_path, make_wallet=oauth(tmp_path / "pair.json")) as w:
        w.run(1)
        w.net.grants.append(grant)
        w.simulator.expire(FIRST_TOKEN)
        w.run(100)
        assert w.take() == [f"detected {REJECTED}", f"failed {REJECTED}"]
        assert len(w.net.asked) == 1
        assert (w.wallet.current(), w.codes()) == (FIRST_TOKEN, [REJECTED])
        assert "no new token came" in w.fix()["says"]


def test_a_new_pair_that_the_broker_rejects_gives_way_to_the_old_one(tmp_path: Path) -> None:
    store = tmp_path / "pair.json"
    with ward(tmp_path, make_wallet=oauth(store)) as w:
        w.run(1)
        w.net.grants.append(GRANT)
        w.simulator.expire(FIRST_TOKEN)
        w.simulator.revoke(NEW)
        w.run(66 + 185)
        assert w.take() == [f"detected {REJECTED}", f"failed {REJECTED}"]
        kept = json.loads(store.read_text())
        assert (kept["pair"]["access"], kept["before"], w.wallet.current()) == (FIRST_TOKEN, None, FIRST_TOKEN)


def test_a_token_that_is_rejected_but_not_expired_is_not_refreshed(tmp_path: Path) -> None:
    with ward(make_wallet=oauth(tmp_path / "pair.json")) as w:
        w.run(1)
        w.simulator.revoke(FIRST_TOKEN)
        w.run(300)
        assert w.net.asked == []


def test_no_secret_is_in_any_log_error_or_repr(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ward(tmp_path / "home", make_wallet=oauth(tmp_path / "pair.json")) as w:
        w.run(1)
        w.net.grants += [{"error": f"{REFRESH} {FIRST_TOKEN} client-secret-99"}]
        w.simulator.expire(FIRST_TOKEN)
        w.run(100)
        w.net.grants.append(GRANT)
        w.run(500)
        shown = [repr(w.wallet), repr(w.wallet._pair), repr(w.wallet._refresher), repr(Stored(Pair(NEW, REFRESH)))]
        shown += [repr(OAuthClient("client-1", "client-secret-99")), repr(w.supervisor.fixes()), caplog.text]
        shown += [json.dumps(w.supervisor.get_health_status()), everything(tmp_path / "home").decode("latin-1")]
        shown += [repr(FileTokenStore(tmp_path / "pair.json"))]
    assert w.wallet.current() == NEW
    assert not [secret for secret in SECRETS for text in shown if secret in text]


def test_a_remedy_that_blabs_is_masked_wherever_it_speaks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def raises(_: Any) -> Any:
        raise RuntimeError(f"with {NEW}")

    shown: list[str] = []
    for apply in (raises, lambda _: Applied(f"put {NEW} in"), lambda _: Nothing(f"{NEW} is fine")):
        cure = Cure(plan=lambda _: Plan(f"use {NEW}", {"token": NEW, NEW: [NEW]}), apply=apply, undo=raises)
        with ward(tmp_path / str(len(shown)), remedies=[cure]) as w:
            w.run(1)
            w.token = NEW
            w.run(1)
            poor(w).run(200)
            assert len(w.supervisor.fixes()) >= 1
            shown += [repr(w.supervisor.fixes()), json.dumps(w.supervisor.get_health_status()), caplog.text]
    shown += [everything(tmp_path).decode("latin-1")]
    assert not [text for text in shown if NEW in text]


def test_what_refreshes_tokens_can_send_nothing_else() -> None:
    url = "https://sandbox.tradier.com/v1"
    for method, path, form in (
        ("POST", "/accounts/VA1/orders", {"class": "equity"}),
        ("GET", "/oauth/refreshtoken", None),
        ("POST", "/oauth/refreshtoken", {"class": "equity", "grant_type": "refresh_token"}),
        ("DELETE", "/accounts/VA1/orders/1", None),
    ):
        assert only_refresh(prepare(method, url + path, "token-1", form=form)) is not None
    good = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert only_refresh(prepare("POST", url + "/oauth/refreshtoken", "token-1", form=good)) is None


def test_no_token_is_asked_for_at_a_host_that_is_not_intended() -> None:
    with ward(base="https://api.tradier.com/v1") as w:
        refresher = Refresher(
            OAuthClient("a", "secret-secret"), lambda: w.broker.reader.base, intended=Place.SANDBOX, adapter=w.net
        )
        with pytest.raises(SupervisorError, match="is not where sandbox is"):
            refresher.refresh(Pair("access-token", "refresh-token"), 1.0)
        assert w.net.asked == []


def test_a_file_that_holds_no_pair_is_named_without_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "pair.json"
    store = FileTokenStore(path)
    assert store.load() is None
    for text in ("my-secret-thing", "[]", '{"pair": {"access": 1, "who": 2}}', '{"pair": null}'):
        path.write_text(text)
        with pytest.raises(SupervisorError, match="holds no pair") as caught:
            store.load()
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("abc-token\n", "abc-token"),
        ("TRADIER_API_KEY=abc\nOTHER=1", "abc"),
        ('export TRADIER_API_KEY="abc"', "abc"),
        ("OTHER=1\n", None),
        ("", None),
        ("two words", None),
    ],
)
def test_a_token_is_found_alone_or_in_lines_of_names(tmp_path: Path, text: str, token: str | None) -> None:
    (tmp_path / "t").write_text(text)
    assert token_in_file(tmp_path / "t") == token
    assert token_in_file(tmp_path / "none") is None


def test_a_token_changed_where_it_first_came_from_is_in_use_at_once_even_after_another_was_taken() -> None:
    first = ["a-token"]
    wallet = Wallet(lambda: first[0], sources={"other": lambda: "b-token"})
    wallet.take("other")
    assert wallet.current() == "b-token"
    first[0] = "c-token"
    assert wallet.current() == "c-token"


def test_the_environment_names_files_and_refresh_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token, store = tmp_path / "token", tmp_path / "pair.json"
    monkeypatch.setenv("TRADIER_TOKEN_FILE", str(token))
    with ward() as w:
        plain = wallet_for(lambda: "a-token", lambda: w.broker.reader.base, intended=Place.SANDBOX)
        assert (plain.others(), plain.can_refresh(), plain.expires_at()) == ((), False, None)
        token.write_text("b-token")
        assert plain.others() == ("TRADIER_TOKEN_FILE",)
        monkeypatch.setenv("TRADIER_CLIENT_ID", "client-1")
        monkeypatch.setenv("TRADIER_CLIENT_SECRET", "client-secret-99")
        monkeypatch.setenv("TRADIER_REFRESH_TOKEN", REFRESH)
        monkeypatch.setenv("TRADIER_TOKEN_STORE", str(store))
        oauth_ = wallet_for(lambda: "a-token", lambda: w.broker.reader.base, intended=Place.SANDBOX, adapter=w.net)
        assert oauth_.can_refresh()
        w.net.grants.append(GRANT)
        assert oauth_.refresh(1.0, lambda: True).words.startswith("a new token is in use until 2026-11-24")
        stored = FileTokenStore(store).load()
        assert stored is not None
        assert (oauth_.current(), stored.pair, stored.before) == (NEW, oauth_._pair, oauth_._pair_before)
        assert set(SECRETS) - {"third-token-Jj55", FIRST_TOKEN} <= set(hidden())


def test_a_source_that_fails_has_no_token() -> None:
    def broken() -> str:
        raise OSError("no")

    wallet = Wallet(lambda: "a-token", sources={"broken": broken, "same": lambda: "a-token", "none": lambda: None})
    assert wallet.others() == ()
    assert not wallet.put_back()
    with pytest.raises(SupervisorError, match="has no token"):
        wallet.take("none")


def test_an_agents_own_callable_and_store_come_as_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRADIER_BASE_URL", raising=False)
    with freeze_time(MONDAY) as frozen:
        simulator = preset("healthy_margin")
        vault: list[str | None] = [None]
        supervisor = Supervisor.for_tradier(
            FIRST_TOKEN,
            DEFAULT_ACCOUNT,
            sandbox=True,
            home=tmp_path,
            settings=EXACT,
            adapter=SimulatorAdapter(simulator),
            token_sources={"the vault": lambda: vault[0]},
        )
        supervisor.tick()
        vault[0] = NEW
        simulator.allow_only(NEW)
        for _ in range(12):
            frozen.tick(15)
            supervisor.tick()
        (fix,) = supervisor.fixes()
        supervisor.stop()
    assert (fix["remedy"], fix["result"], fix["says"]) == (
        "reauthentication",
        "fixed",
        "the token from the vault is the one in use",
    )
    assert NEW.encode() not in everything(tmp_path)
