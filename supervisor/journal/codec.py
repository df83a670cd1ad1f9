"""How does a round of readings become JSON, and come back exactly as it was?

Decimals travel as text, floats by their repr, enums by their value; a reading's value is one object with one key, the
name of its type. Decoding is strict: a field too many, one missing or one of another type is an error, never a guess.
"""

import json
import marshal
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import partial
from operator import attrgetter, eq
from typing import Any, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError, StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from supervisor.concerns.facts import Balances, Command, Endpoint, Profile, Record
from supervisor.concerns.order_facts import Holdings, OrderFlow
from supervisor.core.reading import Reading, Round
from supervisor.errors import JournalError
from supervisor.journal.chain import canonical, masked, suspicious

_MALFORMED = (
    ArithmeticError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    ForbiddenExtraKeysError,
    StructureHandlerNotFoundError,
)
_TYPES: dict[str, type] = {}
_TAGS: dict[type, str] = {}
_SEEN: dict[bytes, Any] = {}
_VALUES: dict[str, Any] = {}
_SAME: dict[str, Reading] = {}
"""Readings by all that their text says but the instant: what we say of ourselves is nearly always the same."""
_REMEMBERED = 512
_SCAN = json.JSONDecoder().raw_decode
_OPENING, _BETWEEN, _CLOSING = '{"readings":[{"at":', '},{"at":', "}]}"
_UNMEASURED = ',"source":'
"""What follows an instant at once where the reading says nothing of a broker's clock or quota: mostly our own."""
_NUMBER = r"(-?(?:0|[1-9]\d*)\.\d+(?:e[+-]\d+)?)"
_FLOAT = re.compile(_NUMBER).fullmatch
_GOOD = re.compile(
    _NUMBER + rf',(?:"quota_left":{_NUMBER},)?(?:"skew":{_NUMBER},)?"source":"([a-z_]+)","took":{_NUMBER},"value":',
    re.ASCII,
)
"""A good reading in canonical text, without its first key and up to its value."""


def forget() -> None:
    """Drops the values that are remembered because most readings say what the last ones said: some hundreds at most."""
    for memory in (_SEEN, _VALUES, _SAME):
        memory.clear()


def register(tag: str, kind: type) -> None:
    """Values of `kind` (an attrs record or a plain type) may be journalled from now on, under that tag, for ever.

    JournalError when the tag or the type is already taken by another: old journals must keep their meaning. A mapping
    inside comes back in the order of its keys: use a tuple where order means something.
    """
    if _TYPES.get(tag, kind) is not kind or _TAGS.get(kind, tag) != tag:
        raise JournalError(f"The tag {tag!r} cannot stand for {kind.__name__}: one of the two is already registered")
    _TYPES[tag] = kind
    _TAGS[kind] = tag


def encode(value: Any) -> dict[str, Any]:
    """A registered value as `{tag: its fields}`. Not masked yet: `encode_round` and `Journal.append` do that."""
    tag = _TAGS.get(type(value))
    if tag is None:
        raise JournalError(f"A {type(value).__name__} cannot be journalled: register it with a tag first")
    return {tag: _CONVERTER.unstructure(value, unstructure_as=type(value))}


def decode(body: Any, entry: int | None = None) -> Any:
    """The value that `encode` was given. JournalError, naming the entry, for an unknown tag or a malformed body."""
    return _reported(_decode, body, entry)


def encode_round(round_: Round, *, secrets: Iterable[str] = (), accounts: Iterable[str] = ()) -> dict[str, Any]:
    """A round as the body of its entry, every string of it masked. A list, since sorted keys would lose the order."""
    body, keep_out = bare_round(round_), (tuple(secrets), tuple(accounts))
    return dict(masked(body, *keep_out)) if suspicious(canonical(body), *keep_out) else body


def bare_round(round_: Round) -> dict[str, Any]:
    """As `encode_round`, not masked yet: for `Journal.append`, which masks whatever it keeps."""
    if any(source != reading.source for source, reading in round_.readings.items()):
        raise JournalError("A round keeps each reading under its own source, or it cannot be journalled")
    return {"readings": [_CONVERTER.unstructure(reading) for reading in round_.readings.values()]}


def decode_round(body: Any, entry: int | None = None) -> Round:
    """The round that was encoded. JournalError, naming the entry, for an unknown tag or a malformed body."""
    found: Round = _reported(_decode_round, body, entry)
    return found


def decode_round_text(text: str, entry: int | None = None) -> Round:
    """As `decode_round`, from the body's canonical text; what says what the last ones said is not read letter by letter.

    In canonical text a quote within a string stands behind a backslash, so what is split at here is never in a string.
    Whatever does not look exactly like a round of good readings is decoded as any other body.
    """
    if text.startswith(_OPENING) and text.endswith(_CLOSING):
        parts = text[len(_OPENING) : -len(_CLOSING)].split(_BETWEEN)
        readings = {}
        for part in parts:
            reading = _good(part)
            if reading is None:
                break
            readings[reading.source] = reading
        else:
            if len(readings) == len(parts):
                return Round(readings)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise JournalError(f"Entry {entry} of the journal cannot be read: its body is not JSON ({why})") from None
    return decode_round(body, entry)


def _good(part: str) -> Reading | None:
    """The good reading in that canonical text, which begins with its instant; None where it does not look like one."""
    comma = part.find(",")
    ours = part.startswith(_UNMEASURED, comma)
    if ours:
        same = _SAME.get(part[comma:])
        if same is not None and _FLOAT(part, 0, comma):
            return Reading(same.source, float(part[:comma]), same.took, same.value)
    found = _GOOD.match(part)
    if found is None:
        return None
    at, left, skew, source, took = found.groups()
    said = part[found.end() :]
    value = _VALUES.get(said)
    if value is None and (value := _value_of(said)) is None:
        return None
    reading = Reading(
        source,
        float(at),
        float(took),
        value,
        None,
        None if skew is None else float(skew),
        None if left is None else float(left),
    )
    if ours:
        _remember(_SAME, part[comma:], reading)
    return reading


def _remember(memory: dict[Any, Any], key: Any, found: Any) -> None:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = found


def _value_of(text: str) -> Any:
    """The value in that text, remembered; None where it is not one."""
    try:
        body, end = _SCAN(text)
        value = _decode(body) if end == len(text) else None
    except (*_MALFORMED, JournalError, RecursionError):
        return None
    if value is not None:
        _remember(_VALUES, text, value)
    return value


def _reported(decoder: Callable[[Any], Any], body: Any, entry: int | None) -> Any:
    try:
        return decoder(body)
    except _MALFORMED as error:
        name = "The body" if entry is None else f"Entry {entry} of the journal"
        words = f"{type(error).__name__}: {error}" if not isinstance(error, JournalError) else str(error)
        raise JournalError(f"{name} cannot be decoded: {words}") from None


def _recalled(body: Any) -> Any:
    """As `_decode`, remembering: most readings say what the last ones said. These bytes tell a tree's types too."""
    key = marshal.dumps(body, 2)
    found = _SEEN.get(key)
    if found is None:
        found = _decode(body)
        _remember(_SEEN, key, found)
    return found


def _decode(body: Any) -> Any:
    if not isinstance(body, dict) or len(body) != 1:
        raise TypeError("a value is an object with one key, its tag")
    ((tag, fields),) = body.items()
    if tag not in _TYPES:
        raise ValueError(f"the tag {tag!r} is not known to this version")
    return _CONVERTER.get_structure_hook(_TYPES[tag])(fields, _TYPES[tag])


def _decode_round(body: Any) -> Round:
    if not isinstance(body, dict) or body.keys() != {"readings"} or not isinstance(body["readings"], list):
        raise TypeError("a round is an object with a list of readings")
    readings: dict[str, Reading] = {}
    for fields in body["readings"]:
        reading = _reading(fields)
        if (reading.value is None) == (reading.failure is None):
            raise ValueError(f"the reading {reading.source!r} has both a value and a failure, or neither")
        readings[reading.source] = reading
    round_ = Round(readings)
    if len(readings) != len(body["readings"]):
        raise ValueError("two readings have the same source")
    return round_


def _reading(told: Any) -> Reading:
    """A reading. That of a good one is written out, since a year of them is decoded for every replay."""
    if type(told) is not dict or "failure" in told or told.get("value") is None:
        found: Reading = _CONVERTER.structure(told, Reading)
        return found
    source, at, took = told["source"], told["at"], told["took"]
    skew, left = told.get("skew"), told.get("quota_left")
    if len(told) != 4 + ("skew" in told) + ("quota_left" in told):
        raise ValueError(f"a reading says {', '.join(sorted(told))}")
    if type(source) is not str:
        raise TypeError(f"{source!r} is not str")
    return Reading(
        source,
        at if type(at) is float else _float(at, float),
        took if type(took) is float else _float(took, float),
        _recalled(told["value"]),
        None,
        skew if skew is None or type(skew) is float else _float(skew, float),
        left if left is None or type(left) is float else _float(left, float),
    )


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    """Takes that type and no other: not "1" for 1, not True for 1. Enums of that type take their values only."""

    def structure(value: Any, asked: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value if asked is kind else asked(value)

    return structure


def _float(value: Any, _: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is not int:
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def _decimal(value: Any, _: Any) -> Decimal:
    if type(value) is not str:
        raise TypeError(f"{value!r} is not a decimal in quotes")
    return Decimal(value)


def _tuple(value: Any, kind: Any) -> tuple[Any, ...]:
    """A list, and nothing else that can be walked: "" and {} are not empty tuples."""
    if type(value) is not list:
        raise TypeError(f"{value!r} is not a list")
    kinds = get_args(kind)
    if kinds[-1] is Ellipsis:
        return tuple(_CONVERTER.structure(item, kinds[0]) for item in value)
    return tuple(_CONVERTER.structure(item, its) for item, its in zip(value, kinds, strict=True))


def _or_none(hook: Callable[[Any, Any], Any], kind: type) -> Callable[[Any, Any], Any]:
    """As `hook` for that type, and None stays None: cattrs' own way there takes as long as all else of a record."""

    def structure(value: Any, _: Any) -> Any:
        return None if value is None else hook(value, kind)

    return structure


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


_STRICT: Mapping[type, Callable[[Any, Any], Any]] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    float: _float,
    Decimal: _decimal,
}


def _without_nones(kind: type, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """Unstructures records of that kind; a field that is None by default and by value is left out."""
    fields: dict[str, Any] = {
        field.name: override(omit_if_default=True) for field in attrs.fields(kind) if field.default is None
    }
    if kind is Reading:
        fields["value"] = override(unstruct_hook=encode, omit_if_default=True)
    return make_dict_unstructure_fn(kind, converter, **fields)


def _converter() -> Converter:
    converter = Converter(detailed_validation=False, forbid_extra_keys=True)
    for kind, hook in _STRICT.items():
        converter.register_structure_hook(kind, hook)
        converter.register_structure_hook_func(partial(eq, kind | None), _or_none(hook, kind))
    converter.register_structure_hook_func(_is_tuple, _tuple)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(StrEnum, attrgetter("value"))
    converter.register_unstructure_hook_factory(attrs.has, _without_nones)
    return converter


_CONVERTER = _converter()
_CONVERTER.register_structure_hook(
    Reading,
    make_dict_structure_fn(
        Reading,
        _CONVERTER,
        value=override(struct_hook=lambda body, _: _recalled(body)),
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=False,
    ),
)
_PLAIN: Mapping[str, type] = {kind.__name__: kind for kind in (str, int, float, bool, Decimal)}
_FACTS: Mapping[str, type] = {
    kind.__name__: kind for kind in (Profile, Balances, Endpoint, Command, Record, Holdings, OrderFlow)
}
for _tag, _kind in (*_PLAIN.items(), *_FACTS.items()):
    register(_tag, _kind)
