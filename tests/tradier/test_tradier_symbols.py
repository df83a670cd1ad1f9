"""Is every spelling that means one thing turned into Tradier's, and nothing else?"""

from datetime import date

import pytest
from supervisor.tradier.symbols import expired, option_root, parse_option, tradier_symbol


@pytest.mark.parametrize(("text", "spelled"), [
    ("AAPL220617C00270000",    "AAPL220617C00270000"),
    ("AAPL  220617C00270000",  "AAPL220617C00270000"),
    (" aapl220617c00270000 ",  "AAPL220617C00270000"),
    ("AAPL1 220617P00002500",  "AAPL1220617P00002500"),
    ("SPXW  261218C04500000",  "SPXW261218C04500000"),
    ("F     261218C00012500",  "F261218C00012500"),
    ("BRK.B",                  "BRK/B"),
    ("brk b",                  "BRK/B"),
    ("BRK/B",                  "BRK/B"),
    ("BRK-B",                  "BRK-B"),
    (" msft ",                 "MSFT"),
    ("BRK.BB",                 "BRK.BB"),
])  # fmt: skip
def test_a_symbol_is_spelled_as_tradier_does(text: str, spelled: str) -> None:
    assert tradier_symbol(text) == spelled


@pytest.mark.parametrize(
    "text",
    [
        "AAPL220231C00270000",
        "AAPL221317C00270000",
        "AAPL220617X00270000",
        "AAPL220617C00000000",
        "AAPL220617C0027000",
        "AAPLXYZ220617C00270000",
        "220617C00270000",
        "123220617C00270000",
        ".AAPL220617C270",
        "",
    ],
)
def test_what_is_no_whole_option_is_none(text: str) -> None:
    assert parse_option(text) is None


def test_an_adjusted_root_keeps_its_digit() -> None:
    option = parse_option("AAPL1220617C00270000")
    assert option is not None
    assert option.root == "AAPL1"
    assert option.expires == date(2022, 6, 17)


def test_a_class_share_lists_its_options_without_the_slash() -> None:
    assert option_root("BRK/B") == option_root("BRK.B") == "BRKB"
    assert option_root("AAPL") == "AAPL"


def test_an_option_is_expired_from_the_day_after_its_last() -> None:
    assert not expired("AAPL220617C00270000", date(2022, 6, 17))
    assert expired("AAPL220617C00270000", date(2022, 6, 18))
    assert not expired("AAPL", date(2099, 1, 1))
