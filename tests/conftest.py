"""What every test finds as it was: the log, which commands set up for their own output."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _the_log_as_it_was() -> Iterator[None]:
    """A command that ran in an earlier test must not take the log from one that reads it: it would look clean, unread."""
    log = logging.getLogger("supervisor")
    before = list(log.handlers), log.level, log.propagate
    yield
    log.handlers[:], log.propagate = before[0], before[2]
    log.setLevel(before[1])
