"""Do the minutes, counts and means add up?"""

from pathlib import Path
from typing import Any

import attrs
import pytest
from freezegun import freeze_time
from supervisor.core.words import ALL, CLOSING, Mode
from supervisor.errors import JournalError
from supervisor.monitor.making import book_for
from supervisor.monitor.past_measure import Measured
from supervisor.monitor.past_record import Stretch, measured, stretch
from supervisor.monitor.past_timeline import Span, Timeline, nothing, unwatched_too
from supervisor.monitor.past_whatif import what_if
from supervisor.monitor.report_timeline import timeline
from supervisor.simulator import preset

from audit.audit_world import Lived, memory, start
from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT


@pytest.fixture
def outage(tmp_path: Path) -> Lived:
    """An hour with one outage in it: first missed at 14:10:00, certain at 14:10:30, over at 14:20:15."""
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = start(simulator, tmp_path)
        run(frozen, supervisor, 599)
        simulator.inject("refuse", seconds=600)
        run(frozen, supervisor, 3001)
        supervisor.stop()
    return Lived(memory(tmp_path).home, [])


def numbers(lived: Lived, **options: Any) -> Measured:
    with lived.journal() as journal:
        return measured(journal, EXACT, stretch(journal, options.get("since"), options.get("until")))


def test_an_outage_is_one_issue_with_its_delay_its_length_and_its_minutes(outage: Lived) -> None:
    found = numbers(outage)
    (case,) = found.cases
    assert (case.code, case.severity, case.outcome) == ("connection_failed", "critical", "recovered")
    assert case.delay == 30
    assert found.mean_to_detect() == 30
    assert case.resolved is not None
    closed = sum(span.seconds for span in found.spans if "connection" in span.causes)
    assert closed >= case.resolved - case.detected + case.delay + EXACT.dwell
    assert found.closed >= closed
    assert found.mean_to_fix() is None
    assert found.mean_to_resolve() == case.resolved - case.detected


def test_every_second_is_in_one_mode_and_every_concern_is_somewhere_all_the_time(outage: Lived, lived: Lived) -> None:
    for each in (outage, lived):
        found = numbers(each)
        whole = found.until - found.since
        assert sum(found.by_mode.values()) == pytest.approx(whole)
        for name, states in found.of_concerns().items():
            assert sum(states.values()) == pytest.approx(whole), name
        for before, after in zip(found.spans, found.spans[1:], strict=False):
            assert before.end == after.start
        assert found.watched <= whole


def test_a_part_and_the_rest_make_the_whole(lived: Lived) -> None:
    whole = numbers(lived)
    middle = lived.seen[20][0]
    first, second = numbers(lived, until=middle), numbers(lived, since=middle)
    assert first.closed + second.closed == pytest.approx(whole.closed)
    assert first.moves + second.moves == whole.moves
    assert {case.issue_id for case in (*first.cases, *second.cases)} == {case.issue_id for case in whole.cases}
    for name, states in whole.of_concerns().items():
        for state, seconds in states.items():
            parts = first.times[name].get(state, 0.0) + second.times[name].get(state, 0.0)
            assert parts == pytest.approx(seconds), (name, state)


def test_the_gate_of_each_span_is_the_one_that_was_seen(lived: Lived) -> None:
    spans = numbers(lived).spans
    for at, permits, _ in lived.seen:
        (span,) = [span for span in spans if span.start <= at < span.end]
        assert span.permits == permits
        assert bool(span.causes) == (permits & ALL != ALL)


def test_time_in_which_nobody_watched_is_closed_and_no_uptime(lived: Lived) -> None:
    found = numbers(lived)
    dark = found.until - found.since - found.watched
    assert found.by_cause["monitor"] == pytest.approx(dark)
    assert dark > 1800 + 8000


def test_holes_are_cut_out_of_spans_wherever_they_lie() -> None:
    spans = [Span(0, 10, int(ALL), Mode.OPEN, ()), Span(10, 20, int(CLOSING), Mode.REDUCE_ONLY, ("clock",))]
    found = unwatched_too(spans, [(2, 4), (8, 12), (19, 25)])
    assert [(s.start, s.end, s.causes) for s in found] == [
        (0, 2, ()), (2, 4, ("monitor",)), (4, 8, ()), (8, 10, ("monitor",)), (10, 12, ("clock", "monitor")),
        (12, 19, ("clock",)), (19, 20, ("clock", "monitor")),
    ]  # fmt: skip


def test_a_stretch_without_moves_is_one_span() -> None:
    empty = Timeline(nothing(book_for(EXACT)), 100.0)
    empty.end(160.0)
    (span,) = empty.spans
    assert (span.seconds, span.mode) == (60.0, Mode.REDUCE_ONLY)
    assert "connection" in span.causes


def test_a_time_that_is_not_on_record_is_refused(lived: Lived) -> None:
    with lived.journal() as journal:
        with pytest.raises(JournalError, match="the journal goes from 2026-11-23T14:00"):
            stretch(journal, None, 1e9)
        with pytest.raises(JournalError, match="nothing is on record of that time"):
            stretch(journal, 9e9, None)
        assert stretch(journal, 0.0, None).since > 0


def test_the_same_settings_change_nothing(lived: Lived) -> None:
    with lived.journal() as journal:
        same = what_if(journal, EXACT, EXACT, stretch(journal, None, None))
        assert [row for row in same.rows() if row.was != row.would] == []
        middle = what_if(journal, EXACT, EXACT, Stretch(lived.seen[9][0], lived.seen[30][0]))
        assert [row for row in middle.rows() if row.was != row.would] == []


def test_a_longer_wait_before_an_alarm_tells_later_and_a_longer_dwell_closes_longer(outage: Lived) -> None:
    with outage.journal() as journal:
        over = stretch(journal, None, None)
        slower = what_if(journal, EXACT, attrs.evolve(EXACT, fall=6), over)
        longer = what_if(journal, EXACT, attrs.evolve(EXACT, dwell=900.0), over)
    assert slower.would.mean_to_detect() > slower.was.mean_to_detect()  # type: ignore[operator]  # both have one
    assert [case.code for case in slower.would.cases] == ["connection_failed"]
    assert longer.would.closed >= longer.was.closed + 700
    rows = {row.name: (row.was, row.would) for row in longer.rows()}
    assert rows["minutes closed by connection"][1] > rows["minutes closed by connection"][0]  # type: ignore[operator]  # as above


def test_the_drawn_gate_has_a_bar_for_every_mode_that_was(lived: Lived) -> None:
    found = numbers(lived)
    picture = timeline(found)
    assert picture == timeline(found)
    for mode in found.by_mode:
        assert mode.replace("_", " ") in picture
    for cause in list(found.by_cause)[:5]:
        assert cause.replace("_", " ") in picture
