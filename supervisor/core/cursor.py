"""Where does one table stand?"""

import attrs

from supervisor.core.issue import Issue


@attrs.define(eq=False)
class Cursor:
    """One table's present: a slotted object, one per concern and one per key of a life.

    `state` since `since`; `heard` is when the last good reading came (None: never); `run` counts the current `family`
    of signals; `trail` holds the last signals where a guard needs them; `issue` is the open one; `now` is the instant
    of the step under way; `masked` says that a parent blinds it.
    """

    name: str
    key: str
    state: str
    since: float
    heard: float | None = None
    family: str = ""
    run: int = 0
    trail: tuple[str, ...] = ()
    issue: Issue | None = None
    now: float = 0.0
    masked: bool = False
