"""Do all rules hold of what is really watched, and of a user's own tables beside it?"""

from collections.abc import Iterable

import attrs

from supervisor.config import DEFAULTS, Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.explore import Proof, Property, prove
from supervisor.core.table import Table
from supervisor.monitor.making import book_for
from supervisor.orders import order_settings

NEVER_AGES = frozenset({("positions", "idle"), ("clock", "undated")})
"""What permits without a fresh reading, on purpose: while nothing is held and nothing works, nothing can change by
itself; and a broker that sends no date gives nothing to compare, which is no sign of skew."""


def aging(name: str) -> frozenset[str]:
    """The states of that table that permit without a fresh reading, on purpose."""
    return frozenset(state for table, state in NEVER_AGES if table == name)


def watched(
    settings: Settings = DEFAULTS, own: Iterable[Concern | Life] = ()
) -> tuple[tuple[Concern, ...], tuple[Life, ...]]:
    """The concerns and lives of a book with an order desk, and these."""
    own = tuple(own)
    book = book_for(
        settings,
        concerns=[one for one in own if isinstance(one, Concern)],
        lives=[one for one in own if isinstance(one, Life)],
        orders=order_settings(settings),
    )
    return tuple(slot.concern for slot in book.slots), tuple(book.lives.values())


def tables(settings: Settings = DEFAULTS) -> dict[str, Table]:
    """Every table that is watched, by name."""
    concerns, lives = watched(settings)
    return {table.name: table for table in [*(c.table for c in concerns), *(life.table for life in lives)]}


def proof_of(settings: Settings = DEFAULTS, own: Iterable[Concern | Life] = ()) -> Proof:
    """Whether all of it holds of all of them, alone and together.

    With numbers other than the defaults some guard of ours may have no room to hold, or not to: that is told, and is
    no fault, since the defaults' proof covers it.
    """
    concerns, lives = watched(settings, own)
    proof = prove(concerns, lives, never_ages=NEVER_AGES)
    if settings == DEFAULTS:
        return proof
    ours = tables(settings).keys()
    unreached = [f for f in proof.findings if f.broken is Property.COVERS and f.table in ours]
    left = tuple(finding for finding in proof.findings if finding not in unreached)
    return attrs.evolve(proof, ok=not left, findings=left, unreached=tuple(unreached))
