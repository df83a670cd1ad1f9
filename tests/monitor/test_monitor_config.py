"""Whose account is watched, with which token, where and by which numbers: arguments first, then the environment?"""

from pathlib import Path

import pytest
from supervisor import ConfigError, Settings, Supervisor
from supervisor.concerns.facts import Place
from supervisor.config import DEFAULTS
from supervisor.monitor.tradier import home_of
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter, preset

TOKEN = "tok-Zq81secretsecret"
OTHER = "tok-Yw72othersecret"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A world with a token and a home, and nothing else said."""
    for name in ("TRADIER_ACCOUNT_ID", "TRADIER_SANDBOX", "TRADIER_BASE_URL", "SUPERVISOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRADIER_API_KEY", TOKEN)
    monkeypatch.setenv("SUPERVISOR_HOME", str(tmp_path))
    return tmp_path


def made(simulator: Simulator | None = None, **options: object) -> Supervisor:
    adapter = SimulatorAdapter(simulator or preset("healthy_margin"))
    return Supervisor.for_tradier(adapter=adapter, persist=False, **options)


def test_nothing_said_means_the_sandbox() -> None:
    supervisor = made()
    endpoint = supervisor.endpoint()
    assert (endpoint.intended, endpoint.used, endpoint.host) == (Place.SANDBOX, Place.SANDBOX, "sandbox.tradier.com")


WORDS = {
    "true": Place.SANDBOX, "1": Place.SANDBOX, "Yes": Place.SANDBOX,
    "false": Place.LIVE, "0": Place.LIVE, " No ": Place.LIVE,
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("TRADIER_SANDBOX", word)
    assert (made().endpoint().intended, made().endpoint().used) == (WORDS[word], WORDS[word])


def test_an_argument_outranks_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADIER_SANDBOX", "false")
    monkeypatch.setenv("TRADIER_BASE_URL", "https://api.tradier.com/v1")
    assert made(sandbox=True).endpoint().intended is Place.SANDBOX
    assert made(base_url="http://127.0.0.1:9").endpoint().used is Place.LOOPBACK


def test_a_token_changed_in_the_environment_is_used_from_the_next_round_on(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = preset("healthy_margin")
    simulator.allow_only(OTHER)
    supervisor = made(simulator)
    supervisor.look()
    assert supervisor.health().concerns["credentials"].state == "doubted"
    before = supervisor.broker.credential()
    monkeypatch.setenv("TRADIER_API_KEY", OTHER)
    supervisor.look()
    assert supervisor.health().concerns["credentials"].state == "accepted"
    assert supervisor.broker.credential() != before


def test_a_token_given_as_argument_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = preset("healthy_margin")
    simulator.allow_only(TOKEN)
    supervisor = made(simulator, api_key=TOKEN)
    monkeypatch.setenv("TRADIER_API_KEY", OTHER)
    supervisor.look()
    assert supervisor.can_trade()


def test_the_mark_of_a_token_does_not_hold_it() -> None:
    mark = made().broker.credential()
    assert TOKEN not in mark
    assert not any(TOKEN[i : i + 4] in mark for i in range(len(TOKEN) - 3))


def test_no_repr_shows_the_token_or_the_account() -> None:
    supervisor = made(account_id=DEFAULT_ACCOUNT)
    supervisor.look()
    shown = (
        f"{supervisor!r} {vars(supervisor)!r} {supervisor.broker!r} {vars(supervisor.broker)!r} {supervisor.health()!r}"
    )
    assert TOKEN not in shown
    assert DEFAULT_ACCOUNT not in shown


def test_the_only_account_of_a_token_is_ours_from_the_first_round_on() -> None:
    simulator = preset("healthy_cash")
    supervisor = made(simulator)
    assert not supervisor.broker.account_named()
    supervisor.look()
    assert supervisor.can_trade()
    assert [request.endpoint for request in simulator.requests].count("balances") == 1
    supervisor.look()
    assert len(simulator.requests) == 4


def test_of_several_accounts_none_is_taken_for_ours() -> None:
    supervisor = made(preset("several_accounts"))
    supervisor.look()
    assert not supervisor.can_trade()


def test_the_settings_file_of_the_home_rules_and_one_named_outranks_it(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path
) -> None:
    assert made().settings == DEFAULTS
    (home / "supervisor.toml").write_text("option_level = 3")
    assert made().settings.option_level == 3
    named = tmp_path / "mine.toml"
    named.write_text("option_level = 4")
    monkeypatch.setenv("SUPERVISOR_CONFIG", str(named))
    assert made().settings.option_level == 4
    assert made(settings=Settings(option_level=1)).settings.option_level == 1


def test_an_account_that_cannot_be_one_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        made(account_id="VX1/../VX2")
    assert "VX" not in str(caught.value)


@pytest.mark.parametrize("key", ["", " ", "short", "two words of it", "tök-en-aus-köln", "x" * 513])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(api_key=key)
    assert not key.strip() or key not in str(caught.value)


def test_blanks_around_what_the_environment_says_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADIER_API_KEY", f"  {TOKEN}\n")
    monkeypatch.setenv("TRADIER_ACCOUNT_ID", f" {DEFAULT_ACCOUNT} ")
    supervisor = made()
    supervisor.look()
    assert supervisor.can_trade()


def test_each_account_and_environment_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    folders = set()
    for sandbox in ("true", "false"):
        for account in ("VA11110001", "VA22220001"):
            monkeypatch.setenv("TRADIER_SANDBOX", sandbox)
            monkeypatch.setenv("TRADIER_ACCOUNT_ID", account)
            folders.add(home_of().folder)
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {home}
    assert not any("1111" in folder.name for folder in folders)
