"""How does a round of readings become JSON, and come back exactly as it was?

Decimals travel as text, floats by their repr, enums by their value; a reading's value is one object with one key, the
name of its type. Decoding is strict: a field too many, one missing or one of another type is an error, never a guess.
"""

import json
import marshal
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import partial
from operator import attrgetter, eq
from typing import Any, get_args, get_origin

import attrs
import msgspec
from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError, StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from supervisor.concerns.facts import Balances, Command, Endpoint, Profile, Record
from supervisor.concerns.order_facts import Holdings, OrderFlow
from supervisor.core.reading import Reading, Round
from supervisor.errors import JournalError

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
_VALUES: dict[bytes, Any] = {}
_REMEMBERED = 512


class _Told(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A good reading as its text has it. Its value stays text here: most say what the last ones said."""

    source: str
    at: float
    took: float
    value: msgspec.Raw
    skew: float | None = None
    quota_left: float | None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    readings: list[_Told]


def _in_texts(kind: type) -> Any:
    """A record with the fields of `kind`, each of them a text."""
    fields = [(f.name, str) if f.default is attrs.NOTHING else (f.name, str | None, None) for f in attrs.fields(kind)]
    return msgspec.defstruct(kind.__name__, fields, forbid_unknown_fields=True)


_BODY = msgspec.json.Decoder(_Body)
_MONEY = msgspec.json.Decoder(dict[str, Balances])
"""Money is new in nearly every round."""
_IN_TEXTS = msgspec.json.Decoder(dict[str, _in_texts(Balances)])  # type: ignore[misc]
"""It refuses what `_MONEY` would pass over (a field too many) or take for a decimal (a number)."""


def forget() -> None:
    """Drops the values that are remembered because most readings say what the last ones said: some hundreds at most."""
    for memory in (_SEEN, _VALUES):
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
    """A registered value as `{tag: its fields}`. Not masked yet: `Journal.append` does that."""
    tag = _TAGS.get(type(value))
    if tag is None:
        raise JournalError(f"A {type(value).__name__} cannot be journalled: register it with a tag first")
    return {tag: _CONVERTER.unstructure(value, unstructure_as=type(value))}


def decode(body: Any, entry: int | None = None) -> Any:
    """The value that `encode` was given. JournalError, naming the entry, for an unknown tag or a malformed body."""
    return _reported(_decode, body, entry)


def encode_round(round_: Round) -> dict[str, Any]:
    """A round as the body of its entry, not masked yet. A list, since sorted keys would lose the order."""
    if any(source != reading.source for source, reading in round_.readings.items()):
        raise JournalError("A round keeps each reading under its own source, or it cannot be journalled")
    return {"readings": [_CONVERTER.unstructure(reading) for reading in round_.readings.values()]}


def decode_round(body: Any, entry: int | None = None) -> Round:
    """The round that was encoded. JournalError, naming the entry, for an unknown tag or a malformed body."""
    found: Round = _reported(_decode_round, body, entry)
    return found


def decode_round_text(text: str, entry: int | None = None) -> Round:
    """As `decode_round`, from the body's text, several times faster where all its readings are good ones.

    Whatever else it says, and whatever is wrong with it, is for `decode_round`.
    """
    readings: dict[str, Reading] = {}
    try:
        told = _BODY.decode(text).readings
        for reading in told:
            source, said = reading.source, bytes(reading.value)
            value = _VALUES.get(said)
            if value is None:
                value = _value_of(said)
            readings[source] = Reading(source, reading.at, reading.took, value, None, reading.skew, reading.quota_left)
        if len(readings) == len(told):
            return Round(readings)
    except (*_MALFORMED, msgspec.MsgspecError, RecursionError):
        pass
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as why:
        raise JournalError(f"Entry {entry} of the journal cannot be read: its body is not JSON ({why})") from None
    return decode_round(body, entry)


def _value_of(said: bytes) -> Any:
    """The value in that text, from now on remembered. It raises where there is none."""
    if said.startswith(b'{"Balances":'):
        _IN_TEXTS.decode(said)
        (value,) = _MONEY.decode(said).values()
    else:
        value = _decode(json.loads(said))
    _remember(_VALUES, said, value)
    return value


def _remember(memory: dict[Any, Any], key: Any, found: Any) -> None:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = found


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
        reading = _CONVERTER.structure(fields, Reading)
        if (reading.value is None) == (reading.failure is None):
            raise ValueError(f"the reading {reading.source!r} has both a value and a failure, or neither")
        readings[reading.source] = reading
    round_ = Round(readings)
    if len(readings) != len(body["readings"]):
        raise ValueError("two readings have the same source")
    return round_


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
