"""Is every fault body known for what it is, whatever status and content type it wears?"""

import json
from email.utils import formatdate
from typing import Any

import pytest
from supervisor.core.reading import Failure, Kind, Retry
from supervisor.tradier.bodies import Form, read_body
from supervisor.tradier.faults import TABLE, classify

NOW = 1_795_444_830.0
EXPIRY = 1_795_444_860.0
ACCOUNT = "VA90010001"


def judge(status: int, body: Any, headers: dict[str, str] | None = None, **hidden: Any) -> Failure | None:
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return classify(status, headers or {}, read_body(data), now=NOW, **hidden)


def kind(status: int, body: Any) -> Kind | None:
    failure = judge(status, body)
    return failure.kind if failure else None


def fault(words: str, code: str) -> dict[str, Any]:
    return {"fault": {"faultstring": words, "detail": {"errorcode": code}}}


def xml(words: str, code: str) -> str:
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><fault><faultstring>{words}</faultstring>"
        f"<detail><errorcode>{code}</errorcode></detail></fault>"
    )


HTML = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body></html>"
DOCS = "<!DOCTYPE html><html lang='en'><head><title>Tradier API</title></head><body>Invalid Access Token</body></html>"
UNEXPECTED = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}
BACKEND = "An error occurred while communicating with the backend."
BAD_TOKEN = ("Invalid Access Token", "keymanagement.service.invalid_access_token")
EXPIRED = ("Access Token expired", "keymanagement.service.access_token_expired")
ELSEWHERE = (
    "Invalid API call as no apiproduct match found",
    "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound",
)
TOO_OFTEN = (
    "Rate limit quota violation. Quota limit  exceeded. Identifier : x",
    "policies.ratelimit.QuotaViolation",
)
GATEWAY = ("Gateway Timeout", "messaging.adaptors.http.flow.GatewayTimeout")

# fmt: off
ROWS: list[tuple[int, Any, Kind | None]] = [
    (401, fault(*BAD_TOKEN),                                         Kind.CREDENTIALS),
    (200, fault(*BAD_TOKEN),                                         Kind.CREDENTIALS),
    (500, fault(*BAD_TOKEN),                                         Kind.CREDENTIALS),
    (401, xml(*BAD_TOKEN),                                           Kind.CREDENTIALS),
    (500, xml(*EXPIRED),                                             Kind.CREDENTIALS),
    (401, "Invalid Access Token",                                    Kind.CREDENTIALS),
    (200, "Invalid access token",                                    Kind.CREDENTIALS),
    (401, '"Invalid Access Token"',                                  Kind.CREDENTIALS),
    (401, fault(*EXPIRED),                                           Kind.CREDENTIALS),
    (500, fault(*EXPIRED),                                           Kind.CREDENTIALS),
    (500, "Access Token expired",                                    Kind.CREDENTIALS),
    (401, fault(*ELSEWHERE),                                         Kind.CREDENTIALS),
    (400, fault(*ELSEWHERE),                                         Kind.CREDENTIALS),
    (401, fault("Invalid access token", "oauth.v2.InvalidAccessToken"), Kind.CREDENTIALS),
    (401, fault("x", "oauth.v2.InvalidApiKey"),                      Kind.CREDENTIALS),
    (403, fault("Insufficient scope", "steps.oauth.v2.InsufficientScope"), Kind.CREDENTIALS),
    (200, fault("x", "steps.oauth.v2.InsufficientScope"),            Kind.CREDENTIALS),
    (401, "",                                                        Kind.CREDENTIALS),
    (403, HTML,                                                      Kind.CREDENTIALS),
    (401, {"any": "thing"},                                          Kind.CREDENTIALS),
    (401, f"Unauthorized Account: {ACCOUNT}",                        Kind.FOREIGN_ACCOUNT),
    (200, f"Unauthorized Account: {ACCOUNT}",                        Kind.FOREIGN_ACCOUNT),
    (401, f"  Unauthorized Account: {ACCOUNT}\n",                    Kind.FOREIGN_ACCOUNT),
    (429, "Quota Violation 1795444860000",                           Kind.QUOTA),
    (200, "Quota Violation 1795444860000",                           Kind.QUOTA),
    (500, "Quota Violation 1795444860000",                           Kind.QUOTA),
    (401, "Quota Violation. Allowed 120, reset 1795444860000",       Kind.QUOTA),
    (429, fault(*TOO_OFTEN),                                         Kind.QUOTA),
    (500, fault(*TOO_OFTEN),                                         Kind.QUOTA),
    (500, xml(*TOO_OFTEN),                                           Kind.QUOTA),
    (200, fault("Spike arrest violation", "policies.ratelimit.SpikeArrestViolation"), Kind.QUOTA),
    (429, "",                                                        Kind.QUOTA),
    (429, HTML,                                                      Kind.QUOTA),
    (500, BACKEND,                                                   Kind.SERVER),
    (200, BACKEND,                                                   Kind.SERVER),
    (400, UNEXPECTED,                                                Kind.SERVER),
    (400, {"message": "An error occurred while processing your request"}, Kind.SERVER),
    (400, fault("Insufficient scope", "security.x"),                 Kind.CREDENTIALS),
    (200, UNEXPECTED,                                                Kind.SERVER),
    (400, "Unexpected server error",                                 Kind.SERVER),
    (400, {"errors": {"error": "Unexpected server error"}},          Kind.SERVER),
    (502, HTML,                                                      Kind.SERVER),
    (504, xml(*GATEWAY),                                             Kind.SERVER),
    (200, xml(*GATEWAY),                                             Kind.SERVER),
    (404, fault("x", "messaging.adaptors.http.flow.ApplicationNotFound"), Kind.SERVER),
    (503, "",                                                        Kind.SERVER),
    (500, fault("Datastore Error", "steps.servicecallout.ExecutionFailed"), Kind.SERVER),
    (400, fault("Body buffer overflow", "protocol.http.TooBigBody"), Kind.SERVER),
    (500, "Invalid parameter, class: is required.",                  Kind.SERVER),
    (503, f"Unauthorized Account: {ACCOUNT}",                        Kind.SERVER),
    (500, {"errors": {"error": "InitialMargin"}},                    Kind.SERVER),
    (500, {"order": {"id": 1}},                                      Kind.SERVER),
    (520, "?",                                                       Kind.SERVER),
    (408, "",                                                        Kind.SERVER),
    (400, "Invalid parameter, class: is required.",                  Kind.DECLINED),
    (200, "Invalid parameter, tag: contains invalid characters.",    Kind.DECLINED),
    (400, "price must be greater than 0",                            Kind.DECLINED),
    (400, "order already in finalized state: filled",                Kind.DECLINED),
    (400, "order already in finalized state: canceled",              Kind.DECLINED),
    (400, "order not available to be canceled",                      Kind.DECLINED),
    (200, {"errors": {"error": "Undefined symbol: XYZ"}},            Kind.DECLINED),
    (400, {"errors": {"error": ["a", "InitialMargin"]}},             Kind.DECLINED),
    (200, "",                                                        Kind.GARBLED),
    (200, " \r\n ",                                                  Kind.GARBLED),
    (200, DOCS,                                                      Kind.GARBLED),
    (200, "<balances><total_equity>1</total_equity></balances>",     Kind.GARBLED),
    (200, '{"profile": {"account"',                                  Kind.GARBLED),
    (200, '{"a": NaN}',                                              Kind.GARBLED),
    (200, '{"a": -Infinity}',                                        Kind.GARBLED),
    (200, "[" * 100_000,                                             Kind.GARBLED),
    (200, "[]",                                                      Kind.GARBLED),
    (200, "null",                                                    Kind.GARBLED),
    (200, "7",                                                       Kind.GARBLED),
    (200, '"null"',                                                  Kind.GARBLED),
    (200, {"error": "something new"},                                Kind.GARBLED),
    (200, "ok",                                                      Kind.GARBLED),
    (404, "",                                                        Kind.GARBLED),
    (404, {"any": "thing"},                                          Kind.GARBLED),
    (400, "something new",                                           Kind.GARBLED),
    (302, "",                                                        Kind.GARBLED),
    (304, {"profile": {}},                                           Kind.GARBLED),
    (204, "",                                                        Kind.GARBLED),
    (101, "",                                                        Kind.GARBLED),
    (200, {"profile": {"name": "Unauthorized Account: x"}},          None),
    (200, {"orders": {"order": {"tag": "Invalid Access Token"}}},    None),
    (200, {"order": {"id": 1, "status": "ok"}, "errors": {"error": "x"}}, None),
    (200, {"errors": "null", "order": None},                         None),
    (201, {"order": {"id": 1}},                                      None),
    (200, {},                                                        None),
]
# fmt: on


@pytest.mark.parametrize(("status", "body", "expected"), ROWS, ids=lambda value: str(value)[:60])
def test_a_body_is_known_for_what_it_is(status: int, body: Any, expected: Kind | None) -> None:
    assert kind(status, body) is expected


def test_every_row_of_the_table_decides_some_body() -> None:
    deciding = set()
    for status, body, _ in ROWS:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        said = read_body(data)
        hits = [row for row in TABLE if row.pattern.search(said.words.strip()) or row.pattern.search(said.code)]
        if status < 500 and hits:
            deciding.add(hits[0])
    assert deciding == set(TABLE)


def test_every_sample_of_a_fault_has_its_kind(samples: dict[str, Any]) -> None:
    known = {
        name: kind(sample["status"], sample["body"])
        for name, sample in samples.items()
        if sample["status"] != 200 or "error" in name or name.startswith("outage")
    }
    prefixes = {
        "auth_foreign_account": Kind.FOREIGN_ACCOUNT,
        "order_unknown_or_foreign_account": Kind.FOREIGN_ACCOUNT,
        "outage_200_empty_body": Kind.GARBLED,
        "auth_": Kind.CREDENTIALS,
        "ratelimit_": Kind.QUOTA,
        "outage_": Kind.SERVER,
        "order_error_": Kind.DECLINED,
        "preview_error_": Kind.DECLINED,
        "cancel_error_": Kind.DECLINED,
    }
    assert len(known) > 25
    for name, found in known.items():
        assert found is next(wanted for prefix, wanted in prefixes.items() if name.startswith(prefix)), name


def test_the_brokers_words_are_passed_on_verbatim() -> None:
    failure = judge(500, BACKEND)
    assert failure is not None
    assert failure.words == BACKEND
    assert failure.status == 500


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (502, HTML, "502 Bad Gateway"),
        (200, DOCS, "HTTP 200 with an HTML page: Tradier API"),
        (200, "", "HTTP 200 with nothing"),
        (503, "", "HTTP 503 with nothing"),
        (200, "<?xml version='1.0'?><a>Avery Quill</a>", "HTTP 200 with XML: a"),
        (200, '{"profile":{"name":"Avery Quill"', "HTTP 200 with JSON that is cut off or malformed"),
        (200, "[{'name': 'Avery Quill'}]", "HTTP 200 with JSON that is cut off or malformed"),
        (400, UNEXPECTED, "An error occurred while processing your request: Unexpected server error"),
        (504, xml(*GATEWAY), "Gateway Timeout"),
        (500, xml("", GATEWAY[1]), GATEWAY[1]),
        (200, {"errors": {"error": ["Backoffice  rejected. ", "InitialMargin"]}}, "Backoffice rejected. InitialMargin"),
        (404, {"any": 1}, "HTTP 404 with JSON that is no known answer"),
        (500, "a\x00\x1b[31m\x9bb\n\nc", "a [31m b c"),
        (500, '"\\ud800"', "?"),
    ],
)
def test_words_say_what_was_seen_fit_to_print(status: int, body: Any, words: str) -> None:
    failure = judge(status, body)
    assert failure is not None
    assert failure.words == words


def test_words_are_masked_before_they_are_cut() -> None:
    token = "tok-Zq81secretsecret"
    body = "x" * 290 + token + " " + ACCOUNT + " and 12AB34CD"
    failure = judge(500, body, secrets=(token,), accounts=("12AB34CD",))
    assert failure is not None
    assert len(failure.words) == 300
    assert "tok-" not in failure.words
    short = judge(500, body[285:], secrets=(token,), accounts=("12AB34CD",))
    assert short is not None
    assert short.words == "xxxxx[secret] ****0001 and ****34CD"


def test_an_account_the_broker_names_is_masked_whatever_it_looks_like() -> None:
    failure = judge(401, "Unauthorized Account: 55512345")
    assert failure is not None
    assert failure.words == "Unauthorized Account: ****2345"


@pytest.mark.parametrize(("body", "headers", "at"), [
    ("Quota Violation 1795444860000", {},                                                   EXPIRY),
    ("Quota Violation; resets at 1795444860000.", {},                                       EXPIRY),
    ("Quota Violation 1795444860", {},                                                      EXPIRY),
    ("Quota Violation", {"X-Ratelimit-Expiry": "1795444860000"},                            EXPIRY),
    ("Quota Violation", {"x-ratelimit-expiry": " 1795444860 "},                             EXPIRY),
    ("Quota Violation", {"Retry-After": "7"},                                               NOW + 7),
    ("Quota Violation", {"Retry-After": formatdate(EXPIRY, usegmt=True)},                EXPIRY),
    ("Quota Violation 1795444860000", {"Retry-After": "7"},                                 EXPIRY),
    ("Quota Violation", {},                                                                 NOW + 60),
    ("Quota Violation", {"Retry-After": "soon", "X-Ratelimit-Expiry": "-5"},                NOW + 60),
    ("Quota Violation 9995444860000", {},                                                   NOW + 60),
    ("Quota Violation 1095444860000", {},                                                   NOW),
])  # fmt: skip
def test_a_quota_says_when_it_ends_within_a_minute(body: str, headers: dict[str, str], at: float) -> None:
    failure = judge(429, body, headers)
    assert failure is not None
    assert failure.retry_at == at
    assert NOW <= (failure.retry_at or 0) <= NOW + 60


def test_retry_says_what_would_help() -> None:
    def retry(status: int, body: Any) -> Retry | None:
        failure = judge(status, body)
        return failure.retry if failure else None

    assert retry(401, "Invalid Access Token") is Retry.AFTER_FIX
    assert retry(401, f"Unauthorized Account: {ACCOUNT}") is Retry.AFTER_FIX
    assert retry(400, "Invalid parameter, class: is required.") is Retry.NEVER
    assert retry(502, HTML) is Retry.AFTER_TIME
    assert retry(200, "") is Retry.AFTER_TIME


def test_a_form_is_told_from_the_bytes() -> None:
    assert read_body(b"\xef\xbb\xbf{}").form is Form.JSON
    assert read_body(b"\xff\xfe\x00").form is Form.TEXT
    assert read_body(b"  <!doctype HTML><p>").form is Form.HTML
    assert read_body(b"{}").value == {}
