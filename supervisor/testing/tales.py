"""What must become of each table when it hears this? Short stories that a table with one row wrong cannot pass.

A tale begins in a state as a restart finds it (nothing counted), hears signals a second apart and seconds that pass,
and says where it ends: the state, what may be done there, the issue it bears. Times and counts are the defaults'.
"""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from supervisor.core.table import Table
from supervisor.core.words import CRITICAL, ERROR, INFO, KEEP, OK, WARNING, Severity
from supervisor.testing.story import Heard, given

BEARS: dict[str, Severity] = {
    "connection_failed": CRITICAL,
    "connection_error": ERROR,
    "broker_slow": WARNING,
    "rate_limited": WARNING,
    "credentials_rejected": CRITICAL,
    "account_restricted": CRITICAL,
    "account_not_found": CRITICAL,
    "account_unconfirmed": WARNING,
    "account_unreadable": ERROR,
    "options_not_approved": ERROR,
    "approval_unreadable": ERROR,
    "low_buying_power": WARNING,
    "no_buying_power": WARNING,
    "margin_call": ERROR,
    "buying_power_unreadable": ERROR,
    "endpoint_mismatch": CRITICAL,
    "clock_skew": ERROR,
    "operator_hold": WARNING,
    "operator_halt": ERROR,
    "journal_unwritable": ERROR,
    "orders_unreadable": ERROR,
    "positions_unreadable": ERROR,
    "position_unexpected": ERROR,
    "callback_failing": WARNING,
    "key_flapping": WARNING,
    "order_ambiguous": ERROR,
    "order_failure_key": WARNING,
    "orders_tripped": ERROR,
    "repeated_healing": WARNING,
    "key": INFO,
}
"""How bad each problem is."""

BLINDING = frozenset(
    {"endpoint_mismatch", "connection_failed", "connection_error", "credentials_rejected", "account_not_found"}
)
"""The problems that blind all below; `*_unreadable` does not."""

KEEPING = frozenset({"unknown", "unsteady", "undated", "doubted", "resumed"})
"""The states that leave open what was open, for they know nothing better; no other state does."""


@attrs.frozen
class Tale:
    """One story: from `begins`, hearing `hears`, it ends in `ends`, permits exactly `may` and bears `bears`.

    `milder` is the severity where it is not the usual one of that problem.
    """

    says: str
    begins: str
    hears: tuple[Heard, ...]
    ends: str
    may: int
    bears: str | None = None
    milder: Severity | None = None

    def wrong(self, table: Table) -> str | None:
        """What of this is not so with that table; None if all of it is so."""
        if self.begins not in table.states or self.ends not in table.states:
            return f"there is no state {self.begins!r} or {self.ends!r}"
        story = given(table, self.begins, any_signal=True).when(*self.hears)
        cursor, state = story.cursor, table.states[story.cursor.state]
        if cursor.state != self.ends:
            return f"it ends {cursor.state!r}, not {self.ends!r}"
        if state.permits != self.may:
            return f"{cursor.state!r} permits {state.permits!r}"
        found = cursor.issue.code if cursor.issue else None
        if found != self.bears:
            return f"it bears {found!r}, not {self.bears!r}"
        if cursor.issue is not None:
            severity = self.milder or BEARS[cursor.issue.code]
            if cursor.issue.severity is not severity:
                return f"{found!r} is {cursor.issue.severity.name}"
        return None


@attrs.frozen
class Everywhere:
    """One story from every state but these: a successful reading of that fact acts at once, wherever one stands."""

    says: str
    hears: str
    ends: str
    may: int
    bears: str | None = None
    milder: Severity | None = None
    but: tuple[str, ...] = ()

    def wrong(self, table: Table) -> str | None:
        """What of this is not so with that table; None if all of it is so."""
        for name in table.states:
            if name not in self.but:
                tale = Tale(self.says, name, (self.hears,), self.ends, self.may, self.bears, self.milder)
                if fault := tale.wrong(table):
                    return f"from {name!r} {fault}"
        return None


@attrs.frozen
class Ways:
    """Where each state leads on each signal, said once more apart from the table; nothing else moves it."""

    says: str
    lead: Mapping[str, Mapping[str, str]]

    def wrong(self, table: Table) -> str | None:
        """What of this is not so with that table; None if all of it is so."""
        heard = dict.fromkeys((*table.signals, *(signal for ways in self.lead.values() for signal in ways)))
        for name in table.states:
            for signal in heard:
                moved = given(table, name, any_signal=True).when(signal).trace[1:]
                wanted = self.lead.get(name, {}).get(signal)
                if moved != ([f"[{signal}] {wanted}"] if wanted else []):
                    return f"from {name!r} on {signal!r} it goes {', '.join(moved) or 'nowhere'}, not to {wanted!r}"
        return None


@attrs.frozen
class Bearing:
    """What is so of the states themselves: who keeps what was open, who blinds, who stands above."""

    depends_on: tuple[str, ...] = ()
    says: str = "unknown and unsteady keep what was open, and exactly the named problems blind what is below"

    def wrong(self, table: Table) -> str | None:
        """What of this is not so with that table; None if all of it is so."""
        for state in table.states.values():
            if (state.issue == KEEP) != (state.name in KEEPING):
                return f"{state.name!r} bears {state.issue!r}"
            if state.blinds != (state.issue in BLINDING):
                return f"{state.name!r} blinds" if state.blinds else f"{state.name!r} does not blind"
            if (state.severity > OK) != (state.issue not in (None, KEEP)):
                return f"{state.name!r} is {state.severity.name}"
        if table.depends_on != self.depends_on:
            return f"it depends on {table.depends_on}"
        return None


Truth = Tale | Everywhere | Ways | Bearing
Battery = tuple[Truth, ...]


def silence(says: str, state: str, heard: str, may: int, bears: str | None, *, to: str, then: int) -> Iterator[Tale]:
    """Two tales: 149 s of silence change nothing, 150 s make it unknown; what was open stays open."""
    yield Tale(says, state, (heard, 149.0), state, may, bears)
    yield Tale(says, state, (heard, 150.0), to, then, bears)


def waits(signals: Iterable[str], to: str, may: int, *, waiting: int) -> Iterator[Tale]:
    """Opening waits after a problem: three good rounds in a row and 120 s, both, to the second."""
    for good in signals:
        says = f"after a problem opening waits for three {good!r} in a row and 120 s"
        yield Tale(says, "recovering", (good, good, 116.0, good), "recovering", waiting)
        yield Tale(says, "recovering", (good, good, 117.0, good), to, may)
        yield Tale(says, "recovering", (118.0, good, good), "recovering", waiting)
        yield Tale(says, "recovering", (118.0, good, good, good), to, may)


def waits_anew(bad: Iterable[str], good: str, waiting: int) -> Iterator[Tale]:
    """A bad round while recovering starts the wait anew."""
    for one in bad:
        says = f"{one!r} while recovering starts the wait anew"
        yield Tale(says, "recovering", (one,), "recovering", waiting)
        yield Tale(says, "recovering", (100.0, one, good, good, 116.0, good), "recovering", waiting)


def counted(
    begins: str, misses: tuple[str, ...], stays: str, may: int, bears: str | None, *, ends: str, then: int, problem: str
) -> Iterator[Tale]:
    """Three misses in a row, of whatever kind, make it certain; two do not."""
    for last in misses:
        says = f"from {begins!r} three misses in a row are {problem}, two are not"
        for first in misses:
            yield Tale(says, begins, (first, last), stays, may, bears)
            yield Tale(says, begins, (first, first, last), ends, then, problem)


def first_miss(begins: str, misses: tuple[str, ...], to: str, may: int, bears: str | None = None) -> Iterator[Tale]:
    """The first miss closes opening and keeps what was open."""
    for miss in misses:
        yield Tale("the first miss closes opening and keeps what was open", begins, (miss,), to, may, bears)
