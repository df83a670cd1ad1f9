"""Does a round come back from its JSON exactly as it was, and is nothing else taken for one?"""

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.concerns.facts import Account, Balances, Command, Endpoint, Profile, Record
from supervisor.core.reading import Failure, Kind, Reading, Round
from supervisor.errors import JournalError
from supervisor.journal import decode, decode_round, encode, encode_round, register
from supervisor.journal.chain import Entry, canonical, masked, suspicious
from supervisor.journal.codec import decode_round_text
from supervisor.journal.query import entries
from supervisor.journal.store import Journal

WORDS = st.text(max_size=12).map(masked)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False)
BASE: dict[type, st.SearchStrategy[Any]] = {str: WORDS, float: FLOATS, Decimal: DECIMALS}


def records(kind: Any) -> st.SearchStrategy[Any]:
    """Records of that kind, each field drawn by its annotation."""
    fields = {}
    for name, annotation in get_type_hints(kind).items():
        strategy = BASE.get(annotation)
        if strategy is None:
            optional = get_args(annotation)
            inner = BASE.get(optional[0]) if len(optional) == 2 and optional[1] is type(None) else None
            strategy = st.none() | inner if inner is not None else st.from_type(annotation)
        fields[name] = strategy
    return st.builds(kind, **fields)


PROFILES = st.lists(records(Account), max_size=3).map(lambda accounts: Profile(tuple(accounts)))
VALUES = st.one_of(PROFILES, *(records(kind) for kind in (Balances, Endpoint, Command, Record)), WORDS, st.integers())
OUTCOMES = st.tuples(VALUES, st.none()) | st.tuples(st.none(), records(Failure))


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    sources = draw(st.lists(WORDS, max_size=4, unique=True))
    optional = st.none() | FLOATS
    return Round.of(
        *(
            Reading(source, draw(FLOATS), draw(FLOATS), value, failure, draw(optional), draw(optional))
            for source in sources
            for value, failure in [draw(OUTCOMES)]
        )
    )


@given(rounds())
def test_a_round_comes_back_from_its_stored_text_exactly_as_it_was(told: Round) -> None:
    back = decode_round(json.loads(canonical(encode_round(told))))
    assert back == told
    assert repr(back) == repr(told)  # tells 1.0 from 1.00 and -0.0 from 0.0, which are equal


def sample() -> dict[str, Any]:
    return encode_round(
        Round.of(
            Reading("profile", 1.5, 0.2, Profile((Account("****5678", True, "active", 2),))),
            Reading("balances", 1.5, 0.2, Balances("cash", Decimal("1.10"), Decimal("0E-8"), Decimal(0))),
            Reading("clock", 1.5, 0.2, failure=Failure(Kind.TIMEOUT, "no answer")),
        )
    )


def test_what_is_none_is_left_out_and_what_is_a_default_is_not() -> None:
    assert sample()["readings"][2] == {
        "source": "clock",
        "at": 1.5,
        "took": 0.2,
        "failure": {"kind": "timeout", "words": "no answer", "retry": "after_a_time"},
    }
    assert sample()["readings"][1]["value"]["Balances"]["option_power"] == "0E-8"


def test_what_is_encoded_is_plain_json_already_and_decodes_as_it_is() -> None:
    body = sample()
    assert repr(body) == repr(json.loads(json.dumps(body)))
    assert encode_round(decode_round(body)) == body


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to everything in a JSON-able tree."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(way for key, value in inside for way in leaves(value, (*path, key)))]


def replaced(path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    tree = deepcopy(sample())
    inner: Any = tree
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return tree


def decoded(body: Any) -> Round | str:
    try:
        return decode_round(body, 17)
    except JournalError as error:
        return str(error)


WRONG: tuple[Any, ...] = ("", {}, [], {"a": 1}, True, 7, None, "nonsense")


@pytest.mark.parametrize("path", leaves(sample()), ids=str)
def test_whatever_replaces_a_field_is_an_error_that_names_the_entry_or_kept_as_it_is(
    path: tuple[str | int, ...],
) -> None:
    for wrong in WRONG:
        body = replaced(path, wrong)
        back = decoded(body)
        if isinstance(back, str):
            assert back.startswith("Entry 17 of the journal cannot be decoded: ")
        else:
            assert wrong is None or encode_round(back) == body


@pytest.mark.parametrize(
    "path, wrong",
    [
        (("readings", 0, "value", "Profile", "accounts"), {}),
        (("readings", 0, "value", "Profile", "accounts"), ""),
        (("readings", 0, "value", "Profile", "accounts", 0, "ours"), 1),
        (("readings", 0, "value"), {"Prophet": {}}),
        (("readings", 0, "value"), {"Profile": {"accounts": []}, "Record": {}}),
        (("readings", 0, "value"), None),
        (("readings", 0, "surplus"), 1),
        (("readings", 0, "value", "Profile", "surplus"), 1),
        (("readings", 2, "failure", "surplus"), None),
        (("readings", 0, "source"), "clock"),
        (("readings", 1, "value", "Balances", "calls"), 0),
        (("readings", 1, "value", "Balances", "calls"), "nothing"),
        (("readings", 1, "failure"), {"kind": "timeout", "words": ""}),
        (("readings", 2, "failure", "kind"), "shyness"),
        (("readings", 2, "at"), "1.5"),
        (("readings", 2, "at"), True),
    ],
)
def test_a_malformed_body_is_an_error_that_names_the_entry(path: tuple[str | int, ...], wrong: Any) -> None:
    with pytest.raises(JournalError, match="Entry 9 of the journal cannot be decoded"):
        decode_round(replaced(path, wrong), 9)


def test_a_round_must_keep_each_reading_under_its_source() -> None:
    with pytest.raises(JournalError, match="under its own source"):
        encode_round(Round({"profile": Reading("balances", 1.0, 0.1, "x")}))


def test_no_token_and_no_account_number_of_a_round_is_kept(tmp_path: Path) -> None:
    words = "401 for VA12345678 with Bearer abcdefgh12345678, own number 99887766, own token tok-en-tok"
    told = Round.of(Reading("profile", 1.0, 0.1, failure=Failure(Kind.CREDENTIALS, words)))
    with Journal.open(
        tmp_path / "journal.db", account="99887766", environment="sandbox", secrets=["tok-en-tok"]
    ) as journal:
        journal.append([Entry(1, 1.0, "round", None, encode_round(told))])
        (kept,) = entries(journal)
    text = json.dumps(kept.body)
    for secret in ("VA12345678", "abcdefgh12345678", "99887766", "tok-en-tok"):
        assert secret not in text
    assert "****5678" in text


@attrs.frozen
class Position:
    symbol: str
    quantity: Decimal
    legs: tuple[str, Decimal]


def test_a_later_part_registers_its_own_record_once_and_for_ever() -> None:
    with pytest.raises(JournalError, match="A Position cannot be journalled: register it"):
        encode(Position("SPY", Decimal(1), ("a", Decimal(2))))
    register("Position", Position)
    register("Position", Position)
    position = Position("SPY", Decimal("1.0"), ("a", Decimal("2.50")))
    assert decode(json.loads(json.dumps(encode(position)))) == position
    with pytest.raises(JournalError, match="already registered"):
        register("Position", Profile)
    with pytest.raises(JournalError, match="already registered"):
        register("Place", Position)
    with pytest.raises(JournalError, match="The body cannot be decoded"):
        decode({"Position": {"symbol": "SPY", "quantity": "1", "legs": ["a"]}})


# ---------------------------------------------------------------- a round read from its text


def told(value: object, **more: object) -> dict[str, object]:
    return {"source": "profile", "at": 1.5, "took": 0.25, "value": value, **more}


ODD: list[object] = [
    {}, {"readings": []}, {"readings": {}}, {"readings": [7]}, {"readings": [{"at": 1.5}]},
    {"readings": [told({"str": 'a "},{"at":1.5 }]} b'})]}, {"readings": [told({"str": "é\n\\"})]},
    {"readings": [told({"str": ""}), told({"str": ""})]}, {"readings": [told({"str": 5})]}, {"readings": [told(None)]},
    {"readings": [told({"nonesuch": 5})]}, {"readings": [told({"float": 1}, at=3)]}, {"readings": [told({"int": 1}, took="1")]},
    {"readings": [told({"float": 1.0}, skew=-1e-9, quota_left=0.5)]}, {"readings": [told({"float": 1.0}, skew=None)]},
    {"readings": [told({"float": 1.0}, at=1e300)]}, {"readings": [told({"float": 1.0}, zzz=1)]},
    {"readings": [told({"str": "x"}, source="extra:disk")]}, {"readings": [told({"Decimal": "1.10"})], "more": 1},
    {"readings": [told({"Endpoint": {"intended": "sandbox", "used": "sandbox", "host": "h"}}), {"at": 1.5, "source": "x"}]},
]  # fmt: skip


def of_body(text: str) -> Round:
    return decode_round(json.loads(text), 1)


def outcome(read: Callable[[], object]) -> object:
    try:
        return read()
    except (JournalError, ValueError):
        return JournalError


@pytest.mark.parametrize("body", ODD, ids=repr)
def test_a_round_read_from_its_text_is_what_its_body_says_or_as_wrong(body: object) -> None:
    text = canonical(body)
    expected = outcome(partial(of_body, text))
    for _ in range(2):  # the second time what was remembered
        assert outcome(partial(decode_round_text, text, 1)) == expected
    for cut in range(len(text)):
        assert outcome(partial(decode_round_text, text[:cut], 1)) is JournalError


@pytest.mark.parametrize("path", leaves(sample()), ids=str)
def test_whatever_replaces_a_field_is_as_right_or_as_wrong_in_a_text(path: tuple[str | int, ...]) -> None:
    for wrong in (*WRONG, "1.10", 0.5, 10**400, "\ud800", ["1.10"], {"Balances": {}}):
        text = canonical(replaced(path, wrong))
        expected = outcome(partial(of_body, text))
        for _ in range(2):
            assert repr(outcome(partial(decode_round_text, text, 1))) == repr(expected), wrong


@pytest.mark.parametrize(
    "money",
    [
        '{"calls":0,"equity_power":"1.10","kind":"cash","option_power":"1"}',
        '{"calls":"0","equity_power":"1.10","kind":"cash","option_power":"1","surplus":"1"}',
        '{"calls":"0","calls":"7","equity_power":"1.10","kind":"cash","option_power":"1"}',
        '{"calls":"0","equity_power":"1.10","kind":7,"option_power":"1"}',
        '{"calls":"0","equity_power":"1.10","kind":"cash","option_power":null}',
        '{"calls":"0","equity_power":"1.10","kind":"cash","option_power":"1","unsettled":null}',
        '{"calls":"0","equity_power":"1.10","kind":"cash"}',
        '{"calls":"NaN","equity_power":"1e5","kind":"c\\u00e4sh\\"","option_power":"1_0"}',
        '{"calls":"0","equity_power":"1.10","kind":"cash","option_power":"1"},"Balances":{}',
        '{"calls":"0","equity_power":"1.10","kind":"cash","option_power":"1"},"Record":{"keeping":"written"}',
        ' {"calls" : "0","equity_power":"-0.00","kind":"cash","option_power":"1"} ',
        "[]",
    ],
)
def test_money_read_from_its_text_is_what_its_body_says_or_as_wrong(money: str) -> None:
    text = '{"readings":[{"at":1.5,"source":"balances","took":0.25,"value":{"Balances":MONEY}}]}'.replace(
        "MONEY", money
    )
    expected = outcome(partial(of_body, text))
    for _ in range(2):
        assert repr(outcome(partial(decode_round_text, text, 1))) == repr(expected)


@given(rounds())
def test_any_round_comes_back_from_its_text(round_: Round) -> None:
    text = canonical(encode_round(round_))
    assert repr(decode_round_text(text)) == repr(decode_round(json.loads(text)))


def test_a_number_that_only_looks_like_one_is_no_number() -> None:
    text = canonical({"readings": [told({"str": "x"})]})
    for number in ("01.5", "1.5.2", ".5", "1.", "+1.5", "1_0.5", "NaN", "-Infinity", "\u0661.5"):
        broken = text.replace('"at":1.5', f'"at":{number}')
        assert broken != text
        expected = outcome(partial(of_body, broken))
        assert repr(outcome(partial(decode_round_text, broken, 1))) == repr(expected), number


# ---------------------------------------------------------------- masking


def test_an_ordinary_round_is_not_searched_for_secrets_and_any_that_may_hold_one_is() -> None:
    ordinary = canonical({"readings": [told({"Decimal": "5.10"})], "why": "available, invalid, value"})
    assert not suspicious(ordinary, ("some-token",), ("VA12345678",))
    for text in ("of VA12345678", "6YA12345", "Bearer abcdef123", "BASIC abcdef123", "a some-token b"):
        assert suspicious(canonical({"x": [text]}), ("some-token",), ("VA12345678",))


@given(st.recursive(st.text() | st.sampled_from(["VA1234", "bearer abcdef", "6YAABC"]), st.lists, max_leaves=4))
def test_what_is_not_suspicious_has_nothing_to_mask(tree: object) -> None:
    if not suspicious(canonical(tree), ("s3cret-token",), ("VA12345678",)):
        assert masked(tree, ("s3cret-token",), ("VA12345678",)) == tree
