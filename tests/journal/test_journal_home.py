"""Does each account in each environment have a place of its own, for its owner only?"""

from pathlib import Path

import platformdirs
import pytest
from supervisor.errors import JournalError
from supervisor.journal import Home, home_root


def test_the_home_is_where_the_environment_says_else_where_the_platform_keeps_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERVISOR_HOME", str(tmp_path / "mine"))
    assert Home.of("sandbox", "VA12345678").folder.parent == tmp_path / "mine"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SUPERVISOR_HOME", "~/ours")
    assert home_root() == tmp_path / "ours"
    monkeypatch.setenv("SUPERVISOR_HOME", "")
    assert home_root() == Path(platformdirs.user_data_dir("optimus-supervisor"))


def test_accounts_and_environments_never_share_a_folder(tmp_path: Path) -> None:
    asked = [("sandbox", "VA12345678"), ("live", "VA12345678"), ("live", "VB12345678"), ("live", "1"), ("live", "2")]
    folders = [Home.of(environment, account, tmp_path).folder for environment, account in asked]
    assert len(set(folders)) == len(asked)
    assert folders[0] == Home.of("sandbox", "VA12345678", tmp_path).folder


def test_the_name_tells_the_last_four_characters_and_never_more(tmp_path: Path) -> None:
    name = Home.of("sandbox", "VA12345678", tmp_path).folder.name
    assert name.startswith("sandbox-5678-")
    assert "12345678" not in name
    assert Home.of("live", "123", tmp_path).folder.name.startswith("live-none-")


@pytest.mark.parametrize("account", ["../../etc", "a/..", "\0\0\0\0\0", "C:\\x\\y"])
def test_no_account_number_leads_out_of_the_home(tmp_path: Path, account: str) -> None:
    home = Home.of("sandbox", account, tmp_path).create()
    assert home.folder.parent == tmp_path
    assert home.folder.is_dir()


def test_folders_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    root = tmp_path / "new" / "root"
    home = Home.of("sandbox", "VA12345678", root).create()
    home.folder.chmod(0o755)
    assert home.create() == home
    for folder in (root, home.folder, home.inbox, home.spool):
        assert folder.stat().st_mode & 0o777 == 0o700
    places = (home.journal, home.hold, home.lock)
    assert [place.relative_to(home.folder).as_posix() for place in places] == ["journal.db", "hold.json", "writer.lock"]
    assert not any(place.exists() for place in places)


def test_a_home_that_cannot_be_used_is_one_clear_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    for root in (blocked, blocked / "below", Path("/proc/nowhere")):
        with pytest.raises(JournalError, match=r"^The home .* cannot be used: .*; set SUPERVISOR_HOME to a folder"):
            Home.of("sandbox", "VA12345678", root).create()
