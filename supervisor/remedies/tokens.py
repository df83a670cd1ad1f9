"""Where is a pair of tokens kept, so that neither a crash nor a look at it gives it away?"""

import json
from pathlib import Path
from typing import Any, Protocol

import attrs

from supervisor.errors import SupervisorError
from supervisor.journal.files import write_atomically


@attrs.frozen
class Pair:
    """An access token and what refreshes it. `expires_at` is in epoch seconds, None where it was not said."""

    access: str = attrs.field(repr=False)
    refresh: str = attrs.field(repr=False, default="")
    expires_at: float | None = None


@attrs.frozen
class Stored:
    """The pair in use, and the one before it while the new one is not proved.

    `origin` is an opaque mark of what the owner had in place when it was kept: where that has changed, the owner's rules.
    """

    pair: Pair
    before: Pair | None = None
    origin: str = ""


class TokenStore(Protocol):
    """Keeps a pair across restarts. An agent may give its own."""

    def load(self) -> Stored | None:
        """What is kept; None where nothing is. Raises SupervisorError, without any of it, where it can't be read."""
        ...

    def save(self, stored: Stored) -> None:
        """Keeps it: whole, or as it was. Raises SupervisorError."""
        ...


class FileTokenStore:
    """One small file, readable by its owner only (0600), changed atomically."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __repr__(self) -> str:
        return f"<FileTokenStore at {self._path.name}>"

    def load(self) -> Stored | None:
        """What the file holds."""
        try:
            told = json.loads(self._path.read_text("utf-8"))
            before = told.get("before")
            return Stored(Pair(**told["pair"]), Pair(**before) if before else None, str(told.get("origin", "")))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SupervisorError(f"the token file {self._path} can't be read: {error.strerror}") from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise SupervisorError(f"the token file {self._path} holds no pair of tokens") from None

    def save(self, stored: Stored) -> None:
        """The file holds it."""
        told: dict[str, Any] = {
            "pair": attrs.asdict(stored.pair),
            "before": attrs.asdict(stored.before) if stored.before else None,
            "origin": stored.origin,
        }
        try:
            write_atomically(self._path, json.dumps(told))
        except OSError as error:
            raise SupervisorError(f"the token file {self._path} can't be written: {error.strerror}") from None


def token_in_file(path: Path) -> str | None:
    """The token a file holds: alone, or as TRADIER_API_KEY in lines of `NAME=value`; None where it holds none."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return None
    said = [line for line in lines if line and not line.startswith("#")]
    for line in said:
        name, _, value = line.removeprefix("export ").partition("=")
        if name.strip() == "TRADIER_API_KEY":
            return value.strip().strip("'\"") or None
    return said[0] if len(said) == 1 and "=" not in said[0].rstrip("=") and " " not in said[0] else None
