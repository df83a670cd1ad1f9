"""Has an OAuth token expired, or will it soon? It is refreshed once, and the old pair kept until the new one is proved.

Refresh credentials that the owner configured are the consent; without any there is nothing to refresh.
"""

from supervisor.concerns.repair import TOKEN_EXPIRING
from supervisor.core.reading import Kind
from supervisor.remedies.form import Applied, Manner, Nothing, Outcome, Plan, Scene
from supervisor.remedies.reauthentication import accepts

DEADLINE = 10.0


class TokenRefreshRemedy:
    """Refreshes the OAuth pair."""

    name = "token_refresh"
    codes = frozenset({"credentials_rejected", TOKEN_EXPIRING})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """Nothing without refresh credentials, or where the rejected token has not expired."""
        tokens = scene.ports.tokens
        if tokens is None or not tokens.can_refresh():
            return None
        if scene.issue.code != TOKEN_EXPIRING and not _expired(scene):
            return None
        return Plan("ask once for a new token with the refresh credentials; the old pair is kept until it is proved")

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        """Asks once. What comes of a lost reply is not asked for again within this repair."""
        if scene.ports.tokens is None:
            return Nothing("there is nothing to refresh")
        scene.insist()
        came = scene.ports.tokens.refresh(DEADLINE, scene.wanted)
        return Applied(came.words, came.finish) if came.used else Nothing(came.words)

    def proves(self, _: Plan, scene: Scene) -> bool:
        """The round was answered to the new token."""
        return accepts(scene.round)

    def settled(self, _: Plan, scene: Scene) -> None:
        """The old one need not be kept any longer."""
        if scene.ports.tokens is not None:
            scene.ports.tokens.keep()

    def undo(self, _: Plan, scene: Scene) -> str | None:
        """Uses the old pair again."""
        if scene.ports.tokens is not None:
            scene.ports.tokens.put_back()
        return None


def _expired(scene: Scene) -> bool:
    """Whether the broker, or the clock, says that the token has expired."""
    tokens = scene.ports.tokens
    until = tokens.expires_at() if tokens is not None else None
    words = [
        r.failure.words.lower()
        for r in scene.round.readings.values()
        if r.failure is not None and r.failure.kind is Kind.CREDENTIALS
    ]
    told = any("expired" in said for said in (*words, scene.issue.error_message.lower()))
    return told or (until is not None and scene.now >= until)
