"""How is a whole book put on record, and taken up again?

Plain dicts, lists, strings and numbers, so that any journal can hold it. Ended issues are not in it: they are on record
where they ended.
"""

from collections import deque
from typing import Any

import attrs

from supervisor.core.book import Book
from supervisor.core.cursor import Cursor
from supervisor.core.engine import begin
from supervisor.core.flapping import MOST_HARD, SAMPLES, Watch
from supervisor.core.issue import Issue
from supervisor.core.slot import Stats
from supervisor.core.words import FixResult, Outcome, Severity


def dump_issue(issue: Issue) -> dict[str, Any]:
    """An issue, exactly."""
    return {
        **attrs.asdict(issue, recurse=False),
        "severity": int(issue.severity),
        "auto_fix_result": issue.auto_fix_result and issue.auto_fix_result.value,
        "outcome": issue.outcome and issue.outcome.value,
        "metadata": dict(issue.metadata),
    }


def load_issue(told: dict[str, Any]) -> Issue:
    """The issue as it was dumped. TypeError, KeyError or ValueError where it was not."""
    fix, outcome = told["auto_fix_result"], told["outcome"]
    return Issue(
        **{
            **told,
            "severity": Severity(told["severity"]),
            "auto_fix_result": FixResult(fix) if fix else None,
            "outcome": Outcome(outcome) if outcome else None,
        }
    )


def _dump_cursor(cursor: Cursor) -> dict[str, Any]:
    return {
        **attrs.asdict(cursor, recurse=False),
        "trail": list(cursor.trail),
        "issue": cursor.issue and dump_issue(cursor.issue),
    }


def _load_cursor(told: dict[str, Any]) -> Cursor:
    return Cursor(**{**told, "trail": tuple(told["trail"]), "issue": told["issue"] and load_issue(told["issue"])})


def dump(book: Book) -> dict[str, Any]:
    """Everything that decides what the book does next."""
    return {
        "entry": book.entry,
        "now": book.now,
        "stats": attrs.asdict(book.stats),
        "cursors": [_dump_cursor(cursor) for cursor in book.cursors()],
        "watches": {
            slot.concern.name: {"flags": list(slot.watch.flags), "hard": list(slot.watch.hard)}
            for slot in book.slots
            if slot.watch is not None
        },
    }


def load(book: Book, told: dict[str, Any]) -> list[str]:
    """Puts the book where it was dumped; returns what could not be placed, in words.

    A state or a concern that today's tables do not know begins anew: unknown, which blocks opening.
    """
    lost: list[str] = []
    book.entry = told["entry"]
    book.now = told["now"]
    known = attrs.fields_dict(Stats)
    book.stats = Stats(**{name: n for name, n in told["stats"].items() if name in known})
    for saved in told["cursors"]:
        name, key, state = saved["name"], saved["key"], saved["state"]
        life = book.lives.get(name)
        if life is None and name not in book.place:
            lost.append(f"{name} is no concern or life of today")
            continue
        table = book.table(name)
        if state in table.states:
            cursor = _load_cursor(saved)
        else:
            lost.append(f"{name} was {state}, which is no state of today")
            cursor = begin(table, told["now"], key)
        if life is None:
            book.slots[book.place[name]].cursor = cursor
        else:
            book.living[name, key] = cursor
    for name, watch in told["watches"].items():
        if name in book.place:
            book.slots[book.place[name]].watch = Watch(
                deque(watch["flags"], maxlen=SAMPLES), deque(watch["hard"], maxlen=MOST_HARD)
            )
    book.settle()
    return lost


def carry_over(old: Book, new: Book, names: tuple[str, ...]) -> None:
    """Copies what outlives every restart: the named concerns and lives, as they stand."""
    for cursor in old.cursors():
        if cursor.name not in names:
            continue
        if cursor.name in new.place:
            new.slots[new.place[cursor.name]].cursor = cursor
        elif cursor.name in new.lives:
            new.living[cursor.name, cursor.key] = cursor
    new.settle()
