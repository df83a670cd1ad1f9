"""Would today's code, or other settings, have decided the same?"""

from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from supervisor.cli.output import AsJson, Home, as_json, emit, progress
from supervisor.cli.past import Account, Own, Since, Until, maybe_instant, opened
from supervisor.clock import iso
from supervisor.config import load
from supervisor.errors import ConfigError
from supervisor.journal.store import Journal
from supervisor.monitor.past_record import stretch
from supervisor.monitor.past_replay import Compared, Difference, compare
from supervisor.monitor.past_whatif import WhatIf, what_if
from supervisor.monitor.tradier import folder, settings_for
from supervisor.testing.own import own_of

EXIT_DIFFERENT = 1


def replay(
    file: Annotated[
        Path | None, typer.Argument(help="A journal; the account's own without it.", metavar="FILE")
    ] = None,
    since: Since = None,
    until: Until = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Other settings (TOML): what would have changed?", metavar="FILE")
    ] = None,
    own: Own = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Feed the recorded inputs through today's code and compare all it decided. Exits 1 at the first difference, and 3
    where the record can't be judged, as when a concern of your own is part of it that is not named here.

    With --settings instead say what other settings would have changed.
    """
    mine = [own_of(named) for named in own or ()]
    default = settings_for(folder(home))
    with Journal.open(file, read_only=True) if file else opened(home, account) as journal:
        if settings is not None:
            if not settings.is_file():
                raise ConfigError(f"the settings at {settings} are no file")
            over = stretch(journal, maybe_instant(since), maybe_instant(until))
            return _say_changes(what_if(journal, default, load(settings), over, mine), as_json=as_json)
        found = compare(
            journal,
            default,
            since=maybe_instant(since),
            until=maybe_instant(until),
            own=mine,
            progress=progress("replayed", 1),
        )
    return _say(found, as_json=as_json)


def _say(found: Compared, *, as_json: bool) -> int:
    if as_json:
        emit({"identical": found.identical, **attrs.asdict(found)})
    elif found.difference is not None:
        difference = found.difference
        print(f"after {found.moves} identical moves the first difference, at entry {difference.entry}:")
        print("\n".join(_sides(difference)))
    elif found.unknown:
        kinds = ", ".join(f"{count} of kind {kind}" for kind, count in sorted(found.unknown.items()))
        print(f"the moves are identical, but this version does not know some entries: {kinds}")
    else:
        print(
            f"identical: {found.moves} moves, {found.events} events and {found.verdicts} verdicts from {found.inputs} "
            f"inputs, the same states at the same instants"
        )
    return 0 if found.identical else EXIT_DIFFERENT


def _sides(difference: Difference) -> list[str]:
    """Both sides: what moved, and where both moved each field in which they differ."""
    recorded, replayed = difference.recorded, difference.replayed
    lines = [f"  recorded: {_moved(recorded)}", f"  replayed: {_moved(replayed)}"]
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for name in dict.fromkeys((*recorded, *replayed)):
            one, other = recorded.get(name), replayed.get(name)
            if one != other:
                lines.append(f"  {name}: {as_json(one, indent=None)} on record, {as_json(other, indent=None)} replayed")
    return lines


def _moved(side: Any) -> str:
    """One side in words; what is no move as JSON."""
    if side is None:
        return "nothing there"
    if not isinstance(side, dict) or not {"source", "signal", "target"} <= side.keys():
        return as_json(side, indent=None)
    key = f":{side['key']}" if side["key"] else ""
    return f"{side['concern']}{key} {side['source']} -{side['signal']}-> {side['target']} at {iso(side['at'])}"


def _say_changes(found: WhatIf, *, as_json: bool) -> int:
    if as_json:
        emit(found.as_dict())
        return 0
    print(f"{'':40} {'as it was':>14} {'would have been':>16} {'change':>12}")
    for row in found.rows():
        if row.was is None and row.would is None:
            continue
        was, would = (value if value is not None else 0.0 for value in (row.was, row.would))
        change = f"{would - was:+12.1f}" if abs(would - was) >= 0.05 else f"{'=':>12}"
        print(f"{row.name:40} {was:14.1f} {would:16.1f} {change}")
    print("Rounds are as they were recorded: other settings might have looked at other times.")
    return 0
