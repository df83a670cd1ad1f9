"""What the README and the diagrams say is so."""

import re
from pathlib import Path
from typing import Any

import pytest
from supervisor.cli import diagrams
from supervisor.config import NAMES, from_mapping
from supervisor.core.table import Table
from supervisor.draw.pages import diagram_files
from supervisor.draw.palette import contrast
from supervisor.monitor.supervisor import Supervisor
from supervisor.orders import order_settings
from supervisor.simulator import SimulatorAdapter, preset
from supervisor.testing.runner import run
from supervisor.testing.scenario import read
from supervisor.testing.text import parse

from live_picture import COLOURS, DIM, INK, PAPER, picture

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def block(start: str) -> str:
    return str(next(text for _, text in BLOCKS if start in text))


def test_the_committed_diagrams_are_those_of_todays_tables() -> None:
    made = diagram_files(list(diagrams.tables().values()), diagrams.every_concern())
    folder = ROOT / "diagrams"
    for name, text in made.items():
        assert (folder / name).read_bytes() == text.encode(), f"{name} is old: run make diagrams"
    assert {path.name for path in folder.iterdir()} == {*made, "live.svg"}


def test_the_committed_live_view_is_todays_screen_and_can_be_read() -> None:
    assert (ROOT / "diagrams" / "live.svg").read_bytes() == picture().encode(), "live.svg is old: run make diagrams"
    assert all(contrast(colour, PAPER) >= 4.5 for colour in (*COLOURS.values(), DIM, INK))


@pytest.mark.parametrize("table", list(diagrams.tables().values()), ids=lambda table: table.name)
def test_every_table_has_its_pictures(table: Table) -> None:
    for suffix in (".mmd", ".md", ".svg"):
        assert (ROOT / "diagrams" / f"{table.name}{suffix}").exists()


def test_the_readmes_concern_of_your_own_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    code = block("DISK = Table")
    assert len([line for line in code.splitlines() if line.strip()]) <= 32
    monkeypatch.setenv("SUPERVISOR_HOME", str(tmp_path))
    made: list[Supervisor] = []

    def for_tradier(**options: object) -> Supervisor:
        supervisor = original("some-token", adapter=SimulatorAdapter(simulator), persist=False, **options)
        made.append(supervisor)
        return supervisor

    original = Supervisor.for_tradier
    monkeypatch.setattr(Supervisor, "for_tradier", for_tradier)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    (supervisor,) = made
    supervisor.tick()
    assert supervisor.health().concerns["disk"].state == "roomy"
    assert supervisor.can_trade()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 0})())
    supervisor.look()
    assert [issue.code for issue in supervisor.health().issues] == ["disk_full"]
    assert not supervisor.can_trade()
    simulator.inject("refuse")
    for _ in range(3):
        supervisor.look()
    assert supervisor.health().concerns["connection"].state == "down"


def test_the_readmes_embedding_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulator = preset("account_suspended")
    original = Supervisor.for_tradier

    def for_tradier(**options: object) -> Supervisor:
        return original("some-token", adapter=SimulatorAdapter(simulator), home=tmp_path, **options)

    monkeypatch.setattr(Supervisor, "for_tradier", for_tradier)
    monkeypatch.setattr(Supervisor, "start", lambda self: self.tick())
    names: dict[str, Any] = {}
    exec(compile(block("Supervisor.for_tradier(on_issue"), "README.md", "exec"), names)
    assert "account_restricted" in capsys.readouterr().out
    names["supervisor"].stop()


def test_the_readmes_settings_are_settings() -> None:
    import tomllib

    given = tomllib.loads(block("low_buying_power"))
    assert set(given) <= set(NAMES)
    order_settings(from_mapping(given))


def test_every_link_in_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_readmes_outage_comes_out_as_it_says() -> None:
    outcome = run(read(parse(block("scenario: "), "README.md"), "README.md"))
    assert outcome.passed, outcome.text()
