"""What stands behind the ports of remedies: failed orders and what is offered instead, the journal's file, the allowance?"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, Protocol

from supervisor.concerns.repair import REPAIR
from supervisor.core.slot import Sweep
from supervisor.errors import JournalError
from supervisor.journal.anchor import read_anchor
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.monitor.memory import Memory, NoMemory
from supervisor.remedies.ledger import Ledger, Repair

LEDGER = "ledger"
"""The entry that holds the repairs of the last day anew, where the journal lacks them."""
REMEMBERED = 100
"""Failed orders remembered."""
NOT_OVER = frozenset({"planned", "waiting", "applying", "verifying", "undoing", "partial"})
"""Where a repair may still be heard of, however old it is."""
SUFFIXES = ("", "-wal", "-shm", ".head")
"""The files of one journal, by what is added to its name."""
FAILED_TOO = ".failed"


class FailedOrders:
    """Orders that failed, by their issue, and what is offered instead. Nothing is ever sent from here."""

    def __init__(self) -> None:
        self.desk: Any = None
        self.news = False
        """Whether an order was noted that no one has looked at yet."""
        self._orders: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._offers: dict[str, Mapping[str, Any]] = {}

    def note(self, issue_id: str, order: Mapping[str, Any]) -> None:
        """That order is what the issue is about."""
        self._orders[issue_id] = dict(order)
        self._orders.move_to_end(issue_id)
        self.news = True
        while len(self._orders) > REMEMBERED:
            forgotten, _ = self._orders.popitem(last=False)
            self._offers.pop(forgotten, None)

    def order(self, issue_id: str) -> Mapping[str, Any] | None:
        """The dict that failed; None where it is not known."""
        return self._orders.get(issue_id)

    def offer(self, issue_id: str, order: Mapping[str, Any]) -> None:
        """That order is offered to the agent instead."""
        self._offers[issue_id] = dict(order)

    def offered(self, issue_id: str) -> Mapping[str, Any] | None:
        """What is offered; None where nothing is."""
        return self._offers.get(issue_id)

    def withdraw(self, issue_id: str) -> None:
        """Nothing is offered any longer."""
        self._offers.pop(issue_id, None)

    def held(self) -> Any:
        """What is held and live; None where that is not freshly known."""
        return None if self.desk is None else self.desk.desk.known().held()


class Keeping(Protocol):
    """What the journal's port needs of the watcher."""

    memory: NoMemory

    @property
    def unrecorded(self) -> str | None:
        """None while the journal can be written, else why not."""

    def now(self) -> float:
        """The instant (epoch seconds)."""


class KeptRecord:
    """The journal's file. Everything is done under the monitor's lock: nothing is written meanwhile."""

    def __init__(self, keeping: Keeping, lock: RLock, hold: Callable[..., Any] | None) -> None:
        self._keeping = keeping
        self._lock = lock
        self._hold = hold

    @property
    def there(self) -> bool:
        """Whether there is a journal at all."""
        return isinstance(self._keeping.memory, Memory)

    def trouble(self) -> str | None:
        """Why it can't be written; None where it can."""
        return self._keeping.unrecorded

    def start_anew(self, aside: str) -> str:
        """The file is moved aside, and a fresh one linked to its last hash is in use; the operator must look first."""
        memory = self._memory()
        path, kept = memory.home.journal, memory.home.journal.with_name(aside)
        with self._lock:
            head = read_anchor(path)
            last = {"number": head.number, "hash": head.hash} if not isinstance(head, str) else {"number": None}
            memory.let_go()
            moved = _move(path, kept)
            try:
                memory.reopen(f"the journal was moved aside as {aside}", {**last, "aside": aside})
                self._write(memory)
            except JournalError:
                _move(path, path.with_name(aside + FAILED_TOO))
                _move(kept, path)
                memory.try_again()
                raise
        if self._hold is not None:
            look = f"the journal was moved aside as {aside}: check positions and orders, then release"
            self._hold("reduce", who="supervisor", why=look)
        return f"the journal ({len(moved)} files) was moved aside as {aside}; a fresh one is linked to its last hash"

    def put_back(self, aside: str) -> bool:
        """The file moved aside stands where it stood; the fresh one is kept beside it."""
        memory = self._memory()
        path = memory.home.journal
        with self._lock:
            if not path.with_name(aside).exists():
                return False
            memory.let_go()
            _move(path, path.with_name(aside + FAILED_TOO))
            _move(path.with_name(aside), path)
            memory.try_again()
        return True

    def sound(self) -> bool:
        """Whether the journal in use can be written and its chain holds."""
        memory = self._memory()
        with self._lock:
            try:
                return self.trouble() is None and memory.journal is not None and verify(memory.journal).ok
            except JournalError:
                return False

    def _memory(self) -> Memory:
        if not isinstance(self._keeping.memory, Memory):
            raise JournalError("there is no journal")
        return self._keeping.memory

    def _write(self, memory: Memory) -> None:
        """A gap and a snapshot are on record in the fresh file. JournalError where they are not."""
        recorder = memory.made
        if recorder is None or not recorder.write(Sweep(), "", {}, self._keeping.now()):
            raise JournalError(
                recorder.why if recorder is not None and recorder.why else "the fresh one can't be written"
            )


def _move(path: Any, to: Any) -> list[str]:
    """Moves a journal's files, those that are there; their names. JournalError where that fails or would overwrite."""
    moved = []
    for suffix in SUFFIXES:
        old, new = path.with_name(path.name + suffix), to.with_name(to.name + suffix)
        if old.exists():
            if new.exists():
                raise JournalError(f"{new.name} is there already, and nothing is overwritten")
            try:
                old.rename(new)
            except OSError as error:
                raise JournalError(f"{old.name} can't be moved aside: {error.strerror or error}") from error
            moved.append(new.name)
    return moved


class RestrainedQuota:
    """The allowance: while held back, strategy requests wait and rounds come less often."""

    def __init__(self, broker: Any) -> None:
        self._broker = broker
        self.held = False

    @property
    def there(self) -> bool:
        """Whether there is an allowance of ours."""
        return self._quota() is not None

    def hold_back(self) -> None:
        """What is left is for cancels, read-backs and health."""
        self._set(on=True)

    def let_go(self) -> None:
        """As before."""
        self._set(on=False)

    def _set(self, *, on: bool) -> None:
        quota = self._quota()
        if quota is not None:
            quota.hold_back(on=on)
        self.held = on

    def _quota(self) -> Any:
        return getattr(getattr(self._broker, "reader", None), "quota", None)


def read_ledger(memory: NoMemory, now: float) -> list[Repair]:
    """The repairs of the last day by the journal, as they stand, oldest first; and those not over, of any age."""
    if not isinstance(memory, Memory) or memory.journal is None:
        return []
    return ledger_of(memory.journal, now - Ledger.KEPT)


def ledger_of(journal: Journal, since: float) -> list[Repair]:
    """The repairs planned since then, as last told, oldest first; and those that may still be heard of, of any age."""
    recent = _told(journal, since)
    moved = {key: state for key, state in _states(journal).items() if state in NOT_OVER}
    if not set(moved) <= {repair.key for repair in recent.values()}:
        older = _told(journal, None)
        recent = {name: r for name, r in older.items() if name in recent or (r.key in moved and r.state in NOT_OVER)}
    return sorted(recent.values(), key=lambda repair: repair.planned)


def _states(journal: Journal) -> dict[str, str]:
    """Where the last repair of each key stands, by its moves."""
    return {entry.body["key"]: entry.body["target"] for entry in entries(journal, Where(concern=REPAIR))}


def _told(journal: Journal, since: float | None) -> dict[str, Repair]:
    """Every repair told of since then, as last told."""
    found: dict[str, Repair] = {}
    told = [entry for kind in (LEDGER, "signal") for entry in entries(journal, Where(kind=kind, since=since))]
    for entry in sorted(told, key=lambda entry: entry.number):
        rows = entry.body["repairs"] if entry.kind == LEDGER else _row(entry.body)
        found |= {repair.repair_id: repair for repair in map(Repair.from_dict, rows)}
    return found


def _row(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    facts = body.get("facts") if body["life"] == REPAIR else None
    return [facts["repair"]] if facts and "repair" in facts else []
