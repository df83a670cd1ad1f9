"""What happened? The moves on record, newest last, with what was told to whom."""

import re
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from supervisor import clock
from supervisor.cli.entries import Widths, as_csv, as_dict, as_line, told_of
from supervisor.cli.output import AsJson, Home, line, say, terminal_columns
from supervisor.core.event import EventKind
from supervisor.core.words import Severity
from supervisor.errors import ConfigError, JournalError, SupervisorError
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.home import Home as Folder
from supervisor.journal.query import Where, entries, fits, newest
from supervisor.journal.store import Journal
from supervisor.log import mask_account
from supervisor.monitor.recorder import TOLD
from supervisor.monitor.tradier import environment, folder, home_of

POLL = 0.25
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
FORMATS = ("table", "jsonl", "csv")
TIMES = "15m, 2h or 3d ago, 10:30, or 2026-11-23T14:00 (your time, unless it ends in Z or a zone)."
_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])(?: ago)?")
_CLOCK = re.compile(r"(?:(today|yesterday)\s*)?(\d{1,2}:\d{2}(?::\d{2})?)?")

Account = Annotated[
    str | None, typer.Option("--account", help="Which account's record: its number or last four (default: yours).")
]
Since = Annotated[str | None, typer.Option("--since", "--from", help=TIMES, metavar="TIME")]
Until = Annotated[str | None, typer.Option("--until", "--to", help="As --since.", metavar="TIME")]

Own = Annotated[
    list[str] | None,
    typer.Option(
        "--own",
        envvar="SUPERVISOR_OWN",
        help="A concern or life of your own that is part of the record.",
        metavar="MODULE:NAME",
    ),
]

log_app = typer.Typer(help="Show the newest moves; verify, sign, seal, export or import the record.")


def place_of(home: str | None, account: str | None = None) -> Folder:
    """The folder of that account's record; without one that of the account the environment names, or the only one there.

    JournalError, one sentence, where none or several could be meant.
    """
    root = folder(home).absolute()
    found = [Folder(path.parent) for path in sorted(root.glob("*/journal.db"))]
    names = ", ".join(place.folder.name for place in found)
    if account is None:
        own = home_of(home)
        if own in found or not found:
            return own
        if len(found) == 1 and environment("TRADIER_ACCOUNT_ID") is None:
            return found[0]
        raise JournalError(
            f"there is no journal at {own.journal}: nothing has watched this account here yet; "
            f"there are {names}: name one with --account"
        )
    fitting = [place for place in found if _names(place.folder.name, account)]
    exact = [place for place in fitting if place.folder.name.endswith(_hash(account))]
    fitting = exact or fitting
    if len(fitting) != 1:
        raise JournalError(
            f"{mask_account(account)} names {len(fitting)} records under {root} ({names or 'none are there'}): name one"
        )
    return fitting[0]


def _hash(account: str) -> str:
    return Folder.of("x", account).folder.name.rpartition("-")[2]


def _names(name: str, account: str) -> bool:
    """Whether a folder's name, `<environment>-<last four>-<hash>`, fits a number or its last four."""
    return name.rpartition("-")[0].endswith("-" + account.removeprefix("****")[-4:]) or name == account


def opened(home: str | None, account: str | None = None) -> Journal:
    """The account's journal, for reading. JournalError, one sentence, where there is none."""
    return Journal.open(place_of(home, account).journal, read_only=True)


def instant(text: str) -> float:
    """An instant said as `TIMES` says: ago, the last 10:30, or ISO; local where no zone is given. ConfigError else."""
    said = text.strip()
    try:
        if ago := _AGO.fullmatch(said):
            return max(0.0, clock.wall() - float(ago[1]) * UNITS[ago[2]])
        if said == "now":
            return clock.wall()
        if said and (hour := _CLOCK.fullmatch(said)):
            return _by_the_clock(*hour.groups())
        at = datetime.fromisoformat(said.removesuffix(" UTC") + "+00:00" if said.endswith(" UTC") else said)
        return max(0.0, at.timestamp())  # without a zone that is local time
    except (ValueError, OverflowError, OSError):
        raise ConfigError(f"{text!r} is no time: give now, {TIMES}") from None


def _by_the_clock(day: str | None, hour: str | None) -> float:
    """That hour of that day by the local clock; without a day the last time it was that late."""
    now = clock.utc(clock.wall()).astimezone()
    date = now.date() - timedelta(days=day == "yesterday")
    at = datetime.fromisoformat(f"{date}T{(hour or '0:00').zfill(5 if (hour or '').count(':') < 2 else 8)}")
    if day is None and at.astimezone() > now:
        at -= timedelta(days=1)
    return at.astimezone(UTC).timestamp()


def maybe_instant(text: str | None) -> float | None:
    """An instant where one is given."""
    return None if text is None else instant(text)


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
    wanted = _wanted(kind, concern, severity, issue, since, until)
    if form not in FORMATS:
        raise SupervisorError(f"no format is called {form!r}; there are: {', '.join(FORMATS)}")
    form = "jsonl" if as_json_ else form
    with opened(home, account) as journal:
        moves = newest(journal, newest_ + 1, wanted)
        more, moves = len(moves) > newest_, moves[-newest_:]
        if not moves and concern is not None:
            _must_be_known(concern, journal)
        show = _Show(form)
        show.first(moves, told_of(journal, moves))
        if more and form == "table":
            print(f"(these are the newest {newest_}; -n {newest_ * 4} shows more)", flush=True)
        last = moves[-1].number if moves else journal.head.number
        told_too = concern is severity is issue is None
        while follow:
            for entry in entries(journal, after=last):
                last = entry.number
                if fits(entry, wanted) or (entry.kind == TOLD and told_too):
                    show.one(entry)
            time.sleep(POLL)


def _must_be_known(concern: str, journal: Journal) -> None:
    """ConfigError where no concern or life has that name, neither today nor on record (the user's own)."""
    from supervisor.cli.diagrams import tables  # noqa: PLC0415 - it imports this module

    known = tables()
    if concern not in known and not newest(journal, 1, Where(kind=EntryKind.MOVE, concern=concern)):
        raise ConfigError(f"no concern is called {concern!r}; there are: {', '.join(known)}")


def _wanted(
    kind: str, concern: str | None, severity: str | None, issue: str | None, since: str | None, until: str | None
) -> Where:
    if severity is not None and severity not in {s.name.lower() for s in Severity}:
        raise SupervisorError(f"no severity is called {severity!r}; there are: info, warning, error, critical")
    event = kind if kind in set(EventKind) else None
    return Where(
        kind=None if kind == "all" else EntryKind.MOVE.value if event else kind,
        concern=concern,
        severity=severity,
        issue=issue,
        since=maybe_instant(since),
        until=maybe_instant(until),
        event=event,
    )


class _Show:
    """Prints entries, one after the other, in one form."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._header = True
        self._tall = False
        self._widths = Widths(())

    def first(self, moves: Sequence[Entry], told: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
        """Those that are on record; their lines make the columns."""
        if self._form == "table":
            self._widths = Widths([as_line(entry) for entry in moves])
            columns = terminal_columns()
            self._tall = columns is not None and columns < self._widths.wide
            if not moves:
                print("nothing on record fits", flush=True)
            elif not self._tall:
                say(self._widths.header())
        for entry in moves:
            self.one(entry, told.get(entry.number, ()))

    def one(self, entry: Entry, told: Sequence[Mapping[str, Any]] = ()) -> None:
        """One more."""
        if self._form == "jsonl":
            line(as_dict(entry, told))
        elif self._form == "csv":
            sys.stdout.write(as_csv(as_dict(entry, told), header=self._header))
            sys.stdout.flush()
        else:
            shown = as_line(entry, told)
            say(self._widths.tall(shown) if self._tall else self._widths.text(shown), hang=self._widths.hang)
        self._header = False
