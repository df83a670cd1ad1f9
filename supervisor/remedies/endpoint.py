"""Do requests go where the owner intends? If sandbox is intended and live is used, both clients are pointed at the sandbox.

Never the other way round: nothing here leads towards live money. There is no undo either: whoever meant the sandbox must
not be put back on live, proved or not.
"""

from supervisor.concerns.facts import Endpoint, Place, Profile
from supervisor.concerns.order_facts import Holdings
from supervisor.remedies.form import Applied, Manner, Nothing, Outcome, Plan, Scene
from supervisor.remedies.ports import Standing

ASTRAY = frozenset({Place.LIVE, Place.UNLISTED})
NO_UNDO = "it has no undo: both stay on the sandbox, and opening stays closed until its account could be read there"


class EndpointRemedy:
    """Sandbox intended, live (or an unlisted host) used: the sandbox for both. Live intended: one line to change."""

    name = "endpoint"
    codes = frozenset({"endpoint_mismatch"})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """What would be pointed where."""
        wiring = scene.ports.wiring
        if wiring is None:
            return None
        standing = wiring.standing()
        if standing.intended is not Place.SANDBOX:
            return _by_hand(standing)
        astray = [name for name, place in _both(standing) if place in ASTRAY]
        if not astray:
            return None
        at_stake = _at_stake(scene)
        return Plan(
            f"point {' and '.join(astray)} at the sandbox host: the sandbox is intended",
            {"astray": astray, "was": [str(place) for _, place in _both(standing)]},
            finish=f"{at_stake}: look after it at the broker, in the live account" if at_stake else "",
        )

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        """Points both at the sandbox."""
        if scene.ports.wiring is None:
            return Nothing("there is no client to point anywhere")
        scene.insist()
        scene.ports.wiring.to_sandbox()
        return Applied("the client and the adapter that submits were pointed at the sandbox host")

    def proves(self, _: Plan, scene: Scene) -> bool:
        """Both, re-read, use it, and the account read there is a sandbox one."""
        wiring = scene.ports.wiring
        if wiring is None:
            return False
        standing = wiring.standing()
        where, profile = scene.round.get("endpoint"), scene.round.get("profile")
        seen = where is not None and isinstance(where.value, Endpoint) and where.value.used is Place.SANDBOX
        ours = profile is not None and isinstance(profile.value, Profile) and profile.value.ours() is not None
        return _settled(standing) and standing.account is Place.SANDBOX and seen and ours

    def undo(self, plan: Plan, scene: Scene) -> str | None:
        """Nothing to undo where nothing was done; else there is none."""
        wiring = scene.ports.wiring
        standing = wiring.standing() if wiring is not None else None
        untouched = standing is not None and [str(place) for _, place in _both(standing)] == plan.data.get("was")
        return None if untouched else NO_UNDO


def _both(standing: Standing) -> list[tuple[str, Place]]:
    both = [("the client that reads", standing.client)]
    return [*both, ("the adapter that submits", standing.submitter)] if standing.submitter is not None else both


def _settled(standing: Standing) -> bool:
    return all(place is Place.SANDBOX for _, place in _both(standing))


def _by_hand(standing: Standing) -> Plan | None:
    """Live is intended and the sandbox used: only a person switches that."""
    if standing.intended is not Place.LIVE or not any(place is Place.SANDBOX for _, place in _both(standing)):
        return None
    return Plan(
        "live is intended, but the sandbox is used; nothing switches to live money by itself",
        finish="unset TRADIER_BASE_URL (or point it, and the adapter, at the live host), or set TRADIER_SANDBOX=true; "
        "then start again",
        acts=False,
    )


def _at_stake(scene: Scene) -> str:
    """What is known to be held or working, in words."""
    reading = scene.facts.get("positions")
    held = reading.value if reading is not None else None
    if not isinstance(held, Holdings) or held.idle:
        return ""
    return f"{len(held.positions)} position(s) and {held.working} working order(s) are known"
