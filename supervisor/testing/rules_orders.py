"""What may never leave for the broker, whatever the world does? Told by what really passed on the wire."""

from collections import Counter

from supervisor.testing.records import Departure
from supervisor.testing.world import Broken, World

HOSTS = {"sandbox": "sandbox.tradier.com", "live": "api.tradier.com"}
"""Written down anew, so that a wrong row in the code is no wrong row here."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MINUTE = 60.0
QUOTA = 60
"""Requests a minute that the sandbox grants to a category."""


def only_to_the_intended(world: World) -> None:
    """No request leaves for a host that the owner does not intend."""
    for left in world.departures:
        if left.host not in LOOPBACK and left.host != HOSTS.get(world.intends.value):
            raise Broken(
                "a request leaves only for the intended host", f"{left.method} {left.path} left for {left.host}"
            )


def category(left: Departure) -> str:
    """What the broker counts that request under."""
    if "/markets/" in left.path:
        return "market data"
    return "standard" if left.method == "GET" else "trading"


class Gentle:
    """Never more requests a minute than the sandbox grants, counted as the broker does.

    Each category has its own minute, which begins with its first request. What a process that just began can't know (what
    the one before it spent), and what it forgets when the wall clock is set (it counts by that), the broker's headers
    tell it with the next answer; the count begins anew there.
    """

    def __init__(self) -> None:
        self._since: tuple[int, float] = (0, 0.0)
        self._began: dict[str, float] = {}
        self._count: Counter[str] = Counter()

    def __call__(self, world: World) -> None:
        """Counts what left since."""
        now = world.frozen.true
        since = (world.starts, round(world.frozen.wall - now))
        if since != self._since:
            self._since, self._began = since, {}
        for left in world.departures:
            if left.host in LOOPBACK:  # nobody grants so few there
                continue
            what = category(left)
            if now - self._began.get(what, float("-inf")) >= MINUTE:
                self._began[what], self._count[what] = now, 0
            self._count[what] += 1
            if self._count[what] > QUOTA:
                raise Broken(f"at most {QUOTA} requests a minute", f"{self._count[what]} were sent under {what}")


class Once:
    """No order leaves twice, or for anything but an order that is handed in; and none before it is on record."""

    def __init__(self) -> None:
        self._tags: set[str] = set()

    def __call__(self, world: World) -> None:
        """Looks at each that left since."""
        for left in world.departures:
            if not left.books:
                continue
            if left.handed_in is None:
                raise Broken("only what the agent hands in is sent", f"an order tagged {left.tag!r} left by itself")
            if not left.handed_in:
                raise Broken("a closed gate sends nothing", f"the order tagged {left.tag} left")
            if not left.tag or left.tag in self._tags:
                raise Broken("no order is ever sent twice", f"the tag {left.tag!r} left again")
            if not left.on_record and world.running.unrecorded is None:
                raise Broken("an order is on record before it leaves", f"the order tagged {left.tag} was not")
            self._tags.add(left.tag)
        self._booked(world)

    def _booked(self, world: World) -> None:
        """What the broker booked is what left, once each."""
        if not world.adapter.sent.get("POST"):
            return
        booked = [str(booking.tag) for booking in world.simulator.bookings if booking.tag not in world.placed]
        if len(set(booked)) != len(booked) or not set(booked) <= self._tags:
            raise Broken("an order is booked once at most", f"booked {booked}, left {sorted(self._tags)}")
