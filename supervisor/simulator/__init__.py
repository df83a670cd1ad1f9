"""What would the broker do if it failed in just this way? A Tradier that fails on command.

A pure core, `Simulator.respond(request, now)`, and two thin shells: `serve` (loopback HTTP) and `SimulatorAdapter`
(in-process, for `requests`, fit for frozen time). Shares no code with the wire it stands in for.
"""

from supervisor.simulator.accounts import Account, AccountKind, Position
from supervisor.simulator.adapter import SimulatorAdapter
from supervisor.simulator.broker import Simulator
from supervisor.simulator.faults import FaultSpec
from supervisor.simulator.faulttable import FAULTS
from supervisor.simulator.limits import COUNTED
from supervisor.simulator.orders import Booking
from supervisor.simulator.presets import DEFAULT_ACCOUNT, PRESETS, become, preset
from supervisor.simulator.server import Server, serve
from supervisor.simulator.wire import Act, Behaviour, Reply, Request

__all__ = [
    "COUNTED",
    "DEFAULT_ACCOUNT",
    "FAULTS",
    "PRESETS",
    "Account",
    "AccountKind",
    "Act",
    "Behaviour",
    "Booking",
    "FaultSpec",
    "Position",
    "Reply",
    "Request",
    "Server",
    "Simulator",
    "SimulatorAdapter",
    "become",
    "preset",
    "serve",
]
