"""Who vouches for where the journal ended? An Ed25519 signature over its head, for those who must prove it to others.

Needs the extra `sign` (the package `cryptography`).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supervisor import clock
from supervisor.errors import ConfigError, JournalError
from supervisor.journal.chain import Head, canonical
from supervisor.journal.files import write_atomically
from supervisor.journal.store import Journal

SIGNED = ("account", "at", "environment", "hash", "number")


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an extra, for those who sign
    except ImportError:
        raise ConfigError(
            "signing needs the package cryptography: install the extra, pip install 'optimus-supervisor[sign]'"
        ) from None
    return ed25519


def new_key(path: Path) -> str:
    """A new private key lies at `path` (0600, hex); returns the public one, in hex. JournalError where a file is there."""
    key = _ed25519().Ed25519PrivateKey.generate()
    if path.exists():
        raise JournalError(f"there is a file at {path} already: it may be a key, name another place")
    try:
        write_atomically(path, key.private_bytes_raw().hex() + "\n")
    except OSError as error:
        raise JournalError(f"the key {path} cannot be written: {error.strerror or error}") from None
    return str(key.public_key().public_bytes_raw().hex())


def sign(journal: Journal, key: Path) -> dict[str, Any]:
    """The signed statement of where that journal ends now."""
    try:
        private = _ed25519().Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.read_text("ascii").strip()))
    except OSError as error:
        raise JournalError(f"the key {key} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise JournalError(f"the file {key} holds no key: make one with `supervisor log key`") from None
    head = journal.head
    said = {
        "account": journal.account,
        "at": clock.iso(clock.wall()),
        "environment": journal.environment,
        "hash": head.hash,
        "number": head.number,
    }
    public = private.public_key().public_bytes_raw().hex()
    return {**said, "public_key": public, "signature": private.sign(canonical(said).encode()).hex()}


def check(statement: Mapping[str, Any], public_key: str, journal: Journal) -> Head:
    """The head that a statement vouches for. JournalError where it is not signed by that key, or not of that journal."""
    kinds = _ed25519()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - as above

    try:
        said = {name: statement[name] for name in SIGNED}
        key = kinds.Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key.strip()))
        key.verify(bytes.fromhex(statement["signature"]), canonical(said).encode())
        head = Head(int(said["number"]), str(said["hash"]))
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"the signed statement or the public key is malformed: {error!r}") from None
    except InvalidSignature:
        raise JournalError(
            "the statement is not signed by that key: it was changed, or another key signed it"
        ) from None
    if (said["account"], said["environment"]) != (journal.account, journal.environment):
        raise JournalError(
            f"the statement is of account {said['account']} ({said['environment']}), not of this journal"
        )
    return head


def read_statement(path: Path) -> dict[str, Any]:
    """A signed statement from its file. JournalError where it is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise JournalError(f"the statement {path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise JournalError(f"the statement {path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise JournalError(f"the statement {path} is not an object")
    return found
