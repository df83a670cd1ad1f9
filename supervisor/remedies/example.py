"""How does one add a repair of one's own? Like this one, which restarts a tunnel.

The agent reaches the broker through a tunnel of its own, and has a concern `tunnel` that bears `tunnel_down` while its
probe says so. Given to the supervisor as an argument, `Supervisor.for_tradier(remedies=[TunnelRemedy(tunnel)])`, or found
by entry point: `[project.entry-points."optimus_supervisor.remedies"]`, `tunnel = "my_package:tunnel_remedy"`, a callable
without arguments that gives the remedy.

Whether it helped is not for it to say: the issue is told as fixed once the concern's own probe brought two good readings.
"""

from typing import Protocol

from supervisor.remedies.form import Applied, Manner, Outcome, Plan, Policy, Scene


class Tunnel(Protocol):
    """What the agent can do with its tunnel."""

    def restart(self) -> str:
        """Restarts it by the other route; the name of the route in use before."""
        ...

    def use(self, route: str) -> None:
        """Goes by that route."""
        ...

    def route(self) -> str:
        """The route in use."""
        ...


class TunnelRemedy:
    """Restarts the tunnel by its other route."""

    name = "tunnel"
    codes = frozenset({"tunnel_down"})
    manner = Manner(policy=Policy.AUTO, within=120.0)

    def __init__(self, tunnel: Tunnel) -> None:
        self._tunnel = tunnel

    def plan(self, _: Scene) -> Plan | None:
        """What would be done, with all that `undo` needs: after a crash it has nothing but this."""
        return Plan("restart the tunnel by its other route", {"route": self._tunnel.route()})

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        """Restarts it. `insist` stops a step that took too long and was given up."""
        scene.insist()
        before = self._tunnel.restart()
        return Applied(f"restarted; it went by {before} before")

    def proves(self, _: Plan, scene: Scene) -> bool:
        """The concern's own probe was answered in this round."""
        reading = scene.round.get("extra:tunnel")
        return reading is not None and reading.failure is None

    def undo(self, plan: Plan, _: Scene) -> str | None:
        """Goes by the old route again; None, since then all is as before."""
        self._tunnel.use(str(plan.data["route"]))
        return None
