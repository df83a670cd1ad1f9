"""Why did this order fail, whose move is it, and what may be sent instead?

Reads what is known, looks things up, and asks for one preview at most. It holds nothing that could send an order, and
refuses to be given anything that can (rule 2 of "What never bends").
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import attrs

from supervisor.core.issue import Issue
from supervisor.core.reading import Reading, Retry
from supervisor.core.words import Severity
from supervisor.errors import SupervisorError
from supervisor.orders import ports
from supervisor.orders.build import understand
from supervisor.orders.causes import STANDING, Cause, Standing
from supervisor.orders.correct import corrected
from supervisor.orders.evidence import Evidence, evidence_of
from supervisor.orders.match import Meaning, mean
from supervisor.orders.order import Order, OrderRefused, Refusal, to_form
from supervisor.orders.proof import eastern_day
from supervisor.orders.tidy import Held

SENDING = ("submit", "submit_async", "submit_order", "place", "place_order", "modify", "replace", "send", "cancel")
"""Names of what sends, changes or ends orders. Nothing that has one may be handed in."""


class Lookups(Protocol):
    """Looks things up at the broker, and can do nothing else."""

    def quotes(self, symbols: Sequence[str], deadline: float) -> Reading:
        """Something with `quotes` and `unmatched`."""


class Facts(Protocol):
    """What is known without asking."""

    def held(self) -> Held | None:
        """Positions and live claims where freshly known."""

    def market(self) -> str | None:
        """The market's state where freshly known."""


@attrs.frozen
class Diagnosis:
    """What is known of one failure. `message` is the broker's own, masked; `corrected` an order the agent may send.

    `booked` is the id in a reply to the preview, if it had one: then that must be taken for a booked order.
    """

    cause: Cause
    standing: Standing
    explanation: str
    message: str
    found: tuple[str, ...] = ()
    corrected: Mapping[str, Any] | None = None
    order: Mapping[str, Any] | None = None
    booked: str | None = None

    @property
    def code(self) -> str:
        """The owner's name of the problem."""
        return f"order_failure_{self.cause}"

    def metadata(self) -> dict[str, Any]:
        """For the issue."""
        return {
            "cause": str(self.cause),
            "whose_move": str(self.standing.whose),
            "retry": str(self.standing.retry),
            "concern": self.standing.concern,
            "explanation": self.explanation,
            "evidence": list(self.found),
            "corrected_order": dict(self.corrected) if self.corrected else None,
            "order": dict(self.order) if self.order else None,
        }

    def issue(self, entry: int, now: float) -> Issue:
        """As an issue, under that entry's number."""
        return Issue(
            issue_id=f"{self.code}-{entry}",
            code=self.code,
            severity=Severity.WARNING,
            category=str(self.cause),
            description=f"An order failed ({self.cause}): {self.explanation}",
            concern="failure",
            detected=now,
            error_message=self.message,
            metadata=self.metadata(),
        )


def harmless(port: Any, what: str) -> Any:
    """The port, if it has no way to send. SupervisorError names the way otherwise."""
    owner = getattr(port, "__self__", None)
    for holder in (port, owner):
        ways = [name for name in SENDING if holder is not None and callable(getattr(holder, name, None))]
        if ways:
            raise SupervisorError(
                f"Diagnosis must not be able to trade: the {what} handed to it can {', '.join(ways)}."
            )
    return port


class Diagnoser:
    """Diagnoses failed orders. `now` gives the instant (epoch seconds); each port may be left out.

    Raises SupervisorError where a port has a way to send.
    """

    __slots__ = ("_facts", "_lookups", "_now", "_previews", "deadline")

    def __init__(
        self,
        now: Callable[[], float],
        *,
        facts: Facts | None = None,
        lookups: Lookups | None = None,
        previews: ports.Previews | None = None,
        deadline: float = 5.0,
    ) -> None:
        self._now = now
        self._facts = harmless(facts, "facts")
        self._lookups = harmless(lookups, "lookups")
        self._previews = harmless(previews, "previews")
        self.deadline = deadline

    def diagnose(self, order: Any, error: Any) -> Diagnosis:
        """What is known of the failure of that order with that error. Never raises, never sends.

        Evidence comes from the error's own words, then held facts, then lookups, then one preview.
        """
        evidence = evidence_of(error)
        held = self._facts.held() if self._facts is not None else None
        typed, faults = self._understand(order, held)
        meaning, standing = self._by_words(order, error, evidence)
        found: list[str] = []
        booked: list[str] = []
        explanation = meaning.explanation
        if _says_little(meaning):
            better = self._by_looking(order, typed, faults, found, booked, unknown=meaning.cause is Cause.UNKNOWN)
            if better is not None:
                meaning = better
                standing, explanation = meaning.standing, meaning.explanation
        fixed = corrected(meaning, order, typed, faults, held, standing)
        return Diagnosis(
            cause=meaning.cause,
            standing=standing,
            explanation=explanation,
            message=evidence.message or "no words came with the failure",
            found=tuple(found),
            corrected=fixed,
            order=typed.as_dict() if typed else None,
            booked=booked[0] if booked else None,
        )

    def _understand(self, order: Any, held: Held | None) -> tuple[Order | None, tuple[Refusal, ...]]:
        try:
            return understand(order, held, eastern_day(self._now()))[0], ()
        except OrderRefused as refused:
            return None, refused.refusals

    def _by_words(self, order: Any, error: Any, evidence: Evidence) -> tuple[Meaning, Standing]:
        """By the broker's words; else by what broke, or by the status."""
        refused = _own_refusal(error)
        if refused is not None:
            meaning = Meaning(refused, None, "We refused it before it left.")
            return meaning, STANDING[refused]
        meaning = mean(evidence.texts)
        if (
            meaning.row is not None
            and meaning.row.sentence.startswith("Unauthorized Account")
            and _on_order(order, evidence)
        ):
            meaning = Meaning(Cause.ORDER, None, "The broker knows no such order of this account.")
            return meaning, STANDING[Cause.ORDER]
        if meaning.row is not None and not meaning.row.generic:
            return meaning, meaning.standing
        if evidence.broken:
            words = "The connection broke; whether the broker has the order must be read back."
            return Meaning(Cause.CONNECTION, None, words), STANDING[Cause.CONNECTION]
        by_status = _by_status(evidence.status)
        if by_status is not None and meaning.row is None:
            return by_status, by_status.standing
        return meaning, meaning.standing

    def _by_looking(
        self,
        order: Any,
        typed: Order | None,
        faults: tuple[Refusal, ...],
        found: list[str],
        booked: list[str],
        *,
        unknown: bool,
    ) -> Meaning | None:
        """What facts, lookups and a preview say where the words say little; what was found is listed."""
        if unknown and faults and isinstance(order, Mapping) and order:
            found += [fault.words for fault in faults]
            return Meaning(Cause(faults[0].cause), None, f"The order can't be right: {faults[0].words}.")
        if typed is None:
            return None
        if self._lookups is not None:
            names = tuple(dict.fromkeys(leg.name for leg in typed.legs))
            reading = self._lookups.quotes(names, self.deadline)
            strange = [name for name in getattr(reading.value, "unmatched", ()) if name in names]
            if reading.failure is None and strange:
                found.append(f"the broker does not know {', '.join(strange)}")
                return Meaning(Cause.SYMBOL, None, f"The broker does not know {', '.join(strange)}.")
        if self._previews is not None:
            sent = self._previews.preview(dict(to_form(typed, "diagnosis")), self.deadline)
            if sent.booked_by_preview and sent.order_id:
                booked.append(sent.order_id)
            if sent.kind == "refused":
                found.append(f"a preview is refused: {sent.words}")
                again = mean((sent.words, *sent.codes))
                return again if not _says_little(again) else None
            found.append(
                "a preview is clean" if sent.kind == "acknowledged" else f"a preview brought no answer: {sent.words}"
            )
        return None


def _says_little(meaning: Meaning) -> bool:
    """Whether the words leave the cause open, without being an outage."""
    if meaning.cause is Cause.UNKNOWN:
        return True
    return meaning.row is not None and meaning.row.generic and meaning.row.retry is not Retry.OUTCOME_UNKNOWN


def _own_refusal(error: Any) -> Cause | None:
    """The cause of a refusal of our own, where the error is one."""
    refusals = getattr(error, "refusals", None)
    first = refusals[0] if isinstance(refusals, tuple) and refusals else error
    cause = getattr(first, "cause", None) if isinstance(first, Refusal) else None
    return Cause(cause) if cause in set(Cause) else None


def _on_order(order: Any, evidence: Evidence) -> bool:
    """Whether the request was about one order that should exist, not about placing one."""
    named = isinstance(order, Mapping) and any(order.get(name) for name in ("id", "order_id"))
    return named or "/orders/" in evidence.path


def _by_status(status: int | None) -> Meaning | None:
    """What a bare status says."""
    if status is None:
        return None
    if status == 429:
        return Meaning(Cause.RATE_LIMIT, None, "Asked too often.")
    if status in (401, 403):
        return Meaning(Cause.CREDENTIALS, None, "The broker does not accept our token, or not for this.")
    if status == 408 or status >= 500:
        return Meaning(
            Cause.BROKER, None, "The broker failed; whether it has the order must be read back.", open_outcome=True
        )
    return None
