"""How is the broker asked once: all endpoints together, and not at all while a token is known to be rejected?"""

from collections.abc import Iterable, Mapping

from supervisor.clock import wall
from supervisor.concerns.common import EXTRA, of_broker
from supervisor.concerns.facts import Endpoint
from supervisor.config import Settings
from supervisor.core.cursor import Cursor
from supervisor.core.reading import Failure, Kind, Reading
from supervisor.monitor.ports import Broker
from supervisor.monitor.probes import Now, Probe, Probes

SAME_TOKEN = Failure(
    Kind.WITHHELD, "the broker rejected this very token; it is tried again when it changes, or after a while"
)


class Looker:
    """Asks one broker. Remembers which credentials were tried last, and when; never the credentials."""

    def __init__(
        self,
        broker: Broker,
        settings: Settings,
        extra: Mapping[str, Probe],
        *,
        wanted: Mapping[str, Probe] | None = None,
        inline: bool,
        now: Now = wall,
    ) -> None:
        self._broker = broker
        self._settings = settings
        self._extra = {EXTRA + name: probe for name, probe in extra.items()}
        self._wanted = dict(wanted or {})
        """Asked only in the rounds that want them."""
        self._inline = inline
        self._now = now
        self._probes = self._made()
        self._tried_at = float("-inf")
        self._tried_mark = ""
        self._refused_mark = ""
        """What the broker refused when last asked: a token that an outage met first was not refused."""

    def renew(self) -> None:
        """Threads anew, after a stop or the monitor's death."""
        self._probes.stop()
        self._probes = self._made()

    def _made(self) -> Probes:
        return Probes({**self._broker.probes(), **self._extra, **self._wanted}, inline=self._inline, now=self._now)

    def stop(self) -> None:
        """Ends every wait at once, and lets the threads end."""
        self._probes.stop()

    def has_new_credentials(self) -> bool:
        """Whether the credentials are others than those tried last."""
        return self._broker.credential() != self._tried_mark

    def endpoint(self) -> Endpoint:
        """Where requests go now."""
        return self._broker.endpoint()

    def ask(self, deadline: float, credentials: Cursor, now: float, wanted: Iterable[str] = ()) -> list[Reading]:
        """A reading of every endpoint; withheld ones while an unchanged token is known to be rejected."""
        mark = self._broker.credential()
        rejected = credentials.state == "rejected" and not credentials.masked and mark == self._refused_mark
        if rejected and now - self._tried_at < self._settings.token_retry:
            withheld = [Reading(source, now, 0.0, failure=SAME_TOKEN) for source in self._broker.probes()]
            return [*withheld, *self._probes.ask(deadline, only=tuple(self._extra))]
        self._tried_mark, self._tried_at = mark, now
        readings = self._probes.ask(deadline, only=(*self._broker.probes(), *self._extra, *wanted))
        if any(of_broker(one.source) and one.failure and one.failure.kind is Kind.CREDENTIALS for one in readings):
            self._refused_mark = mark
        return readings
