"""A scenario says what is otherwise, where and when; and is refused, with its line, where it can't be understood."""

from pathlib import Path
from typing import Any

import pytest
from supervisor.testing.runner import run
from supervisor.testing.scenario import ScenarioError, load, read
from supervisor.testing.text import Map, parse
from supervisor.testing.writing import dump

HANG = """\
scenario: The broker hangs
start: 2026-11-23 09:00
timeline:
  - at: 09:00:30
    fault: hang
  - at: 09:02
    expect:
      connection: {state}
      events: {events}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "one.scenario.yaml"
    path.write_text(text)
    return path


def made(*steps: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {"scenario": "made in Python", "start": "2026-11-23 09:00", **head, "timeline": list(steps)}


def test_what_comes_out_as_it_says_passes(tmp_path: Path) -> None:
    outcome = run(load(written(tmp_path, HANG.format(state="down", events="09:01:30 detected connection_failed"))))
    assert outcome.passed, outcome.text()
    assert outcome.lasted == 120
    assert outcome.rounds == 5  # 09:00, 09:01, twice quickly, and half a minute after it was down


def test_a_wrong_state_names_file_line_time_and_both_sides_with_the_last_moves(tmp_path: Path) -> None:
    path = written(tmp_path, HANG.format(state="up", events="detected connection_failed"))
    (failure,) = run(load(path)).failures
    assert (failure.path, failure.line) == (str(path), 8)
    assert failure.at == "Mon 2026-11-23 09:02:00 EST, 120 s in"
    assert (failure.expected, failure.seen) == ("connection: up", "connection: down")
    assert any("connection: unsteady -> down" in move for move in failure.moves)
    assert f"{path}:8: at Mon" in failure.text()


@pytest.mark.parametrize(
    "events", ["[]", "detected connection_error", "[detected connection_failed, resolved connection_failed]", "09:01:31 detected connection_failed"]
)  # fmt: skip
def test_events_are_compared_in_kind_order_count_and_time(tmp_path: Path, events: str) -> None:
    (failure,) = run(load(written(tmp_path, HANG.format(state="down", events=events)))).failures
    assert failure.seen == "events: 09:01:30 detected connection_failed"


def test_an_unexpected_event_fails_wherever_it_comes() -> None:
    fault = {"at": "+1s", "fault": "hang"}
    before = run(read(made(fault, {"at": "+2m", "expect": {"connection": "down"}})))
    assert [f.expected for f in before.failures] == ["events: none"]
    after = run(read(made({"at": "start", "expect": {"open": "yes"}}, fault, {"at": "+2m"})))
    assert [f.expected for f in after.failures] == ["no more events"]
    loose = run(read(made(fault, {"at": "+2m", "expect": {"connection": "down"}}, strict="no")))
    assert loose.passed


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({"open": "no"}, "open: yes"),
        ({"permits": "closing"}, "permits: open_equity, open_option, close_equity, close_option, cancel"),
        ({"mode": "halted"}, "mode: open"),
        ({"score": "0.5 to 0.7"}, "score: 1.000"),
        ({"status": "degraded"}, "status: healthy"),
        ({"issues": "connection_failed"}, "issues: none"),
        ({"requests": 3}, "requests: 2"),
        ({"booked": 1}, "booked: 0"),
        ({"masked": "account"}, "masked: none"),
        ({"stale": "yes"}, "stale: no"),
        ({"running": "no"}, "running: yes"),
        ({"may": {"buy 1 AAPL": "no"}}, "may: buy 1 AAPL: yes"),
        ({"called": "09:00:00 connection_failed"}, "called: none"),
        ({"refused": "is the writer"}, "refused: it was not refused"),
        ({"weather": "fine"}, "weather: nothing is called so (concerns: endpoint, operator, journal, connection"),
        ({"callback/agent": "failing"}, "callback/agent: no callback of that key is remembered (there are: none)"),
        ({"became": {"first": "landed"}}, "became: no order is called 'first'"),
    ],
)
def test_each_expectation_can_fail(wanted: dict[str, Any], seen: str) -> None:
    (failure,) = run(read(made({"at": "+1s", "expect": wanted}))).failures
    assert failure.seen.startswith(seen)


def test_an_order_placed_elsewhere_that_the_broker_refuses_is_told_in_its_words() -> None:
    (failure,) = run(read(made({"at": "+1s", "elsewhere": {"symbol": "AAPL", "side": "buy"}, "expect": {}}))).failures
    assert failure.seen.startswith("the broker did not book it: HTTP 400, ")


def test_the_explanation_is_searched_for_words() -> None:
    right = run(read(made({"at": "+1s", "expect": {"explain": ["healthy, score 1.00", "open equity"]}})))
    assert right.passed
    wrong = run(read(made({"at": "+1s", "expect": {"explain": "all is lost"}})))
    assert "healthy, score 1.00" in wrong.failures[0].seen


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("scenario: [", "x:1: this is no YAML"),
        ("- one", "x: a scenario begins with"),
        ("scenario: a\ntimeline: []", "needs a timeline"),
        ("scenario: a\ncolour: red\ntimeline: [{at: start, expect: {open: yes}}]", "x:2: a scenario has no 'colour'"),
        ("scenario: a\nbroker: sick\ntimeline: [{at: start, expect: {open: yes}}]", "x:2: there is no broker 'sick'"),
        ("scenario: a\nsettings: {fal: 3}\ntimeline: [{at: start, expect: {open: yes}}]", "x:2: settings: unknown setting 'fal'"),
        ("scenario: a\nsettings: {fall: 0}\ntimeline: [{at: start, expect: {open: yes}}]", "fall must be a whole number"),
        ("scenario: a\nzone: Mars/North\ntimeline: [{at: start, expect: {open: yes}}]", "there is no time zone 'Mars/North'"),
        ("scenario: a\ntimeline:\n  - fault: hang", "x:3: a step begins with its time"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    fault: hanging", "x:4: there is no fault 'hanging'"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    fault: {name: slow, speed: 3}", "x:4: the fault slow takes by, not speed"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    fault: hang on everything", "x:4: there is no endpoint everything"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    wish: rain", "x:4: a step has no 'wish'"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    hold: pause, ann, x", "x:4: 'pause' is none of: reduce, halt"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    account: {colour: red}", "x:4: an account has:"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    elsewhere: {as: mine}", "x:4: an order placed elsewhere is its fields"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    expect: {open: perhaps}", "x:4: 'perhaps' is neither yes nor no"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    expect: {permits: everything}", "x:4: 'everything' is no permit"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    expect: {events: it broke}", "x:4: 'it broke' is no event"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    expect: {called: a b}", "x:4: 'a b' is no call"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    expect: open", "x:4: `expect` is names with what is expected"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    expect: [open]", "x:4: `expect` is names with what is expected"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    fautl: hang", "x:4: a step has no 'fautl'; did you mean 'fault'?"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    fault: hagn", "x:4: there is no fault 'hagn'; did you mean 'hang'?"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    at: +2m\n    expect: {open: yes}", "x:4: 'at' is said twice"),
        ("scenario: a\ntimeline:\n  - at: +1m\n    fault: hang", "a scenario that expects nothing shows nothing"),
        ("scenario: a\ntimeline:\n  - at: 25:00\n    expect: {open: yes}", "x:3: "),
        ("scenario: a\ntimeline:\n  - at: 09:05\n    fault: hang\n  - at: 09:01\n    expect: {open: yes}", "x:5: '09:01' is over by then (it is Mon 09:05:00): write 'Tue 09:01', or the date"),
        ("scenario: a\ntimeline:\n  - at: 2026-11-22 09:00\n    expect: {open: yes}", "is over by then: times go forward"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_named_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        read(parse(text, "x"), "x")
    assert complaint in str(refused.value)


def test_scalars_stay_words_and_know_their_lines() -> None:
    said = parse("on: 10:30\nno: yes\nnumber: 012\n", "x")
    assert isinstance(said, Map)
    assert dict(said) == {"on": "10:30", "no": "yes", "number": "012"}
    assert [getattr(key, "line", None) for key in said] == [1, 2, 3]


def test_an_invariant_that_breaks_fails_the_scenario_whatever_it_expects() -> None:
    from supervisor.testing.invariants import Broken

    def never_two_rounds(world: Any) -> None:
        if world.rounds > 1:
            raise Broken("one round only", f"{world.rounds} rounds")

    outcome = run(read(made({"at": "+2m", "expect": {"open": "yes"}})), checks=[never_two_rounds])
    assert [(f.expected, f.seen) for f in outcome.failures] == [("always: one round only", "2 rounds")]


def test_what_the_world_does_not_allow_is_a_failure_and_no_traceback() -> None:
    outcome = run(read(made({"at": "+1s", "stop": "yes"}, {"at": "+1s", "hold": "reduce, a, b", "expect": {}})))
    assert [f.seen for f in outcome.failures] == ["no supervisor runs at that time"]


def test_what_happens_can_be_watched() -> None:
    seen: list[str] = []
    run(
        read(made({"at": "+1s", "fault": "hang"}, {"at": "+1m", "expect": {}})),
        watch=lambda at, line: seen.append(line),
    )
    assert any("connection: unknown -> up" in line for line in seen)
    assert any("connection: up -> unsteady" in line for line in seen)


def test_who_watches_sees_notes_events_the_gate_and_what_was_as_expected() -> None:
    seen: list[tuple[float, str]] = []
    scenario = read(
        made(
            {"at": "+30s", "note": "All goes dark.", "fault": "hang"},
            {"at": "+1m", "expect": {"events": "detected connection_failed", "may": {"sell 1 AAPL": "yes"}}},
        )
    )
    assert run(scenario, watch=lambda at, line: seen.append((at - scenario.start, line.strip()))).passed
    assert [line for line in seen if "->" not in line[1]] == [
        (0, "gate: open"),
        (30, "All goes dark."),
        (30, "fault: hang"),
        (60, "gate: reduce_only"),
        (90, "detected connection_failed"),
        (90, "as expected  events: detected connection_failed"),
        (90, "as expected  may: sell 1 AAPL: yes"),
    ]


def test_a_person_is_called_for_what_nobody_acknowledged_and_only_then() -> None:
    outcome = run(
        read(
            made(
                {"at": "start", "account": {"status": "suspended"}},
                {"at": "09:02:59", "expect": {"events": "09:01:00 detected account_restricted", "called": []}},
                {"at": "09:03", "expect": {"called": "09:03:00 account_restricted"}},
                {"at": "09:04", "acknowledge": "account_restricted, ann, on the phone"},
                {"at": "09:50", "expect": {"called": []}},
            )
        )
    )
    assert outcome.passed, outcome.text()


def test_a_scenario_written_down_reads_back_the_same() -> None:
    said = made(
        {"at": "+1s", "fault": [{"name": "slow", "by": 3, "for": "5m"}, "hang on balances"], "note": "two: at once"},
        {"at": "+1m", "expect": {"open": "no", "events": []}},
        broker="healthy_cash",
        settings={"fall": 4},
    )
    again = read(parse(dump(said), "x"))
    first = read(said)
    assert [step.at for step in again.steps] == [step.at for step in first.steps]
    assert [[d.arguments for d in step.doing] for step in again.steps] == [
        [d.arguments for d in s.doing] for s in first.steps
    ]
    assert (again.broker, again.settings, again.title) == (first.broker, first.settings, first.title)


def test_users_own_concerns_watch_along() -> None:
    from supervisor.core.concern import Concern
    from supervisor.core.table import Arrow, State, Table
    from supervisor.core.words import ALL, CLOSING, OK

    states = (State("asleep", OK, CLOSING, means="Not looked."), State("awake", OK, ALL, means="Looked."))
    table = Table("agent", states, (Arrow("asleep", "woke", "awake"),), about="Is the agent awake?")
    own = Concern(table, lambda _: "woke", "test", lambda _: "it woke")
    outcome = run(read(made({"at": "+1s", "expect": {"agent": "awake", "open": "yes"}})), concerns=[own])
    assert outcome.passed, outcome.text()
