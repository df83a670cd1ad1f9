"""Was the token rotated? Another source (environment file, token file, a callable) may have the new one already.

A token that was rejected is never offered again, so none is hammered: each other one is tried once.
"""

from supervisor.core.reading import Kind, Round
from supervisor.remedies.form import Applied, Manner, Nothing, Outcome, Plan, Scene


class ReauthenticationRemedy:
    """Takes the token of another source."""

    name = "reauthentication"
    codes = frozenset({"credentials_rejected"})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """Nothing where no source has another token."""
        tokens = scene.ports.tokens
        others = tokens.others() if tokens is not None else ()
        return (
            Plan(f"use the token from {others[0]} instead of the rejected one", {"source": others[0]})
            if others
            else None
        )

    def apply(self, plan: Plan, scene: Scene) -> Outcome:
        """Takes it."""
        tokens = scene.ports.tokens
        if tokens is None:
            return Nothing("there is no other token")
        scene.insist()
        tokens.rejected()
        tokens.take(str(plan.data["source"]))
        return Applied(f"the token from {plan.data['source']} is the one in use")

    def proves(self, _: Plan, scene: Scene) -> bool:
        """The round was answered to the new token."""
        return accepts(scene.round)

    def settled(self, _: Plan, scene: Scene) -> None:
        """The old one need not be kept any longer."""
        if scene.ports.tokens is not None:
            scene.ports.tokens.keep()

    def undo(self, _: Plan, scene: Scene) -> str | None:
        """Uses the old one again, and never offers the other."""
        if scene.ports.tokens is not None:
            scene.ports.tokens.put_back()
        return None


def accepts(round_: Round) -> bool:
    """Whether the broker accepted the token in this round: some question about the account was answered, none refused."""
    asked = [round_.get(source) for source in ("profile", "balances")]
    refused = any(r is not None and r.failure is not None and r.failure.kind is Kind.CREDENTIALS for r in asked)
    return not refused and any(r is not None and r.failure is None for r in asked)
