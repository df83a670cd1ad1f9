"""What happened inside, in order? A memory whose recorder lets a test see every sweep as it is put on record."""

from collections.abc import Mapping
from typing import Any

from supervisor.core.book import Book
from supervisor.core.slot import Sweep
from supervisor.monitor.memory import Memory
from supervisor.monitor.recorder import Recorder

Seen = list[Sweep]


class WitnessRecorder(Recorder):
    """A recorder that also shows each sweep to a witness."""

    seen: Seen

    def write(self, sweep: Sweep, kind: str, body: Mapping[str, Any], at: float) -> bool:
        """As the recorder's own; the sweep is seen first."""
        self.seen.append(sweep)
        return super().write(sweep, kind, body, at)


class WitnessMemory(Memory):
    """A memory as in life, with a witness; `seen` is read and emptied by the test."""

    seen: Seen

    def recorder(self, book: Book) -> Recorder:
        """A recorder into this journal, with the witness."""
        made = WitnessRecorder(book, self.journal, why=self.why)
        made.seen = self.seen
        return made
