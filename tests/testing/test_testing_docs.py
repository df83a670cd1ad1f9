"""What the reference of scenarios and the plugin says is so: every key, every action, every expectation, every example."""

import re
from pathlib import Path
from typing import Any

import pytest
import supervisor
from supervisor.testing.actions import ACTIONS
from supervisor.testing.clocks import Frozen
from supervisor.testing.expecting import EXPECTED
from supervisor.testing.runner import run
from supervisor.testing.scenario import HEAD, read
from supervisor.testing.text import parse

pytest_plugins = ["pytester"]

REFERENCE = (Path(supervisor.__file__).parent / "testing" / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| `?(.*?)`? \|$", re.MULTILINE)
EXAMPLES = re.findall(r"```python\n(.*?)```", REFERENCE, re.DOTALL)
FIRST = "submit: {as: first, symbol: AAPL, side: buy, quantity: 1, type: limit, price: 150, duration: day}"
BEFORE = {
    "release": ["hold: reduce, ann, looking"],
    "acknowledge": ["fault: {name: slow, by: 3}"],
    "cancel": [FIRST],
    "start": ["stop: yes"],
}
"""What must have happened before that can be done."""


def rows(title: str) -> dict[str, tuple[str, str]]:
    """The table below that heading: by name, what is said of it and its example."""
    part = REFERENCE.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]
    return {name: (means, example) for name, means, example in ROW.findall(part)}


def scenario(*steps: str, head: str = "") -> Any:
    """A scenario of these steps, five minutes apart, whose end expects next to nothing."""
    timeline = "".join(f"  - at: +5m\n    {step}\n" for step in steps)
    return read(
        parse(
            f"scenario: as documented\ndesk: yes\nstart: 2026-11-23 10:00\nstrict: no\n{head}timeline:\n{timeline}", "x"
        )
    )


def test_every_key_action_and_expectation_is_listed_with_its_meaning() -> None:
    assert tuple(rows("Head")) == HEAD
    assert {name: means for name, (means, _) in rows("Steps").items()} == {n: a.means for n, a in ACTIONS.items()}
    listed = {name: means for name, (means, _) in rows("What is expected").items()}
    assert listed == {name: expectation.means for name, expectation in EXPECTED.items()}


@pytest.mark.parametrize("name", ACTIONS)
def test_what_can_be_done_can_be_done_as_the_example_says(name: str, frozen: Frozen) -> None:
    example = rows("Steps")[name][1]
    assert example.startswith(f"{name}: ")
    over = "no" if name == "stop" else "yes"
    outcome = run(scenario(*BEFORE.get(name, ()), example, f"expect: {{running: {over}}}"), frozen=frozen)
    assert outcome.passed, outcome.text()


@pytest.mark.parametrize("name", EXPECTED)
def test_what_can_be_expected_is_understood_as_the_example_says(name: str) -> None:
    example = rows("What is expected")[name][1]
    assert example.startswith(f"{name}: ")
    (wanted,) = scenario(f"expect: {{{example}}}").steps[0].wanted
    assert wanted.name == name


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("broker: no_cash\n", "{issues: no_buying_power}"),
        ("faults: hang on balances\n", "{connection: up, buying_power: unreadable}"),
        ("intends: live\n", "{endpoint: matched, open: yes}"),
        (
            "uses: https://api.example.com/v1\nsettings: {enable_auto_fix: no}\n",
            "{endpoint: unlisted, permits: cancelling, requests: 0}",
        ),
        ("looks: told\n", "{requests: 4, open: no, stale: yes}"),
        ("settings: {option_level: 6}\n", "{approval: approved}"),
        ("zone: UTC\n", "{open: yes}"),
        ("teaches: one sentence\n", "{open: yes}"),
    ],
)
def test_each_key_of_the_head_does_what_it_says(head: str, expected: str, frozen: Frozen) -> None:
    outcome = run(scenario(f"expect: {expected}", head=head), frozen=frozen)
    assert outcome.passed, outcome.text()


def test_the_example_file_comes_out_as_it_says(frozen: Frozen) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
    outcome = run(read(parse(example, "README.md"), "README.md"), frozen=frozen)
    assert outcome.passed, outcome.text()


def test_there_are_three_worked_examples_of_the_plugin() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.findall(r"def (test_\w+)", text)[0])
def test_the_worked_example_passes(example: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(example)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_every_fixture_is_in_the_reference(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_inprocess("--fixtures", "-p", "no:cacheprovider").stdout.str()
    ours = set(re.findall(r"^(\w+) -- .*supervisor/testing/plugin\.py", shown, re.MULTILINE))
    part = REFERENCE.split("## In pytest", 1)[1]
    assert ours == set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
