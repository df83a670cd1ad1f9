"""What does an operator's word do? The same for the API, the command line and another process's inbox."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from supervisor.concerns.facts import Action, Command
from supervisor.core.book import Book
from supervisor.core.reading import Reading, Round
from supervisor.core.slot import Sweep
from supervisor.errors import SupervisorError
from supervisor.monitor.memory import NoMemory
from supervisor.monitor.pointing import POINTED, unlearned


def _nothing() -> str | None:
    return None


@attrs.frozen
class Done:
    """What a command led to: the sweep, how it goes on record, and what to keep before and after that.

    `before` and `after` return one sentence where keeping failed.
    """

    sweep: Sweep
    kind: str
    body: Mapping[str, Any]
    takes_away: bool = False
    before: Callable[[], str | None] = _nothing
    after: Callable[[], str | None] = _nothing


def obey(said: Mapping[str, Any], book: Book, memory: NoMemory, now: float) -> Done:
    """Does it in the book. SupervisorError, one sentence, where it is no command or can't be done."""
    what, who, why = said.get("command"), str(said.get("who", "")), str(said.get("why", ""))
    if not who or not why:
        raise SupervisorError(f"{what} needs both who and why: they go on record")
    if what == "hold":
        mode = said.get("mode")
        if mode not in {"reduce", "halt"}:
            raise SupervisorError(f"a hold is 'reduce' or 'halt', not {mode!r}")
        return _held(Command(Action(mode), who, why), book, memory, now)
    if what == "release":
        return _held(Command(Action.RELEASE, who, why), book, memory, now)
    if what == "ack":
        return _acknowledged(str(said.get("target", "")), f"{who}: {why}", book, now)
    if what == POINTED:
        return Done(unlearned(book, now, why), POINTED, {"why": why}, takes_away=True)
    raise SupervisorError(f"a running supervisor does not know the command {what!r}")


def _held(order: Command, book: Book, memory: NoMemory, now: float) -> Done:
    round_ = Round.of(Reading("operator", now, 0.0, order))
    sweep = book.feed(round_, now, counts=False)
    body = memory.encode(round_)
    if order.action is Action.RELEASE:  # the file goes last: a crash in between leaves the hold standing
        return Done(sweep, "command", body, after=lambda: memory.keep_hold(order, now))
    return Done(sweep, "command", body, takes_away=True, before=lambda: memory.keep_hold(order, now))


def _acknowledged(target: str, words: str, book: Book, now: float) -> Done:
    try:
        sweep = book.acknowledge(target, words, now)
    except KeyError:
        names = ", ".join(issue.issue_id for issue in book.issues()) or "none is open"
        raise SupervisorError(f"no open issue is called {target!r} (open: {names})") from None
    return Done(sweep, "ack", {"target": target, "words": words})
