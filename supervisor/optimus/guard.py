"""What may an agent do with its own adapter? Read through it as ever, and send through the order desk only.

A view of the agent's object: attributes, assignments and `isinstance` behave as on the object itself. What would place,
change or cancel an order goes to the desk instead, by whichever way it is tried: the adapter's own methods, or its
REST client's. Methods of the object run with the view as `self`, so that what they send inside is guarded as well.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter, signature
from types import FunctionType, MethodType
from typing import Any, Protocol

from requests import Session

from supervisor.errors import SupervisorError
from supervisor.optimus.requesting import ANSWERS, READS, answer, refused, request_of
from supervisor.optimus.shapes import (
    OrderNotPlaced,
    booked,
    handled,
    number_of,
    placed,
    refusal,
    without_empty,
)
from supervisor.orders import Desk, Outcome, Result
from supervisor.orders.handle import Canceled, Cancellation

SUBMITS = frozenset({"submit_order", "place_order", "send_order", "create_order"})
CANCELS = frozenset({"cancel_order", "cancel", "delete_order"})
CHANGES = frozenset({"modify_order", "change_order", "update_order"})
CLIENTS = frozenset({"rest_client", "client", "http_client", "session", "_session", "http"})
"""Attributes that may hold something that sends by itself."""
WRITES = frozenset({"post", "put", "delete", "patch", "_post", "_put", "_delete", "_patch"})
REQUESTS = frozenset({"_request", "request", "_make_request", "make_request"})
SENDS = frozenset({"send"})


class Sends(Protocol):
    """What stands behind a view."""

    def desk(self) -> Desk:
        """The order desk. SupervisorError where nothing can be sent."""

    def submit(self, order: Any) -> Result:
        """Sends an order once, by its intent. SupervisorError where nothing can be sent."""

    def elsewhere(self, base: str | None, account: str | None) -> str | None:
        """None where a request to that place and account is about what is watched; else, in words, what it is about."""


class GuardedView:
    """A view of the agent's adapter, or of its client. `_guarded_*` is ours; everything else is the object's."""

    __slots__ = ("__weakref__", "_guarded_by", "_guarded_clients", "_guarded_object")

    def __init__(self, raw: Any, by: Sends) -> None:
        object.__setattr__(self, "_guarded_object", raw)
        object.__setattr__(self, "_guarded_by", by)
        object.__setattr__(self, "_guarded_clients", {})

    @property  # type: ignore[misc]  # every object has it; a view's is that of what it shows
    def __class__(self) -> Any:
        """The object's, so that `isinstance` behaves."""
        return type(self._guarded_object)

    def __getattr__(self, name: str) -> Any:
        raw, by = self._guarded_object, self._guarded_by
        guard = _guard_for(raw, name, by)
        if guard is not None:
            with contextlib.suppress(AttributeError):
                return _like(getattr(raw, name), guard)
            raise AttributeError(f"{type(raw).__name__!r} object has no attribute {name!r}")
        value = getattr(raw, name)
        if isinstance(value, MethodType) and value.__self__ is raw and isinstance(value.__func__, FunctionType):
            return MethodType(value.__func__, self)
        if (name in CLIENTS or isinstance(value, Session)) and value is not None:
            return self._client(name, value, by)
        return value

    def _client(self, name: str, value: Any, by: Sends) -> Any:
        kept = self._guarded_clients.get(name)
        if kept is None or kept._guarded_object is not value:  # noqa: SLF001 - its own kind
            kept = self._guarded_clients[name] = GuardedView(value, by)
        return kept

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._guarded_object, name, unguarded(value))

    def __delattr__(self, name: str) -> None:
        delattr(self._guarded_object, name)

    def __dir__(self) -> list[str]:
        return dir(self._guarded_object)

    def __repr__(self) -> str:
        return f"<guarded {type(self._guarded_object).__name__}>"

    def __bool__(self) -> bool:
        return bool(self._guarded_object)

    def __eq__(self, other: object) -> bool:
        return bool(self._guarded_object == unguarded(other))

    def __hash__(self) -> int:
        return hash(self._guarded_object)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._guarded_object)

    def __copy__(self) -> "GuardedView":
        return self

    def __deepcopy__(self, _: object) -> "GuardedView":
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a guarded adapter can't be pickled: it would lose its guard")


def guarded(raw: Any, by: Sends) -> Any:
    """The object in a view guarded by that."""
    return GuardedView(unguarded(raw), by)


def unguarded(value: Any) -> Any:
    """The object in a view; anything else as it is."""
    return value._guarded_object if type(value) is GuardedView else value  # noqa: SLF001 - the one way out of it


def guard_of(value: Any) -> Any:
    """What stands behind a view; None for anything else."""
    return value._guarded_by if type(value) is GuardedView else None  # noqa: SLF001 - as above


def _like(raw: Any, guard: Callable[..., Any]) -> Callable[..., Any]:
    """The guard under the name and words of what it stands for."""
    for name in ("__name__", "__doc__"):
        with contextlib.suppress(Exception):
            setattr(guard, name, getattr(raw, name))
    return guard


def _guard_for(raw: Any, name: str, by: Sends) -> Callable[..., Any] | None:
    """What is called instead of that method; None where it is not guarded."""
    if name in SUBMITS:
        return lambda *given, **named: _submitted(raw, name, by, given, named)
    if name in CANCELS:
        return lambda *given, **named: _canceled(raw, name, by, given, named)
    if name in CHANGES:
        return lambda *given, **named: _changed(raw, name, by, given, named)
    if name in REQUESTS:
        return lambda *given, **named: _requested(raw, name, by, given, named)
    if name in WRITES:
        method = name.strip("_").upper()
        return lambda *given, **named: _requested(raw, name, by, given, named, method)
    if name in SENDS:
        return lambda *_given, **_named: refused("a prepared request", "orders go through submit_order")
    return None


# -------------------------------------------------------------------- what is done instead


def submit(by: Sends, order: Any) -> Result:
    """An order that landed. OrderNotPlaced, saying how it stands, otherwise."""
    try:
        result = by.submit(order)
    except SupervisorError as error:
        raise OrderNotPlaced(refusal(str(error))) from error
    if result.outcome is not Outcome.LANDED or result.order_id is None:
        raise OrderNotPlaced(handled(result))
    return result


def preview(by: Sends, order: Mapping[str, Any]) -> dict[str, Any]:
    """What the broker says an order would cost. Nothing is sent. SupervisorError where it can't be understood."""
    typed, estimate, _ = by.desk().preview({name: value for name, value in order.items() if name != "preview"})
    cost = {"order_cost": estimate.order_cost, "margin_change": estimate.margin_change}
    told = {**typed, "status": "ok" if estimate.clean else "error", "errors": estimate.words, **cost}
    return {"order": without_empty(told)}


def cancel(by: Sends, order_id: str) -> dict[str, Any]:
    """The broker's reply to a cancellation that took effect. OrderNotPlaced, saying how it stands, otherwise."""
    try:
        word = by.desk().cancel(order_id)
    except SupervisorError as error:
        raise OrderNotPlaced(refusal(str(error))) from error
    if word.outcome is not Canceled.CANCELED:
        raise OrderNotPlaced(_not_canceled(word))
    return {**without_empty(word.as_dict()), "order": {"id": number_of(word.order_id), "status": "ok"}}


def _not_canceled(word: Cancellation) -> dict[str, Any]:
    words = f"order {word.order_id} was not canceled: it is {word.status or 'not to be read'} ({word.outcome})"
    return {**refusal("; ".join([words, *word.errors])), "outcome": str(word.outcome), "order_id": word.order_id}


def modify(by: Sends, order_id: str, changes: Any) -> dict[str, Any]:
    """The broker's reply to a change that it shows. OrderNotPlaced, saying how it stands, otherwise."""
    try:
        result = by.desk().modify(order_id, changes if isinstance(changes, Mapping) else {})
    except SupervisorError as error:
        raise OrderNotPlaced(refusal(str(error))) from error
    if result.outcome is not Outcome.LANDED:
        raise OrderNotPlaced(handled(result))
    return booked(result)


def ours(by: Sends, account: Any, base: str | None = None) -> None:
    """Raises OrderNotPlaced for what is meant for another account or place: the desk would send it to the one watched."""
    try:
        why = by.elsewhere(base, None if account is None else str(account).strip())
    except SupervisorError as error:
        raise OrderNotPlaced(refusal(str(error))) from error
    if why is not None:
        raise OrderNotPlaced(refusal(f"not sent: {why}"))


def _submitted(raw: Any, name: str, by: Sends, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    order, account = _order(*_called(getattr(raw, name), given, named))
    ours(by, account)
    return placed(submit(by, order))


def _canceled(raw: Any, name: str, by: Sends, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    rest, called = _called(getattr(raw, name), given, named)
    ours(by, called.get("account_id"))
    return cancel(by, _order_id(rest, called))


def _changed(raw: Any, name: str, by: Sends, given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    rest, called = _called(getattr(raw, name), given, named)
    order_id = _order_id(rest, called)
    left = {key: value for key, value in called.items() if key not in ("order_id", "id")}
    changes, account = _order(rest if {"order_id", "id"} & called.keys() else rest[1:], left)
    ours(by, account)
    return modify(by, order_id, changes)


def _called(method: Any, given: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call's arguments: those without a name, and those by the names that the method gives them."""
    if not isinstance(method, MethodType | FunctionType):
        return given, dict(named)
    try:
        asked = signature(method)
        bound = asked.bind(*given, **named)
    except (TypeError, ValueError):  # it takes other arguments, or does not say which
        return given, dict(named)
    rest: tuple[Any, ...] = ()
    by_name: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = asked.parameters[name].kind
        if kind is Parameter.VAR_POSITIONAL:
            rest = value
        elif kind is Parameter.VAR_KEYWORD:
            by_name |= value
        else:
            by_name[name] = value
    return rest, by_name


def _order(given: tuple[Any, ...], named: Mapping[str, Any]) -> tuple[Any, Any]:
    """The order among a call's arguments, and the account it names, if any: the first mapping, else the named ones."""
    fields = {name: value for name, value in named.items() if name != "account_id"}
    order = next((value for value in (*given, *fields.values()) if isinstance(value, Mapping)), None)
    if order is None:
        order = given[0] if given else fields.get("order", fields)
    account = named.get("account_id", order.get("account_id") if isinstance(order, Mapping) else None)
    return order, account


def _order_id(given: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    return str(named.get("order_id", named.get("id", given[0] if given else "")))


def _requested(
    raw: Any, name: str, by: Sends, given: tuple[Any, ...], named: Mapping[str, Any], method: str = ""
) -> Any:
    """A request through the agent's own client: reads and what is no order go on, orders go to the desk."""
    asked = request_of(given, named, method)
    if asked.method in READS or asked.harmless:
        return getattr(raw, name)(*given, **named)
    if asked.kind not in ANSWERS:
        return refused(f"{asked.method} {asked.path}", "it is no order that can be understood")
    ours(by, asked.account, asked.base)
    if asked.previews:
        told = preview(by, asked.form)
    elif asked.kind == "submit":
        told = booked(submit(by, asked.form))
    elif asked.kind == "modify":
        told = modify(by, asked.order_id, asked.form)
    else:
        told = cancel(by, asked.order_id)
    return answer(told) if isinstance(raw, Session) else told
