"""Do all rules hold of what is really watched, and of a user's own tables beside it?"""

from collections.abc import Iterable

from supervisor.config import DEFAULTS, Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.explore import Proof, prove
from supervisor.core.table import Table
from supervisor.monitor.making import book_for
from supervisor.orders import order_settings

NEVER_AGES = frozenset({("positions", "idle"), ("clock", "undated")})
"""What permits without a fresh reading, on purpose: while nothing is held and nothing works, nothing can change by
itself; and a broker that sends no date gives nothing to compare, which is no sign of skew."""


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
    """Whether all rules hold of all of them, alone and together."""
    concerns, lives = watched(settings, own)
    return prove(concerns, lives, never_ages=NEVER_AGES)
