"""Is it our session that is broken, or the broker? A fresh one is tried, and taken only if it works where ours does not.

A ladder of 1, 2, 5, 10, 30 and 60 seconds, which is one repair. A broker that refuses, or answers badly on a fresh
session too, is down: then there is nothing to repair, and it is not hammered.
"""

from supervisor.core.reading import Failure, Kind, Reading
from supervisor.remedies.form import Applied, Later, Manner, Nothing, Outcome, Plan, Scene
from supervisor.remedies.ports import Wiring

LADDER = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before each try (defaults 4.4)."""
DEADLINE = 5.0
OURS = frozenset({Kind.UNREACHABLE, Kind.TIMEOUT})
"""What a worn-out session, pool or name look-up may cause; anything else the broker itself said."""
REFUSED = ("refused", "no route")
"""Words of a host that is there and takes no connection, or of no way to it: a fresh session is no cure."""


class ConnectionRemedy:
    """A fresh session, pool and name look-up."""

    name = "connection"
    codes = frozenset({"connection_failed", "connection_error"})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """Nothing where the broker itself answered badly."""
        if scene.ports.wiring is None:
            return None
        failures = [r.failure for r in scene.round.readings.values() if r.failure is not None]
        if not failures or any(not _ours(failure) for failure in failures):
            return None
        steps = ", ".join(f"{seconds:g}" for seconds in LADDER)
        return Plan(f"try a fresh session after {steps} s; take it if it works where the one in use does not")

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        """One rung of the ladder; the first call only waits for it."""
        wiring = scene.ports.wiring
        if wiring is None:
            return Nothing("there is no session to renew")
        if scene.tries == 0:
            return Later(f"a fresh session is tried in {LADDER[0]:g} s", LADDER[0])
        fresh = wiring.ask_afresh(DEADLINE)
        if _answered(fresh):
            return _take(wiring, scene)
        failure = fresh.failure
        if failure is not None and not _ours(failure):
            return Nothing(f"the broker is down: a fresh session brought {failure.words!r}; waiting for it")
        if scene.tries >= len(LADDER):
            return Nothing("the broker or the way to it is down: no fresh session got through; waiting for it")
        return Later(f"a fresh session failed too; the next is tried in {LADDER[scene.tries]:g} s", LADDER[scene.tries])

    def proves(self, _: Plan, scene: Scene) -> bool:
        """The round on the new session was answered."""
        return any(_answered(r) for name, r in scene.round.readings.items() if name in ("profile", "balances"))

    def undo(self, _: Plan, __: Scene) -> str | None:
        """A session has nothing to take back: the old one was closed, and another asks the same questions as well."""
        return None


def _ours(failure: Failure) -> bool:
    return failure.kind in OURS and not any(word in failure.words.lower() for word in REFUSED)


def _answered(reading: Reading) -> bool:
    return reading.failure is None


def _take(wiring: Wiring, scene: Scene) -> Outcome:
    """The fresh session works: does ours?"""
    old = wiring.ask(DEADLINE)
    if _answered(old):
        return Nothing("the broker answers again, on the session in use too")
    scene.insist()
    wiring.renew()
    return Applied("a fresh session works where the one in use did not; it is the one in use now")
