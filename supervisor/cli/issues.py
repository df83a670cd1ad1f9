"""Which problems were there, how long did they last, and how did it go over all?"""

from typing import Annotated

import typer

from supervisor.cli.entries import gathered
from supervisor.cli.output import AsJson, Home, emit, say
from supervisor.cli.past import Account, Own, Since, Until, maybe_instant, opened
from supervisor.clock import iso
from supervisor.monitor.past_measure import Case, Measured
from supervisor.monitor.past_record import measured, stretch
from supervisor.monitor.tradier import folder, settings_for
from supervisor.testing.own import own_of

HANG = 26
"""Columns that the time of an issue takes: in a terminal what goes on stands right of it."""


def measured_now(
    home: str | None, account: str | None, since: str | None, until: str | None, own: list[str] | None
) -> Measured:
    """The numbers of the stretch that is asked for."""
    mine = [own_of(named) for named in own or ()]
    with opened(home, account) as journal:
        over = stretch(journal, maybe_instant(since), maybe_instant(until))
        return measured(journal, settings_for(folder(home)), over, mine)


def issues(
    code: Annotated[str | None, typer.Option("--code", help="Only issues of this code.")] = None,
    concern: Annotated[str | None, typer.Option("--concern", help="Only issues of this concern or life.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what is open.")] = False,
    since: Since = None,
    until: Until = None,
    own: Own = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """List problems, open and past: when, how long, how they ended; and how often each came."""
    found = measured_now(home, account, since, until, own)
    cases = [
        case
        for case in found.cases
        if (code is None or case.code == code)
        and (concern is None or case.concern == concern)
        and (case.resolved is None or not only_open)
    ]
    counts = {name: sum(case.code == name for case in cases) for name in sorted({case.code for case in cases})}
    if as_json:
        emit({"issues": [case.as_dict(found.until) for case in cases], "counts": counts})
        return 0
    if not cases:
        print("no issues in that time")
        return 0
    names, ends = max(len(case.issue_id) for case in cases), max(len(ended(case, found.until)) for case in cases)
    for case in cases:
        seen = gathered(case.evidence) or case.description
        say(
            f"{iso(case.detected)}  {case.severity:8}  {case.issue_id:{names}}  {ended(case, found.until):{ends}}  {seen}",
            hang=HANG,
        )
    print()
    for name, count in counts.items():
        lasted = sum(case.lasted(found.until) for case in cases if case.code == name)
        print(f"{name}: {count}, {lasting(lasted)} in all")
    return 0


def ended(case: Case, until: float) -> str:
    """How an issue ended, and how long it lasted; or that it is open."""
    lasted = lasting(case.lasted(until))
    if case.resolved is None:
        return f"OPEN for {lasted}"
    return f"{case.outcome} after {lasted}{', fixed by us' if case.fixed is not None else ''}"


def lasting(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def stats(
    since: Since = None,
    until: Until = None,
    own: Own = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Sum up: time watched, gate-closed minutes by cause, time in each state, mean times to detect, fix and resolve."""
    found = measured_now(home, account, since, until, own)
    if as_json:
        emit(found.as_dict())
        return 0
    whole = found.until - found.since
    print(f"{iso(found.since)} to {iso(found.until)} ({lasting(whole)}), watched {found.watched / whole:.2%} of it")
    print(
        f"{found.moves} moves, {len(found.cases)} issues, {sum(c.resolved is None for c in found.cases)} of them open"
    )
    for name, mean in (
        ("detect", found.mean_to_detect()), ("fix", found.mean_to_fix()), ("resolve", found.mean_to_resolve()),
    ):  # fmt: skip
        print(f"mean time to {name:8} {'-' if mean is None else lasting(mean)}")
    print(f"gate closed for opening {found.closed / 60:.1f} min ({found.closed / whole:.2%}); by cause, which overlap:")
    for cause, seconds in found.by_cause.items():
        print(f"  {cause:24} {seconds / 60:12.1f} min")
    print("time in each state")
    for name, states in found.of_concerns().items():
        shares = ", ".join(f"{state} {seconds / whole:.2%}" for state, seconds in states.items())
        say(f"  {name:16} {shares}", hang=19)
    return 0
