"""Where does everything of one account in one environment live?"""

import hashlib
import os
import re
import tempfile
from pathlib import Path

import attrs
import platformdirs

from supervisor.errors import JournalError
from supervisor.log import mask_account

_DISTINGUISHING = 8
"""Hexadecimal digits of the account's hash in the folder's name: two accounts may end in the same four characters."""


def home_root() -> Path:
    """The folder of all accounts: SUPERVISOR_HOME, or the platform's folder for user data."""
    chosen = os.environ.get("SUPERVISOR_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("optimus-supervisor"))


@attrs.frozen
class Home:
    """One account's folder in one environment, and the places in it. Nothing exists before `create`."""

    folder: Path

    @classmethod
    def of(cls, environment: str, account: str, root: Path | None = None) -> "Home":
        """`<root>/<environment>-<last four>-<short hash>`; `root` is `home_root()` unless said."""
        last = mask_account(account).removeprefix("****") or "none"
        short = hashlib.sha256(account.encode()).hexdigest()[:_DISTINGUISHING]
        name = "-".join(re.sub(r"[^A-Za-z0-9]", "_", part) for part in (environment, last, short))
        return cls((root or home_root()).absolute() / name)

    @property
    def journal(self) -> Path:
        """The journal; its anchor and SQLite's own files stand beside it."""
        return self.folder / "journal.db"

    @property
    def hold(self) -> Path:
        """The hold file."""
        return self.folder / "hold.json"

    @property
    def inbox(self) -> Path:
        """The folder in which other processes leave commands."""
        return self.folder / "inbox"

    @property
    def lock(self) -> Path:
        """The file whose OS lock makes one process the writer."""
        return self.folder / "writer.lock"

    @property
    def spool(self) -> Path:
        """The folder for intents that the journal could not take."""
        return self.folder / "spool"

    def create(self) -> "Home":
        """The folders exist, for their owner only (0700), and can be written. JournalError, one sentence, otherwise."""
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.folder, self.inbox, self.spool):
                folder.mkdir(mode=0o700, exist_ok=True)
                folder.chmod(0o700)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise JournalError(
                f"The home {self.folder} cannot be used: {error.strerror or error}; set SUPERVISOR_HOME to a folder "
                "that this user may write"
            ) from None
        return self
