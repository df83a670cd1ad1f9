"""Can somebody who has none of our code check the record, by what the README says?"""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from supervisor.journal.archive import bring_in, write
from supervisor.journal.chain import Head

from audit.audit_world import Lived

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
KEPT = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def check() -> Callable[[Path], str]:
    (code,) = re.findall(r"```python\n(import hashlib.*?)```", README, re.DOTALL)
    assert re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE) == ["hashlib", "json", "sqlite3", "contextlib"]
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    found: Callable[[Path], str] = names["check"]
    return found


def anchored(path: Path) -> str:
    return str(json.loads(path.with_name("journal.db.head").read_text())["hash"])


def test_the_recipe_comes_to_the_hash_that_the_anchor_has(check: Callable[[Path], str], lived: Lived) -> None:
    assert check(lived.home.journal) == anchored(lived.home.journal)
    for kept in KEPT.iterdir():
        assert check(kept / "journal.db") == anchored(kept / "journal.db")


def test_the_recipe_holds_for_an_imported_part(check: Callable[[Path], str], lived: Lived, tmp_path: Path) -> None:
    with lived.journal() as journal:
        (start,) = journal.fetch("SELECT number, hash FROM entries WHERE number = 100")
        write(journal, tmp_path / "part.gz", Head(*start), 400)
        (end,) = journal.fetch("SELECT hash FROM entries WHERE number = 400")
    bring_in([tmp_path / "part.gz"], tmp_path / "journal.db")
    assert check(tmp_path / "journal.db") == end[0]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET body = replace(body, 'failed', 'answered') WHERE number = 40",
        "UPDATE entries SET at = at + 1 WHERE number = 40",
        "UPDATE entries SET number = 999999 WHERE number = 40",
        "DELETE FROM entries WHERE number = 39",
        "UPDATE entries SET kind = 'note', concern = NULL WHERE number = 40",
        "UPDATE entries SET account = '****9999' WHERE number = 40",
    ],
)
def test_the_recipe_names_the_first_entry_that_was_changed(
    check: Callable[[Path], str], lived: Lived, tmp_path: Path, change: str
) -> None:
    path = Path(shutil.copy(lived.home.journal, tmp_path / "journal.db"))
    database = sqlite3.connect(path)
    if "replace" in change:
        change = change.replace(
            "40", str(database.execute("SELECT min(number) FROM entries WHERE body LIKE '%failed%'").fetchone()[0])
        )
    assert database.execute(change).rowcount == 1
    database.commit()
    database.close()
    with pytest.raises(AssertionError, match=r"entry \d+ does not follow"):
        check(path)
