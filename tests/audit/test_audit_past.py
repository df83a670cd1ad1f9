"""Is a past instant told as it was when it was now?"""

from pathlib import Path

import attrs
import pytest
from freezegun import freeze_time
from supervisor.core.words import OPENING, PERMIT_NAMES
from supervisor.errors import JournalError
from supervisor.monitor.past import explained, rules_at, standing
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import preset

from audit.audit_world import Lived, memory, start
from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT


def test_the_gate_of_every_past_instant_is_as_it_was_seen_then(lived: Lived) -> None:
    with lived.journal() as journal:
        for at, permits, status in lived.seen:
            then = standing(journal, at, EXACT)
            assert (int(then.permits), then.verdict.status) == (permits, status), at
    assert len({permits for _, permits, _ in lived.seen}) > 1


def words_of(supervisor: Supervisor) -> dict[str, list[str]]:
    return {PERMIT_NAMES[view.permit]: [r.concern for r in view.reasons] for view in supervisor.explain().permits}


def test_a_past_explanation_gives_the_reasons_that_were_given_then(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    seen = []
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, tmp_path)
        run(frozen, supervisor, 120)
        for fault in ("hang", "margin_call", "token_invalid"):
            simulator.inject(fault, seconds=400)
            run(frozen, supervisor, 380)
            seen.append((supervisor.now(), words_of(supervisor), supervisor.explain().issues))
            run(frozen, supervisor, 900)
        supervisor.stop()
    with memory(tmp_path).home.journal.open("rb"), Lived(memory(tmp_path).home, []).journal() as journal:
        for at, reasons, issues in seen:
            told = explained(journal, standing(journal, at, EXACT))
            assert {PERMIT_NAMES[view.permit]: [r.concern for r in view.reasons] for view in told.permits} == reasons
            assert [issue.issue_id for issue in told.issues] == [issue.issue_id for issue in issues]
        first = explained(journal, standing(journal, seen[0][0], EXACT))
    assert "deadline passed" in first.evidence["connection"]
    assert "Seen: " in first.text()
    assert first.as_dict()["at"].startswith("2026-11-23T14:08:20")


def test_between_a_stop_and_the_next_round_opening_was_closed_and_says_so(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        first = start(simulator, tmp_path)
        run(frozen, first, 300)
        stopped = first.now()
        first.stop()
        frozen.tick(600)
        second = start(simulator, tmp_path)
        run(frozen, second, 300)
        second.stop()
    with Lived(memory(tmp_path).home, []).journal() as journal:
        then = standing(journal, stopped + 30, EXACT)
        assert not then.permits & OPENING
        assert then.silent == stopped
        assert "No round has completed in time" in explained(journal, then).text()
        assert standing(journal, stopped - 1, EXACT).silent is None


def test_before_the_record_began_nothing_is_said(lived: Lived) -> None:
    with lived.journal() as journal, pytest.raises(JournalError, match="nothing is on record by 2001"):
        standing(journal, 1e9, EXACT)


def test_the_settings_that_ruled_are_those_that_went_on_record(tmp_path: Path) -> None:
    strict = attrs.evolve(EXACT, option_level=4, fall=2)
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        for settings in (EXACT, strict):
            supervisor = start(simulator, tmp_path, settings)
            run(frozen, supervisor, 120)
            supervisor.stop()
            frozen.tick(60)
    with Lived(memory(tmp_path).home, []).journal() as journal:
        assert rules_at(journal, attrs.evolve(EXACT, fall=9)).settings == strict
        assert rules_at(journal, strict, last=5).settings == EXACT
