"""Is every order request sent once, and what came of it never claimed beyond what was said?"""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as Unreachable
from requests.exceptions import ConnectTimeout, ReadTimeout
from supervisor.concerns.facts import Place
from supervisor.core.reading import Kind, Retry
from supervisor.tradier.exchange import Gate, only_orders
from supervisor.tradier.orders_wire import Outcome, Previewer, Sent, Trader
from supervisor.tradier.quota import Category, Purpose, Quota
from supervisor.tradier.transport import DeadlineAdapter

TOKEN = "tok-Zq81secretsecret"
ACCOUNT = "VA12345678"
FORM = {"class": "equity", "symbol": "BRK/B", "side": "buy", "quantity": "1", "type": "market", "duration": "day"}
OK, REFUSED, UNKNOWN, UNSENT = Outcome.ACKNOWLEDGED, Outcome.REFUSED, Outcome.UNKNOWN, Outcome.UNSENT


def trader(of: Any, **settings: Any) -> Trader:
    adapter = of if isinstance(of, BaseAdapter) else None
    url = "http://127.0.0.1:9" if adapter else of
    return Trader(url, lambda: TOKEN, ACCOUNT, **{"intended": Place.SANDBOX, "adapter": adapter, **settings})


def previewer(of: Any, **settings: Any) -> Previewer:
    adapter = of if isinstance(of, BaseAdapter) else None
    url = "http://127.0.0.1:9" if adapter else of
    return Previewer(url, lambda: TOKEN, ACCOUNT, **{"intended": Place.SANDBOX, "adapter": adapter, **settings})


ACTS: dict[str, Callable[[Trader], Sent]] = {
    "submit": lambda each: each.submit(FORM, 0.3),
    "modify": lambda each: each.modify("39000201", {"price": "1.00"}, 0.3),
    "cancel": lambda each: each.cancel("39000201", 0.3),
}

BACKEND = "An error occurred while communicating with the backend."
UNEXPECTED = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}
FAULT = {"fault": {"faultstring": "Access Token expired", "detail": {"errorcode": "keymanagement.service.x"}}}

# fmt: off
RULES: list[tuple[int, Any, Outcome]] = [
    (200, {"order": {"id": 257459, "status": "ok"}},                       OK),
    (201, {"order": {"id": "257459"}},                                     OK),
    (200, {"order": {"id": 5, "status": "ok"}, "errors": {"error": "x"}},  OK),
    (200, {"errors": {"error": "Undefined symbol: XYZ"}},                  REFUSED),
    (200, {"errors": {"error": ["No.", "InitialMargin"]}},                 REFUSED),
    (400, {"errors": {"error": "No."}},                                    REFUSED),
    (200, {"order": {"errors": "No.", "result": False}},                   REFUSED),
    (400, "Invalid parameter, class: is required.",                        REFUSED),
    (400, "price must be greater than 0",                                  REFUSED),
    (400, "order already in finalized state: filled",                      REFUSED),
    (400, "order not available to be canceled",                            REFUSED),
    (401, f"Unauthorized Account: {ACCOUNT}",                              REFUSED),
    (401, "Invalid Access Token",                                          REFUSED),
    (403, FAULT,                                                           REFUSED),
    (500, BACKEND,                                                         UNKNOWN),
    (200, BACKEND,                                                         UNKNOWN),
    (400, UNEXPECTED,                                                      UNKNOWN),
    (200, {"errors": {"error": "Unexpected server error"}},                UNKNOWN),
    (200, {"order": {"errors": [BACKEND]}},                                UNKNOWN),
    (400, {"order": {"errors": [BACKEND]}},                                UNKNOWN),
    (502, "<html><title>502 Bad Gateway</title></html>",                   UNKNOWN),
    (504, "<fault><faultstring>Gateway Timeout</faultstring></fault>",     UNKNOWN),
    (503, "",                                                              UNKNOWN),
    (500, FAULT,                                                           UNKNOWN),
    (500, {"errors": {"error": "InitialMargin"}},                          UNKNOWN),
    (500, {"order": {"id": 5, "status": "ok"}},                            UNKNOWN),
    (408, "",                                                              UNKNOWN),
    (408, {"errors": {"error": "InitialMargin"}},                          UNKNOWN),
    (429, "Invalid parameter, class: is required.",                        UNKNOWN),
    (200, "Invalid Access Token",                                          UNKNOWN),
    (400, FAULT,                                                           UNKNOWN),
    (429, "Quota Violation 1795444860000",                                 UNKNOWN),
    (200, "Quota Violation 1795444860000",                                 UNKNOWN),
    (200, "",                                                              UNKNOWN),
    (200, "ok",                                                            UNKNOWN),
    (200, "<html><title>Tradier API</title></html>",                       UNKNOWN),
    (200, {},                                                              UNKNOWN),
    (200, {"order": "null"},                                               UNKNOWN),
    (200, {"order": {"status": "ok"}},                                     UNKNOWN),
    (200, {"order": {"id": 0, "status": "ok"}},                            UNKNOWN),
    (200, {"order": {"id": 7, "errors": "x"}, "errors": "y"},              OK),
    (200, {"order": [{"id": 7}], "errors": "y"},                           UNKNOWN),
    (200, {"errors": None},                                                UNKNOWN),
    (200, {"errors": {}},                                                  UNKNOWN),
    (200, '{"order": {"id": 257',                                          UNKNOWN),
    (302, "",                                                              UNKNOWN),
    (404, "",                                                              UNKNOWN),
    (400, "a sentence nobody has seen",                                    UNKNOWN),
    (400, {"order": {"id": 5}},                                            UNKNOWN),
]
# fmt: on


@pytest.mark.parametrize(("status", "body", "outcome"), RULES, ids=lambda value: str(value)[:50])
@pytest.mark.parametrize("act", ACTS)
def test_a_reply_proves_what_it_proves_and_no_more(
    act: str, status: int, body: Any, outcome: Outcome, canned: Any
) -> None:
    adapter = canned(status, body)
    sent = ACTS[act](trader(adapter))
    assert sent.kind is outcome
    assert sent.status == status
    assert len(adapter.requests) == 1
    if outcome is UNKNOWN:
        assert sent.failure is not None
        assert sent.failure.retry is Retry.OUTCOME_UNKNOWN
    if outcome is REFUSED:
        assert sent.words
        assert ACCOUNT not in sent.words


def test_words_and_codes_are_told_apart(canned: Any) -> None:
    body = {"errors": {"error": ["Backoffice rejected override of the order. ", "InitialMargin"]}}
    sent = trader(canned(200, body)).submit(FORM)
    assert sent.words == "Backoffice rejected override of the order. InitialMargin"
    assert sent.codes == ("InitialMargin",)


def test_an_account_in_an_errors_object_is_masked(canned: Any) -> None:
    numbered = Trader("http://127.0.0.1:9", lambda: TOKEN, "12AB34CD", intended=Place.LIVE, adapter=canned(
        200, {"errors": {"error": f"No funds in 12AB34CD for {TOKEN}"}}
    ))  # fmt: skip
    assert numbered.submit(FORM).words == "No funds in ****34CD for [secret]"


def test_the_samples_of_orders_are_judged_by_their_names(samples: dict[str, Any], sample: Any) -> None:
    for name in samples:
        if name.startswith(("order_ok", "order_error", "modify_ok", "cancel_ok", "cancel_error", "outage", "auth")):
            wanted = OK if "_ok" in name else UNKNOWN if name.startswith("outage") or name.endswith("_500") else REFUSED
            assert trader(sample(name)).submit(FORM).kind is wanted, name


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ReadTimeout("x"), UNKNOWN),
        (Unreachable("reset"), UNKNOWN),
        (ConnectTimeout("x"), UNSENT),
        (RuntimeError("x"), UNKNOWN),
    ],
)
@pytest.mark.parametrize("act", ACTS)
def test_an_error_of_the_network_is_unknown_unless_nothing_was_sent(
    act: str, error: Exception, outcome: Outcome
) -> None:
    class Raises(BaseAdapter):
        sent = 0

        def send(self, *_: Any, **__: Any) -> Response:
            self.sent += 1
            raise error

    adapter = Raises()
    assert ACTS[act](trader(adapter)).kind is outcome
    assert adapter.sent == 1


def silent(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    server.stopping.wait(5)


def hangs_up(server: Any, connection: socket.socket) -> None:
    server.hear(connection)


def redirects(server: Any, connection: socket.socket) -> None:
    server.hear(connection)
    connection.sendall(f"HTTP/1.1 307 Go\r\nLocation: {server.url}/v1/else\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize("handler", [silent, hangs_up, redirects])
@pytest.mark.parametrize("act", ACTS)
def test_an_order_request_goes_out_once_whatever_becomes_of_it(act: str, handler: Any, serve: Any) -> None:
    server = serve(handler)
    sent = ACTS[act](trader(server.url))
    assert sent.kind is UNKNOWN
    assert len(server.requests) == 1
    assert server.connections == 1


@pytest.mark.parametrize("act", ACTS)
def test_an_order_on_a_stale_connection_is_not_sent_again(act: str, serve: Any) -> None:
    def hangs_up_on_the_second(server: Any, connection: socket.socket) -> None:
        server.hear(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        server.hear(connection)

    server = serve(hangs_up_on_the_second)
    each = trader(server.url)
    each._gate = Gate(DeadlineAdapter(keep=True), each.base.url, only_orders)
    assert ACTS[act](each).kind is UNKNOWN
    assert ACTS[act](each).kind is UNKNOWN
    assert len(server.requests) == 2


@pytest.mark.parametrize("act", ACTS)
def test_a_refused_port_means_that_nothing_was_sent(act: str, serve: Any) -> None:
    server = serve(b"")
    server.close()
    sent = ACTS[act](trader(server.url))
    assert sent.kind is UNSENT
    assert sent.failure is not None
    assert sent.failure.kind is Kind.UNREACHABLE


def test_each_order_request_has_a_connection_of_its_own(serve: Any) -> None:
    body = b'{"order":{"id":5,"status":"ok"}}'
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    each = trader(server.url)
    for act in ACTS.values():
        assert act(each).kind is OK
    assert server.connections == len(server.requests) == 3
    assert all(b"\r\nConnection: close\r\n" in request for request in server.requests)


def test_what_goes_out_is_a_form_at_the_right_place(canned: Any) -> None:
    adapter = canned(200, {"order": {"id": 5}})
    for act in ACTS.values():
        act(trader(adapter))
    submit, modify, cancel = adapter.requests
    assert (submit.method, submit.path_url) == ("POST", f"/v1/accounts/{ACCOUNT}/orders")
    assert submit.body == "class=equity&symbol=BRK%2FB&side=buy&quantity=1&type=market&duration=day"
    assert submit.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (modify.method, modify.path_url) == ("PUT", f"/v1/accounts/{ACCOUNT}/orders/39000201")
    assert (cancel.method, cancel.path_url, cancel.body) == ("DELETE", f"/v1/accounts/{ACCOUNT}/orders/39000201", None)


@pytest.mark.parametrize("name", ["preview", "Preview", " preview ", "PREVIEW", "preview[0]"])
def test_a_trader_sends_no_form_that_names_a_preview(name: str, canned: Any) -> None:
    adapter = canned(200, {"order": {"id": 5}})
    for sent in (trader(adapter).submit({**FORM, name: "true"}), trader(adapter).modify("1", {name: "false"})):
        assert sent.kind is UNSENT
        assert "preview" in sent.words
    assert adapter.requests == []


def test_a_trader_sends_nothing_to_a_host_that_is_not_intended(canned: Any) -> None:
    adapter = canned(200, {"order": {"id": 5}})
    each = Trader("https://api.tradier.com", lambda: TOKEN, ACCOUNT, intended=Place.SANDBOX, adapter=adapter)
    for act in ACTS.values():
        assert act(each).kind is UNSENT
    assert adapter.requests == []


def test_a_cancel_leaves_when_the_allowance_is_spent(canned: Any) -> None:
    quota = Quota({Category.TRADING: 60})
    while quota.take(Category.TRADING, Purpose.RECONCILE, 0.0):
        pass
    adapter = canned(200, {"order": {"id": 5}})
    each = trader(adapter, quota=Quota({Category.TRADING: 1}))
    assert each.submit(FORM).kind is UNSENT
    assert each.cancel("1").kind is OK
    assert len(adapter.requests) == 1


def test_a_preview_says_preview_exactly_once(canned: Any, samples: dict[str, Any]) -> None:
    adapter = canned(200, samples["preview_ok"]["body"])
    sent = previewer(adapter).preview({**FORM, "tag": "preview=true&preview=true"})
    assert sent.kind is OK
    assert sent.preview is not None
    assert sent.preview.cost == 2015
    assert sent.order_id is None
    assert adapter.requests[0].body.split("&").count("preview=true") == 1
    assert previewer(adapter).preview({**FORM, "preview": "false"}).kind is OK
    assert adapter.requests[1].body.split("&").count("preview=true") == 1
    assert "preview=false" not in adapter.requests[1].body


@pytest.mark.parametrize("name", ["Preview", " preview", "preview[0]", "preview&x"])
def test_a_preview_that_says_it_any_other_way_too_does_not_leave(name: str, canned: Any) -> None:
    adapter = canned(200, {})
    assert previewer(adapter).preview({**FORM, name: "false"}).kind is UNSENT
    assert adapter.requests == []


@pytest.mark.parametrize(("status", "body", "outcome", "words"), [
    (200, {"errors": {"error": ["No.", "InitialMargin"]}},                       REFUSED, "No. InitialMargin"),
    (400, "Invalid parameter, quantity: decimal places are not allowed.",        REFUSED, "decimal places"),
    (200, {"order": {"errors": "Not enough.", "result": False, "status": "Bad"}}, REFUSED, "Not enough."),
    (200, {"order": {"result": False, "status": "Bad Request"}},                 REFUSED, "Bad Request"),
    (200, {"order": {"status": "ok"}},                                           UNKNOWN, "no cost"),
    (400, UNEXPECTED,                                                            UNKNOWN, "Unexpected"),
    (500, BACKEND,                                                               UNKNOWN, "backend"),
    (200, "",                                                                    UNKNOWN, "nothing"),
])  # fmt: skip
def test_a_preview_fails_in_every_known_shape(
    status: int, body: Any, outcome: Outcome, words: str, canned: Any
) -> None:
    sent = previewer(canned(status, body)).preview(FORM)
    assert sent.kind is outcome
    assert words in sent.words
    assert not sent.booked_by_preview
    assert sent.preview is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"order": {"id": 5, "status": "ok"}}),
        (200, {"order": {"id": "5", "status": "ok", "result": True, "cost": 1}}),
        (200, {"order": {"id": 5, "result": False, "errors": "No."}}),
        (500, {"order": {"id": 5}}),
        (200, {"order": [{"id": 5}]}),
        (200, {"order": {"status": "ok", "cost": 1, "leg": [{"id": 5}]}}),
    ],
)
def test_a_preview_answered_with_an_order_id_is_taken_for_booked(status: int, body: Any, canned: Any) -> None:
    sent = previewer(canned(status, body)).preview(FORM)
    assert sent.booked_by_preview
    assert sent.order_id == "5"
    assert sent.kind is UNKNOWN


@pytest.mark.parametrize("odd", [ACCOUNT, "one", 5.5, True, "6 7"])
def test_an_order_named_by_anything_but_a_number_is_booked_and_its_name_is_passed_on_to_nobody(
    odd: Any, canned: Any
) -> None:
    sent = previewer(canned(200, {"order": {"id": odd, "status": "ok"}})).preview(FORM)
    assert sent.booked_by_preview
    assert sent.order_id == "unreadable"
    assert ACCOUNT not in repr(sent)


def test_neither_tells_its_secrets(canned: Any) -> None:
    for each in (trader(canned()), previewer(canned())):
        assert TOKEN not in repr(each)
        assert ACCOUNT not in repr(each)
        assert "****5678" in repr(each)


def test_an_unsent_request_says_so_without_a_status() -> None:
    class Never(BaseAdapter):
        def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
            raise AssertionError(request.method)

    sent = Trader("http://127.0.0.1:9", lambda: "", ACCOUNT, intended=Place.LIVE, adapter=Never()).submit(FORM)
    assert (sent.kind, sent.status, sent.order_id) == (UNSENT, None, None)
    assert sent.failure is not None
    assert sent.failure.kind is Kind.WITHHELD
