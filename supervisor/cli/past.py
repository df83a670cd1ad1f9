"""What happened? The moves on record, newest last, with what was told to whom."""

import csv
import io
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import attrs
import typer

from supervisor import clock
from supervisor.cli.output import AsJson, Home, as_json, line
from supervisor.core.event import EventKind
from supervisor.core.verdict import mode_of
from supervisor.core.words import Severity, permit_names
from supervisor.errors import ConfigError, JournalError, SupervisorError
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.home import Home as Folder
from supervisor.journal.query import Where, between, entries, newest
from supervisor.journal.store import Journal
from supervisor.log import mask_account
from supervisor.monitor.recorder import TOLD
from supervisor.monitor.tradier import folder, home_of

POLL = 0.25
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
FORMATS = ("table", "jsonl", "csv")
TOLD_WITHIN = 2000
"""Entries after a move in which its deliveries are looked for."""
COLUMNS = (
    "entry", "at", "kind", "concern", "key", "before", "signal", "after", "severity", "issue", "events", "gate_before",
    "gate_after", "permits_before", "permits_after", "evidence", "told",
)  # fmt: skip

Account = Annotated[
    str | None, typer.Option("--account", help="Which account's record: its number or last four (default: yours).")
]
Since = Annotated[str | None, typer.Option("--since", "--from", help="15m, 2h, 3d, or an ISO time.", metavar="TIME")]
Until = Annotated[str | None, typer.Option("--until", "--to", help="15m, 2h, 3d, or an ISO time.", metavar="TIME")]

log_app = typer.Typer(help="Show the newest moves; verify, sign, seal, export or import the record.")


def place_of(home: str | None, account: str | None = None) -> Folder:
    """The folder of that account's record. JournalError, one sentence, where none or several could be meant."""
    if account is None:
        return home_of(home)
    root = folder(home).absolute()
    found = [Folder(path.parent) for path in sorted(root.glob("*/journal.db")) if _names(path.parent.name, account)]
    exact = [place for place in found if place.folder.name.endswith(_hash(account))]
    found = exact or found
    if len(found) != 1:
        names = ", ".join(place.folder.name for place in found) or "none"
        raise JournalError(f"{mask_account(account)} names {len(found)} records under {root} ({names}): name one")
    return found[0]


def _hash(account: str) -> str:
    return Folder.of("x", account).folder.name.rpartition("-")[2]


def _names(name: str, account: str) -> bool:
    """Whether a folder's name, `<environment>-<last four>-<hash>`, fits a number or its last four."""
    return name.rpartition("-")[0].endswith("-" + account.removeprefix("****")[-4:]) or name == account


def opened(home: str | None, account: str | None = None) -> Journal:
    """The account's journal, for reading. JournalError, one sentence, where there is none."""
    place = place_of(home, account)
    if not place.journal.exists():
        raise JournalError(f"there is no journal at {place.journal}: nothing has watched this account here yet")
    return Journal.open(place.journal, read_only=True)


def instant(text: str) -> float:
    """An instant said as 15m, 2h or 3d ago, or in ISO (UTC where no zone is given). ConfigError where it is neither."""
    ago = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if ago:
        return clock.wall() - float(ago[1]) * UNITS[ago[2]]
    if text.strip() == "now":
        return clock.wall()
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"{text!r} is no time: give now, 15m, 2h, 3d, or 2026-11-23T14:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def maybe_instant(text: str | None) -> float | None:
    """An instant where one is given."""
    return None if text is None else instant(text)


def as_dict(entry: Entry, told: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """An entry as one flat record; a move with its gate before and after, and with what was told to whom."""
    head = {"entry": entry.number, "at": clock.iso(entry.at), "kind": str(entry.kind)}
    if entry.kind != EntryKind.MOVE:
        return {**head, "body": dict(entry.body)}
    body = entry.body
    verdict = body.get("verdict")
    after = verdict["permits"] if verdict else body["after"]
    return {
        **head,
        "concern": entry.concern,
        "key": body["key"] or None,
        "before": body["source"],
        "signal": body["signal"],
        "after": body["target"],
        "severity": body["severity"],
        "issue": body["issue"],
        "events": [f"{event['kind']} {event['issue']['code']}" for event in body["events"]],
        "gate_before": mode_of(body["before"]).value,
        "gate_after": mode_of(after, blocked=bool(verdict and verdict["blocks"])).value,
        "permits_before": permit_names(body["before"]),
        "permits_after": permit_names(after),
        "evidence": body["evidence"],
        "told": [dict(delivery) for delivery in told],
    }


def as_text(entry: Entry, told: Sequence[Mapping[str, Any]] = ()) -> str:
    """An entry as one line to read."""
    if entry.kind != EntryKind.MOVE:
        words = as_json({k: v for k, v in entry.body.items() if k != "cursors"}, indent=None)
        return f"{clock.iso(entry.at)}  {entry.kind:14} {words[:200]}"
    flat = as_dict(entry)
    name = f"{flat['concern']}:{flat['key']}" if flat["key"] else str(flat["concern"])
    move = f"{flat['before']} -{flat['signal']}-> {flat['after']}"
    events = "; ".join(flat["events"]) or "-"
    gate = (
        flat["gate_after"]
        if flat["gate_before"] == flat["gate_after"]
        else f"{flat['gate_before']} -> {flat['gate_after']}"
    )
    heard = "".join(f"\n{'':26}{_delivery(delivery)}" for delivery in told)
    return f"{clock.iso(entry.at)}  {name:14} {move:40} {events:34} gate {gate:24} {flat['evidence']}{heard}"


def _delivery(delivery: Mapping[str, Any]) -> str:
    fate = "arrived" if delivery["arrived"] else f"did NOT arrive: {delivery['problem']}"
    return f"told {delivery['to']} ({delivery['what']}): {fate}"


def deliveries(entry: Entry) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a `told` entry says: the entry it was about, and each delivery."""
    for about, what, to, problem in entry.body["deliveries"]:
        yield about, {"what": what, "to": to, "arrived": problem is None, "problem": problem}


def told_of(journal: Journal, moves: Sequence[Entry]) -> dict[int, list[dict[str, Any]]]:
    """What was told of these moves, by their numbers."""
    found: dict[int, list[dict[str, Any]]] = {}
    if moves:
        last = moves[-1].number + TOLD_WITHIN
        for entry in entries(journal, Where(kind=TOLD), after=moves[0].number, last=last):
            for about, delivery in deliveries(entry):
                found.setdefault(about, []).append(delivery)
    return found


@attrs.frozen
class _Wanted:
    """Which entries, and in which form."""

    where: Where
    event: str | None
    form: str

    def fits(self, entry: Entry) -> bool:
        """Whether a move gave that event, where one is asked for."""
        return self.event is None or any(event["kind"] == self.event for event in entry.body["events"])


@log_app.callback(invoke_without_command=True)
def log(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as new moves come.")] = False,
    concern: Annotated[str | None, typer.Option("--concern", help="Only this concern or life.")] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind", help="move, detected, fixed, resolved, changed, told, start, command, round, ... or all."
        ),
    ] = "move",
    severity: Annotated[str | None, typer.Option("--severity", help="info, warning, error or critical.")] = None,
    issue: Annotated[str | None, typer.Option("--issue", help="One issue's id, or a code.")] = None,
    since: Since = None,
    until: Until = None,
    newest_: Annotated[int, typer.Option("--newest", "-n", min=1, help="How many of the newest.")] = 50,
    form: Annotated[str, typer.Option("--format", help="table, jsonl or csv.")] = "table",
    account: Account = None,
    as_json_: AsJson = False,
    home: Home = None,
) -> None:
    """Show the newest moves: before, signal, after, gate, what was told to whom, on what evidence."""
    if ctx.invoked_subcommand is not None:
        return
    wanted = _wanted(kind, concern, severity, issue, since, until, "jsonl" if as_json_ else form)
    with opened(home, account) as journal:
        moves = _newest(journal, newest_, wanted)
        if not moves and concern is not None:
            _must_be_known(concern, journal)
        told = told_of(journal, moves)
        header = True
        last = moves[-1].number if moves else 0
        for entry in moves:
            _show(entry, told.get(entry.number, ()), wanted.form, header=header)
            header = False
        while follow:
            for entry in entries(journal, attrs.evolve(wanted.where, kind=None), after=last):
                last = entry.number
                if (entry.kind == wanted.where.kind and wanted.fits(entry)) or (
                    entry.kind == TOLD and wanted.where.concern is None
                ):
                    _show(entry, (), wanted.form, header=header)
                    header = False
            time.sleep(POLL)


def _must_be_known(concern: str, journal: Journal) -> None:
    """ConfigError where no concern or life has that name, neither today nor on record (the user's own)."""
    from supervisor.cli.diagrams import tables  # noqa: PLC0415 - it imports this module

    known = tables()
    if concern not in known and not newest(journal, 1, Where(kind=EntryKind.MOVE, concern=concern)):
        raise ConfigError(f"no concern is called {concern!r}; there are: {', '.join(known)}")


def _wanted(
    kind: str,
    concern: str | None,
    severity: str | None,
    issue: str | None,
    since: str | None,
    until: str | None,
    form: str,
) -> _Wanted:
    if form not in FORMATS:
        raise SupervisorError(f"no format is called {form!r}; there are: {', '.join(FORMATS)}")
    if severity is not None and severity not in {s.name.lower() for s in Severity}:
        raise SupervisorError(f"no severity is called {severity!r}; there are: info, warning, error, critical")
    event = kind if kind in set(EventKind) else None
    entry_kind = None if kind == "all" else EntryKind.MOVE.value if event else kind
    where = Where(
        kind=entry_kind,
        concern=concern,
        severity=severity,
        issue=issue,
        since=maybe_instant(since),
        until=maybe_instant(until),
    )
    return _Wanted(where, event, form)


def _newest(journal: Journal, count: int, wanted: _Wanted) -> list[Entry]:
    if wanted.event is None:
        return newest(journal, count, wanted.where)
    timed = wanted.where.since is not None or wanted.where.until is not None
    if timed:
        return [entry for entry in between(journal, wanted.where) if wanted.fits(entry)][-count:]
    asked = count
    while True:  # most moves give an event: a few times as many surely hold enough of them
        found = newest(journal, asked, wanted.where)
        kept = [entry for entry in found if wanted.fits(entry)]
        if len(kept) >= count or len(found) < asked:
            return kept[-count:]
        asked *= 4


def _show(entry: Entry, told: Sequence[Mapping[str, Any]], form: str, *, header: bool) -> None:
    if form == "jsonl":
        line(as_dict(entry, told))
    elif form == "csv":
        sys.stdout.write(_csv(as_dict(entry, told), header=header))
        sys.stdout.flush()
    else:
        print(as_text(entry, told), flush=True)


def _csv(flat: Mapping[str, Any], *, header: bool) -> str:
    """One line of CSV; lists are joined by "; ", and what no column is for goes into `evidence` as JSON."""
    told = "; ".join(_delivery(delivery) for delivery in flat.get("told", ()))
    row = {name: flat.get(name) for name in COLUMNS} | {"told": told}
    for name in ("events", "permits_before", "permits_after"):
        row[name] = "; ".join(row[name] or ())
    if "body" in flat:
        row["evidence"] = as_json(flat["body"], indent=None)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerow(row)
    return text.getvalue()
