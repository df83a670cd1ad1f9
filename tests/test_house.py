"""The house is kept: imports point one way, files stay short, nothing of this machine is written down."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "supervisor"
FILES = sorted(PACKAGE.rglob("*.py"))

LAYERS = [
    {"core"},
    {"concerns"},
    {"tradier", "journal", "remedies", "orders", "draw", "simulator"},
    {"monitor"},
    {"cli", "optimus", "testing", "examples"},
]
EVERYWHERE = {"config", "clock", "log", "errors"}
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
STRANGERS = {("simulator", "tradier"), ("tradier", "simulator"), ("draw", "journal"), ("journal", "tradier")}


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def rooms_used(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in imports(path) if name.startswith("supervisor.")}
    return {name for name in names if name in LEVEL or name in EVERYWHERE}


@pytest.mark.parametrize("path", [f for f in FILES if f.name != "__init__.py" or f.parent != PACKAGE], ids=str)
def test_imports_point_one_way(path: Path) -> None:
    here = room(path)
    if here in EVERYWHERE:
        assert rooms_used(path) <= EVERYWHERE | {"core"}
        return
    for used in rooms_used(path):
        if used in EVERYWHERE:
            assert here != "core", f"core imports {used}"
            continue
        assert LEVEL[used] <= LEVEL[here], f"{here} imports {used}, which is above it"
        assert (here, used) not in STRANGERS, f"{here} imports {used}"


def test_core_imports_only_itself_attrs_transitions_and_the_standard_library() -> None:
    for path in FILES:
        if room(path) == "core":
            for name in imports(path):
                top = name.split(".")[0]
                assert top in {"supervisor", "attrs", "transitions", *sys.stdlib_module_names}, (path.name, name)
                assert top not in {"time", "threading", "socket", "sqlite3", "random", "logging"}, (path.name, name)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 350


def test_nothing_of_a_machine_or_an_index_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    telling = re.compile(r"/(?:work|root|home/\w+)/|index-url|/simple/")
    for name in listed.split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix in {".py", ".md", ".toml", ".lock", ".mmd", "", ".yaml", ".json"}:
            found = telling.search(path.read_text(errors="replace"))
            assert not found or path == Path(__file__), f"{name} says {found}"


def test_importing_is_fast_enough_to_have_no_command_line_in_it() -> None:
    code = "import sys, supervisor; print(*[m for m in ('typer', 'rich', 'structlog', 'click') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""
