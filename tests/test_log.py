"""No secret and no account number gets out."""

import io
import json

import pytest
from supervisor import log
from supervisor.log import mask, mask_account

SECRET = "s3cr3t-token-value"

MASKED = [
    (f"token {SECRET} refused", "token [secret] refused"),
    ("Unauthorized Account: VA12345678", "Unauthorized Account: ****5678"),
    ("account 6YA12345 and VA00000000", "account ****2345 and ****0000"),
    ("Authorization: Bearer abcdef123456", "Authorization: Bearer [secret]"),
    ("aUtHoRiZaTiOn: BeArEr abcdef123456", "aUtHoRiZaTiOn: BeArEr [secret]"),
    ("BASIC dXNlcjpwYXNz", "BASIC [secret]"),
    ("SAVANNAH is a city", "SAVANNAH is a city"),
    ("nothing here", "nothing here"),
]


@pytest.mark.parametrize(("text", "told"), MASKED)
def test_a_text_is_masked(text: str, told: str) -> None:
    assert mask(text, (SECRET,), ("ABC",)) == told


def test_short_words_are_no_secrets() -> None:
    assert mask("buy the dip", ("buy",)) == "buy the dip"


def test_an_account_number_keeps_its_last_four() -> None:
    assert mask_account("VA12345678") == "****5678"
    assert mask_account("1234") == "****"


@pytest.mark.parametrize("as_json", [True, False])
def test_a_log_line_is_masked_and_in_its_form(as_json: bool) -> None:
    stream = io.StringIO()
    log.configure(as_json=as_json, stream=stream)
    log.info("move", concern="account", evidence="Unauthorized Account: VA12345678", issue=None)
    log.configure(as_json=False, level="critical")
    line = stream.getvalue()
    assert "VA12345678" not in line
    assert "****5678" in line
    if as_json:
        assert json.loads(line)["concern"] == "account"
