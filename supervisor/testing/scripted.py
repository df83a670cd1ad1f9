"""What if tables heard just what they are told? A world whose tables hear no broker, and how one of them is told a signal."""

from supervisor.core.explore_masking import hears, scripted
from supervisor.errors import SupervisorError
from supervisor.monitor.supervisor import Supervisor
from supervisor.testing.world import World


class ScriptedWorld(World):
    """A world in which no round says anything to any concern, but what `hear` says."""

    def made(self) -> Supervisor:
        """As its base, deaf to the broker."""
        supervisor = super().made()
        for slot in supervisor.book.slots:
            slot.concern = scripted(slot.concern)
        return supervisor


def hear(supervisor: Supervisor, table: str, signal: str) -> None:
    """A concern, or a life as `breaker/KEY`, hears that signal as a round would say it. SupervisorError: no such table."""
    name, _, key = table.partition("/")
    book = supervisor.book
    if name in book.lives:
        supervisor.tell(name, key, signal, "as it is told")
    elif name in book.place:
        now, round_ = supervisor.now(), hears(name, signal)
        sweep = book.feed(round_, now)
        supervisor._commit(sweep, "round", supervisor.memory.encode(round_), now, renew=True)  # noqa: SLF001 - no probe could say it
    else:
        raise SupervisorError(f"nothing is called {name!r} (tables: {', '.join((*book.place, *book.lives))})")
