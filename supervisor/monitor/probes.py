"""Who asks the broker, and who waits for how long?

Each endpoint has at most one probe under way, in a daemon thread of its own that is kept for the next round. The one
who waits is bounded by the deadline whatever the probe does. With `inline` set (frozen time, in-process broker) probes
run one after the other in the caller's thread.
"""

from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic

from supervisor.clock import wall
from supervisor.core.reading import Failure, Kind, Reading

Probe = Callable[[float], Reading]
"""Asks one question within a deadline in seconds; returns a reading and never raises."""

Now = Callable[[], float]
"""The listener's own clock (epoch seconds): one that no step of the wall clock moves."""

GRACE = 0.25
"""Seconds the waiting side grants beyond the deadline, for a probe that ends by itself to be heard."""


class _Ask:
    """One question on its way: the deadline, and the box for the answer."""

    __slots__ = ("answered", "deadline", "reading")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.answered = Event()
        self.reading: Reading | None = None


class _Worker:
    """One endpoint's thread."""

    def __init__(self, source: str, probe: Probe, now: Now) -> None:
        self._source = source
        self._probe = probe
        self._now = now
        self._asks: SimpleQueue[_Ask | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._under_way: _Ask | None = None
        self._stopped = False
        self._lock = Lock()

    def ask(self, deadline: float) -> _Ask | None:
        """Sets the question on its way; None where the last one is still under way, and after `stop`."""
        with self._lock:
            return self._ask(deadline)

    def _ask(self, deadline: float) -> _Ask | None:
        if self._stopped or (self._under_way is not None and not self._under_way.answered.is_set()):
            return None
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name=f"supervisor-probe-{self._source}", daemon=True)
            self._thread.start()
        self._under_way = _Ask(deadline)
        self._asks.put(self._under_way)
        return self._under_way

    def stop(self) -> None:
        """Ends the wait for the probe under way, and lets the thread end once that has."""
        with self._lock:
            self._stopped = True
            if self._under_way is not None:
                self._under_way.answered.set()
            self._asks.put(None)

    def _run(self) -> None:
        while (ask := self._asks.get()) is not None:
            ask.reading = guarded(self._source, self._probe, ask.deadline, self._now)
            ask.answered.set()


def guarded(source: str, probe: Probe, deadline: float, now: Now) -> Reading:
    """The probe's reading, heard by that clock; a probe that raises is a failed reading that says so."""
    began = monotonic()
    try:
        reading = probe(deadline)
    except Exception as error:  # the boundary: a probe of anyone's making must not stop the monitor  # noqa: BLE001
        words = f"the probe itself failed: {type(error).__name__}"
        return Reading(source, now(), monotonic() - began, failure=Failure(Kind.UNREACHABLE, words))
    return reading.heard(source, now())


class Probes:
    """Asks several endpoints at once and brings back a reading of each, within one deadline."""

    def __init__(self, probes: Mapping[str, Probe], *, inline: bool, now: Now = wall) -> None:
        self._probes = dict(probes)
        self._inline = inline
        self._now = now
        self._workers = {source: _Worker(source, probe, now) for source, probe in self._probes.items()}

    def ask(self, deadline: float, only: Sequence[str] | None = None) -> list[Reading]:
        """A reading of every endpoint (or of those named); one that does not answer in time is a timeout."""
        sources = tuple(self._probes) if only is None else only
        if self._inline:
            return [guarded(source, self._probes[source], deadline, self._now) for source in sources]
        began = monotonic()
        asks = {source: self._workers[source].ask(deadline) for source in sources}
        readings = []
        for source, ask in asks.items():
            left = max(0.0, began + deadline + GRACE - monotonic())
            if ask is not None and ask.answered.wait(left) and ask.reading is not None:
                readings.append(ask.reading)
            else:
                words = "no answer within the deadline" if ask else "the last probe is still hanging"
                readings.append(Reading(source, self._now(), deadline, failure=Failure(Kind.TIMEOUT, words)))
        return readings

    def stop(self) -> None:
        """Ends every wait, and lets every thread end."""
        for worker in self._workers.values():
            worker.stop()
