"""`supervisor diagram`: every table in every form, as files with names that other programs know."""

from pathlib import Path

import pytest
from supervisor.cli.diagrams import PNG, tables
from supervisor.draw.pages import FORMATS, render

from cli.commanding import Commands

ENDINGS = {
    "mermaid": "mmd", "dot": "dot", "md": "md", "svg": "svg", "xstate": "xstate.json", "scxml": "scxml",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_every_table_is_written_in_that_form(command: Commands, tmp_path: Path, form: str) -> None:
    told = command("diagram", "--all", "--format", form, "--out", str(tmp_path / "out"))
    assert (told.code, told.out.strip()) == (0, f"{len(tables())} files in {tmp_path / 'out'}")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out").iterdir()}
    assert written == {f"{name}.{ENDINGS[form]}": render(table, form) for name, table in tables().items()}


def test_one_table_comes_on_standard_output_and_a_single_file_is_named(command: Commands, tmp_path: Path) -> None:
    assert command("diagram", "clock").out == render(tables()["clock"], "mermaid")
    assert command("diagram", "clock", "--format", "dot").out == render(tables()["clock"], "dot")
    told = command("diagram", "clock", "--format", PNG, "--out", str(tmp_path))
    assert told.out.strip() == str(tmp_path / "clock.png")
    assert (tmp_path / "clock.png").read_bytes().startswith(b"\x89PNG")
    assert command("diagram", "clock", "--format", "md", "--json").json() == {
        "format": "md",
        "diagrams": {"clock": render(tables()["clock"], "md")},
    }


def test_all_and_one_concern_contradict_each_other(command: Commands, tmp_path: Path) -> None:
    told = command("diagram", "clock", "--all", "--out", str(tmp_path / "out"))
    assert (told.code, told.out) == (3, "")
    assert "--all draws every concern: leave out 'clock', or leave out --all" in told.err
    assert not (tmp_path / "out").exists()
