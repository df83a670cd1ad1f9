"""Which symbols does the user keep on which list?

Shapes as documented (DOC D2 watchlists); an empty list of lists, or of symbols, is the word "null" (CV, LEAN paths). How
an unknown list is refused was not recorded: it is the bare sentence of other bad parameters.
"""

import re
from collections.abc import Sequence
from typing import Any

from supervisor.simulator import bodies
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.encode import rows
from supervisor.simulator.faults import Fault
from supervisor.simulator.state import Broker, Watchlist

Met = Sequence[Fault]


def listed(broker: Broker, _: Call, __: Met) -> Any:
    """All lists, without their symbols."""
    return rows("watchlists", "watchlist", [_heading(one) for one in broker.watchlists.values()])


def one(broker: Broker, call: Call, _: Met) -> Any:
    """One list with its symbols."""
    return _body(_found(broker, call))


def create(broker: Broker, call: Call, _: Met) -> Any:
    """A new list; its id is its name in small letters with dashes (DOC; another page has underscores)."""
    name = _name(call)
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not key or key in broker.watchlists:
        raise Refused(bodies.invalid("name", "is not valid."))
    created = Watchlist(key, name, f"public-{broker.uuid()[:8]}", _symbols(call))
    broker.watchlists[key] = created
    return _body(created)


def change(broker: Broker, call: Call, _: Met) -> Any:
    """Another name for a list, and other symbols where there are any; the id stays."""
    found = _found(broker, call)
    found.name = _name(call)
    found.symbols = _symbols(call) or found.symbols
    return _body(found)


def delete(broker: Broker, call: Call, met: Met) -> Any:
    """Takes a list away; the reply is the lists that are left."""
    del broker.watchlists[_found(broker, call).id]
    return listed(broker, call, met)


def add(broker: Broker, call: Call, _: Met) -> Any:
    """Adds symbols; those already there stay where they are."""
    found = _found(broker, call)
    found.symbols = list(dict.fromkeys(found.symbols + _symbols(call)))
    return _body(found)


def remove(broker: Broker, call: Call, _: Met) -> Any:
    """Takes one symbol off a list; one that is not on it changes nothing."""
    found = _found(broker, call)
    found.symbols = [symbol for symbol in found.symbols if symbol != call.symbol.upper()]
    return _body(found)


def _found(broker: Broker, call: Call) -> Watchlist:
    found = broker.watchlists.get(call.watchlist)
    if found is None:
        raise Refused(bodies.invalid("watchlist_id", "is not valid."))
    return found


def _name(call: Call) -> str:
    name = call.request.param("name")
    if not name:
        raise Refused(bodies.invalid("name", "is required."))
    return name


def _symbols(call: Call) -> list[str]:
    """The symbols asked for, in capitals, each once."""
    asked = (symbol.strip().upper() for symbol in call.request.param("symbols").split(","))
    return list(dict.fromkeys(symbol for symbol in asked if symbol))


def _heading(watchlist: Watchlist) -> dict[str, Any]:
    return {"name": watchlist.name, "id": watchlist.id, "public_id": watchlist.public_id}


def _body(watchlist: Watchlist) -> dict[str, Any]:
    items = [{"symbol": symbol, "id": symbol.lower()} for symbol in watchlist.symbols]
    return {"watchlist": {**_heading(watchlist), **rows("items", "item", items)}}
