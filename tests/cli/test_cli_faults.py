"""What is said when it can't be done? One clear sentence, a non-zero exit, and never a traceback or a token."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from supervisor.cli.app import app
from supervisor.journal.home import Home
from supervisor.simulator import DEFAULT_ACCOUNT, preset

from cli.commanding import TOKEN, Commands, Said

MISCONFIGURED = 3


def complains(told: Said, *words: str) -> None:
    """One sentence on standard error that holds these words, nothing else anywhere, and exit 3."""
    assert told.code == MISCONFIGURED
    assert told.out == ""
    assert told.err.startswith("supervisor: ")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    for word in words:
        assert word in told.err


def complains_in_json(told: Said, *words: str) -> None:
    """As above, with the sentence as `error` in one JSON object too."""
    document = told.json()
    assert set(document) == {"status", "error"}
    assert document["status"] == "unknown"
    complains(Said(told.code, "", told.err, told.took), document["error"], *words)


# fmt: off
SETTINGS = {
    "an unknown key": (b"intervall = 30", ("supervisor.toml", "'intervall'", "interval, ")),
    "a word for a number": (b"interval = 'soon'", ("interval must be a number from 1 to", "not 'soon'")),
    "a number out of range": (b"fall = 0", ("fall must be a whole number from 2 to 20, not 0",)),
    "half a count": (b"fall = 2.5", ("fall must be a whole number", "not 2.5")),
    "a word for yes": (b"live_jitter = 'yes'", ("live_jitter must be true or false, not 'yes'",)),
    "not a number": (b"dwell = nan", ("dwell must be a number",)),
    "two faults at once": (b"fall = 0\nrise = 0", ("fall must be", "rise must be")),
    "numbers that contradict": (b"stale = 30", ("stale (30) must be longer than one interval",)),
    "a table": (b"[gate]\ninterval = 3", ("unknown setting 'gate'",)),
    "bad TOML": (b"interval = = 3", ("supervisor.toml is not valid TOML", "line 1")),
    "bytes that are no text": (b"interval = 3 # \xff\xfe", ("supervisor.toml is not valid TOML", "utf-8")),
}
# fmt: on


@pytest.mark.parametrize("case", SETTINGS)
def test_a_bad_setting_is_named_with_what_would_be_right(command: Commands, case: str) -> None:
    content, words = SETTINGS[case]
    command.settings("")
    (command.home / "supervisor.toml").write_bytes(content)
    complains(command("check"), *words)
    complains_in_json(command("run", "--json"), *words)


def test_a_settings_file_that_is_a_folder_cannot_be_read(command: Commands) -> None:
    (command.home / "supervisor.toml").mkdir(parents=True)
    complains(command("check"), "supervisor.toml cannot be read: Is a directory")


def test_a_settings_file_named_but_not_there_is_an_error(command: Commands, tmp_path: Path) -> None:
    command.env(SUPERVISOR_CONFIG=str(tmp_path / "mine.toml"))
    complains(command("check"), "SUPERVISOR_CONFIG names", "mine.toml", "no file")


@pytest.mark.parametrize("name", ["run", "check", "explain"])
@pytest.mark.parametrize("key", [None, "", "   ", "\n"])
def test_without_a_token_it_says_where_to_put_one(command: Commands, name: str, key: str | None) -> None:
    command.env(TRADIER_API_KEY=key)
    complains(command(name), "TRADIER_API_KEY is not set", "put your Tradier access token in it", "--demo")
    complains_in_json(command(name, "--json"), "TRADIER_API_KEY is not set")


# fmt: off
TOKENS = {
    "with blanks":   "Secr3t with some blanks",
    "with a newline": "Secr3tline\nanother",
    "not ASCII":     "Secr3t-tökén-2026",
    "with an escape": "Secr3t\x1b[31mred",
    "too short":     "Secr3t",
    "too long":      "Secr3t" * 100,
}
# fmt: on


@pytest.mark.parametrize("case", TOKENS)
def test_a_token_that_cannot_be_one_is_refused_and_never_shown(command: Commands, case: str) -> None:
    command.env(TRADIER_API_KEY=TOKENS[case])
    for told in (command("check"), command("run", "--for", "0.1")):
        complains(told, "TRADIER_API_KEY cannot be a token", f"it has {len(TOKENS[case])} characters")
        assert "Secr3t" not in told.err


@pytest.mark.parametrize("account", ["VA 123", "../etc/passwd", "VA123\n4", "VÄ12345678", "V" * 33, "VA1/../orders"])
def test_an_account_id_that_cannot_be_one_is_refused(command: Commands, account: str) -> None:
    command.env(TRADIER_ACCOUNT_ID=account)
    complains(command("check"), "TRADIER_ACCOUNT_ID cannot be an account number", "like VA12345678")
    complains_in_json(command("hold", "--why", "x", "--json"), "TRADIER_ACCOUNT_ID")


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://api.tradier.com/v1", "http://", "https://[::1", "http://127.0.0.1:99999"]
)
def test_a_base_url_without_a_host_is_refused(command: Commands, url: str) -> None:
    command.env(TRADIER_BASE_URL=url)
    complains(command("check"), "TRADIER_BASE_URL is not an http(s) URL with a host", "https://sandbox.tradier.com/v1")


@pytest.mark.parametrize("word", ["maybe", ""])
def test_an_intent_that_is_neither_yes_nor_no_is_refused(command: Commands, word: str) -> None:
    command.env(TRADIER_SANDBOX=word)
    complains(command("check"), "TRADIER_SANDBOX", "true (sandbox) or false (live money)")


def test_a_busy_port_is_named(command: Commands) -> None:
    port = command.broker(preset("healthy_margin")).port
    complains(command("simulate", "--port", str(port)), f"127.0.0.1 port {port}", "Address already in use")


def test_an_unwritable_home_is_named_with_the_way_out(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    command.home.write_text("a file where the folder should be")
    for told in (command("run", "--for", "0.1"), command("hold", "--why", "x"), command("ack", "x")):
        complains(told, str(command.home), "SUPERVISOR_HOME", "may write")
    complains(command("log"), "The journal at", "could not be opened: Not a directory")


def test_a_second_writer_is_told_who_the_first_is(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    with command.watching() as first:
        assert first.running
        complains(command("run", "--for", "0.1"), f"Process {command.pid}", "is the writer of", str(command.home))
        complains_in_json(command("run", "--for", "0.1", "--json"), f"Process {command.pid}")
        assert first.running


# fmt: off
LINES = {
    "an unknown command":   (("chekc",), ("No such command 'chekc'", "supervisor --help")),
    "an unknown option":    (("check", "--fast"), ("No such option: --fast", "supervisor --help")),
    "a stray word":         (("check", "now"), ("unexpected extra argument", "now")),
    "a word for a number":  (("check", "--timeout", "soon"), ("--timeout", "valid number")),
    "no time at all":       (("check", "--timeout", "0"), ("--timeout", "greater than or equal to 0.1")),
    "time without end":     (("check", "--timeout", "inf"), ("--timeout", "less than or equal to 60")),
    "less than no time":    (("run", "--for", "-1"), ("--for", "greater than or equal to 0")),
    "no moves at all":      (("log", "-n", "0"), ("--newest", "greater than or equal to 1")),
    "a time that is none":  (("log", "--since", "lately"), ("'lately' is no time", "15m")),
    "a port out of range":  (("simulate", "--port", "70000"), ("--port", "65535")),
    "an unknown scenario":  (("simulate", "--scenario", "sunny"), ("no scenario 'sunny'", "healthy_margin")),
    "unknown quotas":       (("simulate", "--limits", "few"), ("no limits 'few'", "counted, live, sandbox")),
    "an account that is none": (("simulate", "--account", "not one!"), ("--account", "letters and digits")),
    "an unknown format":    (("diagram", "--format", "gif"), ("'gif'", "mermaid, dot")),
    "an unknown diagram":   (("diagram", "weather"), ("'weather'", "connection")),
    "an unknown hold":      (("hold", "sideways", "--why", "x"), ("'reduce' or 'halt', not 'sideways'",)),
    "nothing to ack":       (("ack",), ("Missing argument 'ISSUE'",)),
    "no journal to show":   (("log",), ("There is no journal at", "the first `supervisor run` makes it")),
    "no journal to verify": (("log", "verify"), ("There is no journal at",)),
    "no journal to replay": (("replay",), ("There is no journal at",)),
}
# fmt: on


@pytest.mark.parametrize("case", LINES)
def test_a_command_line_that_cannot_be_right_is_one_sentence(command: Commands, case: str) -> None:
    arguments, words = LINES[case]
    complains(command(*arguments), *words)
    complains_in_json(command(*arguments, "--json"), *words)


def test_an_unknown_concern_is_no_empty_answer(command: Commands) -> None:
    command.broker(preset("healthy_margin"))
    with command.watching():
        complains(command("log", "--concern", "weather"), "'weather'", "connection, ")
        assert command("log", "--concern", "connection").code == 0
        quiet = command("log", "--concern", "flapping")
        assert (quiet.code, quiet.out) == (0, "nothing on record fits\n")


def test_a_folder_that_cannot_be_written_is_named(command: Commands, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    complains(command("diagram", "--all", "--out", str(tmp_path / "taken" / "x")), "taken", "Not a directory")


# ---------------------------------------------------------------- journals


def _overwritten(path: Path) -> None:
    path.write_bytes(b"not a journal at all " * 100)


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _damaged(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))


def _foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE holidays (day TEXT)")
    database.close()


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version=99")
    database.close()


# fmt: off
JOURNALS: dict[str, tuple[Callable[[Path], None], str]] = {
    "overwritten":         (_overwritten, "is not a journal"),
    "emptied":             (_emptied, "is empty"),
    "damaged":             (_damaged, "damaged"),
    "of another program":  (_foreign, "database of another program"),
    "of a newer version":  (_newer, "newer version"),
}
# fmt: on


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a journal in it."""
    from supervisor import Supervisor  # one round is enough

    home = tmp_path_factory.mktemp("kept")
    supervisor = Supervisor.for_tradier(TOKEN, DEFAULT_ACCOUNT, base_url="http://127.0.0.1:9", home=home)
    supervisor.tick()
    supervisor.stop()
    return home


@pytest.mark.parametrize("case", JOURNALS)
def test_a_journal_that_cannot_be_used_is_said_by_every_command_that_needs_it(
    command: Commands, kept: Path, case: str
) -> None:
    spoil, words = JOURNALS[case]
    shutil.copytree(kept, command.home)
    command.broker(preset("healthy_margin"))
    path = Home.of("loopback", DEFAULT_ACCOUNT, command.home).journal
    spoil(path)
    before = path.read_bytes()
    for arguments in (("run", "--for", "0.1"), ("log",), ("log", "verify"), ("replay",)):
        complains(command(*arguments), str(path), words)
    complains_in_json(command("log", "--json"), str(path), words)
    assert path.read_bytes() == before


@pytest.mark.parametrize("case", JOURNALS)
def test_with_a_lost_journal_a_look_allows_closing_only_and_says_why(command: Commands, kept: Path, case: str) -> None:
    spoil, words = JOURNALS[case]
    shutil.copytree(kept, command.home)
    command.broker(preset("healthy_margin"))
    spoil(Home.of("loopback", DEFAULT_ACCOUNT, command.home).journal)
    told = command("check", "--json")
    assert told.code == 2
    health: dict[str, Any] = told.json()
    assert [issue["code"] for issue in health["issues"]] == ["operator_hold"]
    assert health["gate"]["mode"] == "reduce_only"
    assert words in told.err
    assert words in command("explain").err


# ---------------------------------------------------------------- help


def commands(found: Any, name: str = "") -> dict[str, Any]:
    """Every command that does something, by the words one types."""
    named = {name: found} if name and found.callback and getattr(found, "invoke_without_command", True) else {}
    for word, inner in getattr(found, "commands", {}).items():
        named |= commands(inner, f"{name} {word}".strip())
    return named


COMMANDS = commands(typer.main.get_command(app))


def test_every_command_of_the_design_is_there() -> None:
    needed = {"run", "check", "log", "log verify", "explain", "replay", "diagram", "simulate", "hold", "release", "ack"}
    assert needed <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_mentions_every_option_and_json_is_one(command: Commands, name: str) -> None:
    command.env(COLUMNS="200", TERMINAL_WIDTH="200")
    told = command(*name.split(), "--help")
    assert (told.code, told.err) == (0, "")
    found = COMMANDS[name]
    options = [option for parameter in found.params for option in parameter.opts if option.startswith("--")]
    assert "--json" in options
    for option in options:
        assert option in told.out
    assert str(found.help)[:40] in told.out


def test_no_command_at_all_shows_the_help(command: Commands) -> None:
    told = command()
    assert (told.code, told.err) == (0, "")
    assert "check" in told.out


def test_the_program_says_one_sentence_too(command: Commands) -> None:
    command.env(TRADIER_API_KEY="has blanks in it")
    complains(command.program("check"), "cannot be a token")
