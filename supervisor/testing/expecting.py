"""Is it as expected? One row for each thing that can be expected; every other name is a concern, and its state."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from supervisor.core.explore import explore, prove
from supervisor.core.words import ALL, CANCELLING, CLOSING, EACH_PERMIT, PERMIT_NAMES, Mode, Status, permit_names
from supervisor.errors import ConfigError, SupervisorError
from supervisor.orders.life import ORDER
from supervisor.testing.proving import NEVER_AGES, aging
from supervisor.testing.records import Told
from supervisor.testing.text import plain, words
from supervisor.testing.world import World

PERMITS = {"all": int(ALL), "closing": int(CLOSING), "cancelling": int(CANCELLING), "none": 0}
_EVENT = re.compile(r"(?:(?P<at>\d\d:\d\d(?::\d\d)?) )?(?P<what>detected|fixed|resolved|changed) (?P<code>\S+)")
_CALL = re.compile(r"(?:(?P<at>\d\d:\d\d(?::\d\d)?) )?(?P<code>\S+)")
_SCORE = re.compile(r"(?P<lo>[\d.]+)(?: to (?P<hi>[\d.]+))?")
OCC = re.compile(r"[A-Z]{1,6}\d{6}[CP]\d{8}")


@attrs.frozen
class Wanted:
    """One expectation: its name, what is wanted, and the line it stands in."""

    name: str
    want: Any
    line: int


@attrs.frozen
class Expectation:
    """One kind. `read` turns what is written into what is wanted; `seen` gives None where it is so, else what is so."""

    means: str
    read: Callable[[Any], Any]
    seen: Callable[[World, Any, "Since"], str | None]


@attrs.frozen
class Since:
    """What came since the last expectation: events, requests, calls for a person; and how to show an instant."""

    told: Sequence[Told]
    requests: int
    called: Sequence[tuple[float, str]]
    clock: Callable[[float], str]


def _truth(said: Any) -> bool:
    found = plain(said)
    if not isinstance(found, bool):
        raise ConfigError(f"{said!r} is neither yes nor no")
    return found


def _number(said: Any) -> int:
    if not str(said).isdigit():
        raise ConfigError(f"{said!r} is no whole number")
    return int(str(said))


def _event(said: str) -> tuple[str | None, str]:
    found = _EVENT.fullmatch(said)
    if found is None:
        raise ConfigError(f"{said!r} is no event: give `detected connection_failed`, or `09:01:30 detected ...`")
    return found["at"], f"{found['what']} {found['code']}"


def _events(said: Any) -> tuple[tuple[str | None, str], ...]:
    return tuple(_event(one) for one in words(said))


def _calls(said: Any) -> tuple[tuple[str | None, str], ...]:
    found = [_CALL.fullmatch(one) for one in words(said)]
    if None in found:
        raise ConfigError(f"{said!r} is no call: give `connection_failed`, or `09:03:30 connection_failed`")
    return tuple((one["at"], one["code"]) for one in found if one is not None)


def _permits(said: Any) -> int:
    found = 0
    for name in words(said):
        single = {PERMIT_NAMES[permit]: int(permit) for permit in EACH_PERMIT}
        if name not in PERMITS and name not in single:
            raise ConfigError(f"{name!r} is no permit: {', '.join((*PERMITS, *single))}")
        found |= {**PERMITS, **single}[name]
    return found


def _score(said: Any) -> tuple[float, float]:
    found = _SCORE.fullmatch(str(said))
    if found is None:
        raise ConfigError(f"{said!r} is no score: give 1.0, or 0.5 to 0.69")
    return float(found["lo"]), float(found["hi"] or found["lo"])


def _word(kind: Any) -> Callable[[Any], str]:
    def read(said: Any) -> str:
        return str(kind(str(said)))

    return read


def _may(said: Any) -> dict[str, bool]:
    if not isinstance(said, Mapping):
        raise ConfigError("`may` is orders with yes or no: `sell 1 AAPL: yes`")
    for order in said:
        order_of(str(order))
    return {str(order): _truth(answer) for order, answer in said.items()}


def order_of(said: str) -> dict[str, Any]:
    """The order that `sell 1 AAPL` is. ConfigError where it is none."""
    parts = said.split()
    if len(parts) != 3 or not parts[1].isdigit():
        raise ConfigError(f"{said!r} is no order: give `sell 1 AAPL`")
    side, quantity, symbol = parts
    return {
        "side": side,
        "quantity": int(quantity),
        "symbol": symbol,
        **({"class": "option"} if OCC.fullmatch(symbol) else {}),
    }


def _orders(said: Any) -> dict[str, str]:
    if not isinstance(said, Mapping):
        raise ConfigError("`became` is names with what became of them: `first: landed filled`")
    return {str(name): str(words_) for name, words_ in said.items()}


def _differs(want: Any, seen: Any) -> str | None:
    if want == seen:
        return None
    return ("yes" if seen else "no") if isinstance(seen, bool) else str(seen)


def answered(answers: Mapping[str, bool]) -> str:
    """Orders and whether each may be sent, as a scenario says it."""
    return ", ".join(f"{order}: {'yes' if may else 'no'}" for order, may in answers.items())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def seen_events(_: World, want: tuple[tuple[str | None, str], ...], since: Since) -> str | None:
    """The events since the last expectation, in order and count; with their times where those are wanted."""
    return _timed([(told.at, told.line) for told in since.told], want, since)


def _timed(came: Sequence[tuple[float, str]], want: tuple[tuple[str | None, str], ...], since: Since) -> str | None:
    lines = [line for _, line in came]
    instants = [since.clock(at) for at, _ in came]
    right = lines == [what for _, what in want] and all(
        at is None or instant.startswith(at) for (at, _), instant in zip(want, instants, strict=True)
    )
    return None if right else _listed([f"{instant} {line}" for instant, line in zip(instants, lines, strict=True)])


def _seen_issues(world: World, want: tuple[str, ...], _: Since) -> str | None:
    health = world.running.health()
    codes = [issue.code for issue in health.issues]
    full = [f"{issue.code} {issue.severity.name.lower()}" for issue in health.issues]
    left = [(code, line) for code, line in zip(codes, full, strict=True)]
    for one in want:
        found = next((pair for pair in left if one in pair), None)
        if found is None:
            return _listed(full)
        left.remove(found)
    return _listed(full) if left else None


def _seen_score(world: World, want: tuple[float, float], _: Since) -> str | None:
    score = world.running.health().score
    return None if want[0] - 0.005 <= score <= want[1] + 0.005 else f"{score:.3f}"


def _seen_explain(world: World, want: tuple[str, ...], _: Since) -> str | None:
    text = world.running.explain().text()
    return None if all(phrase in text for phrase in want) else "\n" + text


def _seen_may(world: World, want: Mapping[str, bool], _: Since) -> str | None:
    answers = {order: world.running.can_trade(order_of(order)) for order in want}
    return None if answers == dict(want) else answered(answers)


def _seen_masked(world: World, want: tuple[str, ...], _: Since) -> str | None:
    masked = [name for name, view in world.running.health().concerns.items() if view.masked]
    return None if sorted(masked) == sorted(want) else _listed(masked)


def _seen_orders(world: World, want: Mapping[str, str], _: Since) -> str | None:
    seen = {}
    for name in want:
        result = world.agent.standing(name)
        seen[name] = f"{result.outcome} {result.status}" + (f" for {result.cause}" if result.cause else "")
    right = all(seen[name].startswith(words_) for name, words_ in want.items())
    return None if right else ", ".join(f"{name}: {words_}" for name, words_ in seen.items())


def _order_key(world: World, name: str) -> str:
    """The key of the life of the order that the agent calls so: it begins with our id, as the order's tag does."""
    our_id = world.agent.tag(name).partition("-")[0]
    found = (key for life, key in world.running.book.living if life == ORDER and key.partition("|")[0] == our_id)
    return next(found, name)


def seen_state(world: World, name: str, want: str) -> str | None:
    """Where the concern, or the life and its key (`callback/agent`), stands."""
    life, _, key = name.partition("/")
    if world.supervisor is None:
        return "no supervisor runs"
    if life == ORDER:
        key = _order_key(world, key)
    try:
        return _differs(want, world.running.book.cursor(life, key).state)
    except KeyError:
        if life in world.running.book.lives:
            alive = ", ".join(other for kind, other in world.running.book.living if kind == life)
            return f"no {life} of that key is remembered (there are: {alive or 'none'})"
        known = ", ".join(slot.concern.name for slot in world.running.book.slots)
        return f"nothing is called so (concerns: {known})"


def _seen_proved(world: World, want: tuple[str, ...], _: Since) -> str | None:
    """What the proof finds of these tables, or of all of them together."""
    book = world.running.book
    concerns = [slot.concern for slot in book.slots]
    lives = list(book.lives.values())
    unknown = set(want) - {"all", *book.place, *book.lives}
    if unknown:
        return f"nothing is called {', '.join(sorted(unknown))}"
    if "all" in want:
        found = prove(concerns, lives, never_ages=NEVER_AGES).findings
    else:
        tables = [book.table(name) for name in (*book.place, *book.lives) if name in want]
        found = tuple(finding for table in tables for finding in explore(table, never_ages=aging(table.name)).findings)
    return "; ".join(str(finding) for finding in found) or None


def check(world: World, wanted: Wanted, since: Since) -> str | None:
    """None where it is as wanted, else what is so."""
    try:
        if wanted.name in EXPECTED:
            return EXPECTED[wanted.name].seen(world, wanted.want, since)
        return seen_state(world, wanted.name, wanted.want)
    except SupervisorError as error:
        return str(error)


# fmt: off
EXPECTED: dict[str, Expectation] = {
    "events":   Expectation("what was told since the last expectation, in order; without it: nothing was", _events, seen_events),
    "called":   Expectation("for which issues a person was called since the last expectation, as nobody had acknowledged them", _calls,
                            lambda _, want, since: _timed(since.called, want, since)),
    "issues":   Expectation("the codes of all open issues, with their severity if you like", words, _seen_issues),
    "open":     Expectation("whether opening is permitted: can_trade()", _truth, lambda world, want, _: _differs(want, world.running.can_trade())),
    "permits":  Expectation("what is permitted: all, closing, cancelling, none, or single permits", _permits,
                            lambda world, want, _: _differs(_listed(permit_names(want)), _listed(permit_names(world.running.gate.permits_now())))),
    "mode":     Expectation("the gate in one word", _word(Mode), lambda world, want, _: _differs(want, str(world.running.gate.mode))),
    "may":      Expectation("whether an order may be sent, by its intent: `sell 1 AAPL: yes`", _may, _seen_may),
    "score":    Expectation("the score, or its band: `0.5 to 0.69`", _score, _seen_score),
    "status":   Expectation("healthy, degraded or unhealthy", _word(Status), lambda world, want, _: _differs(want, str(world.running.health().status))),
    "stale":    Expectation("whether the monitor has fallen silent", _truth, lambda world, want, _: _differs(want, world.running.stale)),
    "masked":   Expectation("the concerns that can't be seen just now", words, _seen_masked),
    "explain":  Expectation("phrases that the explanation holds", words, _seen_explain),
    "requests": Expectation("how many requests were sent since the last expectation", _number, lambda _, want, since: _differs(want, since.requests)),
    "booked":   Expectation("how many orders the broker really booked so far", _number, lambda world, want, _: _differs(want, len(world.simulator.bookings))),
    "became":   Expectation("what became of the agent's orders: `first: landed filled`", _orders, _seen_orders),
    "refused":  Expectation("what the last process that could not start was told holds this", str,
                            lambda world, want, _: None if want in world.refused else (world.refused or "it was not refused")),
    "proved":   Expectation("the tables of which all that `supervisor verify` proves holds, or: all", words, _seen_proved),
    "running":  Expectation("whether a process watches", _truth, lambda world, want, _: _differs(want, world.supervisor is not None)),
}
# fmt: on
"""Every expectation by its name."""
