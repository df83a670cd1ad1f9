"""What was repaired, and what waits for a person's word?"""

from typing import Annotated, Any

import typer

from supervisor import clock
from supervisor.cli.operate import Who, Why, send
from supervisor.cli.output import AsJson, Home, emit
from supervisor.cli.past import Account, place_of
from supervisor.errors import JournalError, SupervisorError
from supervisor.journal.lock import writer
from supervisor.journal.store import Journal
from supervisor.monitor.repairing import ledger_of
from supervisor.monitor.tradier import home_of

DAY = 86400.0


def fixes(
    days: Annotated[float, typer.Option("--days", min=0.01, help="How many days back.", metavar="N")] = 1.0,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Show the ledger of repairs: what each would do, did, and came to; those that wait, of any age."""
    place = place_of(home, account)
    if not place.journal.exists():
        raise JournalError(f"there is no journal at {place.journal}: nothing has watched this account here yet")
    with Journal.open(place.journal, read_only=True) as journal:
        found = [repair.shown() for repair in ledger_of(journal, clock.wall() - days * DAY)]
    if as_json:
        emit({"fixes": found})
    elif not found:
        print(f"nothing was repaired within {days:g} day(s)")
    else:
        print("\n".join(_line(fix) for fix in found))
    return 0


def _line(fix: dict[str, Any]) -> str:
    result = fix["result"] or fix["state"]
    approved = f" (approved by {fix['approved']})" if fix["approved"] else ""
    return f"{fix['planned'][:19]}Z  {fix['id']:14} {fix['remedy']:16} {result:14} {fix['says']}{approved}"


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
