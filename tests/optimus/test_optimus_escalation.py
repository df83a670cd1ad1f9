"""A CRITICAL issue that nobody acknowledged is told again, and a program is run on what matters."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from freezegun import freeze_time
from supervisor.config import Settings, from_mapping
from supervisor.core.issue import Issue
from supervisor.core.words import CRITICAL, ERROR
from supervisor.errors import ConfigError
from supervisor.monitor.escalation import EASTERN, Escalation, in_session
from supervisor.monitor.tradier import for_tradier
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter, become, preset

from optimus.optimus_doubles import EXACT, MONDAY, TOKEN, integrate, run

NOON = datetime(2026, 11, 23, 12, tzinfo=EASTERN).timestamp()
BAD = Issue("connection_failed-7", "connection_failed", CRITICAL, "connection", "It is down", "connection", NOON)


def at(escalation: Escalation, issue: Issue, *seconds: float) -> list[int]:
    """The levels told when asked at these times after noon."""
    return [level for after in seconds for _, level in escalation.due([issue], NOON + after)]


def test_it_is_told_after_two_minutes_and_then_every_half_hour() -> None:
    escalation = Escalation(120, 1800)
    assert at(escalation, BAD, 0, 119) == []
    assert escalation.wake_at() == NOON + 120
    assert at(escalation, BAD, 120, 121, 1919, 1920, 1921) == [1, 2]


def test_what_is_resolved_is_forgotten() -> None:
    escalation = Escalation(120, 1800)
    at(escalation, BAD, 0)
    assert escalation.due([], NOON + 60) == []
    assert escalation.wake_at() is None


def test_an_acknowledgement_stops_it_until_the_issue_changes() -> None:
    escalation = Escalation(120, 1800)
    assert at(escalation, BAD, 0, 120) == [1]
    assert at(escalation, attrs.evolve(BAD, acknowledged="seen"), 130, 5000) == []
    assert at(escalation, BAD, 5001, 5120) == []
    assert at(escalation, BAD, 5121) == [1]


def test_nothing_less_than_critical_is_escalated_but_what_becomes_it_is_two_minutes_later() -> None:
    escalation = Escalation(120, 1800)
    assert at(escalation, attrs.evolve(BAD, severity=ERROR), 0, 1000) == []
    assert at(escalation, BAD, 1001, 1120, 1121) == [1]


def test_after_a_restart_what_was_old_is_told_at_once() -> None:
    assert at(Escalation(120, 1800), BAD, 600) == [1]


@pytest.mark.parametrize(
    ("instant", "session"),
    [
        ("2026-11-23T12:00", "2026-11-23T12:00"),
        ("2026-11-23T09:29", "2026-11-23T09:30"),
        ("2026-11-23T16:00", "2026-11-24T09:30"),
        ("2026-11-27T17:00", "2026-11-30T09:30"),
        ("2026-11-29T12:00", "2026-11-30T09:30"),
        ("2026-10-31T12:00", "2026-11-02T09:30"),  # the clocks are changed in between
    ],
)
def test_it_is_repeated_while_the_market_is_open_only(instant: str, session: str) -> None:
    asked, expected = (datetime.fromisoformat(text).replace(tzinfo=EASTERN).timestamp() for text in (instant, session))
    assert in_session(asked) == expected


def test_a_supervisor_escalates_and_an_acknowledgement_ends_that(tmp_path: Path) -> None:
    simulator = preset("account_suspended")
    told: list[Any] = []
    with freeze_time(MONDAY) as frozen:
        _, integration = integrate(
            simulator, tmp_path, on_escalation=lambda issue, level: told.append((issue.code, level))
        )
        integration.tick()
        run(frozen, integration, 119)
        assert told == []
        run(frozen, integration, 2)
        assert told == [("account_restricted", 1)]
        run(frozen, integration, 1800)
        assert told == [("account_restricted", 1), ("account_restricted", 2)]
        assert integration.acknowledge("account_restricted", why="known", who="test")
        run(frozen, integration, 7200)
        assert len(told) == 2


def test_permits_and_bands_are_told(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    told: list[str] = []
    with freeze_time(MONDAY):
        agent, integration = integrate(
            simulator, tmp_path, on_verdict_changed=lambda health: told.append(health.status.value)
        )
        integration.tick()
        become(simulator, "account_suspended")
        assert integration.supervisor is not None
        integration.supervisor.look()
        assert told == ["healthy", "unhealthy"]
        assert any("(unhealthy), trading: reduce only" in line for line in agent.lines)


def notified(tmp_path: Path, command: str, simulator: Simulator | None = None, **more: Any) -> Any:
    """A supervisor with that notify_command, on a broker that suspended the account unless another is given."""
    simulator = simulator or preset("account_suspended")
    settings = Settings(live_jitter=False, notify_command=command, **more)
    return for_tradier(TOKEN, DEFAULT_ACCOUNT, settings=settings, home=tmp_path, adapter=SimulatorAdapter(simulator))


def test_a_program_gets_each_event_as_json_on_its_input_and_not_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADIER_API_KEY", TOKEN)
    script, out = tmp_path / "told.py", tmp_path / "told.jsonl"
    script.write_text(
        "import os, sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\n'); sys.exit('TRADIER_API_KEY' in os.environ)"
    )
    with freeze_time(MONDAY) as frozen:
        simulator = preset("healthy_margin")
        supervisor = notified(tmp_path, f"{sys.executable} {script} '{out}'", simulator)
        supervisor.tick()
        become(simulator, "account_suspended")
        supervisor.look()
        frozen.tick(timedelta(seconds=120))
        supervisor.tick()
        assert [issue.code for issue in supervisor.health().issues] == ["account_restricted"]
        supervisor.stop()
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["gate", "detected", "gate", "escalated"]
    assert lines[0]["mode"] == "open"
    assert lines[1]["issue"]["code"] == "account_restricted"
    assert lines[2]["mode"] == "reduce_only"
    assert lines[3]["level"] == 1
    assert TOKEN not in out.read_text()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (f"{sys.executable} -c 'import sys; sys.exit(3)'", "ended with 3"),
        ("/no/such/program", "can't be run"),
        (f"{sys.executable} -c 'import time; time.sleep(60)'", "was ended after 0.2 s"),
    ],
)
def test_a_program_that_fails_is_told_and_stops_nothing(tmp_path: Path, command: str, words: str) -> None:
    supervisor = notified(tmp_path, command, notify_limit=0.2)
    supervisor.tick()
    issues = {issue.code: issue for issue in supervisor.health().issues}
    assert "account_restricted" in issues
    assert words in issues["callback_failing"].error_message
    supervisor.stop()


def test_the_settings_of_it_are_checked() -> None:
    assert from_mapping({"notify_command": "mail -s x me"}).notify_command == "mail -s x me"
    with pytest.raises(ConfigError, match="notify_command must be text in one line"):
        from_mapping({"notify_command": 3})
    with pytest.raises(ConfigError, match="escalate_after"):
        from_mapping({"escalate_after": 0})
    assert (EXACT.escalate_after, EXACT.escalate_again) == (120, 1800)
