"""What can be done to a world? One row each: the broker's doings, the owner's, the agent's, the machine's."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from supervisor.errors import ConfigError
from supervisor.simulator import FAULTS, PRESETS
from supervisor.simulator.control import MONEY, SETTABLE
from supervisor.simulator.routes import ENDPOINTS
from supervisor.testing.records import Strike
from supervisor.testing.scripted import hear
from supervisor.testing.text import nearest, plain
from supervisor.testing.times import seconds_of
from supervisor.testing.world import World


@attrs.frozen
class Doing:
    """One thing to be done: an action's name, the line it stands in, how long it lasts, and its arguments."""

    name: str
    line: int
    lasts: float
    arguments: Any

    def do(self, world: World) -> None:
        """Does it. SupervisorError where the world does not allow it."""
        ACTIONS[self.name].do(world, self.arguments)
        world.touched()


@attrs.frozen
class Action:
    """One kind of doing. `read` turns what is written into arguments, or raises ConfigError; `lasts`: they are seconds."""

    means: str
    read: Callable[[Any], Any]
    do: Callable[[World, Any], None]
    lasts: bool = False
    several: bool = False


_STRIKE = re.compile(r"(?P<name>\w+)(?: on (?P<on>[\w,]+))?(?: for (?P<for>[\w.]+))?(?: times (?P<times>\d+))?")


def read_strike(said: Any) -> Strike:
    """A fault: `hang`, `http_500_backend on balances for 5m`, `reset times 3`, or a mapping with its own parameters."""
    if isinstance(said, Mapping):
        rest = dict(plain(said))
        told = {key: rest.pop(key, None) for key in ("name", "on", "for", "times", "method")}
        params = {key: Decimal(str(value)) if key == "amount" else value for key, value in rest.items()}
    else:
        found = _STRIKE.fullmatch(str(said).strip())
        if found is None:
            raise ConfigError(f"{said!r} is no fault: give `hang`, `hang for 5m`, `reset on balances times 3`")
        told, params = {"method": None, **found.groupdict()}, {}
    spec = FAULTS.get(str(told["name"]))
    if spec is None:
        raise ConfigError(f"there is no fault {told['name']!r}; {nearest(str(told['name']), sorted(FAULTS))}")
    unknown = params.keys() - {*spec.params, "after"}
    if unknown:
        takes = ", ".join(spec.params) or "nothing"
        raise ConfigError(f"the fault {spec.name} takes {takes}, not {', '.join(sorted(unknown))}")
    endpoints = set(str(told["on"]).split(",")) if told["on"] else set()
    if not endpoints <= ENDPOINTS:
        raise ConfigError(f"there is no endpoint {', '.join(sorted(endpoints - ENDPOINTS))}")
    return Strike(
        spec.name,
        told["on"] and str(told["on"]),
        seconds_of(str(told["for"])) if told["for"] else None,
        int(told["times"]) if told["times"] else None,
        told["method"] and str(told["method"]),
        params,
    )


def _one_of(*words: str) -> Callable[[Any], str]:
    def read(said: Any) -> str:
        if str(said) not in words:
            raise ConfigError(f"{str(said)!r} is none of: {', '.join(words)}")
        return str(said)

    return read


def _fault_name(said: Any) -> str | None:
    if str(said) == "all":
        return None
    if str(said) not in FAULTS:
        raise ConfigError(f"there is no fault {str(said)!r} (or say: all)")
    return str(said)


def _preset(said: Any) -> str:
    if str(said) not in PRESETS:
        raise ConfigError(f"there is no broker {str(said)!r}; {nearest(str(said), sorted(PRESETS))}")
    return str(said)


def _account(said: Any) -> dict[str, Any]:
    changes = plain(said) if isinstance(said, Mapping) else {}
    if not changes or changes.keys() - SETTABLE:
        raise ConfigError(f"an account has: {', '.join(sorted(SETTABLE))}")
    return {
        name: None if value == "none" else _money(value) if name in MONEY else value for name, value in changes.items()
    }


def _money(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ConfigError(f"{value!r} is no amount") from None


def _prices(said: Any) -> dict[str, Decimal]:
    if not isinstance(said, Mapping):
        raise ConfigError("prices are symbols with amounts")
    return {str(symbol).upper(): _money(price) for symbol, price in said.items()}


def _said(*names: str) -> Callable[[Any], tuple[str, ...]]:
    """Words parted by commas, as many as named; the last may hold commas of its own."""

    def read(said: Any) -> tuple[str, ...]:
        given = (
            [str(one).strip() for one in said]
            if _is_list(said)
            else [x.strip() for x in str(said).split(",", len(names) - 1)]
        )
        if len(given) != len(names) or not all(given):
            raise ConfigError(f"say {', '.join(names)}")
        return tuple(given)

    return read


def _is_list(said: Any) -> bool:
    return isinstance(said, Sequence) and not isinstance(said, str)


def _hold(said: Any) -> tuple[str, ...]:
    mode, who, why = _said("reduce or halt", "who", "why")(said)
    return _one_of("reduce", "halt")(mode), who, why


def _letter(said: Any) -> dict[str, str]:
    if not isinstance(said, Mapping):
        raise ConfigError("a command is names with words: command, who, why, ...")
    return {str(name): str(value) for name, value in said.items()}


def _after(said: Any) -> float:
    return 0.0 if str(said) in {"at once", "yes", "now"} else seconds_of(str(said))


def _signed(said: Any) -> float:
    text = str(said)
    return -seconds_of(text[1:]) if text.startswith("-") else seconds_of(text.removeprefix("+"))


def _order(said: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(said, Mapping) or "as" not in said:
        raise ConfigError("an order is its fields, and `as`, the name it goes by here")
    fields = {key: str(value) if isinstance(value, float) else value for key, value in plain(said).items()}
    return str(fields.pop("as")), fields


def _placed(said: Any) -> dict[str, Any]:
    if not isinstance(said, Mapping) or "as" in said:
        raise ConfigError("an order placed elsewhere is its fields, without `as`: the agent has no name for it")
    return {str(key): str(value) for key, value in said.items()}


def _hears(said: Any) -> tuple[str, str]:
    table, _, signal = str(said).partition(" ")
    if not signal or " " in signal:
        raise ConfigError(f"{str(said)!r} names no table and signal: give `connection failed`")
    return table, signal


def _restart(world: World, seconds: float) -> None:
    world.stop()
    _wait_and_start(world, seconds)


def _kill(world: World, seconds: float) -> None:
    world.kill()
    _wait_and_start(world, seconds)


def _wait_and_start(world: World, seconds: float) -> None:
    world.run_to(world.frozen.true + seconds)
    world.start()


def _broker_token(world: World, what: str) -> None:
    if what == "restore":
        world.simulator.allow_only()
    else:
        {"revoke": world.simulator.revoke, "expire": world.simulator.expire}[what](world.token)


def _journal(world: World, what: str) -> None:
    if what == "lost":
        world.lose_journal()
    elif what == "damaged":
        with world.home.journal.open("r+b") as file:  # its first page after the head, while no process watches
            file.seek(4096)
            file.write(b"\xff" * 4096)
        world.lost += 1
    else:
        world.disk(full=what == "full")


def _monitor(world: World, what: str) -> None:
    world.hung = what == "hangs"
    world.tick()


def _price(world: World, prices: Mapping[str, Decimal]) -> None:
    for symbol, price in prices.items():
        world.simulator.quotes.set(symbol, last=price)


def _operator(name: str) -> Callable[[World, Any], None]:
    def do(world: World, said: tuple[str, ...]) -> None:
        *target, who, why = said
        getattr(world.running, name)(*target, who=who, why=why)

    return do


def _callback(world: World, mode: str) -> None:
    world.callback.become(mode)


# fmt: off
ACTIONS: dict[str, Action] = {
    "fault":       Action("the broker fails so from now on: NAME [on ENDPOINT] [for 5m] [times 3]", read_strike, World.strike, several=True),
    "clear":       Action("those faults end; `all` ends every one", _fault_name, World.clear, several=True),
    "become":      Action("the broker is as that preset from now on, its faults included", _preset, World.become),
    "account":     Action("our account is otherwise: status, option_level, stock_power, maintenance_call, ...", _account, World.set_account),
    "price":       Action("a symbol costs that much", _prices, _price),
    "token":       Action("the broker revokes or expires our token, or restores every token", _one_of("revoke", "expire", "restore"), _broker_token),
    "new_token":   Action("the owner puts a new token in place", _one_of("yes"), lambda world, _: world.renew_token()),
    "file_token":  Action("the broker takes only a new token, which the owner puts into the token file", _one_of("yes"), lambda world, _: world.purse.rotate("agents-token-filed")),
    "refreshing":  Action("our token is good for that long, and the owner gives refresh credentials (a new process knows of them)", seconds_of,
                          lambda world, s: world.purse.may_refresh(world.token, world.frozen.true + s)),
    "hold":        Action("the operator holds trading: MODE, WHO, WHY", _hold, _operator("hold")),
    "release":     Action("the operator releases a hold: WHO, WHY", _said("who", "why"), _operator("release")),
    "acknowledge": Action("the operator knows of an issue: CODE, WHO, WHY", _said("issue", "who", "why"), _operator("acknowledge")),
    "leave":       Action("another process leaves a command in the inbox", _letter, World.leave),
    "submit":      Action("the agent hands in an order, which goes by the name in `as`", _order, lambda world, order: world.agent.submit(*order)),
    "cancel":      Action("the agent cancels the order of that name", str, lambda world, name: world.agent.cancel(name), several=True),
    "elsewhere":   Action("an order is placed without the agent: by hand, or by another program", _placed, World.elsewhere),
    "callback":    Action("the agent's callback works, raises or hangs from now on", _one_of("works", "raises", "hangs"), _callback),
    "jump":        Action("the wall clock is set forward (+30s) or back (-1h)", _signed, lambda world, s: world.frozen.jump(s)),
    "suspend":     Action("the laptop sleeps that long", seconds_of, lambda world, s: world.frozen.suspend(s), lasts=True),
    "monitor":     Action("the monitor's thread hangs, or resumes", _one_of("hangs", "resumes"), _monitor),
    "journal":     Action("the disk under the journal is full, or ok again, or the journal is lost, or damaged", _one_of("full", "ok", "lost", "damaged"), _journal),
    "restart":     Action("the process stops, and starts again after that long", _after, _restart, lasts=True),
    "kill":        Action("the process is killed, and another starts after that long", _after, _kill, lasts=True),
    "stop":        Action("the process stops", _one_of("yes"), lambda world, _: world.stop()),
    "start":       Action("a process starts", _one_of("yes"), lambda world, _: world.start()),
    "second":      Action("a second process tries to watch the same account", _one_of("yes"), lambda world, _: world.second()),
    "hears":       Action("a table hears a signal, as a round would say it: TABLE SIGNAL, or LIFE/KEY SIGNAL; no round says anything else then", _hears, lambda world, said: hear(world.running, *said), several=True),
    "look":        Action("a round is taken now, whatever is due", _one_of("yes"), lambda world, _: world.look()),
}
# fmt: on
"""Every doing by its name."""
