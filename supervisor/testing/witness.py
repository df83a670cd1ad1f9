"""What happened inside, in order? A memory whose recorder lets a test see every sweep as it is put on record."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from supervisor.core.book import Book
from supervisor.core.slot import Sweep
from supervisor.monitor.memory import Memory
from supervisor.monitor.recorder import Recorder


@attrs.frozen
class Seen:
    """A sweep at the instant before it is on record.

    `published` are the permits that agents can read just then; `before` and `after` those of the book's cursors before
    the sweep's first move and after its last; None where nothing moved.
    """

    sweep: Sweep
    published: int | None = None
    before: int | None = None
    after: int | None = None


class WitnessRecorder(Recorder):
    """A recorder that also shows each sweep to a witness."""

    seen: list[Seen]
    published: Callable[[], int | None]

    def write(self, sweep: Sweep, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """As the recorder's own; the sweep is seen first."""
        if sweep.moves:
            after = int(self.book.fold().permits)
            self.seen.append(Seen(sweep, self.published(), sweep.moves[0].permits_before, after))
        else:
            self.seen.append(Seen(sweep))
        return super().write(sweep, kind, body, at)


class WitnessMemory(Memory):
    """A memory as in life, with a witness; `seen` is read and emptied by the test."""

    seen: list[Seen]
    published: Callable[[], int | None]

    def recorder(self, book: Book) -> Recorder:
        """A recorder into this journal, with the witness."""
        made = WitnessRecorder(book, self.journal, why=self.why)
        made.seen = self.seen
        made.published = self.published
        self.made = made
        return made
