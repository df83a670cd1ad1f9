"""Who gets an access token, and how long is it good?

OAuth for approved partners (DOC D1 oauth/*): HTTP Basic with client id and secret, form fields, always JSON. An access
token lives 24 hours whatever happens, a code 10 minutes and one use, a refresh token for ever.
"""

import random
import string
from base64 import b64decode
from typing import Any

import attrs

from supervisor.simulator.hours import eastern

ACCESS_LIFE = 86_400.0
CODE_LIFE = 600.0
EXPIRES_IN = 86399
"""What the broker writes for 24 hours (DOC)."""
SCOPE = "read write trade market stream"
_LETTERS = string.ascii_letters + string.digits


@attrs.define
class Client:
    """One partner's program; None for `refresh_token`: the broker has not enabled refreshing for it."""

    id: str
    secret: str = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(repr=False)
    rotate: bool = False
    callback: str | None = None


class OAuth:
    """The clients, codes and tokens. Nobody is a client until allowed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"oauth {seed}")
        self._clients: dict[str, Client] = {}
        self._codes: dict[str, tuple[str, float]] = {}
        self._issued: dict[str, float] = {}

    def allow(
        self,
        client_id: str,
        secret: str,
        refresh_token: str | None = None,
        *,
        rotate: bool = False,
        callback: str | None = None,
    ) -> None:
        """That client is known by that secret from now on, instead of what it had before.

        Without a refresh token it is a client that may not refresh. `rotate`: each refresh brings another refresh token
        and the one used is refused from then on (not known of Tradier, whose refresh tokens do not expire). `callback`
        is where a customer's browser goes with the code.
        """
        self._clients[client_id] = Client(client_id, secret, refresh_token, rotate, callback)

    def callback(self, client_id: str) -> str | None:
        """Where that client's customers are sent, or None where it is unknown or has no such place."""
        known = self._clients.get(client_id)
        return known.callback if known else None

    def authorize(self, client_id: str, now: float) -> str:
        """The code that a customer's consent at that instant brings; good once, for 10 minutes."""
        code = self._made(8)
        self._codes[code] = (client_id, now + CODE_LIFE)
        return code

    def good_until(self, token: str) -> float | None:
        """Until when that access token is good, epoch seconds; None where it was not issued here."""
        return self._issued.get(token)

    def client(self, basic: str) -> Client | None:
        """The client whose id and secret a Basic `Authorization` header holds, or None."""
        scheme, _, value = basic.partition(" ")
        try:
            client_id, _, secret = b64decode(value, validate=True).decode().partition(":")
        except ValueError:  # not base64, or not text
            return None
        known = self._clients.get(client_id)
        return known if known and scheme.lower() == "basic" and known.secret == secret else None

    def redeem(self, code: str, client: Client, now: float) -> bool:
        """Spends the code; True where it was good and this client's."""
        client_id, ends = self._codes.pop(code, ("", 0.0))
        return client_id == client.id and now < ends

    def turn(self, client: Client) -> None:
        """The client's refresh token has been used."""
        if client.rotate:
            client.refresh_token = self._made(28)

    def issue(self, client: Client, now: float) -> dict[str, Any]:
        """A new access token, as the broker's reply has it (DOC)."""
        token = self._made(28)
        self._issued[token] = now + ACCESS_LIFE
        body = {
            "access_token": token,
            "expires_in": EXPIRES_IN,
            "issued_at": eastern(now).isoformat(timespec="seconds"),
            "scope": SCOPE,
            "status": "approved",
        }
        return body if client.refresh_token is None else {**body, "refresh_token": client.refresh_token}

    def as_dict(self) -> dict[str, int]:
        """For the control API: numbers only, no token or secret."""
        return {"clients": len(self._clients), "issued": len(self._issued)}

    def _made(self, length: int) -> str:
        return "".join(self._chance.choices(_LETTERS, k=length))
