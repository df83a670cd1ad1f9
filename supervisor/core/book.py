"""What has one account been through, and where does it stand?

Inputs go in with their instants, moves come out. The book has no clock: before anything is heard, every time arrow due
by then is fired, in order, each stamped with its own due instant. So the outcome depends on the inputs and their times
alone, and feeding the same inputs again gives the same moves.
"""

from collections import deque
from collections.abc import Iterable

import attrs

from supervisor.core import flapping
from supervisor.core.concern import Concern, Life, in_order
from supervisor.core.cursor import Cursor
from supervisor.core.engine import awaits_a_count, begin, due, hear, step
from supervisor.core.event import Bearing, Event, EventKind, Move, derive
from supervisor.core.folding import fold_book, masked_below, permits_of
from supervisor.core.issue import Issue
from supervisor.core.mending import mended, pending
from supervisor.core.reading import Round
from supervisor.core.resting import at_rest
from supervisor.core.slot import Slot, Stats, Sweep, earliest
from supervisor.core.table import Table
from supervisor.core.verdict import Verdict
from supervisor.core.words import TIME

HISTORY = 1000
"""Ended issues remembered."""


class Book:
    """All cursors of one account: concerns and lives.

    `entry` is the number of the last journal entry, from which ids derive; `broker` is the broker's name in sentences.
    """

    def __init__(
        self,
        concerns: Iterable[Concern],
        lives: Iterable[Life] = (),
        *,
        now: float = 0.0,
        broker: str = "the broker",
        entry: int = 0,
        rules: flapping.Rules = flapping.DEFAULT_RULES,
    ) -> None:
        ordered = in_order(tuple(concerns))
        place = {concern.name: i for i, concern in enumerate(ordered)}
        self.slots = [
            Slot(c, c.table, begin(c.table, now), tuple(place[parent] for parent in c.table.depends_on))
            for c in ordered
        ]
        self.lives = {life.name: life for life in (Life(flapping.flapping_table(rules.calm), "system"), *lives)}
        self.living: dict[tuple[str, str], Cursor] = {}
        self.place = place
        self.rules = rules
        self.broker = broker
        self.entry = entry
        self.history: deque[Issue] = deque(maxlen=HISTORY)
        self.stats = Stats()
        self.now = now
        self._wake: float | None = None  # nothing is due before it: a round that moves nothing can only put that off
        self._stirred = False
        self._verdict: Verdict | None = None
        self._rewind()

    # ---------------------------------------------------------------- inputs

    def feed(self, round_: Round, now: float, *, counts: bool = True) -> Sweep:
        """Judges one round. `counts` says whether it is a look at the broker (and so counts as a check)."""
        sweep = self._open(now)
        self.stats.total_checks += counts
        slots = self.slots
        for slot in slots:
            cursor, table, masked = slot.cursor, slot.table, False
            for parent in slot.parents:
                masked = masked or slots[parent].blinded
            cursor.masked = masked
            if not masked:
                signal = slot.concern.judge(round_)
                if signal is None:
                    pass
                elif (cursor.state, signal) not in table.react and (slot.watch is None or self._steady(slot)):
                    cursor.now = now
                    hear(table, cursor, signal, now)
                else:
                    self._hear(slot, signal, now, round_, sweep)
            slot.blinded = masked or table.states[cursor.state].blinds
        return self._close(sweep) if sweep.moves or self._stirred else sweep

    def tell(self, life: str, key: str, signal: str, now: float, evidence: str = "") -> Sweep:
        """One keyed cursor of a life hears a signal; the cursor is made when first heard of."""
        sweep = self._open(now)
        self._tell(life, key, signal, now, evidence, sweep)
        return self._close(sweep)

    def acknowledge(self, target: str, words: str, now: float) -> Sweep:
        """Marks an open issue, by id or by code, as acknowledged in these words. KeyError if none is open by that name.

        An issue that expires by `now` is not marked; its end is in the sweep.
        """
        cursor = self._bearing(target)
        sweep = self._open(now)
        if cursor.issue is not None:
            cursor.issue = attrs.evolve(cursor.issue, acknowledged=words)
        self._verdict = None
        return self._close(sweep)

    def mend(self, target: str, step: str, now: float, evidence: str = "") -> Sweep:
        """An open issue hears of its repair: see `mending`. KeyError if it is not open; nothing moves where it can't be so."""
        cursor, sweep = self._bearing(target), self._open(now)
        table, permits = self.table(cursor.name), permits_of(self)
        after = mended(cursor.issue, step, free=table.states[cursor.state].issue is None)
        if after is not None:
            cursor.issue = after
            self._moved(table, cursor, cursor.state, step, now, evidence, permits, sweep)
        return self._close(sweep)

    def tick(self, now: float) -> Sweep | None:
        """Fires what time alone moves up to `now`; None where nothing was due."""
        if not self._due(now):
            return None
        sweep = Sweep()
        self._fire(now, sweep)
        self._rewind()
        return sweep

    def resume(self, last: float, now: float, forget_after: float = 3600.0) -> Sweep:
        """Takes up a restored book after a stop at `last`.

        What time alone moved meanwhile moves first. The stop does not count as time a concern held a state. After a
        short one the counters go on; after a long one (over `forget_after` seconds) they begin anew.
        """
        sweep = self._open(now)
        gap = max(0.0, now - last)
        for cursor in self.cursors():
            if gap > forget_after:
                cursor.family, cursor.run, cursor.trail = "", 0, ()
            table = self.table(cursor.name)
            if cursor.heard is None and cursor.state == table.initial:
                cursor.since = cursor.now = now  # nothing was ever heard: what is on record begins here
            elif cursor.since <= last and cursor.state in table.dwells:
                cursor.since += gap
        return self._close(sweep)

    def settle(self) -> None:
        """Recomputes what follows from the cursors, after they were put in place from outside."""
        for slot in self.slots:
            slot.cursor.masked = any(self.slots[parent].blinded for parent in slot.parents)
            slot.blinded = slot.cursor.masked or slot.table.states[slot.cursor.state].blinds
        self._verdict = None
        self._rewind()

    # ---------------------------------------------------------------- answers

    def fold(self) -> Verdict:
        """The verdict as of the last input or tick; the same object until something moves."""
        if self._verdict is None:
            self._verdict = fold_book(self)
        return self._verdict

    def wake_at(self) -> float | None:
        """When time alone matters next; None if never."""
        self._rewind()
        return self._wake

    def cursors(self) -> Iterable[Cursor]:
        """Every cursor, concerns first."""
        yield from (slot.cursor for slot in self.slots)
        yield from self.living.values()

    def cursor(self, name: str, key: str = "") -> Cursor:
        """The cursor of a concern, or of a life by key. KeyError if there is none."""
        return self.slots[self.place[name]].cursor if name in self.place else self.living[name, key]

    def table(self, name: str) -> Table:
        """The table of a concern or life."""
        return self.slots[self.place[name]].table if name in self.place else self.lives[name].table

    def issues(self) -> list[Issue]:
        """The open issues, oldest first."""
        return sorted((c.issue for c in self.cursors() if c.issue), key=lambda issue: (issue.detected, issue.issue_id))

    def masked_by(self, name: str) -> list[str]:
        """The concerns that this one, as their root, masks right now."""
        return masked_below(self.slots, self.place[name])

    def awaiting(self) -> bool:
        """Whether one more round like the last could move an unmasked concern."""
        return any(awaits_a_count(slot.table, slot.cursor) for slot in self.slots)

    def unsure(self) -> bool:
        """Whether a quick second look may settle something.

        True while a guard is counting, or an unmasked concern blocks opening without an issue of its own.
        """
        for slot in self.slots:
            if not slot.cursor.masked and slot.cursor.state in slot.table.hesitates:
                return True
        return self.awaiting()

    # ---------------------------------------------------------------- inside

    def _bearing(self, target: str) -> Cursor:
        for cursor in self.cursors():
            if cursor.issue and target in (cursor.issue.issue_id, cursor.issue.code):
                return cursor
        raise KeyError(target)

    def _open(self, now: float) -> Sweep:
        sweep = Sweep()
        if self._due(now):
            self._fire(now, sweep)
        if now < self.now:
            self._stirred = True
        else:
            self.now = now
        self.entry += 1
        sweep.entry = self.entry
        return sweep

    def _close(self, sweep: Sweep) -> Sweep:
        self._rewind()
        return sweep

    def _due(self, now: float) -> bool:
        """Whether time alone moves something by then."""
        if self._wake is not None and now >= self._wake:
            self._rewind()
        return self._wake is not None and now >= self._wake

    def _rewind(self) -> None:
        """Recomputes when time matters next."""
        self._stirred, self._wake = False, earliest(self.slots, self.living, self.lives)

    def _fire(self, now: float, sweep: Sweep) -> None:
        """Fires the earliest due time arrow, at its own instant, until none is due."""
        while True:
            waiting = [(due(self.table(c.name), c), i, c) for i, c in enumerate(self.cursors())]
            ready = [(instant, i, c) for instant, i, c in waiting if instant is not None and instant <= now]
            if not ready:
                self.now = max(self.now, now)
                return
            instant, _, cursor = min(ready, key=lambda item: item[:2])
            self.now = max(self.now, instant)
            table = self.table(cursor.name)
            before = cursor.state
            permits = permits_of(self)
            if step(table, cursor, TIME, instant):  # pragma: no branch - what is due moves: proved of every table
                self._moved(table, cursor, before, TIME, instant, "time passed", permits, sweep)
            if cursor.name in self.place:
                slot = self.slots[self.place[cursor.name]]
                slot.blinded = cursor.masked or table.states[cursor.state].blinds

    def _steady(self, slot: Slot) -> bool:
        """Whether one round more of the same has nothing to say of a concern's coming and going."""
        return not (slot.watch and slot.watch.flags) and (flapping.FLAPPING.name, slot.cursor.name) not in self.living

    def _hear(self, slot: Slot, signal: str, now: float, round_: Round, sweep: Sweep) -> None:
        cursor = slot.cursor
        before, issue = cursor.state, cursor.issue
        if (before, signal) not in slot.table.react:
            cursor.now, moved = now, False
            hear(slot.table, cursor, signal, now)
        else:
            permits = permits_of(self)
            moved = step(slot.table, cursor, signal, now)
            if moved:
                self._moved(slot.table, cursor, before, signal, now, slot.concern.evidence(round_), permits, sweep)
        if (moved or slot.watch is not None) and slot.concern.flaps:
            self._watch(slot, before, issue, now, moved=moved, sweep=sweep)

    def _watch(self, slot: Slot, before: str, issue: Issue | None, now: float, *, moved: bool, sweep: Sweep) -> None:
        """Tells the life called flapping how this round was for a concern that comes and goes."""
        cursor = slot.cursor
        signal = slot.watched(before, issue, now, self.rules, moved=moved)
        flaps = self.living.get((flapping.FLAPPING.name, cursor.name))
        if signal is None or (signal != flapping.RATTLED and flaps is None):
            return
        table = self.lives[flapping.FLAPPING.name].table
        if flaps is not None and (flaps.state, signal) not in table.react:
            step(table, flaps, signal, now)  # nearly every round of a concern that changed once: nothing to show
            return
        share = slot.watch.share() if slot.watch else 0.0
        shown = f"{cursor.name} is {cursor.state}; {share:.0%} of the last rounds changed"
        self._tell(flapping.FLAPPING.name, cursor.name, signal, now, shown, sweep)

    def _tell(self, life: str, key: str, signal: str, now: float, evidence: str, sweep: Sweep) -> None:
        table = self.lives[life].table
        cursor = self.living.get((life, key))
        if cursor is None:
            for rested in at_rest(self.living, self.lives, now):
                del self.living[rested]
            cursor = self.living[life, key] = begin(table, now, key)
        before = cursor.state
        permits = permits_of(self) if (before, signal) in table.react else 0
        if step(table, cursor, signal, now):
            self._moved(table, cursor, before, signal, now, evidence, permits, sweep)
        self._stirred = self._stirred or bool(table.waits[cursor.state])  # it may bring nearer what time does

    def _moved(
        self,
        table: Table,
        cursor: Cursor,
        before: str,
        signal: str,
        now: float,
        evidence: str,
        permits: int,
        sweep: Sweep,
    ) -> None:
        self.entry += 1
        owner: Concern | Life = self.lives[table.name] if table.life else self.slots[self.place[table.name]].concern
        bearing = Bearing(
            concern=table.name,
            category=owner.category,
            fixable=owner.fixable,
            words={"broker": self.broker, "key": cursor.key},
        )
        state, expired = table.states[cursor.state], table.life and signal == TIME
        events: list[Event] = []
        if not (state.issue is None and pending(cursor.issue)):
            events = derive(state, cursor, bearing, entry=self.entry, now=now, evidence=evidence, expired=expired)
        for event in events:
            self.stats.count(event)
            if event.kind is EventKind.RESOLVED:
                self.history.append(event.issue)
        self._verdict = None
        told = cursor.issue or (events[-1].issue if events else None)
        sweep.moves.append(
            Move(
                self.entry,
                now,
                table.name,
                cursor.key,
                before,
                signal,
                cursor.state,
                evidence,
                permits,
                permits_of(self),
                told.issue_id if told else None,
            )
        )
        sweep.events += events
