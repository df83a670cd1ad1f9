"""Is the record whole, and how is that proved to somebody else?"""

from pathlib import Path
from typing import Annotated, Any

import attrs
import typer

from supervisor.cli.output import AsJson, Home, emit, progress
from supervisor.cli.past import Account, Since, Until, log_app, maybe_instant, opened
from supervisor.errors import ConfigError, JournalError
from supervisor.journal import archive, sealing, signing
from supervisor.journal.chain import Head, canonical, start_of
from supervisor.journal.query import Where, newest
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify as verify_chain
from supervisor.journal.witness import heads_in, named

EXIT_BROKEN = 1

File = Annotated[Path | None, typer.Argument(help="A journal; the account's own without it.", metavar="FILE")]


def _journal(file: Path | None, home: str | None, account: str | None) -> Journal:
    return Journal.open(file, read_only=True) if file else opened(home, account)


@log_app.command("verify")
def log_verify(
    file: File = None,
    head: Annotated[
        list[str] | None, typer.Option("--head", help="What a witness saw, as NUMBER:HASH; may be repeated.")
    ] = None,
    witness: Annotated[
        Path | None, typer.Option("--witness", help="A log in which a witness said the heads.", metavar="FILE")
    ] = None,
    signed: Annotated[
        Path | None, typer.Option("--signed", help="A signed statement that must hold.", metavar="FILE")
    ] = None,
    public_key: Annotated[
        str | None, typer.Option("--public-key", help="The key that must have signed it, in hex.")
    ] = None,
    sealed: Annotated[
        Path | None, typer.Option("--sealed", help="Prove the sealed months in that folder instead.", metavar="DIR")
    ] = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Walk the whole record: every entry must follow from the one before. Exits 1 where one does not.

    With heads that others saw (--head, --witness, --signed) also a record rewritten together with its anchor is found.
    """
    if sealed is not None:
        return _verify_sealed(sealed, as_json=as_json)
    with _journal(file, home, account) as journal:
        heads = [_head(text) for text in head or ()]
        if witness is not None:
            heads += _witnessed(witness, journal)
        if signed is not None:
            if public_key is None:
                raise ConfigError("--signed needs --public-key: whose signature would it be?")
            heads.append(signing.check(signing.read_statement(signed), public_key, journal))
        found = verify_chain(journal, heads, progress=progress("verified", journal.head.number))
        ends = journal.head if found.ok else None
    why = f"{found.why}; {len(heads)} heads seen by others fit" if heads and found.ok else found.why
    if as_json:
        end = None if ends is None else attrs.asdict(ends)
        emit({"ok": found.ok, "entries": found.entries, "first_bad": found.first_bad, "why": why, "head": end})
    else:
        print(why if ends is None else f"{why}\nhead {ends.number}:{ends.hash} (keep it elsewhere, for --head)")
    return 0 if found.ok else EXIT_BROKEN


def _head(text: str) -> Head:
    number, _, its_hash = text.partition(":")
    if not number.isdecimal() or not its_hash:
        raise ConfigError(f"{text!r} is no head: give NUMBER:HASH")
    return Head(int(number), its_hash)


def _witnessed(path: Path, journal: Journal) -> list[Head]:
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            heads = heads_in(lines, witness_name(journal))
    except OSError as error:
        raise JournalError(f"the witness {path} cannot be read: {error.strerror}") from error
    if not heads:
        raise JournalError(f"the witness {path} never heard of {witness_name(journal)}")
    return heads


def witness_name(journal: Journal) -> str:
    """What a witness calls this journal."""
    return named(journal.environment, journal.account)


def _verify_sealed(folder: Path, *, as_json: bool) -> int:
    if not folder.is_dir():
        raise JournalError(f"There is no folder {folder}: `supervisor log seal --out {folder}` makes it")
    try:
        found = sealing.check_sealed(folder)
    except JournalError as error:
        if as_json:
            emit({"ok": False, "why": str(error)})
        else:
            print(error)
        return EXIT_BROKEN
    why = f"{len(found)} sealed months hold {sum(one.entries for one in found)} entries, up to {found[-1].head.number}"
    _say({"ok": True, "files": [_told(one) for one in found], "why": why}, why, as_json=as_json)
    return 0


@log_app.command("key")
def log_key(out: Annotated[Path, typer.Argument(help="Where the private key goes.")], as_json: AsJson = False) -> int:
    """Make a key to sign with; says the public one, which those who verify need."""
    public = signing.new_key(out)
    _say({"public_key": public, "private_key_file": str(out)}, f"public key {public}", as_json=as_json)
    return 0


@log_app.command("sign")
def log_sign(
    key: Annotated[Path, typer.Option("--key", help="The private key (see `supervisor log key`).", metavar="FILE")],
    file: File = None,
    account: Account = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Print a signed statement of where the record ends now; keep it where the record's keeper cannot change it."""
    with _journal(file, home, account) as journal:
        statement = signing.sign(journal, key)
    if as_json:
        emit(statement)
    else:
        print(canonical(statement))
    return 0


@log_app.command("seal")
def log_seal(
    out: Annotated[Path, typer.Option("--out", help="Where the sealed months are kept.", metavar="DIR")],
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Seal each month that is over into a file of its own, bound to the one before. The journal stays as it is."""
    with opened(home, account) as journal:
        made = sealing.seal(journal, out)
    text = "\n".join(f"{one.path}: {one.entries} entries, digest {one.digest}" for one in made)
    _say({"sealed": [_told(one) for one in made]}, text or "no month is over that is not sealed yet", as_json=as_json)
    return 0


@log_app.command("export")
def log_export(
    out: Annotated[Path, typer.Argument(help="The file to write; its digest is written beside it.")],
    since: Since = None,
    until: Until = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Write a stretch of the record with its proof into one file."""
    if out.exists():
        raise JournalError(f"there is a file at {out} already: name another place")
    with opened(home, account) as journal:
        before = newest(journal, 1, Where(until=maybe_instant(since))) if since else []
        start = _head_at(journal, before[0].number if before else 0)
        last = newest(journal, 1, Where(until=maybe_instant(until)))
        made = archive.write(journal, out, start, last[0].number if last else 0)
    _say(_told(made), f"{made.entries} entries in {out}, digest {made.digest}", as_json=as_json)
    return 0


@log_app.command("import")
def log_import(
    files: Annotated[list[Path], typer.Argument(help="Exported or sealed files, oldest first.")],
    out: Annotated[Path, typer.Option("--out", help="The journal to make.", metavar="FILE")],
    as_json: AsJson = False,
) -> int:
    """Prove these files and make a journal of them, for log, replay and report."""
    made = archive.bring_in(files, out)
    _say({**_told(made), "journal": str(out)}, f"{made.entries} entries, all proved, in {out}", as_json=as_json)
    return 0


def _head_at(journal: Journal, number: int) -> Head:
    if not number:
        return start_of(journal.meta)
    return Head(number, str(journal.fetch("SELECT hash FROM entries WHERE number = ?", (number,))[0][0]))


def _told(one: archive.Archived) -> dict[str, Any]:
    return {
        "file": str(one.path),
        "digest": one.digest,
        "entries": one.entries,
        "after_entry": one.start.number,
        "last_entry": one.head.number,
        "hash": one.head.hash,
    }


def _say(value: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        emit(value)
    else:
        print(text)
