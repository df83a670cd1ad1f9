"""A project that installs this package has scenarios and fixtures in its pytest, with nothing more to do."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

GOOD = """\
scenario: The broker hangs
timeline:
  - at: +30s
    fault: hang
  - at: +90s
    expect: {connection: down, events: detected connection_failed}
"""


def test_the_plugin_is_announced() -> None:
    assert [e.value for e in entry_points(group="pytest11") if e.name == "supervisor"] == ["supervisor.testing.plugin"]


def test_scenario_files_are_tests(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scenario.yaml", good=GOOD, bad=GOOD.replace("down", "up"))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*bad.scenario.yaml:6: at *", "*expected  connection: up", "*seen      connection: down"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_file_that_is_no_scenario_fails_with_its_line(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scenario.yaml", broken="scenario: a\ntimeline:\n  - at: noon\n    expect: {}")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*broken.scenario.yaml:3: 'noon' is no time*"])


def test_a_supervised_broker_fails_on_command(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_opening_closes(supervised, broker, frozen):
            assert supervised.running.can_trade()
            broker.inject("refuse")
            supervised.run_to(frozen.true + 90)
            assert not supervised.running.can_trade()
            assert [told.line for told in supervised.told] == ["detected connection_failed"]
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_marker_says_how_it_begins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import time, pytest

        @pytest.mark.supervised(broker="no_cash", start="2026-11-27T13:00:00-05:00", desk=True)
        def test_begins(supervised, frozen):
            assert time.time() == frozen.true == 1795802400
            assert [issue.code for issue in supervised.running.health().issues] == ["no_buying_power"]
            assert supervised.running.orders is not None
    """)
    pytester.runpytest_inprocess("--strict-markers").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("brokr='no_cash'", "@pytest.mark.supervised knows no 'brokr'; did you mean 'broker'?"),
        ("broker='no_cahs'", "There is no scenario 'no_cahs'; the known ones are "),
        ("start='soon'", "start='soon' is no instant: give one like '2026-11-23T14:00:00+00:00'"),
        ("settings={'fal': 2}", "settings: unknown setting 'fal'"),
    ],
)
def test_a_slip_in_the_marker_is_named(pytester: pytest.Pytester, option: str, complaint: str) -> None:
    pytester.makepyfile(f"""
        import pytest

        @pytest.mark.supervised({option})
        def test_begins(supervised):
            pass
    """)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    assert complaint in result.stdout.str()


def test_settings_may_be_given_by_name(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest

        @pytest.mark.supervised(settings={"fall": 5})
        def test_begins(supervised):
            assert (supervised.settings.fall, supervised.settings.live_jitter) == (5, False)
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("story", "complaint"),
    [
        ("given(CONNECTION, 'upp')", "the table 'connection' has no state 'upp'; did you mean 'up'?"),
        ("given(CONNECTION, 'up').when('faild').then('up')", "has no signal 'faild'; did you mean 'failed'?"),
        ("given(CONNECTION, 'up').when('failed').then('unstedy')", "has no state 'unstedy'; did you mean 'unsteady'?"),
    ],
)
def test_a_slip_in_a_story_is_named_and_shows_nothing(pytester: pytest.Pytester, story: str, complaint: str) -> None:
    pytester.makepyfile(f"""
        from supervisor import Settings
        from supervisor.concerns.connection import connection

        CONNECTION = connection(Settings())

        def test_it(given):
            {story}
    """)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    assert complaint in result.stdout.str()


def test_frozen_runs_a_users_own_supervisor(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from supervisor import Supervisor
        from supervisor.simulator import SimulatorAdapter

        def test_a_day(frozen, broker):
            supervisor = Supervisor.for_tradier("a-token-of-mine", "VA90010001", adapter=SimulatorAdapter(broker), persist=False)
            frozen.run(supervisor, 3600)
            assert supervisor.book.stats.total_checks > 55
            assert supervisor.can_trade()
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_how_long_a_test_took_is_told_by_the_real_clock(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_frost(frozen, supervised):\n    frozen.advance(3600)")
    result = pytester.inline_run()
    took = [report.duration for report in result.getreports("pytest_runtest_logreport")]
    began = [report.start for report in result.getreports("pytest_runtest_logreport")]
    assert len(took) == 3
    assert all(0 <= seconds < 600 for seconds in took), took
    assert max(began) - min(began) < 600, began


def test_stories_need_no_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from supervisor.concerns.connection import connection
        from supervisor.config import Settings
        from supervisor.testing import given

        def test_three_misses():
            given(connection(Settings()), "up").when("failed", "failed", "failed").then("down", issue="connection_failed")
    """)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_project_that_uses_none_of_it_pays_nothing() -> None:
    code = (
        "import sys, supervisor.testing.plugin; "
        "print(*[m for m in ('requests', 'transitions', 'freezegun', 'yaml', 'supervisor.monitor') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""


def test_scenarios_are_listed_without_being_run(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scenario.yaml", good=GOOD, bad=GOOD.replace("down", "up"))
    result = pytester.runpytest_inprocess("--collect-only", "-q")
    result.stdout.fnmatch_lines(["bad.scenario.yaml::bad", "good.scenario.yaml::good", "2 tests collected*"])


def test_a_users_own_settings_of_pytest_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makeini("""
        [pytest]
        testpaths = stories
        python_files = check_*.py
        addopts = --strict-markers --strict-config -k "good or plain"
        filterwarnings = error
    """)
    folder = pytester.mkdir("stories")
    (folder / "good.scenario.yaml").write_text(GOOD)
    (folder / "other.scenario.yaml").write_text(GOOD.replace("down", "up"))
    (folder / "check_plain.py").write_text("def test_plain():\n    assert True\n")
    (pytester.path / "outside.scenario.yaml").write_text(GOOD.replace("down", "up"))
    pytester.runpytest_inprocess().assert_outcomes(passed=2, deselected=1)


def test_it_can_be_switched_off(pytester: pytest.Pytester) -> None:
    pytester.makefile(".scenario.yaml", good=GOOD)
    pytester.makepyfile("def test_plain():\n    assert True\n")
    result = pytester.runpytest_subprocess("-p", "no:supervisor", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_a_story_that_fails_says_the_way_it_took(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from supervisor.concerns.connection import connection
        from supervisor.config import Settings

        def test_two_misses(given):
            given(connection(Settings()), "up").when("failed", "failed").then("down")
    """)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*connection: up -> [[]failed[]] unsteady, expected 'down'*"])


def test_a_rule_that_breaks_fails_the_test_that_broke_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from supervisor.core.words import ALL
        from supervisor.monitor.gate import Gate

        def test_with_a_gate_that_forgets(supervised, broker, frozen, monkeypatch):
            monkeypatch.setattr(Gate, "permits_now", lambda gate: ALL)
            broker.inject("refuse")
            supervised.run_to(frozen.true + 90)
    """)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Broken: opening needs every concern to permit it*"])
