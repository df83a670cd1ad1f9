"""How does a trading loop live with the supervisor? It buys one share, holds it for a while, sells it, and begins anew.

It asks by intent, since closing is possible when opening is not; takes "unknown" for neither yes nor no; sends nothing
twice; and learns from callbacks what is wrong. See it with `supervisor run --demo --with-agent`.
"""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from threading import Event as Flag
from time import time
from typing import Any

from supervisor import Event, EventKind, Supervisor, SupervisorError
from supervisor.orders import Canceled, Outcome, Result

PATIENCE = 5
"""Steps that an order may work before it is canceled."""
REMEMBERED = 100


class Agent:
    """One share of one symbol, in and out. Call `step()` from your loop, or `run()` in a thread.

    `say` hears one line for whatever it does. `held` is what it owns, as far as its own orders tell.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        symbol: str = "AAPL",
        *,
        hold: int = 3,
        say: Callable[[str], Any] | None = None,
    ) -> None:
        self.supervisor = supervisor
        self.symbol = symbol
        self.held = Decimal(0)
        self.opened = self.closed = 0
        self.lines: deque[str] = deque(maxlen=REMEMBERED)
        self.say = say
        self._hold = hold
        self._since = 0
        self._steps = 0
        self._order: tuple[str, str] | None = None
        """The side and tag of the order under way."""
        self._sent_at = 0
        self._why = ""
        supervisor.subscribe(self._heard, name="agent")

    def run(self, stopping: Flag, every: float = 1.0) -> None:
        """Steps until told to stop, `every` so many seconds."""
        while not stopping.wait(every):
            try:
                self.step()
            except SupervisorError as error:
                self._tell(f"could not: {error}")

    def step(self) -> None:
        """One look at what is under way, or one decision."""
        self._steps += 1
        if self._order is not None:
            self._follow(*self._order)
        elif self.held > 0:
            if self._steps - self._since >= self._hold:
                self._send("sell", self.held)
        else:
            self._send("buy", Decimal(1))

    # ---------------------------------------------------------------- one order

    def _send(self, side: str, quantity: Decimal) -> None:
        """Sends one order if the gate allows that intent and there is a price."""
        order: dict[str, Any] = {"symbol": self.symbol, "side": side, "quantity": int(quantity), "type": "limit"}
        decision = self.supervisor.check(order)
        if not decision.allowed:
            self._wait(f"no {side}: " + "; ".join(f"{r.concern} is {r.state}" for r in decision.reasons))
            return
        price = self._price(side)
        if price is None:
            self._wait(f"no {side}: there is no price, and none is guessed")
            return
        name = f"{self.symbol}-{side}-{time():.0f}-{self._steps}"  # an intent of its own: the same again is a duplicate
        result = self.supervisor.orders.submit({**order, "price": price, "duration": "day", "intent_id": name})
        if result.outcome is Outcome.REFUSED or result.tag is None:
            self._wait(f"no {side}: " + "; ".join(result.errors))
            return
        self._tell(f"{side} {quantity:.0f} {self.symbol} at {price}: {result.outcome}")
        self._order, self._sent_at = (side, result.tag), self._steps
        self._settle(side, result)

    def _follow(self, side: str, tag: str) -> None:
        """What became of the order under way. Unknown is neither booked nor not: it waits, and sends nothing again."""
        result = self.supervisor.orders.status(tag)
        if self._settle(side, result) or result.outcome is Outcome.UNKNOWN:
            return
        if self._steps - self._sent_at >= PATIENCE and result.order_id is not None:
            word = self.supervisor.orders.cancel(result.order_id)
            if word.outcome is not Canceled.UNKNOWN:
                self._tell(f"canceled the {side}: {word.outcome}")
                self._settle(side, self.supervisor.orders.status(tag))

    def _settle(self, side: str, result: Result) -> bool:
        """Whether the order is over; then what has filled is counted."""
        if not result.final:
            return False
        self._order = None
        if result.filled > 0:
            self.held += result.filled if side == "buy" else -result.filled
            self._since = self._steps
            self.opened += side == "buy"
            self.closed += side == "sell"
            self._tell(f"{side} filled: holding {self.held:.0f}")
        elif result.outcome is not Outcome.LANDED:
            self._tell(f"{side} came to nothing: " + "; ".join(result.errors))
        return True

    def _price(self, side: str) -> Decimal | None:
        """What it costs just now; None where that can't be read."""
        reading = self.supervisor.broker.lookups().quotes((self.symbol,), 2.0)
        quote = next(iter(getattr(reading.value, "quotes", ())), None) if reading.failure is None else None
        price = getattr(quote, "ask" if side == "buy" else "bid", None)
        return price if isinstance(price, Decimal) and price > 0 else None

    # ---------------------------------------------------------------- words

    def _heard(self, event: Event) -> None:
        """What the supervisor tells: here only said; a real agent might pull its resting entries."""
        if event.kind in (EventKind.DETECTED, EventKind.RESOLVED):
            self._tell(f"told: {event.kind.value} {event.issue.code}")

    def _wait(self, why: str) -> None:
        """Says why it does nothing, once for each reason."""
        if why != self._why:
            self._tell(why)
            self._why = why

    def _tell(self, line: str) -> None:
        self._why = ""
        self.lines.append(line)
        if self.say is not None:
            self.say(line)
