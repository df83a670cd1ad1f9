"""Is every host told for what it is, and what is intended never guessed towards live money?"""

import pytest
from supervisor.concerns.facts import Place
from supervisor.errors import ConfigError
from supervisor.tradier.endpoints import base_url_for, endpoint, intended_place, may_send, parse_base

LIVE, SANDBOX, LOOPBACK, UNLISTED = Place.LIVE, Place.SANDBOX, Place.LOOPBACK, Place.UNLISTED


@pytest.mark.parametrize(("url", "place"), [
    ("https://api.tradier.com",                   LIVE),
    ("https://api.tradier.com/",                  LIVE),
    ("https://api.tradier.com/v1",                LIVE),
    ("https://api.tradier.com/v1/",               LIVE),
    ("https://API.Tradier.COM/v1",                LIVE),
    ("https://api.tradier.com:443/v1",            LIVE),
    (" https://api.tradier.com/v1\n",             LIVE),
    ("https://sandbox.tradier.com",               SANDBOX),
    ("http://127.0.0.1:8080",                     LOOPBACK),
    ("http://127.9.8.7:8080/v1/",                 LOOPBACK),
    ("https://127.0.0.1:8443",                    LOOPBACK),
    ("http://[::1]:8080",                         LOOPBACK),
    ("http://localhost:8080/v1",                  LOOPBACK),
    ("http://api.tradier.com/v1",                 UNLISTED),
    ("http://sandbox.tradier.com",                UNLISTED),
    ("https://api.tradier.com:8443",              UNLISTED),
    ("https://api.tradier.com./v1",               UNLISTED),
    ("https://api.tradier.com.evil.com/v1",       UNLISTED),
    ("https://api.tradier.com@evil.com/v1",       UNLISTED),
    ("https://me:pw@api.tradier.com/v1",          UNLISTED),
    ("http://me@127.0.0.1:80",                    UNLISTED),
    ("https://evil.com/api.tradier.com/v1",       UNLISTED),
    ("https://evil.com\\@api.tradier.com",        UNLISTED),
    ("https://api.tradier.com\\.evil.com",        UNLISTED),
    ("https://api.tradier.com/v2",                UNLISTED),
    ("https://api.tradier.com/v1?x=1",            UNLISTED),
    ("https://api.tradier.com/v1#x",              UNLISTED),
    ("https://stream.tradier.com/v1",             UNLISTED),
    ("https://api-tradier.com",                   UNLISTED),
    ("https://xapi.tradier.com",                  UNLISTED),
    ("https://api.trad\u0131er.com",              UNLISTED),
    ("http://127.1:80",                           UNLISTED),
    ("http://0x7f000001",                         UNLISTED),
    ("http://2130706433",                         UNLISTED),
    ("http://127.0.0.1.evil.com",                 UNLISTED),
    ("http://localhost.evil.com",                 UNLISTED),
    ("http://[::ffff:127.0.0.1]:80",              UNLISTED),
    ("http://0.0.0.0:80",                         UNLISTED),
    ("http://192.168.0.1",                        UNLISTED),
])  # fmt: skip
def test_a_url_leads_where_it_leads(url: str, place: Place) -> None:
    assert parse_base(url).place is place


@pytest.mark.parametrize(
    "url", ["", "api.tradier.com", "ftp://api.tradier.com", "https://", "https://[::1", "http://a:x"]
)
def test_what_is_no_url_is_refused_with_what_would_be_right(url: str) -> None:
    with pytest.raises(ConfigError, match=r"https://sandbox\.tradier\.com/v1"):
        parse_base(url)


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1//"])
def test_the_url_used_always_ends_in_its_version(ending: str) -> None:
    assert parse_base("https://api.tradier.com" + ending).url == "https://api.tradier.com/v1"
    assert parse_base("http://[::1]:80" + ending).url == "http://[::1]:80/v1"
    assert parse_base("http://127.0.0.1:8080/proxy" + ending).url == "http://127.0.0.1:8080/proxy/v1"


def test_the_host_shown_holds_no_userinfo() -> None:
    base = parse_base("https://me:s3cret@api.tradier.com/v1")
    assert base.host == "api.tradier.com"
    assert "s3cret" not in repr(base)


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", "On", " y "])
def test_yes_means_the_sandbox_whatever_the_adapter_says(word: str) -> None:
    assert intended_place(word, adapter_sandbox=False) is SANDBOX


@pytest.mark.parametrize("word", ["false", "FALSE", "0", "no", "Off", "n"])
def test_no_means_live_whatever_the_adapter_says(word: str) -> None:
    assert intended_place(word, adapter_sandbox=True) is LIVE


def test_unset_means_what_the_adapter_says_and_else_the_sandbox() -> None:
    assert intended_place(None, adapter_sandbox=False) is LIVE
    assert intended_place(None, adapter_sandbox=True) is SANDBOX
    assert intended_place(None) is SANDBOX


@pytest.mark.parametrize("word", ["", " ", "live", "sandbox", "2", "nope", "none", "null"])
def test_any_other_word_is_refused_with_what_would_be_right(word: str) -> None:
    with pytest.raises(ConfigError, match=r"true .* false .* unset"):
        intended_place(word)


def test_a_key_pasted_in_the_wrong_place_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as told:
        intended_place("tok-Zq81secretsecret")
    assert "secret" not in str(told.value)


def test_only_the_intended_place_and_loopback_are_sent_to() -> None:
    urls = {
        LIVE: base_url_for(LIVE),
        SANDBOX: base_url_for(SANDBOX),
        LOOPBACK: "http://127.0.0.1:1",
        UNLISTED: "https://x.com",
    }
    sent_to = {
        (intended, used)
        for intended in (LIVE, SANDBOX)
        for used, url in urls.items()
        if may_send(endpoint(url, intended))
    }
    assert sent_to == {(LIVE, LIVE), (SANDBOX, SANDBOX), (LIVE, LOOPBACK), (SANDBOX, LOOPBACK)}
    assert not may_send(endpoint("https://x.com", UNLISTED))


@pytest.mark.parametrize("place", [LOOPBACK, UNLISTED])
def test_there_is_no_url_for_a_place_without_a_host(place: Place) -> None:
    with pytest.raises(ConfigError):
        base_url_for(place)
