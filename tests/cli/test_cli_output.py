"""Text for people: as it is where it is read by a program, folded and coloured in a terminal."""

import io

import pytest
from supervisor.cli.entries import Line, Widths
from supervisor.cli.output import folded, progress, say

LONG = "2026-11-23T14:00:30.000Z  critical connection_failed-7   recovered after 4 min: the deadline passed before the answer was whole"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_program_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    say(LONG, hang=26)
    assert capsys.readouterr().out == LONG + "\n"


def test_in_a_terminal_no_line_is_wider_and_what_goes_on_is_indented(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", out := Terminal())
    say(LONG, hang=26)
    first, *others = out.getvalue().rstrip("\n").split("\n")
    assert len(first) <= 80
    assert others
    assert all(len(line) <= 80 and line.startswith(" " * 26) and line[26] != " " for line in others)
    assert " ".join([first, *(line.strip() for line in others)]) == LONG


def test_a_word_in_the_first_columns_has_its_colour_and_the_same_word_in_a_sentence_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"COLUMNS": "200", "TERM": "xterm-256color", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout", out := Terminal())
    say("2026-11-23T15:00:45.000Z  error    connection_error-134   recovered: an error occurred, a critical one")
    say("    error")
    coloured = out.getvalue()
    assert coloured.count("\x1b[") == 2  # on and off again
    assert "\x1b[38;5;208merror\x1b[0m    connection" in coloured


def test_long_work_says_in_a_terminal_how_far_it_is_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", err := Terminal())
    done = progress("days", 8)
    for day in (0, 0.01, 2, 8):
        done(day)
    assert err.getvalue() == "\rdays: 0 %\rdays: 25 %\rdays: 100 %\r\x1b[K"


def test_long_work_says_nothing_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    progress("days", 8)(4)
    assert capsys.readouterr().err == ""


def test_what_cannot_be_broken_stays_whole() -> None:
    assert folded("a " + "x" * 60, 30, 4) == ["a", "    " + "x" * 60]
    assert folded("one\n\ntwo", 80, 4) == ["one", "", "two"]


def test_in_a_narrow_terminal_an_entry_of_the_log_takes_a_line_for_each_thing() -> None:
    cells = (
        "7",
        "2026-11-23T14:00:30.000Z",
        "connection",
        "unsteady -failed-> down",
        "-",
        "open -> reduce only",
        "timeout",
    )
    widths = Widths([Line(cells)])
    assert widths.wide > 100
    assert widths.tall(Line(cells, ("told watch (detected): arrived",))).split("\n") == [
        "7      2026-11-23T14:00:30.000Z  connection  unsteady -failed-> down",
        "       gate open -> reduce only",
        "       timeout",
        "       told watch (detected): arrived",
    ]
    assert widths.tall(Line(("8", "2026-11-23T14:00:31.000Z", "start", "{}"))) == (
        "8      2026-11-23T14:00:31.000Z  start  {}"
    )
