"""What did the operator hold, whatever becomes of the journal?

A hold outlives restarts of any age and the loss of the journal, so it has a file of its own. A damaged file is never
read as "no hold": it holds to closing only.
"""

import json
from pathlib import Path
from typing import Any

import attrs

from supervisor import clock
from supervisor.concerns.facts import Action
from supervisor.errors import JournalError
from supervisor.journal.chain import canonical
from supervisor.journal.files import write_atomically
from supervisor.log import mask

_HOLDS = (Action.REDUCE, Action.HALT)


@attrs.frozen
class Hold:
    """What is held: `mode` is REDUCE, HALT or None for nothing; who said so, why, and when (epoch seconds)."""

    mode: Action | None
    who: str = ""
    why: str = ""
    at: float | None = None


NO_HOLD = Hold(None)
"""Nobody ever held anything: there is no hold file."""


def read_hold(path: Path) -> Hold:
    """The hold in force. No file is NO_HOLD; a damaged or unreadable one is REDUCE, with a `why` that says so."""
    try:
        return _hold(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return NO_HOLD
    except OSError as error:
        seen = f"cannot be read ({error.strerror or error})"
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        seen = f"is damaged ({type(error).__name__}: {error})"
    why = f"The hold file {path} {seen}; whatever it held, only closing is allowed until an operator holds or releases"
    return Hold(Action.REDUCE, "supervisor", why, clock.wall())


def write_hold(path: Path, hold: Hold) -> None:
    """The hold file says this, whole, and still does after a loss of power. JournalError when it can't be written."""
    if hold.mode not in (None, *_HOLDS):
        raise JournalError(f"A hold is reduce, halt or none, not {hold.mode}")
    text = canonical({"at": hold.at, "mode": hold.mode, "who": mask(hold.who), "why": mask(hold.why)})
    try:
        write_atomically(path, text + "\n")
    except OSError as error:
        raise JournalError(
            f"The hold file {path} could not be written: {error.strerror or error}; make room or allow writing"
        ) from None


def _hold(seen: Any) -> Hold:
    """The hold as read; ValueError, TypeError or KeyError when it is none."""
    mode, who, why, at = seen["mode"], seen["who"], seen["why"], seen["at"]
    if mode is not None and mode not in _HOLDS:
        raise ValueError(f"mode {mode!r} is not reduce, halt or null")
    if not isinstance(who, str) or not isinstance(why, str):
        raise TypeError("who and why are not both text")
    if at is not None and type(at) not in {int, float}:
        raise TypeError("at is not a number")
    return Hold(None if mode is None else Action(mode), who, why, None if at is None else float(at))
