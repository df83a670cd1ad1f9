"""What came of one order request, sent once?

A Trader submits, modifies and cancels; a Previewer can only preview. Each request goes out at most once, on a connection
of its own, and whatever is not clearly acknowledged or clearly refused is unknown, to be settled by reading back
(tradier-api §7, §10, §11). Only who calls `cancel` may call it again.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import attrs
from requests.adapters import BaseAdapter

from supervisor.concerns.facts import Place
from supervisor.core.reading import Failure, Kind, Retry
from supervisor.tradier import markets, records
from supervisor.tradier.bodies import tidy
from supervisor.tradier.exchange import Gate, Reply, Rule, exchange, only_orders, only_preview
from supervisor.tradier.quota import Category, Purpose, Quota
from supervisor.tradier.transport import DeadlineAdapter
from supervisor.tradier.wire import DEADLINE, Wire

_CODE = re.compile(r"[A-Z][A-Za-z0-9]+")
_OUTAGE = re.compile(r"unexpected server error|communicating with the backend", re.IGNORECASE)


class Outcome(StrEnum):
    """What is known of a request's effect."""

    ACKNOWLEDGED = "acknowledged"
    """The broker has it and named its id; risk and exchange may still refuse it."""
    REFUSED = "refused"
    """The broker said no, in words it only uses for no."""
    UNKNOWN = "unknown"
    """It may or may not have taken effect."""
    UNSENT = "unsent"
    """Not one byte of it left us."""


@attrs.frozen
class Sent:
    """What came of one request.

    `words` are the broker's own, masked; `codes` the bare codes among them (`InitialMargin`); `failure` says why it is
    unknown, refused or unsent where that is known beyond the words. `preview` is a previewer's value; `booked_by_preview`
    is True where a preview's reply carries an order id: the order must then be taken for booked.
    """

    kind: Outcome
    words: str = ""
    codes: tuple[str, ...] = ()
    order_id: str | None = None
    status: int | None = None
    failure: Failure | None = None
    took: float = 0.0
    preview: records.Preview | None = None
    booked_by_preview: bool = False


UNREADABLE_ID = "unreadable"
"""Stands for the id of an order that a preview's reply names in no form that an id may have."""


def _order_ids(answer: Any) -> tuple[str, ...]:
    """Every order id in an `order` of the answer, its legs' included."""
    found: list[str] = []
    todo = [answer.get("order")] if isinstance(answer, dict) else []
    while todo:
        row = todo.pop(0)
        if isinstance(row, list):
            todo += row
        elif isinstance(row, dict):
            found += [str(row["id"])[:40]] if row.get("id") not in (None, "", "null", 0) else []
            todo.append(row.get("leg"))
    return tuple(found)


def _unknown(reply: Reply, words: str = "") -> Sent:
    """The outcome is open: the failure says so too."""
    failure = reply.failure or Failure(Kind.GARBLED, words or "the reply names neither an order nor errors")
    failure = attrs.evolve(failure, status=reply.status, retry=Retry.OUTCOME_UNKNOWN)
    return Sent(Outcome.UNKNOWN, words=failure.words, status=reply.status, failure=failure, took=reply.took)


def _refused(reply: Reply) -> Sent:
    """The broker said no: in an errors object, or in a failure's words."""
    words = " ".join(reply.told) or (reply.failure.words if reply.failure else "")
    codes = tuple(word for word in reply.told if _CODE.fullmatch(word))
    failure = reply.failure or Failure(Kind.DECLINED, words, status=reply.status, retry=Retry.NEVER)
    return Sent(Outcome.REFUSED, words, codes, status=reply.status, failure=failure, took=reply.took)


def _is_open(reply: Reply) -> bool:
    """Whether the status or the words leave the outcome open whatever else is said (§10)."""
    if reply.status is None or reply.status >= 500 or reply.status in (408, 429):
        return True
    failure = reply.failure
    return failure is not None and (failure.kind in (Kind.QUOTA, Kind.SERVER) or bool(_OUTAGE.search(failure.words)))


def judge(reply: Reply) -> Sent:
    """What a reply to a POST, PUT or DELETE of an order proves (§10, the rule at its end). Pure."""
    if not reply.reached:
        return Sent(
            Outcome.UNSENT, reply.failure.words if reply.failure else "", failure=reply.failure, took=reply.took
        )
    answer = reply.said.value if reply.said is not None and isinstance(reply.said.value, dict) else {}
    if _is_open(reply):
        return _unknown(reply)
    if reply.failure is None:
        receipt = markets.acknowledgement(answer)
        if not isinstance(receipt, Failure):
            return Sent(Outcome.ACKNOWLEDGED, order_id=receipt.order_id, status=reply.status, took=reply.took)
    if reply.told and not _order_ids(answer):
        return _unknown(reply) if _OUTAGE.search(" ".join(reply.told)) else _refused(reply)
    kind = reply.failure.kind if reply.failure else None
    if kind is Kind.DECLINED or (kind in (Kind.CREDENTIALS, Kind.FOREIGN_ACCOUNT) and reply.status in (401, 403)):
        return _refused(reply)
    return _unknown(reply)


def judge_preview(reply: Reply) -> Sent:
    """What a reply to a preview proves; an order id in it, whatever else it says, means booked. Pure."""
    answer = reply.said.value if reply.said is not None else None
    ids = _order_ids(answer)
    if ids:
        words = "the reply to a preview names an order: it must be taken for booked"
        told = ids[0] if ids[0].isdecimal() else UNREADABLE_ID  # an id is a number: other words may be anything
        sent = attrs.evolve(_unknown(reply, words), order_id=told)
        return attrs.evolve(sent, booked_by_preview=True)
    if reply.failure is None and isinstance(answer, dict) and not reply.told:
        preview = markets.preview(answer)
        if isinstance(preview, Failure):
            return _unknown(reply, preview.words)
        return Sent(Outcome.ACKNOWLEDGED, status=reply.status, took=reply.took, preview=preview)
    return judge(reply)


class _Sender(Wire):
    """Sends order requests through a gate, each once."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        account_id: str | None,
        *,
        intended: Place,
        rule: Rule,
        adapter: BaseAdapter | None = None,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(base_url, token, account_id, intended=intended, quota=quota)
        self._gate = Gate(adapter or DeadlineAdapter(keep=False), self.base.url, rule)

    def _orders_url(self) -> str:
        return self.account_url("orders")

    def _once(
        self,
        method: str,
        url: Callable[[], str],
        deadline: float,
        *,
        form: Mapping[str, str] | None = None,
        purpose: Purpose = Purpose.STRATEGY,
    ) -> Reply:
        """One request, one reply. A failure before the gate is a reply that never reached anybody."""
        ready = self.ready(method, url, Category.TRADING, purpose, form=form)
        if isinstance(ready, Failure):
            return Reply(took=0.0, sent_at=0.0, received_at=0.0, reached=False, failure=ready)
        request, token = ready
        request.headers["Connection"] = "close"
        reply = exchange(self._gate, request, deadline, secrets=(token,), accounts=self.accounts_to_mask())
        self.hear(Category.TRADING, reply)
        answer = reply.said.value if reply.said is not None else None
        told = markets.refusals(answer) if isinstance(answer, dict) else ()
        return attrs.evolve(reply, told=tuple(tidy(each, (token,), self.accounts_to_mask()) for each in told))


class Previewer(_Sender):
    """Asks what an order would cost. What it sends through lets nothing out but a body with `preview=true` exactly once."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        account_id: str | None,
        *,
        intended: Place,
        adapter: BaseAdapter | None = None,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(
            base_url, token, account_id, intended=intended, rule=only_preview, adapter=adapter, quota=quota
        )

    def preview(self, form: Mapping[str, str], deadline: float = DEADLINE) -> Sent:
        """The broker's word on the form: acknowledged with `preview`, refused, unknown or unsent. Never raises."""
        body = {**form, "preview": "true"}
        return judge_preview(self._once("POST", self._orders_url, deadline, form=body))


class Trader(_Sender):
    """Submits, modifies and cancels, each call one request. A form that names a preview does not leave."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str],
        account_id: str | None,
        *,
        intended: Place,
        adapter: BaseAdapter | None = None,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(base_url, token, account_id, intended=intended, rule=only_orders, adapter=adapter, quota=quota)

    def submit(
        self, form: Mapping[str, str], deadline: float = DEADLINE, *, purpose: Purpose = Purpose.STRATEGY
    ) -> Sent:
        """What came of placing the order, sent once. Never raises."""
        return judge(self._once("POST", self._orders_url, deadline, form=form, purpose=purpose))

    def modify(
        self, order_id: str, form: Mapping[str, str], deadline: float = DEADLINE, *, purpose: Purpose = Purpose.STRATEGY
    ) -> Sent:
        """What came of changing the order, sent once. Never raises."""
        return judge(self._once("PUT", lambda: self.order_url(order_id), deadline, form=form, purpose=purpose))

    def cancel(self, order_id: str, deadline: float = DEADLINE) -> Sent:
        """What came of cancelling, sent once: a refusal's words say whether it was filled or canceled already."""
        return judge(self._once("DELETE", lambda: self.order_url(order_id), deadline, purpose=Purpose.CANCEL))
