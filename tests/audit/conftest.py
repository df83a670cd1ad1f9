"""A lively day on record, lived once for all tests that only read it."""

from pathlib import Path

import pytest

from audit.audit_world import Lived, live


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Fourteen hours of faults, holds, repairs and restarts. Read only."""
    root: Path = tmp_path_factory.mktemp("lived")
    return live(root)
