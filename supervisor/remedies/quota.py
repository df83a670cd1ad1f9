"""Is the broker's allowance nearly used up? Then rounds come less often, and what is left is kept for what matters more."""

from supervisor.concerns.common import of_broker
from supervisor.concerns.repair import QUOTA_LOW
from supervisor.core.reading import Kind, Round
from supervisor.remedies.form import Applied, Manner, Nothing, Outcome, Plan, Scene

WINDOW = 60.0
"""DOC: counted per minute, from the window's first request."""


class QuotaRemedy:
    """Stretches the cadence and keeps the rest for cancels and read-backs; taken back once the window has cleared.

    Within the window that ran low no look could be good, and each would spend two of the requests to be kept; so the first
    look is in the next one, and the second follows it at the quick cadence: proved 80 s after it began at the latest.
    """

    name = "quota"
    codes = frozenset({QUOTA_LOW, "rate_limited"})
    manner = Manner(pace=WINDOW + 5.0)

    def plan(self, scene: Scene) -> Plan | None:
        """Nothing where there is no allowance of ours to hold back."""
        if scene.ports.allowance is None:
            return None
        return Plan("ask less often, and keep what is left of the allowance for cancels and read-backs")

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        """Holds back."""
        if scene.ports.allowance is None:
            return Nothing("there is no allowance to hold back")
        scene.insist()
        scene.ports.allowance.hold_back()
        return Applied("asking less often; what is left is kept for cancels and read-backs")

    def proves(self, _: Plan, scene: Scene) -> bool:
        """The round was answered, and enough is left."""
        left = left_of(scene.round)
        answered = any(of_broker(n) and r.failure is None for n, r in scene.round.readings.items())
        over = any(r.failure is not None and r.failure.kind is Kind.QUOTA for r in scene.round.readings.values())
        return answered and not over and (left is None or left >= scene.settings.quota_low)

    def settled(self, plan: Plan, scene: Scene) -> None:
        """The window has cleared: nothing is held back any longer."""
        self.undo(plan, scene)

    def undo(self, _: Plan, scene: Scene) -> str | None:
        """Lets go."""
        if scene.ports.allowance is not None:
            scene.ports.allowance.let_go()
        return None


def left_of(round_: Round) -> float | None:
    """The share of the allowance that is left by this round's replies; None where none said."""
    said = [r.quota_left for name, r in round_.readings.items() if of_broker(name) and r.quota_left is not None]
    return min(said) if said else None
