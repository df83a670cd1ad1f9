"""A supervisor that heals, on a simulated broker, in process, with a frozen clock; and what it told whom."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
from freezegun import freeze_time
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ReadTimeout
from supervisor.concerns.facts import Place
from supervisor.config import Settings
from supervisor.journal.query import Where, entries
from supervisor.journal.store import Journal
from supervisor.monitor.memory import Memory
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import TradierBroker
from supervisor.remedies.wallet import Wallet
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter, preset
from supervisor.tradier.client import Reader

MONDAY = "2026-11-23T15:00:00Z"
SANDBOX, LIVE = "https://sandbox.tradier.com/v1", "https://api.tradier.com/v1"
EXACT = Settings(live_jitter=False)
FIRST_TOKEN = "first-token-Zq81"


@attrs.define
class Client:
    """The part of an agent's adapter that is looked at."""

    api_base: str


@attrs.define
class Submitter:
    """An agent's own adapter."""

    sandbox: bool
    rest_client: Client


def answered(body: Any, status: int = 200) -> Response:
    """A response of that JSON."""
    response = Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    response.headers["Content-Type"] = "application/json"
    response.elapsed = timedelta(0)
    return response


class Net(BaseAdapter):
    """The network: the simulated broker, its token endpoint, and sessions that can wear out.

    `worn` makes the sessions made so far hang until they are closed; `grants` are the pairs the token endpoint gives.
    """

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self.simulator = simulator
        self.grants: list[Any] = []
        self.asked: list[tuple[str, str]] = []
        self._sessions: list[Session] = []
        self._inner = SimulatorAdapter(simulator)

    def session(self) -> "Session":
        self._sessions.append(Session(self))
        return self._sessions[-1]

    def wear_out(self) -> None:
        for session in self._sessions:
            session.worn = True

    def send(self, request: PreparedRequest, **settings: Any) -> Response:  # type: ignore[override]  # all are passed on
        if str(request.url).endswith("/oauth/refreshtoken"):
            user = b64decode(str(request.headers["Authorization"]).removeprefix("Basic ")).decode()
            self.asked.append((user, str(request.body)))
            given = self.grants.pop(0)
            if isinstance(given, Exception):
                raise given
            return answered(given)
        return self._inner.send(request, **settings)

    def close(self) -> None:
        pass


class Session(BaseAdapter):
    """Connections of one session."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net
        self.worn = False

    def send(self, request: PreparedRequest, **settings: Any) -> Response:  # type: ignore[override]  # all are passed on
        if self.worn:
            raise ReadTimeout("worn out")
        return self.net.send(request, **settings)

    def close(self) -> None:
        pass


class Ward:
    """One supervisor under treatment. `heard` are the owner's callbacks, in order, in short words."""

    def __init__(
        self,
        frozen: Any,
        root: Path | None = None,
        *,
        simulator: Simulator | None = None,
        base: str = SANDBOX,
        intended: Place = Place.SANDBOX,
        account: str = DEFAULT_ACCOUNT,
        settings: Settings = EXACT,
        submitter: Any = None,
        make_wallet: Callable[["Ward"], Wallet] | None = None,
        **options: Any,
    ) -> None:
        self.frozen = frozen
        self.root = root
        self.simulator = simulator or preset("healthy_margin")
        self.net = Net(self.simulator)
        self.token = FIRST_TOKEN
        self.account = account
        self.heard: list[str] = []
        self.submitter = submitter
        self.make_wallet = make_wallet or (lambda ward: Wallet(lambda: ward.token))
        self._how: dict[str, Any] = {"base": base, "intended": intended, "settings": settings, "options": options}
        self.supervisor = self.start()

    def start(self) -> Supervisor:
        """A new process on the same folder."""
        base, intended, settings = self._how["base"], self._how["intended"], self._how["settings"]
        self.wallet = self.make_wallet(self)
        reader = Reader(base, self.wallet.current, self.account, intended=intended, adapter=self.net.session())
        broker = TradierBroker(reader, self.wallet.current, intended=intended, adapter=self.net, wallet=self.wallet)
        broker.wiring._fresh = self.net.session
        broker.wiring.submitter = self.submitter
        self.broker = broker
        self.supervisor = Supervisor(
            broker,
            settings=settings,
            memory=self.memory() if self.root else None,
            inline=True,
            on_issue_detected=lambda issue: self.heard.append(f"detected {issue.code}"),
            on_issue_resolved=lambda issue: self.heard.append(f"resolved {issue.code} {issue.outcome}"),
            on_auto_fix_applied=lambda issue, result: self.heard.append(f"{result} {issue.code}"),
            **self._how["options"],
        )
        return self.supervisor

    def memory(self) -> Memory:
        assert self.root is not None
        return Memory(self.root, account=self.account, environment="sandbox")

    def run(self, seconds: float) -> "Ward":
        """Lets that long pass, ticking whenever something is due."""
        left = seconds
        self.supervisor.tick()
        while True:
            wait = max(0.01, self.supervisor.due_at() - self.supervisor.now())
            if wait > left:
                self.frozen.tick(timedelta(seconds=left))
                return self
            self.frozen.tick(timedelta(seconds=wait))
            left -= wait
            self.supervisor.tick()

    def take(self) -> list[str]:
        """What the owner's callbacks heard since last asked."""
        heard, self.heard = self.heard, []
        return heard

    def states(self, remedy: str) -> list[str]:
        """The states that the life of that remedy's repairs went through, by the journal."""
        return [e.body["target"] for e in self.journal("move", "repair") if e.body["key"].endswith(f":{remedy}")]

    def journal(self, kind: str, concern: str | None = None) -> list[Any]:
        assert self.root is not None
        with Journal.open(self.memory().home.journal, read_only=True) as journal:
            return list(entries(journal, Where(kind=kind, concern=concern)))

    def fix(self, index: int = -1) -> dict[str, Any]:
        return self.supervisor.fixes()[index]

    @property
    def fixed(self) -> int:
        return self.supervisor.book.stats.issues_auto_fixed

    def codes(self) -> list[str]:
        return [issue.code for issue in self.supervisor.health().issues]

    def restart(self) -> Supervisor:
        """The process ends properly, and another takes over."""
        self.supervisor.stop()
        return self.start()

    def killed(self) -> Supervisor:
        """The process dies without a word, and another takes over."""
        self.supervisor.memory.close()
        return self.start()


@contextmanager
def ward(root: Path | None = None, **how: Any) -> Iterator[Ward]:
    """A ward under a frozen clock."""
    with freeze_time(how.pop("at", MONDAY)) as frozen:
        made = Ward(frozen, root, **how)
        try:
            yield made
        finally:
            made.supervisor.stop()


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
