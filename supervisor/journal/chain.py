"""What is one entry, and what binds it to the one before?

Pure: records, their one canonical text, and SHA-256 over it. Two different entries never share a canonical text (a JSON
array quotes every string and tells null from ""), so a changed field is a changed hash.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import attrs

from supervisor.errors import JournalError
from supervisor.log import hidden, mask

SCHEMA = 1
"""The version of the journal this code writes. Any change of tables, hashing or codec raises it."""
LARGEST = 2**63 - 1
"""The largest entry number SQLite can hold."""
MASK_MARKS = ("VA", "6YA")
MASK_WORDS = ("bearer", "basic")
"""Without a mark as it is, or a word in any case, `supervisor.log.mask` changes only what is hidden or given to it."""

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, check_circular=False
)
"""What holds itself ends in a RecursionError, without a look at every part of all that does not."""


class EntryKind(StrEnum):
    """The kinds of entry this version writes. Later parts may add theirs: the journal takes any word."""

    START = "start"
    STOP = "stop"
    ROUND = "round"
    COMMAND = "command"
    MOVE = "move"
    GAP = "gap"
    """Entries were lost while the journal could not be written. The only kind that may skip numbers."""
    SNAPSHOT = "snapshot"
    NOTE = "note"


@attrs.frozen
class Entry:
    """One thing that happened. `at` is in epoch seconds; `body` is what JSON can hold (keys are strings)."""

    number: int
    at: float
    kind: str
    concern: str | None
    body: Mapping[str, Any]


@attrs.frozen
class Head:
    """The newest entry: its number and its hash. An empty journal has number 0 and the hash of its meta table."""

    number: int
    hash: str


def canonical(value: Any) -> str:
    """The one text of a JSON-able value: sorted keys, no spaces, ASCII, floats by repr. NaN and infinities raise."""
    return _ENCODER.encode(value)


def masked(tree: Any, secrets: Iterable[str] = (), accounts: Iterable[str] = ()) -> Any:
    """The same JSON-able tree with every string, keys too, masked by `supervisor.log.mask`; tuples become lists."""
    if isinstance(tree, str):
        return mask(tree, secrets, accounts)
    if isinstance(tree, Mapping):
        return {
            mask(key, secrets, accounts) if isinstance(key, str) else key: masked(value, secrets, accounts)
            for key, value in tree.items()
        }
    if isinstance(tree, list | tuple):
        return [masked(value, secrets, accounts) for value in tree]
    return tree


def suspicious(text: str, secrets: Iterable[str] = (), accounts: Iterable[str] = ()) -> bool:
    """Whether a tree of that canonical text may hold something to mask. No is certain, and costs a walk less.

    The text of a part is a part of the text, so what is not even there once escaped is in none of its strings.
    """
    lowered = text.lower()
    return (
        any(mark in text for mark in MASK_MARKS)
        or any(word in lowered for word in MASK_WORDS)
        or any(spelled in text for spelled in hidden())  # as JSON spells it too
        or any(word and json.dumps(word)[1:-1] in text for word in (*secrets, *accounts))
    )


def genesis(meta: Mapping[str, str]) -> str:
    """The hash an empty journal starts from: SHA-256 over every row of its meta table."""
    return _sha256(canonical(["genesis", sorted(meta.items())]))


def start_of(meta: Mapping[str, str]) -> Head:
    """The head before the first entry: the genesis; of a part that was imported, the entry it follows from."""
    if "base_hash" in meta:
        return Head(int(meta["base_number"]), meta["base_hash"])
    return Head(0, genesis(meta))


def digest(
    schema: int,
    environment: str,
    account: str,
    row: tuple[int, float, str, str | None, str],
    prev_hash: str,
) -> str:
    """The hash of one entry. `row` is number, at, kind, concern and the canonical text of the body."""
    number, at, kind, concern, body = row
    return _sha256(canonical([schema, number, repr(at), kind, concern, account, environment, body, prev_hash]))


def body_text(entry: Entry, secrets: Iterable[str], accounts: Iterable[str]) -> str:
    """The canonical, masked text of an entry's body. JournalError, naming the entry, for what can never be stored."""
    if not 0 < entry.number <= LARGEST or not math.isfinite(entry.at) or not entry.kind:
        raise JournalError(
            f"Entry {entry.number} ({entry.kind!r}) cannot be stored: it needs a positive number, a finite time and a kind"
        )
    try:
        (entry.kind + (entry.concern or "")).encode()
        text = canonical(entry.body)
        return canonical(masked(entry.body, secrets, accounts)) if suspicious(text, secrets, accounts) else text
    except (TypeError, ValueError, RecursionError) as why:
        raise JournalError(
            f"Entry {entry.number} ({entry.kind}) cannot be stored: its body is not JSON-able ({why})"
        ) from None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()
