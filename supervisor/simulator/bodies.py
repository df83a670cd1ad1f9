"""Which bodies does the broker send when it does not answer the question?

Each is word for word as the reference has it (sections 2, 3, 10); its confidence is said there.
"""

from typing import Any

from supervisor.simulator.wire import XML_TYPE, Reply, json_reply, reply

BACKEND = "An error occurred while communicating with the backend."
UNEXPECTED = {"message": "An error occurred while processing your request", "error": "Unexpected server error"}
INVALID_TOKEN = ("Invalid Access Token", "keymanagement.service.invalid_access_token")
EXPIRED_TOKEN = ("Access Token expired", "keymanagement.service.access_token_expired")
WRONG_PRODUCT = (
    "Invalid API call as no apiproduct match found",
    "keymanagement.service.InvalidAPICallAsNoApiProductMatchFound",
)
MISSING_TOKEN = ("Invalid access token", "oauth.v2.InvalidAccessToken")
INVALID_CLIENT = ("Invalid client identifier {0}", "oauth.v2.InvalidClientIdentifier")
INVALID_KEY = ("Invalid ApiKey", "oauth.v2.InvalidApiKey")
SCOPE = ("Insufficient scope", "steps.oauth.v2.InsufficientScope")
TIMEOUT = ("Gateway Timeout", "messaging.adaptors.http.flow.GatewayTimeout")
DATASTORE = ("Datastore Error", "steps.servicecallout.ExecutionFailed")
TOO_BIG = ("Body buffer overflow", "protocol.http.TooBigBody")
QUOTA = ("Rate limit quota violation. Quota limit  exceeded. Identifier : {0}", "policies.ratelimit.QuotaViolation")
NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
DOCS_SITE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Tradier API</title>'
    '<meta name="generator" content="readme.io"></head><body><div id="ssr-main">Welcome</div></body></html>'
)
MAINTENANCE = "<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body>Back soon.</body></html>"


def fault(status: int, words: tuple[str, str]) -> Reply:
    """A gateway fault in JSON."""
    return json_reply(status, {"fault": {"faultstring": words[0], "detail": {"errorcode": words[1]}}})


def xml_fault(status: int, words: tuple[str, str]) -> Reply:
    """A gateway fault in XML, whatever was asked for (FIX LEAN#14)."""
    text = (
        "<?xml version='1.0' encoding='UTF-8'?><fault>"
        f"<faultstring>{words[0]}</faultstring><detail><errorcode>{words[1]}</errorcode></detail></fault>"
    )
    return reply(status, text, "text/xml")


def oauth_refusal(status: int, code: str, why: str) -> Reply:
    """How the gateway refuses a client or what it asks with (APIGEE; not recorded for Tradier)."""
    return json_reply(status, {"ErrorCode": code, "Error": why})


def html(status: int, text: str) -> Reply:
    """A web page where an answer was due."""
    return reply(status, text, "text/html")


def nginx(status: int, title: str) -> Reply:
    """The stock page of the proxy in front (LEAN#55)."""
    return html(status, NGINX.format(f"{status} {title}"))


def xml(status: int, text: str) -> Reply:
    """XML where JSON was asked for."""
    return reply(status, text, XML_TYPE)


def unauthorized(account: str) -> Reply:
    """The 401 of a foreign account and of an unknown order id alike (MEAS M1)."""
    return reply(401, f"Unauthorized Account: {account}")


def invalid(name: str, reason: str) -> Reply:
    """Family A: a 400 of one bare sentence."""
    return reply(400, f"Invalid parameter, {name}: {reason}")


def errors(error: Any) -> dict[str, Any]:
    """Family B: what a 200 that carries a refusal says; JSON or XML, as was asked for."""
    return {"errors": {"error": error}}


BAD_CLIENT = oauth_refusal(401, "invalid_client", "ClientId is Invalid")
BAD_REFRESH = oauth_refusal(400, "invalid_request", "Invalid Refresh Token")
