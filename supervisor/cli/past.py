"""What happened, why is it so, and is the record whole?"""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from supervisor import clock
from supervisor.cli.check import look_until_sure
from supervisor.cli.output import AsJson, Home, emit, line
from supervisor.core.book import Book
from supervisor.core.words import permit_names
from supervisor.errors import ConfigError, JournalError
from supervisor.journal.chain import Entry, EntryKind
from supervisor.journal.query import Where, entries, newest
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify as verify_chain
from supervisor.monitor.making import book_for
from supervisor.monitor.recall import replayed
from supervisor.monitor.tradier import folder, for_tradier, home_of, remembered, settings_for

EXIT_BROKEN = 1
POLL = 0.25
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

log_app = typer.Typer(help="Show the newest moves, or verify the record.", invoke_without_command=True)


def opened(home: str | None) -> Journal:
    """The account's journal, for reading. JournalError, one sentence, where there is none."""
    place = home_of(home)
    if not place.journal.exists():
        raise JournalError(f"there is no journal at {place.journal}: nothing has watched this account here yet")
    return Journal.open(place.journal, read_only=True)


def instant(text: str) -> float:
    """An instant said as 15m, 2h or 3d ago, or in ISO (UTC where no zone is given). ConfigError where it is neither."""
    ago = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if ago:
        return clock.wall() - float(ago[1]) * UNITS[ago[2]]
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"{text!r} is no time: give 15m, 2h, 3d, or 2026-11-23T14:00") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def as_dict(entry: Entry) -> dict[str, Any]:
    """A move as one flat record."""
    body = entry.body
    return {
        "entry": entry.number,
        "at": clock.iso(entry.at),
        "concern": entry.concern,
        "key": body["key"] or None,
        "before": body["source"],
        "signal": body["signal"],
        "after": body["target"],
        "issue": body["issue"],
        "events": [f"{event['kind']} {event['issue']['code']}" for event in body["events"]],
        "permits_before": permit_names(body["before"]),
        "permits_after": permit_names(body["after"]),
        "evidence": body["evidence"],
    }


def as_text(entry: Entry) -> str:
    """A move as one line."""
    body = entry.body
    name = f"{entry.concern}:{body['key']}" if body["key"] else str(entry.concern)
    told = "; ".join(f"{event['kind']} {event['issue']['code']}" for event in body["events"])
    move = f"{body['source']} -> {body['target']}"
    return f"{clock.iso(entry.at)}  {name:14} {move:28} {told or '-':34} {body['evidence']}"


@log_app.callback()
def log(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as new moves come.")] = False,
    concern: Annotated[str | None, typer.Option("--concern", help="Only this concern or life.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="15m, 2h, 3d, or an ISO time.")] = None,
    newest_: Annotated[int, typer.Option("--newest", "-n", min=1, help="How many of the newest moves.")] = 50,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show the newest moves: before, signal, after, what was told, on what evidence."""
    if ctx.invoked_subcommand is not None:
        return
    where = Where(kind=EntryKind.MOVE, concern=concern, since=instant(since) if since else None)
    with opened(home) as journal:
        last = 0
        for entry in newest(journal, newest_, where):
            _show(entry, as_json=as_json)
            last = entry.number
        while follow:
            for entry in entries(journal, where, after=last):
                _show(entry, as_json=as_json)
                last = entry.number
            time.sleep(POLL)


def _show(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        line(as_dict(entry))
    else:
        print(as_text(entry), flush=True)


@log_app.command("verify")
def log_verify(as_json: AsJson = False, home: Home = None) -> int:
    """Walk the whole record: every entry must follow from the one before. Exits non-zero where one does not."""
    with opened(home) as journal:
        found = verify_chain(journal)
    if as_json:
        emit({"ok": found.ok, "entries": found.entries, "first_bad": found.first_bad, "why": found.why})
    else:
        print(found.why)
    return 0 if found.ok else EXIT_BROKEN


def explain(as_json: AsJson = False, home: Home = None) -> int:
    """Say of each permit whether it is open, which concern closes it, since when, on what evidence, what would open it."""
    supervisor = for_tradier(home=home, persist=False)
    remembered(supervisor, home)
    try:
        look_until_sure(supervisor, 5.0)
        explanation = supervisor.explain()
    finally:
        supervisor.stop()
    if as_json:
        emit(explanation.as_dict())
    else:
        print(explanation.text())
    return 0


def replay(as_json: AsJson = False, home: Home = None) -> int:
    """Feed the recorded inputs through today's code and compare every move. Exits non-zero at the first difference."""
    book = book_for(settings_for(folder(home)))
    moves = 0
    recorded = again = difference = None
    with opened(home) as journal:
        for recorded, again in _compared(book, journal):
            moves += 1
            if recorded != again:
                difference = {"recorded": recorded, "replayed": again}
                break
    result = {"identical": difference is None, "moves": moves, "difference": difference}
    if as_json:
        emit(result)
    elif difference is None:
        print(f"identical: {moves} moves, the same states at the same instants")
    else:
        print(f"after {moves - 1} identical moves the first difference:\n  recorded {recorded}\n  replayed {again}")
    return 0 if difference is None else EXIT_BROKEN


def _compared(book: Book, journal: Journal) -> Iterator[tuple[Any, Any]]:
    """Each recorded move beside the replayed one; None on the side that has none."""
    waiting: list[tuple[Any, ...]] = []
    recorded: list[tuple[Any, ...]] = []
    last = 0.0
    for entry, sweep in replayed(book, journal, whole=True):
        last = entry.at
        if entry.kind == EntryKind.MOVE:
            body = entry.body
            recorded.append((entry.at, entry.concern, body["key"], body["source"], body["signal"], body["target"]))
        if sweep is not None:
            waiting += [(m.at, m.concern, m.key, m.source, m.signal, m.target) for m in sweep.moves]
        while waiting and recorded:
            yield recorded.pop(0), waiting.pop(0)
    tail = book.tick(last) if recorded else None
    waiting += [(m.at, m.concern, m.key, m.source, m.signal, m.target) for m in tail.moves] if tail else []
    while waiting or recorded:
        yield recorded.pop(0) if recorded else None, waiting.pop(0) if waiting else None
