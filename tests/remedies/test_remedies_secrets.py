"""No token, old or new, known at the start or only later, is in anything that is written or told."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor import log
from supervisor.cli import app
from supervisor.errors import SupervisorError
from supervisor.journal import inbox
from supervisor.journal.chain import masked, suspicious
from supervisor.journal.hold import read_hold
from supervisor.monitor.wallets import hide_known
from supervisor.orders import OrderSettings
from supervisor.remedies.tokens import FileTokenStore, Pair, Stored
from supervisor.simulator import DEFAULT_ACCOUNT

from remedies.test_remedies_healer import Cure, poor
from remedies.test_remedies_orders import LIMIT
from remedies.test_remedies_tokens import everything, oauth, with_file
from remedies.ward import FIRST_TOKEN, Ward, ward

CLIENT_SECRET = "client-secret-99"
REFRESH = "refresh-Aa11bb22"


def fresh(name: str) -> str:
    """A token that no test before has shown to anyone: masking what was known already would prove nothing."""
    return f"{name}-{os.urandom(6).hex()}"


def test_tokens_older_and_newer_than_the_start_are_masked_wherever_anyone_says_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refreshed, next_refresh, rotated = fresh("refreshed"), fresh("next/refresh+"), fresh("rotated")
    heard: list[str] = []
    cure = Cure()
    how: dict[str, Any] = {"make_wallet": oauth(tmp_path / "pair.json"), "remedies": [cure], "orders": OrderSettings()}
    with ward(tmp_path / "home", **how) as w:
        w.supervisor.subscribe(lambda event: heard.append(repr(event)))
        w.run(1)
        w.net.grants.append({"access_token": refreshed, "expires_in": 86399, "refresh_token": next_refresh})
        w.simulator.expire(FIRST_TOKEN)
        w.run(110)
        assert w.wallet.current() == refreshed
        secrets = [FIRST_TOKEN, REFRESH, CLIENT_SECRET, refreshed, next_refresh, rotated]
        w.token = rotated  # the owner puts yet another one in place, and says so before any round saw it
        words = f"because of {' '.join(secrets)}"
        w.supervisor.hold("reduce", why=words, who=f"ann {rotated}")
        w.supervisor.release(why=words, who="ann")
        cure.steps["plan"] = lambda _: None
        poor(w)
        w.supervisor.acknowledge("no_buying_power", why=words, who=refreshed)
        w.supervisor.hold("halt", why=words, who=f"ann {rotated}")
        shown = refusals(w, rotated, words)
        inbox.leave(w.memory().home.inbox, {"command": "hold", "mode": "reduce", "why": words, "who": "bob"})
        shown.append(everything(w.memory().home.inbox).decode("latin-1"))
        w.run(2)
        w.supervisor.orders.submit({**LIMIT, "symbol": refreshed, "tag": rotated, "side": next_refresh})
        w.supervisor.diagnose_order_failure({"symbol": refreshed}, f"refused {rotated} {next_refresh}")
        w.run(200)
        log.error("oops", nested={"a": [rotated, {"b": next_refresh}]}, plain=refreshed)
        health = w.supervisor.health()
        shown += [repr(health), json.dumps(w.supervisor.get_health_status(), default=str), caplog.text, *heard]
        shown += [repr(w.supervisor.fixes()), w.supervisor.explain().text(), repr(w.wallet), *w.heard]
        shown += [repr(read_hold(w.memory().home.hold)), everything(tmp_path / "home").decode("latin-1")]
    assert "because of [secret] [secret]" in "".join(shown)
    assert [(secret, text[:80]) for secret in secrets for text in shown if secret in text] == []


def refusals(w: Ward, token: str, words: str) -> list[str]:
    """What an operator hears who names a token as a target."""
    said = []
    for refuse in (w.supervisor.acknowledge, w.supervisor.approve):
        with pytest.raises(SupervisorError) as caught:
            refuse(token, why=words, who="ann")
        said.append(str(caught.value) + repr(caught.value))
    return said


def test_a_token_that_lies_ready_in_a_file_is_masked_before_it_is_ever_used(tmp_path: Path) -> None:
    token = fresh("ready")
    with ward(tmp_path / "home", make_wallet=with_file(tmp_path / "token")) as w:
        w.run(1)
        (tmp_path / "token").write_text(token)
        w.supervisor.hold("reduce", why=f"is {token} the new one?", who="ann")
        assert token not in w.supervisor.explain().text()
        assert token.encode() not in everything(tmp_path / "home")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_log_line_is_masked_however_deep_the_secret_lies(as_json: bool) -> None:
    token = fresh("deep/+=")
    log.hide(token)
    standard = logging.getLogger("supervisor")
    before = standard.handlers, standard.level, standard.propagate
    out = StringIO()
    try:
        log.configure(as_json=as_json, stream=out)
        try:
            int(token)
        except ValueError as error:
            log.error("x", trace=True, deep={"a": [(token,)], token: 1}, error=error)
    finally:
        standard.handlers, standard.level, standard.propagate = before
        log._form["json"] = False
    assert "[secret]" in out.getvalue()
    assert token not in out.getvalue()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40))
def test_what_is_hidden_is_found_in_json_forms_and_urls(secret: str) -> None:
    with nothing_hidden():
        log.hide(secret)
        for spelled in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)):
            assert spelled not in log.mask(f"({spelled})")
            assert suspicious(json.dumps({"a": [spelled]}))
        assert masked({"a": [secret]}) == {"a": ["[secret]"]}


@contextmanager
def nothing_hidden() -> Iterator[None]:
    """What is hidden here is forgotten after it."""
    before = log._spellings, log._hidden
    log._spellings, log._hidden = {}, ()
    try:
        yield
    finally:
        log._spellings, log._hidden = before


def test_a_source_that_gives_another_token_at_each_call_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log, "_spellings", {})
    monkeypatch.setattr(log, "_hidden", ())
    for number in range(log.MOST_HIDDEN + 50):
        log.hide(f"token-{number:06d}")
    assert len(log.hidden()) == log.MOST_HIDDEN
    assert f"token-{log.MOST_HIDDEN + 49:06d}" in log.hidden()
    log.hide("short", "")
    assert "short" not in log.hidden()


def test_a_command_masks_what_its_environment_holds_or_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key, filed, secret, refresh, kept, before = (
        fresh(name) for name in ("key", "filed", "client", "re", "kept", "old")
    )
    (tmp_path / "token").write_text(filed)
    FileTokenStore(tmp_path / "pair.json").save(Stored(Pair(kept, refresh), Pair(before)))
    told = {
        "TRADIER_API_KEY": key,
        "TRADIER_TOKEN_FILE": str(tmp_path / "token"),
        "TRADIER_CLIENT_SECRET": secret,
        "TRADIER_TOKEN_STORE": str(tmp_path / "pair.json"),
        "TRADIER_ACCOUNT_ID": DEFAULT_ACCOUNT,
        "TRADIER_SANDBOX": "true",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TRADIER_BASE_URL", raising=False)
    home = tmp_path / "home"
    words = f"{key} {filed} {secret} {refresh} {kept} {before}"
    assert app.run(["hold", "reduce", "--why", words, "--who", "ann", "--home", str(home), "--json"]) == 1
    shown = [capsys.readouterr().out, everything(home).decode("latin-1")]
    assert "[secret]" in shown[0]
    assert "[secret]" in shown[1]
    assert [token for token in words.split() for text in shown if token in text] == []
    (tmp_path / "pair.json").write_text("{")
    hide_known()  # a store that can't be read is no reason for a command not to run


def test_a_fresh_process_shows_no_token_either(tmp_path: Path) -> None:
    """Nothing is known there from other tests: the whole command line, on a broker that is not there."""
    key, home = fresh("process"), tmp_path / "home"
    command = [sys.executable, "-m", "supervisor.cli", "check", "--json", "--home", str(home), "--timeout", "1"]
    settings = {"TRADIER_API_KEY": key, "TRADIER_ACCOUNT_ID": DEFAULT_ACCOUNT, "TRADIER_BASE_URL": "http://127.0.0.1:9"}
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, check=False, timeout=60)
    assert done.returncode in (2, 3)
    assert key.encode() not in done.stdout + done.stderr
