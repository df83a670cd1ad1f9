"""What does the broker answer to who asks for an access token?

How a client or a refresh token is refused was not recorded: the bodies are those of the gateway product (APIGEE).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from supervisor.simulator import bodies
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.faults import Fault
from supervisor.simulator.oauth import Client
from supervisor.simulator.state import Broker
from supervisor.simulator.wire import json_reply, reply

USELESS = "refresh_useless"


def authorize(broker: Broker, call: Call, _: Sequence[Fault]) -> Any:
    """Sends the browser of a customer who consents at once to the client's callback, with a code (DOC D1 oauth/*)."""
    client_id = call.request.param("client_id")
    callback = broker.oauth.callback(client_id)
    if callback is None:
        raise Refused(bodies.fault(401, (bodies.INVALID_CLIENT[0].format(client_id), bodies.INVALID_CLIENT[1])))
    answer = {"code": broker.oauth.authorize(client_id, call.now), "state": call.request.param("state")}
    joint = "&" if "?" in callback else "?"
    return reply(302, "").with_headers({"Location": f"{callback}{joint}{urlencode(answer)}"})


def access_token(broker: Broker, call: Call, _: Sequence[Fault]) -> Any:
    """An access token for a code (`grant_type=authorization_code`)."""
    client = _client(broker, call)
    code = _granted(call, "authorization_code", "code")
    if not broker.oauth.redeem(code, client, call.now):
        raise Refused(bodies.oauth_refusal(400, "invalid_request", "Invalid Authorization Code"))
    return json_reply(200, broker.oauth.issue(client, call.now))


def refresh_token(broker: Broker, call: Call, met: Sequence[Fault]) -> Any:
    """Another access token for a refresh token; the access tokens issued before stay good for their time."""
    client = _client(broker, call)
    token = _granted(call, "refresh_token", "refresh_token")
    if token != client.refresh_token or token in broker.revoked | broker.expired:
        raise Refused(bodies.BAD_REFRESH)
    broker.oauth.turn(client)
    issued = broker.oauth.issue(client, call.now)
    if any(fault.spec.name == USELESS for fault in met):
        broker.revoked.add(issued["access_token"])
    return json_reply(200, issued)


def _client(broker: Broker, call: Call) -> Client:
    client = broker.oauth.client(call.request.headers.get("authorization", ""))
    if client is None:
        raise Refused(bodies.BAD_CLIENT)
    return client


def _granted(call: Call, kind: str, field: str) -> str:
    """What that kind of grant is asked with; refused where the request is of another kind or lacks it."""
    asked = call.request.param("grant_type")
    if not asked:
        raise Refused(bodies.oauth_refusal(400, "invalid_request", "Required param : grant_type"))
    if asked != kind:
        raise Refused(bodies.fault(500, (f"Unsupported grant type : {asked}", "oauth.v2.UnsupportedGrantType")))
    value = call.request.param(field)
    if not value:
        missing = f"The request is missing a required parameter : {field}"
        raise Refused(bodies.oauth_refusal(400, "invalid_request", missing))
    return value
