"""What happened there, as a scenario? A journal turned into a timeline of faults and looks, with what was told.

Rounds are taken at the recorded instants, so the same states must move at the same times. What a round read is acted out
by the fault of the simulator that reads the same.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from supervisor.concerns.facts import Action, Balances, Command, Place, Profile
from supervisor.config import DEFAULTS, NAMES, Settings
from supervisor.core.reading import Kind, Reading, Round
from supervisor.errors import JournalError
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.codec import decode_round
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.monitor.past import rules_at
from supervisor.testing.times import written

SOURCES = ("profile", "balances")
STANDS_FOR = {
    Kind.UNREACHABLE: "refuse",
    Kind.TIMEOUT: "hang",
    Kind.SERVER: "http_500_backend",
    Kind.GARBLED: "html",
    Kind.CREDENTIALS: "token_invalid",
    Kind.FOREIGN_ACCOUNT: "unauthorized_account",
    Kind.QUOTA: "http_429_bare",
    Kind.DECLINED: "http_400_invalid",
}
"""The simulator's fault that reads as each kind of failure."""
BESIDE = frozenset({"orders", "positions", "order", "failure", "breaker", "callback", "repair", "repeated", "foreseen"})
"""Concerns and lives that no look at profile and balances moves: what they told is not in the scenario."""
ON_LOOPBACK = "http://127.0.0.1:8080/v1"
"""Where a record of loopback went to: there no quota is known before the broker names one."""
LAG, SKEW = 0.5, 2.0
"""Seconds from which an answer's slowness, or a clock's difference, is acted out."""


def recorded(
    journal: Journal,
    *,
    title: str,
    zone: ZoneInfo,
    settings: Settings = DEFAULTS,
    since: float | None = None,
    until: float | None = None,
) -> dict[str, Any]:
    """The scenario of that stretch of the record, ready to be written. JournalError where there is no round in it.

    It goes by the settings on record; `settings` are for a record that names none.
    """
    telling = _Telling(zone)
    for entry in entries(journal, Where(since=since, until=until)):
        telling.hear(entry)
    if telling.start is None:
        raise JournalError(f"there is no round on record in {journal.path} at that time")
    telling.compare()
    ruled = rules_at(journal, settings).settings
    changed = {name: getattr(ruled, name) for name in NAMES if getattr(ruled, name) != getattr(DEFAULTS, name)}
    changed = {name: value for name, value in changed.items() if name != "live_jitter" and not isinstance(value, tuple)}
    return {
        "scenario": title,
        "teaches": f"Recorded by {journal.account} ({journal.environment}).",
        "start": written(telling.start, zone),
        "zone": zone.key,
        **({"uses": ON_LOOPBACK} if journal.environment == Place.LOOPBACK.value else {}),
        "looks": "told",
        **({"settings": changed} if changed else {}),
        "timeline": telling.timeline,
    }


class _Telling:
    """The timeline as it grows, entry by entry."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.start: float | None = None
        self.timeline: list[dict[str, Any]] = []
        self._zone = zone
        self._faults: tuple[Any, ...] = ()
        self._account: dict[str, Any] = {}
        self._events: list[str] = []
        self._running = True

    def hear(self, entry: Entry) -> None:
        """One entry of the record."""
        if entry.kind == "round":
            self._round(decode_round(entry.body, entry.number), entry.at)
        elif self.start is None:
            return
        elif entry.kind == "command":
            self._command(decode_round(entry.body, entry.number), entry.at)
        elif entry.kind == "ack":
            who, _, why = str(entry.body["words"]).partition(": ")
            self._step(entry.at, {"acknowledge": [str(entry.body["target"]), who, why or "not said"]})
        elif entry.kind == "stop":
            self._step(entry.at, {"stop": "yes"})
            self._running = False
        elif entry.kind == EntryKind.MOVE and entry.concern not in BESIDE:
            self._events += [f"{event['kind']} {event['issue']['code']}" for event in entry.body["events"]]

    def compare(self) -> None:
        """Expects, with the last step, what was told since the last expectation."""
        if self._events or not any("expect" in step for step in self.timeline):
            self.timeline[-1]["expect"] = {**({"events": list(self._events)} if self._events else {}), **self._stand()}
            self._events.clear()

    def _stand(self) -> dict[str, Any]:
        return {} if self._events else {"running": "yes" if self._running else "no"}

    def _step(self, at: float, what: dict[str, Any]) -> None:
        if self.timeline and self._events:
            self.compare()
        self.timeline.append({"at": written(at, self._zone), **what})

    def _command(self, round_: Round, at: float) -> None:
        reading = round_.get("operator")
        said = reading.value if reading else None
        if not isinstance(said, Command):
            return
        if said.action is Action.RELEASE:
            self._step(at, {"release": [said.who, said.why]})
        else:
            self._step(at, {"hold": [said.action.value, said.who, said.why]})

    def _round(self, round_: Round, at: float) -> None:
        readings = {source: reading for source in SOURCES if (reading := round_.get(source)) is not None}
        step: dict[str, Any] = {}
        account = {**self._account, **_account(readings)}
        faults = (
            tuple(_faults(readings)) if any(not _withheld(reading) for reading in readings.values()) else self._faults
        )
        if faults != self._faults:
            step |= ({"clear": "all"} if self._faults else {}) | ({"fault": list(faults)} if faults else {})
        changed = {name: value for name, value in account.items() if self._account.get(name) != value}
        if changed:
            step["account"] = changed
        self._faults, self._account = faults, account
        if self.start is None:
            self.start = at
            before = dict(step)
            if before:  # the first look comes with the start: what it saw is there before
                self.start = at - 1.0
                self.timeline.append({"at": "start", "stop": "yes", **before})
                self._running, step = False, {}
        if self._running and self.timeline:
            self._step(at, {**step, "look": "yes"})
        elif self._running:
            self.timeline.append({"at": "start"})
        else:
            self._step(at, {**step, "start": "yes"})
            self._running = True


def _withheld(reading: Reading) -> bool:
    return reading.failure is not None and reading.failure.kind is Kind.WITHHELD


def _faults(readings: Mapping[str, Reading]) -> Iterator[Any]:
    for source, reading in readings.items():
        if reading.failure is not None and reading.failure.kind in STANDS_FOR:
            yield f"{STANDS_FOR[reading.failure.kind]} on {source}"
        elif reading.failure is None and reading.took > LAG:
            yield {"name": "slow", "on": source, "by": round(reading.took, 1)}
        if reading.skew is not None and abs(reading.skew) > SKEW:
            yield {"name": "date_skewed", "on": source, "by": round(reading.skew)}


def _amount(value: Decimal) -> str:
    """As a person writes it: 200000, not 2E+5 or 200000.0000."""
    return f"{value.normalize():f}"


def _account(readings: Mapping[str, Reading]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    profile, balances = (readings[source].value if source in readings else None for source in SOURCES)
    if isinstance(profile, Profile):
        ours = profile.ours()
        found["listed"] = "yes" if ours else "no"
        if ours is not None:
            found |= {
                "status": ours.status or "none",
                "option_level": "none" if ours.option_level is None else ours.option_level,
            }
    if isinstance(balances, Balances):
        found |= {"kind": balances.kind, "maintenance_call": _amount(balances.calls)}
        if balances.kind == "cash":
            found["cash_available"] = _amount(balances.equity_power)
        else:
            found |= {"stock_power": _amount(balances.equity_power), "option_power": _amount(balances.option_power)}
    return found
