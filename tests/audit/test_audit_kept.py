"""Is a journal of every version still read, proved and decided alike? Those in tests/audit/data are never changed."""

import shutil
from pathlib import Path

import pytest
from supervisor.config import DEFAULTS
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.monitor.past import explained, standing
from supervisor.monitor.past_record import measured, stretch
from supervisor.monitor.past_replay import compare

KEPT = sorted((Path(__file__).parent / "data").iterdir())


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for file in request.param.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / "journal.db"


def test_a_journal_of_each_version_is_whole_and_replays_to_the_same(kept: Path) -> None:
    with Journal.open(kept, read_only=True) as journal:
        assert verify(journal).ok
        found = compare(journal, DEFAULTS)
        assert found.identical, (found.difference, found.unknown)
        assert found.moves > 50
        over = stretch(journal, None, None)
        assert len(measured(journal, DEFAULTS, over).cases) > 5
        assert explained(journal, standing(journal, over.until, DEFAULTS)).text()


def test_there_is_a_kept_journal() -> None:
    assert [path.name for path in KEPT] == ["v1"]
