"""In which ways can the simulated broker fail, and which of them is it failing in now?

`FAULTS` (in `faulttable`) names them. An **answer** comes instead of the broker: nothing is done. A **twist** spoils
the true answer: what was asked has been done. A **patch** shows the account otherwise than it is. Any answer injected
with `after=True` comes after the broker did its work: booked, reply lost.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import attrs

from supervisor.errors import SupervisorError
from supervisor.simulator.accounts import Account
from supervisor.simulator.call import Call
from supervisor.simulator.wire import Reply

Params = Mapping[str, Any]


@attrs.frozen
class FaultSpec:
    """One way to fail. `params` are its parameters with their defaults; `endpoint` where it strikes unless told."""

    name: str
    means: str
    answer: Callable[[Call, Params], Reply] | None = None
    twist: Callable[[Reply, Call, Params], Reply] | None = None
    patch: Callable[[Account, Params], Account] | None = None
    params: Params = attrs.field(factory=dict)
    endpoint: str = "*"


@attrs.define
class Fault:
    """A fault in force: at `endpoints` ("*", names or categories), for a method, until an instant, for a count."""

    spec: FaultSpec
    endpoints: frozenset[str]
    method: str | None
    seconds: float | None
    left: int | None
    params: Params
    chance: float | None = None
    """How likely it strikes each call it is meant for, 0 to 1; None: always."""
    until: float | None = None

    def strikes(self, call: Call, dice: Random) -> bool:
        """True where it strikes this call; its time starts with the first look at it."""
        return (
            self.fresh(call.now)
            and not self.endpoints.isdisjoint({"*", call.endpoint, call.category})
            and self.method in {None, call.request.method}
            and (self.chance is None or dice.random() < self.chance)
        )

    def fresh(self, now: float) -> bool:
        """False once its time or its count is over."""
        if self.seconds is not None and self.until is None:
            self.until = now + self.seconds
        return (self.until is None or now < self.until) and self.left != 0

    def as_dict(self) -> dict[str, Any]:
        """For the control API."""
        return {
            "fault": self.spec.name,
            "endpoint": ",".join(sorted(self.endpoints)),
            "method": self.method,
            "until": self.until,
            "seconds": self.seconds,
            "left": self.left,
            "chance": self.chance,
            "params": dict(self.params),
        }


class Faults:
    """The faults in force, oldest first: the oldest answer that strikes wins, all twists and patches apply."""

    def __init__(self, table: Mapping[str, FaultSpec], endpoints: frozenset[str], seed: int) -> None:
        self._table = table
        self._dice = Random(f"faults {seed}")
        self._endpoints = endpoints | {"*"}
        self.active: list[Fault] = []

    def inject(
        self,
        name: str,
        endpoint: str | None = None,
        *,
        seconds: float | None = None,
        count: int | None = None,
        method: str | None = None,
        chance: float | None = None,
        **params: Any,
    ) -> Fault:
        """Puts a fault in force; a SupervisorError names an unknown fault, endpoint or parameter."""
        spec = self._table.get(name)
        if spec is None:
            raise SupervisorError(f"There is no fault {name!r}; the known ones are {', '.join(sorted(self._table))}.")
        wanted = frozenset(part.strip() for part in (endpoint or spec.endpoint).split(","))
        if not wanted <= self._endpoints:
            unknown = ", ".join(sorted(wanted - self._endpoints))
            raise SupervisorError(f"There is no endpoint {unknown}; known: {', '.join(sorted(self._endpoints))}.")
        if not params.keys() <= {*spec.params, "after"}:
            unknown = ", ".join(sorted(params.keys() - {*spec.params, "after"}))
            takes = ", ".join(sorted(spec.params)) or "none"
            raise SupervisorError(f"The fault {name} has no parameter {unknown}; it takes: {takes}.")
        if chance is not None and not 0 <= chance <= 1:
            raise SupervisorError(
                f"The chance of {name} cannot be {chance:g}; it is a share of the calls, from 0 to 1."
            )
        fault = Fault(spec, wanted, method and method.upper(), seconds, count, {**spec.params, **params}, chance)
        self.active.append(fault)
        return fault

    def clear(self, name: str | None = None) -> None:
        """Ends every fault, or every one of that name."""
        self.active = [fault for fault in self.active if name is not None and fault.spec.name != name]

    def striking(self, call: Call) -> list[Fault]:
        """The faults that this call meets; each that is counted is one call nearer to its end.

        An answer that comes instead of the broker hides all that are younger.
        """
        self.active = [fault for fault in self.active if fault.fresh(call.now)]
        met: list[Fault] = []
        for fault in self.active:
            if fault.strikes(call, self._dice):
                met.append(fault)
                if fault.left is not None:
                    fault.left -= 1
                if fault.spec.answer and not fault.params.get("after"):
                    break
        return met

    def named(self, name: str, now: float) -> Fault | None:
        """The oldest fault of that name in force, wherever it strikes; not counted."""
        return next((fault for fault in self.active if fault.spec.name == name and fault.fresh(now)), None)

    def refused_until(self, now: float) -> float | None:
        """Until when nobody listens at all: an instant, infinity, or None while somebody does.

        Only a `refuse` for everything, without a count, method or chance, closes the port; others reset the one connection.
        """
        for fault in self.active:
            whole = fault.endpoints == {"*"} and {fault.left, fault.method, fault.chance} == {None}
            if fault.spec.name == "refuse" and whole and fault.fresh(now):
                return float("inf") if fault.until is None else fault.until
        return None
