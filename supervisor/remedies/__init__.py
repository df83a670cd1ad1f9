"""What can be repaired, safely? One file, one remedy; and the healer that plans, proves, undoes and tells."""

from collections.abc import Iterable
from importlib.metadata import entry_points

from supervisor.errors import ConfigError
from supervisor.remedies.connection import ConnectionRemedy
from supervisor.remedies.endpoint import EndpointRemedy
from supervisor.remedies.form import Remedy
from supervisor.remedies.formatting import FormattingRemedy
from supervisor.remedies.journal import JournalRemedy
from supervisor.remedies.order_size import OrderSizeRemedy
from supervisor.remedies.quota import QuotaRemedy
from supervisor.remedies.reauthentication import ReauthenticationRemedy
from supervisor.remedies.symbol import SymbolRemedy
from supervisor.remedies.token_refresh import TokenRefreshRemedy

GROUP = "optimus_supervisor.remedies"
"""The entry points that give remedies: callables without arguments."""

METHODS = ("plan", "apply", "proves", "undo")


def standard() -> tuple[Remedy, ...]:
    """The nine remedies, in the order in which they are tried."""
    return (
        EndpointRemedy(),
        TokenRefreshRemedy(),
        ReauthenticationRemedy(),
        ConnectionRemedy(),
        QuotaRemedy(),
        JournalRemedy(),
        SymbolRemedy(),
        FormattingRemedy(),
        OrderSizeRemedy(),
    )


FIXABLE = frozenset(code for remedy in standard() for code in remedy.codes)
"""The codes that some standard remedy answers."""


def all_remedies(own: Iterable[Remedy] = ()) -> tuple[Remedy, ...]:
    """The standard ones, those of entry points, and the user's own, of which each name is there once.

    ConfigError names one that is none, or whose name is taken: a remedy never replaces another.
    """
    found: dict[str, Remedy] = {}
    for remedy in (*standard(), *_entered(), *own):
        fault = _fault(remedy)
        if fault or remedy.name in found:
            raise ConfigError(f"the remedy {remedy!r} can't be used: {fault or f'{remedy.name!r} is taken'}")
        found[remedy.name] = remedy
    return tuple(found.values())


def _entered() -> list[Remedy]:
    found: list[Remedy] = []
    for point in entry_points(group=GROUP):
        try:
            found.append(point.load()())
        except Exception as error:
            raise ConfigError(f"the remedy of entry point {point.name!r} can't be made: {error}") from error
    return found


def _fault(remedy: object) -> str | None:
    """What is wrong with a remedy; None when nothing is."""
    missing = [name for name in METHODS if not callable(getattr(remedy, name, None))]
    if missing:
        return f"it has no {' and no '.join(missing)}"
    name, codes = getattr(remedy, "name", None), getattr(remedy, "codes", None)
    if not isinstance(name, str) or not name or ":" in name:
        return "its name is no plain text"
    if not isinstance(codes, frozenset | set) or not all(isinstance(code, str) for code in codes):
        return "its codes are no set of words"
    return None


__all__ = ["FIXABLE", "GROUP", "Remedy", "all_remedies", "standard"]
