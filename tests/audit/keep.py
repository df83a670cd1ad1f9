"""Makes the journal of this version that tests/audit/data keeps for ever: `python tests/audit/keep.py`.

Run it while a version is being made; once that version is out, its journal is never made again.
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from audit.audit_world import live

DATA = Path(__file__).parent / "data"
VERSION = "v1"
HOURS = 5


def main() -> None:
    """Lives some hours and keeps the journal and its anchor."""
    kept = DATA / VERSION
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        found = live(Path(folder), hours=HOURS)
        with found.journal() as journal:
            journal.fetch("SELECT 1")
        for name in ("journal.db", "journal.db.head"):
            shutil.copy(found.home.folder / name, kept / name)


if __name__ == "__main__":
    main()
