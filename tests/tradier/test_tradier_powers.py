"""Can whoever diagnoses submit an order? A search of all that its objects hold."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from supervisor.concerns.facts import Place
from supervisor.tradier.client import Reader
from supervisor.tradier.exchange import prepare
from supervisor.tradier.orders_wire import Previewer

TOKEN = "tok-Zq81secretsecret"
ACCOUNT = "VA12345678"
BODY = b'{"order":{"id":5,"status":"ok"}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def held(root: object) -> Iterator[object]:
    """Everything reachable from an object through attributes, slots, containers and what methods are bound to."""
    seen: set[int] = set()
    todo: list[Any] = [root]
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type | str | bytes | int | float):
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, dict):
            todo += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | set | frozenset):
            todo += each
        todo += vars(each).values() if hasattr(each, "__dict__") else []
        slots = [name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ())]
        todo += [getattr(each, name) for name in slots if isinstance(name, str) and hasattr(each, name)]
        todo += [each.__self__] if hasattr(each, "__self__") else []


@pytest.mark.parametrize("kind", [Reader, Previewer])
def test_nothing_that_it_holds_gets_an_order_out(kind: Any, serve: Any) -> None:
    server = serve(ANSWER)
    holder = kind(server.url, lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX)
    if kind is Reader:
        holder.order("5", 1)
    else:
        holder.preview({"class": "equity"}, 1)
    before = len(server.requests)
    url = f"{server.url}/v1/accounts/{ACCOUNT}/orders"
    orders = [prepare(method, url, TOKEN, form={"class": "equity"}) for method in ("POST", "PUT", "DELETE", "PATCH")]
    tried = 0
    for each in held(holder):
        assert not isinstance(each, requests.Session)
        for name in ("post", "put", "delete", "submit", "urlopen", "request", "ask"):
            assert not callable(getattr(each, name, None)), (type(each), name)
        if isinstance(each, BaseAdapter) or hasattr(each, "send"):
            for order in orders:
                tried += 1
                with pytest.raises(requests.exceptions.RequestException, match="not sent"):
                    each.send(order, timeout=1)
    assert tried >= len(orders)
    assert len(server.requests) == before
    holder._gate.close()


@pytest.mark.parametrize(
    "body",
    [
        "class=equity",
        "class=equity&preview=false",
        "class=equity&preview=True",
        "class=equity&preview=true&preview=true",
        "class=equity&preview=true&preview=false",
        "class=equity&preview=true&Preview=false",
        "class=equity&preview=true&%70review=false",
        "class=equity&%70review=true",
        "class=equity&preview=true&+preview=false",
        "class=equity&preview=true;preview=false",
        "",
    ],
)
def test_a_previewers_gate_reads_the_encoded_body(body: str, serve: Any) -> None:
    server = serve(ANSWER)
    previewer = Previewer(server.url, lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX)
    request = prepare("POST", f"{server.url}/v1/accounts/{ACCOUNT}/orders", TOKEN, form={"a": "b"})
    for form in (body, body.encode()):
        request.body = form
        with pytest.raises(requests.exceptions.RequestException, match="not sent"):
            previewer._gate.send(request, timeout=1)
    assert server.requests == []


@pytest.mark.parametrize(
    "place", ["/v1/accounts/X/orders/5", "/v1/accounts/X/balances", "/v1/accounts/X/orders?preview=false"]
)
def test_a_previewer_posts_nowhere_but_to_the_orders(place: str, serve: Any) -> None:
    server = serve(ANSWER)
    previewer = Previewer(server.url, lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX)
    request = prepare("POST", server.url + place, TOKEN, form={"preview": "true"})
    with pytest.raises(requests.exceptions.RequestException, match="not sent"):
        previewer._gate.send(request, timeout=1)
    assert server.requests == []


def test_a_gate_sends_nothing_above_or_beside_its_base_url(serve: Any) -> None:
    server, other = serve(ANSWER), serve(ANSWER)
    reader = Reader(server.url, lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX)
    for url in (f"{other.url}/v1/user/profile", f"{server.url}/v2/user/profile", f"{server.url}/v1x/user"):
        with pytest.raises(requests.exceptions.RequestException, match="not sent"):
            reader._gate.send(prepare("GET", url, TOKEN), timeout=1)
    assert server.connections == other.connections == 0
