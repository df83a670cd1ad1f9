"""Where did the last process leave each order?

Intentions and tells, oldest first, put every cursor where it stood. An intention without a tell may have been sent: it
is in doubt, and settled by reading like any other. Nothing is ever sent again.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from supervisor import log
from supervisor.core.engine import begin, step
from supervisor.orders import life
from supervisor.orders.build import build
from supervisor.orders.memory import Memory
from supervisor.orders.order import Order, OrderRefused
from supervisor.orders.records import Intention, Tell
from supervisor.orders.sighting import Sightings
from supervisor.orders.tracked import ELSEWHERE, Tracked


def restore(
    memory: Memory,
    sightings: Sightings,
    records: Iterable[Intention | Tell],
    expected: Mapping[str, Mapping[str, str]] | None,
    now: float,
) -> None:
    """Takes up orders, trips, failures and expected positions. Called with the lock held."""
    known = list(records)
    for record in known:  # first of all: one from a side file may come after what was told of it
        if isinstance(record, Intention):
            _intended(memory, record)
    for record in known:
        if isinstance(record, Intention):
            continue
        if record.life == life.ORDER:
            _told(memory, record)
        elif record.life == life.BREAKER:
            memory.trips.hear(record.key, record.signal, record.at)
        elif record.signal == life.FAILED:
            memory.failing[record.key] = (record.at, frozenset(record.facts.get("struck", ())))
        else:
            memory.failing.pop(record.key, None)
    if expected:
        held, counted = expected.get("held", {}), expected.get("counted", {})
        memory.inventory.take_up(_numbers(held), _numbers(counted))
    for tracked in list(memory.orders.values()):
        _resume(memory, sightings, tracked, now)
    memory.forget(now)


def _numbers(told: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in told.items()}


def _intended(memory: Memory, record: Intention) -> None:
    memory.used(record.our_id)
    if record.change is not None:
        return
    order: Order | None = None
    try:
        order = build(record.order)
    except OrderRefused as refused:  # a later version's rules: it is followed all the same
        log.error("order_restored", order=record.our_id, problem=str(refused))
    tracked = Tracked(record.key, record.our_id, begin(memory.table, record.at, record.key), order=order)
    tracked.intention = record
    tracked.posted = record.at
    memory.orders[record.our_id] = tracked


def _told(memory: Memory, record: Tell) -> None:
    our_id = record.key.partition("|")[0]
    tracked = memory.orders.get(our_id)
    if tracked is None:
        if not our_id.startswith(ELSEWHERE):
            return  # refused by us before it was ever meant to leave
        tracked = Tracked(record.key, our_id, begin(memory.table, record.at, record.key))
        memory.orders[our_id] = tracked
    step(memory.table, tracked.cursor, record.signal, record.at)
    tracked.recall(record.facts)


def _resume(memory: Memory, sightings: Sightings, tracked: Tracked, now: float) -> None:
    """Follows it from here."""
    memory.remember(tracked)
    if tracked.over:
        return
    if tracked.state in ("drafted", "previewed"):
        memory.tell(tracked, life.SENT, now, "taken up after a stop: it may have left")
    if tracked.state == "sent":
        sightings.lost(tracked, "a stop came between its leaving and its answer", now)
    tracked.next_look = now
