"""What happened, durably and in order? The hash-chained record, and the files beside it.

What other folders import is here; the modules behind are ours to move.
"""

from supervisor.journal.chain import Entry, EntryKind, Head
from supervisor.journal.codec import decode, decode_round, encode, encode_round, register
from supervisor.journal.hold import NO_HOLD, Hold, read_hold, write_hold
from supervisor.journal.home import Home, home_root
from supervisor.journal.inbox import COMMANDS, Collected, Letter, Rejected, answer, collect, leave, take, wait_receipt
from supervisor.journal.lock import WriterLock, writer
from supervisor.journal.query import ALL, Where, entries, newest
from supervisor.journal.store import Journal
from supervisor.journal.verify import Verification, verify

__all__ = [
    "ALL",
    "COMMANDS",
    "NO_HOLD",
    "Collected",
    "Entry",
    "EntryKind",
    "Head",
    "Hold",
    "Home",
    "Journal",
    "Letter",
    "Rejected",
    "Verification",
    "Where",
    "WriterLock",
    "answer",
    "collect",
    "decode",
    "decode_round",
    "encode",
    "encode_round",
    "entries",
    "home_root",
    "leave",
    "newest",
    "read_hold",
    "register",
    "take",
    "verify",
    "wait_receipt",
    "write_hold",
    "writer",
]
