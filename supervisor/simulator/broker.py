"""How does the simulated broker answer one request? A pure core: no clock, socket or thread of its own."""

from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any

import attrs

from supervisor.errors import SupervisorError
from supervisor.simulator import bars, bodies, happenings, markets, placing, reads, tokens, watchlists
from supervisor.simulator.accounts import Account
from supervisor.simulator.call import Call, Refused
from supervisor.simulator.faults import Fault, Faults
from supervisor.simulator.fills import settle
from supervisor.simulator.oauth import OAuth
from supervisor.simulator.orders import Booking
from supervisor.simulator.quotes import Quotes
from supervisor.simulator.routes import OAUTH, UNKNOWN, methods, route
from supervisor.simulator.state import Broker, Logged
from supervisor.simulator.wire import Reply, Request, encoded, http_date, starred

Handler = Callable[[Broker, Call, Sequence[Fault]], Any]

_HANDLERS: dict[str, Handler] = {
    "profile": reads.profile,
    "balances": reads.balances,
    "positions": reads.positions,
    "orders": reads.orders,
    "order_status": reads.order_status,
    "gainloss": reads.gainloss,
    "history": reads.history,
    "user_balances": reads.everywhere(reads.balances),
    "user_positions": reads.everywhere(reads.positions),
    "user_orders": reads.everywhere(reads.orders),
    "user_gainloss": reads.everywhere(reads.gainloss),
    "user_history": reads.everywhere(reads.history),
    "quotes": markets.quotes,
    "lookup": markets.lookup,
    "search": markets.search,
    "clock": markets.clock,
    "calendar": markets.calendar,
    "bars": bars.history,
    "timesales": bars.timesales,
    "etb": bars.easy_to_borrow,
    "chains": markets.chains,
    "expirations": markets.expirations,
    "strikes": markets.strikes,
    "option_lookup": markets.option_lookup,
    "account_session": markets.account_session,
    "market_session": markets.market_session,
    "order": placing.place,
    "preview": placing.preview,
    "modify": placing.modify,
    "cancel": placing.cancel,
    "watchlists": watchlists.listed,
    "watchlist": watchlists.one,
    "watchlist_create": watchlists.create,
    "watchlist_change": watchlists.change,
    "watchlist_delete": watchlists.delete,
    "watchlist_add": watchlists.add,
    "watchlist_remove": watchlists.remove,
    "authorize": tokens.authorize,
    "accesstoken": tokens.access_token,
    "refreshtoken": tokens.refresh_token,
}


class Simulator:
    """A Tradier that fails on command.

    `accounts` are those the token may see, one margin account unless told; `ours` is the one that account faults are
    about, the first unless told. `limits` is "sandbox" or "live" for the documented quotas, "counted" for quotas told
    of but never refused, None for none. All that looks random comes from `seed`. Safe to use from several threads.
    """

    def __init__(
        self,
        accounts: Sequence[Account] | None = None,
        *,
        ours: str | None = None,
        limits: str | None = None,
        seed: int = 0,
    ) -> None:
        known = list(accounts) if accounts else [Account()]
        self.state = Broker(known, ours or known[0].number, limits, seed)
        self.lock = RLock()
        self.watchers: list[Callable[[], None]] = []
        """Called after faults were injected or cleared: a server that closed its port wants to know."""

    @property
    def account(self) -> Account:
        """Our account, to read or to change."""
        return self.state.accounts[self.state.ours]

    @property
    def accounts(self) -> dict[str, Account]:
        """All accounts by number."""
        return self.state.accounts

    @property
    def quotes(self) -> Quotes:
        """The market's prices."""
        return self.state.quotes

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self.state.faults

    @property
    def oauth(self) -> OAuth:
        """The clients that may ask for tokens: `simulator.oauth.allow(client_id, secret, refresh_token)`."""
        return self.state.oauth

    @property
    def requests(self) -> list[Logged]:
        """The latest requests, oldest first (10,000 at most)."""
        with self.lock:
            return list(self.state.requests)

    @property
    def bookings(self) -> list[Booking]:
        """Every order really booked, oldest first."""
        with self.lock:
            return list(self.state.bookings)

    def inject(
        self,
        name: str,
        endpoint: str | None = None,
        *,
        seconds: float | None = None,
        count: int | None = None,
        method: str | None = None,
        chance: float | None = None,
        **params: Any,
    ) -> None:
        """Puts a fault of `FAULTS` in force: at an endpoint (or several, by commas; "*" is all), for a time in seconds
        from the next request on, or for a count of requests, or until cleared; for a share of them where there is a
        chance (0 to 1). SupervisorError names what is unknown.
        """
        with self.lock:
            self.state.faults.inject(
                name, endpoint, seconds=seconds, count=count, method=method, chance=chance, **params
            )
        self.changed()

    def clear(self, name: str | None = None) -> None:
        """Ends all faults, or those of one name; what they did stays done."""
        with self.lock:
            self.state.faults.clear(name)
            for order in (order for orders in self.state.orders.values() for order in orders):
                for part in order.parts():
                    if name in {None, "partial_fill" if part.fill_limit else "unfilled"}:
                        part.fill_limit = None
        self.changed()

    def limit(self, kind: str | None) -> None:
        """From now on those quotas: "sandbox", "live", "counted" or None; SupervisorError names an unknown one."""
        with self.lock:
            self.state.limits.become(kind)

    def revoke(self, token: str) -> None:
        """That token is refused from now on."""
        with self.lock:
            self.state.revoked.add(token)

    def expire(self, token: str) -> None:
        """That token is refused as expired from now on."""
        with self.lock:
            self.state.expired.add(token)

    def allow_only(self, *tokens: str) -> None:
        """Only these tokens and those issued by OAuth are good; without any, every token is good again.

        Revoked and expired ones too then, but for tokens issued by OAuth whose 24 hours are over.
        """
        with self.lock:
            self.state.tokens = set(tokens) or None
            if not tokens:
                self.state.revoked.clear()
                self.state.expired.clear()

    def assign(self, symbol: str, quantity: Any, *, account: str | None = None, now: float | None = None) -> None:
        """So many short contracts are assigned: shares move at the strike, for an index the intrinsic value is paid.

        In our account unless told, at that instant or that of the latest request. SupervisorError where not so many
        are short.
        """
        with self.lock:
            happenings.assign(self.state, self._of(account), symbol.upper(), quantity, self._at(now))

    def expire_options(self, now: float) -> None:
        """Every contract that has expired by then is gone from every account, and orders for it with it.

        What is a cent or more in the money is exercised or assigned. Nothing expires unless told so.
        """
        with self.lock:
            happenings.expire(self.state, self._at(now))

    def foreign_fill(
        self, symbol: str, quantity: Any, price: Any, *, account: str | None = None, now: float | None = None
    ) -> None:
        """Somebody else bought, or sold where the quantity is negative: cash and position move, no order shows it.

        In our account unless told, at that instant or that of the latest request; `price` is per share.
        """
        with self.lock:
            happenings.foreign_fill(self.state, self._of(account), symbol.upper(), quantity, price, self._at(now))

    def _of(self, number: str | None) -> Account:
        account = self.state.accounts.get(number or self.state.ours)
        if account is None:
            raise SupervisorError(f"There is no account ending in {str(number)[-4:]} here.")
        return account

    def _at(self, now: float | None) -> float:
        """That instant, everything due by then having happened; else the latest request's, or when we were opened."""
        if now is None:
            return self.state.requests[-1].at if self.state.requests else self.account.opened
        settle(self.state, now)
        return now

    def respond(self, request: Request, now: float) -> Reply:
        """The broker's reply to that request at that instant (epoch seconds)."""
        call = route(request, now)
        with self.lock:
            shown = starred(request.query), starred(request.form)
            self.state.requests.append(Logged(now, request.method, request.path, call.endpoint, *shown))
            settle(self.state, now)
            return self._respond(call)

    def _respond(self, call: Call) -> Reply:
        met = self.state.faults.striking(call)
        instead = next((fault for fault in met if fault.spec.answer), None)
        if instead and instead.spec.answer and not instead.params.get("after"):
            answer = instead.spec.answer(call, instead.params)
        else:
            answer = self._answer(call, met)
            if instead and instead.spec.answer:
                answer = instead.spec.answer(call, instead.params)
        answer = answer.with_headers({"Date": http_date(call.now)})
        for fault in met:
            if fault.spec.twist and answer.behaviour is None:
                answer = fault.spec.twist(answer, call, fault.params)
        return answer.bodiless() if call.request.method == "HEAD" else answer

    def _answer(self, call: Call, met: Sequence[Fault]) -> Reply:
        """What a broker in health answers."""
        if call.category == OAUTH:
            return self._handled(call, met)
        scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
        refusal = self._token_refused(scheme, token.strip(), call.now)
        if refusal:
            return refusal
        headers, over = self.state.limits.spend(token, call.category, call.now)
        if over:
            return over
        if call.endpoint == UNKNOWN:
            allowed = methods(call.request.path)
            if not allowed:
                return bodies.nginx(404, "Not Found")
            return bodies.nginx(405, "Not Allowed").with_headers({"Allow": ", ".join(allowed)})
        return self._handled(call, met).with_headers(headers)

    def _handled(self, call: Call, met: Sequence[Fault]) -> Reply:
        try:
            given = _HANDLERS[call.endpoint](self.state, call, met)
        except Refused as refused:
            given = refused.answer
        return given if isinstance(given, Reply) else encoded(call.request, given)

    def _token_refused(self, scheme: str, token: str, now: float) -> Reply | None:
        state = self.state
        if scheme.lower() != "bearer" or not token:
            return bodies.fault(401, bodies.MISSING_TOKEN)
        until = state.oauth.good_until(token)
        if token in state.expired or (until is not None and now >= until):
            return bodies.fault(401, bodies.EXPIRED_TOKEN)
        listed = until is not None or state.tokens is None or token in state.tokens
        if token in state.revoked or not listed:
            return bodies.fault(401, bodies.INVALID_TOKEN)
        return None

    def changed(self) -> None:
        """Tells the watchers that the faults are no longer the same."""
        for watcher in list(self.watchers):
            watcher()

    def as_dict(self) -> dict[str, Any]:
        """The state, for the control API and for people."""
        with self.lock:
            state = self.state
            return {
                "ours": state.ours,
                "accounts": {
                    number: attrs.asdict(account, filter=lambda field, _: field.name not in {"gains", "history"})
                    for number, account in state.accounts.items()
                },
                "faults": [fault.as_dict() for fault in state.faults.active],
                "requests": len(state.requests),
                "bookings": len(state.bookings),
                "oauth": state.oauth.as_dict(),
            }
