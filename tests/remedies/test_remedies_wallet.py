"""Who has the last word on a token, what is kept of it, and what becomes of one that comes too late?"""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from supervisor.errors import SupervisorError
from supervisor.remedies.tokens import FileTokenStore, Pair, Stored, token_in_file
from supervisor.remedies.wallet import Wallet

from remedies.test_remedies_tokens import GRANT, NEW, NEXT_REFRESH, REFRESH, REJECTED, oauth
from remedies.ward import FIRST_TOKEN, ward

OWNERS = "owners-token-Ll31"


class Refreshing:
    """Gives one new pair, after doing what may happen meanwhile."""

    def __init__(self, meanwhile: Callable[[], Any] = lambda: None) -> None:
        self.meanwhile = meanwhile
        self.asked: list[str] = []

    def secrets(self) -> tuple[str, ...]:
        return ("client-secret-99",)

    def refresh(self, pair: Pair, _: float) -> Pair:
        self.asked.append(pair.refresh)
        self.meanwhile()
        return Pair(NEW, NEXT_REFRESH, 2e9)


class Kept:
    """A store of the agent's own, in memory; it may refuse."""

    def __init__(self, stored: Stored | None = None) -> None:
        self.stored = stored
        self.full = False

    def load(self) -> Stored | None:
        return self.stored

    def save(self, stored: Stored) -> None:
        if self.full:
            raise SupervisorError("the token file pair.json can't be written: No space left on device")
        self.stored = stored


def wallet(first: list[str], refresher: Refreshing | None = None, store: Kept | None = None) -> Wallet:
    pair = Pair(first[0], REFRESH, 1e9)
    made: Any = refresher or Refreshing()
    return Wallet(lambda: first[0], refresher=made, store=store, pair=pair)


def always() -> bool:
    return True


def test_the_owner_who_puts_another_token_in_place_during_a_refresh_has_the_last_word() -> None:
    first = [FIRST_TOKEN]
    made = wallet(first, Refreshing(lambda: first.__setitem__(0, OWNERS)))
    came = made.refresh(1.0, always)
    assert (came.used, made.current()) == (False, OWNERS)
    assert "the owner put another token in place" in came.words
    assert made.can_refresh()
    assert not made.put_back()
    assert made.current() == OWNERS


def test_nothing_leads_back_from_the_owners_token_to_one_from_before() -> None:
    first = [FIRST_TOKEN]
    made = wallet(first)
    made.refresh(1.0, always)
    assert made.current() == NEW
    first[0] = OWNERS
    assert made.current() == OWNERS
    assert not made.put_back()
    assert (made.current(), made.expires_at()) == (OWNERS, None)


def test_a_token_that_comes_after_the_step_was_given_up_is_not_used_but_its_refresh_token_is_kept() -> None:
    store = Kept()
    made = wallet([FIRST_TOKEN], store=store)
    with pytest.raises(SupervisorError, match="too late"):
        made.refresh(1.0, lambda: False)
    assert (made.current(), made.expires_at()) == (FIRST_TOKEN, 1e9)
    assert store.stored is not None
    assert (store.stored.pair, store.stored.before) == (Pair(FIRST_TOKEN, NEXT_REFRESH, 1e9), None)
    store.full = True
    with pytest.raises(SupervisorError, match="too late"):
        made.refresh(1.0, lambda: False)


def test_a_pair_that_cannot_be_kept_is_used_all_the_same_and_says_what_a_person_must_do() -> None:
    store = Kept()
    store.full = True
    made = wallet([FIRST_TOKEN], store=store)
    came = made.refresh(1.0, always)
    assert (made.current(), came.used) == (NEW, True)
    assert came.finish.startswith("it is not kept for the next start: the token file pair.json can't be written")
    store.full = False
    made.keep()
    assert store.stored is not None
    assert store.stored.pair.access == NEW


def test_an_unwritable_store_makes_a_refresh_partial_until_readings_prove_it(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    path = tmp_path / "kept" / "pair.json"
    with ward(tmp_path / "home", make_wallet=oauth(path)) as w:
        w.run(1)
        w.net.grants.append(GRANT)
        w.simulator.expire(FIRST_TOKEN)
        (tmp_path / "kept").rmdir()
        (tmp_path / "kept").write_text("a file where a folder should be")
        w.run(66)
        assert w.take() == [f"detected {REJECTED}", f"partial {REJECTED}"]
        assert (w.wallet.current(), w.fixed) == (NEW, 0)
        assert "can't be written" in w.fix()["finish"]
        w.run(200)
        assert w.take() == [f"resolved {REJECTED} recovered"]
        assert (w.fixed, w.fix()["state"], w.codes()) == (0, "finished", [])


@pytest.mark.parametrize(
    ("first", "refresh", "access", "refreshes"),
    [
        (FIRST_TOKEN, REFRESH, NEW, NEXT_REFRESH),
        (OWNERS, REFRESH, OWNERS, NEXT_REFRESH),
        (FIRST_TOKEN, "another-refresh-1", NEW, "another-refresh-1"),
        (OWNERS, "another-refresh-1", OWNERS, "another-refresh-1"),
    ],
)
def test_what_the_owner_put_in_place_while_nobody_ran_wins_over_what_was_kept(
    first: str, refresh: str, access: str, refreshes: str
) -> None:
    store = Kept()
    wallet([FIRST_TOKEN], store=store).refresh(1.0, always)
    refresher: Any = Refreshing()
    again = Wallet(lambda: first, store=store, refresher=refresher, pair=Pair(first, refresh))
    assert again.current() == access
    again.refresh(1.0, always)
    assert refresher.asked == [refreshes]


def test_a_store_from_before_marks_were_kept_is_taken_as_it_is() -> None:
    made = Wallet(
        lambda: OWNERS, store=Kept(Stored(Pair(NEW, REFRESH))), refresher=None, pair=Pair(OWNERS, "x-refresh")
    )
    assert made.current() == NEW
    assert not made.can_refresh()
    with pytest.raises(SupervisorError, match="no refresh credentials"):
        made.refresh(1.0, always)


def test_when_another_sources_token_is_in_use_the_pairs_expiry_does_not_count() -> None:
    made = Wallet(lambda: FIRST_TOKEN, sources={"file": lambda: NEW}, pair=Pair(FIRST_TOKEN, REFRESH, 1e9))
    assert made.expires_at() == 1e9
    made.rejected()
    made.take("file")
    assert (made.expires_at(), made.others()) == (None, ())
    assert made.put_back()
    assert (made.current(), made.expires_at(), made.others()) == (FIRST_TOKEN, 1e9, ())


def test_a_first_source_that_fails_is_told_by_the_wire_and_harms_nothing_here() -> None:
    def broken() -> str:
        raise OSError("no")

    made = Wallet(broken, sources={"file": lambda: " "})
    assert (made.others(), made.expires_at(), made.can_refresh()) == ((), None, False)
    made.keep()
    with pytest.raises(OSError, match="no"):
        made.current()


def test_the_store_is_small_private_and_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "pair.json"
    path.parent.mkdir()
    store = FileTokenStore(path)
    store.save(Stored(Pair("a-token-1", "r-token-1")))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["origin"] == ""
    path.unlink()
    path.mkdir()
    with pytest.raises(SupervisorError, match="can't be read"):
        store.load()
    with pytest.raises(SupervisorError, match="can't be written"):
        store.save(Stored(Pair("a-token-1", "r-token-1")))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert token_in_file(tmp_path / "binary") is None
