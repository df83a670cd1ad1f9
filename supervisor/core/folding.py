"""How do all cursors of a book become one verdict?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from supervisor.core.cursor import Cursor
from supervisor.core.issue import Issue
from supervisor.core.paths import opens_when
from supervisor.core.table import Table
from supervisor.core.verdict import Reason, Verdict, fold
from supervisor.core.words import ALL, EACH_PERMIT

if TYPE_CHECKING:
    from supervisor.core.book import Book
    from supervisor.core.slot import Slot


def permits_of(book: Book) -> int:
    """The permits as all cursors leave them, without the owner's rule."""
    permits = int(ALL)
    for slot in book.slots:
        permits &= slot.table.states[slot.cursor.state].permits
    for (name, key), cursor in book.living.items():
        if not book.lives[name].scope(key):
            permits &= book.lives[name].table.states[cursor.state].permits
    return permits


def fold_book(book: Book) -> Verdict:
    """The verdict of a book: permits ANDed, each closed one with its reasons, scoped ones as blocks."""
    permits = int(ALL)
    reasons: list[Reason] = []
    blocks: list[Reason] = []
    never_read = ""
    for slot in book.slots:
        cursor, state = slot.cursor, slot.table.states[slot.cursor.state]
        permits &= state.permits
        if state.permits != ALL:
            root = _root(book, cursor) if cursor.masked else ""
            reasons += _reasons(slot.table, cursor, slot.concern.name, root=root)
            if cursor.heard is None and cursor.state == slot.table.initial:
                never_read = never_read or slot.concern.name
    for (name, key), cursor in book.living.items():
        life = book.lives[name]
        state = life.table.states[cursor.state]
        scope = life.scope(key)
        if state.permits == ALL:
            continue
        found = _reasons(life.table, cursor, f"{name}:{key}", scope=scope)
        if scope:
            blocks += found
        else:
            permits &= state.permits
            reasons += found
    issues = [_with_masks(book, issue) for issue in book.issues()]
    return fold(permits, reasons, blocks, issues, never_read=never_read)


def _with_masks(book: Book, issue: Issue) -> Issue:
    """The issue, listing what its concern masks."""
    masks = book.masked_by(issue.concern) if issue.concern in book.place else []
    return attrs.evolve(issue, metadata={**issue.metadata, "masks": masks}) if masks else issue


def masked_below(slots: Sequence[Slot], place: int) -> list[str]:
    """The concerns that the one at that place, as their root, masks right now."""
    root = slots[place]
    if root.cursor.masked or not root.blinded:
        return []
    below = {place}
    for i, slot in enumerate(slots):
        if below.intersection(slot.parents):
            below.add(i)
    return [slots[i].concern.name for i in sorted(below - {place})]


def _root(book: Book, cursor: Cursor) -> str:
    """The concern whose blinding masks this cursor, at the top of the chain."""
    slot = book.slots[book.place[cursor.name]]
    for parent in slot.parents:
        above = book.slots[parent]
        if above.blinded:
            return _root(book, above.cursor) if above.cursor.masked else above.concern.name
    return ""


def _reasons(table: Table, cursor: Cursor, name: str, *, root: str = "", scope: str = "") -> list[Reason]:
    """One reason per group of closed permits that open the same way."""
    state = table.states[cursor.state]
    groups: dict[str, int] = {}
    for permit in EACH_PERMIT:
        if not state.permits & permit:
            when = f"once {root} can be seen through again" if root else opens_when(table, cursor.state, int(permit))
            groups[when] = groups.get(when, 0) | permit
    why = f"not seen, because {root} masks it: {state.means}" if root else state.means
    return [Reason(closed, name, cursor.state, cursor.since, why, when, scope) for when, closed in groups.items()]
