"""What was repaired, and what waits for a person's word?"""

from typing import Annotated, Any

import typer

from supervisor import clock
from supervisor.cli.operate import Who, Why, send
from supervisor.cli.output import AsJson, Home, emit
from supervisor.cli.past import Account, place_of
from supervisor.errors import JournalError, SupervisorError
from supervisor.journal.chain import Entry
from supervisor.journal.lock import writer
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.monitor.repairing import ledger_of
from supervisor.monitor.tradier import home_of
from supervisor.monitor.trading import INTENT

DAY = 86400.0


def fixes(
    days: Annotated[float, typer.Option("--days", min=0.01, help="How many days back.", metavar="N")] = 1.0,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Show the ledger of repairs (those that wait, of any age), and what was put right about each order that left."""
    place = place_of(home, account)
    if not place.journal.exists():
        raise JournalError(f"there is no journal at {place.journal}: nothing has watched this account here yet")
    since = clock.wall() - days * DAY
    with Journal.open(place.journal, read_only=True) as journal:
        found = [repair.shown() for repair in ledger_of(journal, since)]
        tidied = [_tidied(entry) for entry in entries(journal, Where(kind=INTENT, since=since)) if entry.body["fixes"]]
    if as_json:
        emit({"fixes": found, "tidied": tidied})
    elif not found and not tidied:
        print(f"nothing was repaired within {days:g} day(s)")
    else:
        print("\n".join([*map(_line, found), *map(_order_line, tidied)]))
    return 0


def _line(fix: dict[str, Any]) -> str:
    result = fix["result"] or fix["state"]
    approved = f" (approved by {fix['approved']})" if fix["approved"] else ""
    return f"{fix['planned'][:19]}Z  {fix['id']:14} {fix['remedy']:16} {result:14} {fix['says']}{approved}"


def _tidied(entry: Entry) -> dict[str, Any]:
    """What was put right about one order before it left; nothing about it had to be proved."""
    body = entry.body
    return {"at": clock.iso(entry.at), "id": body["our_id"], "tag": body["tag"], "fixes": body["fixes"]}


def _order_line(tidied: dict[str, Any]) -> str:
    right = ", ".join(f"{fix['field']} {fix['before'] or '-'} -> {fix['after']}" for fix in tidied["fixes"])
    return f"{tidied['at'][:19]}Z  {tidied['id']:14} {'order':16} {'tidied':14} {right}"


def approve(
    repair: Annotated[str, typer.Argument(help="The repair's id, or its remedy's name.", metavar="ID")],
    why: Why = "",
    who: Who = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Approve a repair that waits, or say that a partial one is finished. The running supervisor does it within a second."""
    if writer(home_of(home).lock) is None:
        raise SupervisorError("no supervisor is running for this account: start it, then approve what still waits")
    return send({"command": "approve", "target": repair}, why, who, as_json=as_json, home=home)
