"""Does the record of a whole run hold up? Verified, replayed, and searched for what must never be in it."""

from supervisor.journal.chain import EntryKind
from supervisor.journal.query import Where, newest
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.monitor.making import book_for
from supervisor.monitor.recall import replayed
from supervisor.orders import order_settings
from supervisor.simulator import DEFAULT_ACCOUNT
from supervisor.testing.world import Broken, World


def prove(world: World) -> None:
    """Ends what runs, then raises Broken where the record is not whole, replays otherwise, or tells a secret."""
    world.close()
    file = world.home.journal
    if file.exists():
        with Journal.open(file, read_only=True) as journal:
            found = verify(journal)
            if not found.ok:
                raise Broken("the record is whole", found.why)
            if not newest(journal, 1, Where(kind=EntryKind.GAP)):
                _replay(world, journal)
    _search(world)


def _replay(world: World, journal: Journal) -> None:
    """Fed again, what was heard gives the same moves at the same instants."""
    concerns, lives = world.own
    orders = order_settings(world.settings) if world.desk else None
    book = book_for(world.settings, concerns=concerns, lives=lives, orders=orders)
    recorded, again = [], []
    last = 0.0
    for entry, sweep in replayed(book, journal, whole=True):
        last = entry.at
        if entry.kind == EntryKind.MOVE:
            body = entry.body
            recorded.append((entry.at, entry.concern, body["key"], body["source"], body["signal"], body["target"]))
        again += [(m.at, m.concern, m.key, m.source, m.signal, m.target) for m in (sweep.moves if sweep else ())]
    if len(recorded) > len(again) and (tail := book.tick(last)):
        again += [(m.at, m.concern, m.key, m.source, m.signal, m.target) for m in tail.moves]
    if recorded != again:
        n = next((i for i, pair in enumerate(zip(recorded, again, strict=False)) if pair[0] != pair[1]), None)
        seen = (
            f"recorded {recorded[n]}, replayed {again[n]}"
            if n is not None
            else f"{len(recorded)} recorded, {len(again)} replayed"
        )
        raise Broken("a replay gives the same moves", seen)


def _search(world: World) -> None:
    """No token and no account number is in any file of the home."""
    secrets = [token.encode() for token in (*world.tokens, *world.purse.secrets, DEFAULT_ACCOUNT)]
    for path in sorted(world.folder.rglob("*")):
        if path.is_file():
            held = path.read_bytes()
            if any(secret in held for secret in secrets):
                raise Broken("no secret is in any file", f"there is one in {path.name}")
