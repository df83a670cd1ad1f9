"""Each of the nine remedies once proved, and its failing twin: exact events, callbacks, journal, state and budget."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import attrs
import pytest
from requests.exceptions import ReadTimeout
from supervisor.config import Settings
from supervisor.core.words import OPENING
from supervisor.journal.store import Journal
from supervisor.journal.verify import verify
from supervisor.remedies import standard
from supervisor.remedies.rails import refusal, spent
from supervisor.simulator import preset

from remedies.test_remedies_endpoint import astray
from remedies.test_remedies_orders import LIMIT, NO_BUYING_POWER, fails, settings
from remedies.test_remedies_tokens import GRANT, NEW, oauth, with_file
from remedies.ward import FIRST_TOKEN, LIVE, Ward, ward

PROVED = ["planned", "applying", "verifying", "fixed"]
UNDONE = ["planned", "applying", "verifying", "undoing", "undone"]


@attrs.frozen
class Story:
    """One remedy's story. `during` and `after` are asked of the ward while it is being proved, and at the end."""

    remedy: str
    code: str
    began: Callable[[Path], Any]
    trouble: Callable[[Ward], None]
    seconds: float
    after: Callable[[Ward], bool]
    states: list[str] = attrs.field(factory=lambda: PROVED)
    steps: tuple[str, ...] = ("repair_applied", "repair_proved")

    @property
    def result(self) -> str:
        return {"fixed": "fixed", "undone": "failed", "partial": "partial"}[self.states[-1]]

    def __str__(self) -> str:
        return f"{self.remedy}-{self.result}"


@contextmanager
def plain(root: Path, **how: Any) -> Iterator[Ward]:
    with ward(root / "home", **how) as w:
        w.run(1)
        w.take()
        yield w


def opted(root: Path) -> Any:
    return plain(root, settings=settings(remedies=(("order_size", "auto"),)))


def with_token_file(root: Path) -> Any:
    return plain(root, make_wallet=with_file(root / "token"))


def with_oauth(root: Path) -> Any:
    return plain(root, make_wallet=oauth(root / "pair.json"))


def wrong_host(root: Path) -> Any:
    return ward(root / "home", base=LIVE, submitter=astray())


def wrong_account(root: Path) -> Any:
    live = "6YA00001"
    return ward(root / "home", base=LIVE, submitter=astray(), account=live, simulator=preset("healthy_margin", live))


def beside(w: Ward, name: str) -> Path:
    assert w.root is not None
    return w.root.parent / name


def expired(w: Ward, *, good: bool) -> None:
    w.net.grants.append(GRANT)
    w.simulator.expire(FIRST_TOKEN)
    if not good:
        w.simulator.revoke(NEW)


def rotated(w: Ward, *, good: bool) -> None:
    w.simulator.allow_only(NEW if good else "third-token-Jj55")
    beside(w, "token").write_text(NEW)


def misspelled(w: Ward, *, good: bool) -> None:
    fails(w, {**LIMIT, "symbol": "aapl"}, "Undefined symbol: aapl")
    if not good:
        w.simulator.inject("http_500_backend", "quotes")


def misformatted(w: Ward, *, good: bool) -> None:
    fails(w, {**LIMIT, "symbol": "AAPL", "side": "BUY"}, "Invalid parameter, side: BUY")
    if not good:
        w.simulator.inject("http_500_backend", "quotes")


def too_large(w: Ward, *, good: bool) -> None:
    w.simulator.account.stock_power = D(20_000)
    fails(w, {**LIMIT, "symbol": "AAPL", "quantity": 1000, "price": "200"}, NO_BUYING_POWER)
    if not good:
        w.simulator.account.stock_power = D(100)


def worn(w: Ward, *, good: bool) -> None:
    w.net.wear_out()
    if not good:
        w.run(92)  # the fresh session is in use by then
        w.net.wear_out()


def throttled(w: Ward, *, good: bool) -> None:
    w.simulator.inject("http_429", count=1 if good else None)


def offered(w: Ward) -> Any:
    return w.supervisor.offered(w.fix(0)["issue"])


LADDER = {
    "states": ["planned", "applying", "applying", "verifying"],
    "steps": ("repair_applied", "repair_released", "repair_applied"),
}
STORIES = [
    Story("endpoint", "endpoint_mismatch", wrong_host, lambda w: None, 35,
          lambda w: w.submitter.sandbox and w.supervisor.can_trade()),
    Story("endpoint", "endpoint_mismatch", wrong_account, lambda w: None, 200,
          lambda w: w.submitter.sandbox and not w.supervisor.gate.permits_now() & OPENING,
          [*UNDONE[:-1], "partial"], ("repair_applied", "repair_partial")),
    Story("token_refresh", "credentials_rejected", with_oauth, lambda w: expired(w, good=True), 110,
          lambda w: w.wallet.current() == NEW),
    Story("token_refresh", "credentials_rejected", with_oauth, lambda w: expired(w, good=False), 260,
          lambda w: w.wallet.current() == FIRST_TOKEN, UNDONE, ("repair_applied", "repair_undone")),
    Story("reauthentication", "credentials_rejected", with_token_file, lambda w: rotated(w, good=True), 110,
          lambda w: w.wallet.current() == NEW),
    Story("reauthentication", "credentials_rejected", with_token_file, lambda w: rotated(w, good=False), 260,
          lambda w: w.wallet.current() == FIRST_TOKEN, UNDONE, ("repair_applied", "repair_undone")),
    Story("symbol", "order_failure_symbol", plain, lambda w: misspelled(w, good=True), 35,
          lambda w: offered(w)["symbol"] == "AAPL"),
    Story("symbol", "order_failure_symbol", plain, lambda w: misspelled(w, good=False), 185,
          lambda w: offered(w) is None, UNDONE, ("repair_applied", "repair_undone")),
    Story("formatting", "order_failure_order", plain, lambda w: misformatted(w, good=True), 35,
          lambda w: offered(w)["side"] == "buy"),
    Story("formatting", "order_failure_order", plain, lambda w: misformatted(w, good=False), 185,
          lambda w: offered(w) is None, UNDONE, ("repair_applied", "repair_undone")),
    Story("order_size", "order_failure_funds", opted, lambda w: too_large(w, good=True), 35,
          lambda w: offered(w)["quantity"] == 98 and w.fix()["plan"] == "reduce it from 1000 to 98"),
    Story("order_size", "order_failure_funds", opted, lambda w: too_large(w, good=False), 185,
          lambda w: offered(w) is None, UNDONE, ("repair_applied", "repair_undone")),
    Story("connection", "connection_failed", plain, lambda w: worn(w, good=True), 130,
          lambda w: w.codes() == [], [*LADDER["states"], "fixed"], (*LADDER["steps"], "repair_proved")),
    Story("connection", "connection_failed", plain, lambda w: worn(w, good=False), 190,
          lambda w: not w.supervisor.can_trade(), [*LADDER["states"], "undoing", "undone"],
          (*LADDER["steps"], "repair_undone")),
    Story("quota", "rate_limited", plain, lambda w: throttled(w, good=True), 160,
          lambda w: not w.broker.reader.quota._held_back),
    Story("quota", "rate_limited", plain, lambda w: throttled(w, good=False), 250,
          lambda w: not w.broker.reader.quota._held_back, UNDONE, ("repair_applied", "repair_undone")),
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_remedy_is_proved_or_undone_and_all_of_it_is_told_and_on_record(tmp_path: Path, story: Story) -> None:
    with story.began(tmp_path) as w:
        story.trouble(w)
        w.run(story.seconds)
        fixed = story.result == "fixed"
        told = [f"detected {story.code}", f"{story.result} {story.code}"]
        assert w.take() == [*told, *([f"resolved {story.code} recovered"] if fixed else [])]
        assert w.states(story.remedy) == story.states
        assert tuple(entry.body["step"] for entry in w.journal("mend")) == story.steps
        events = [event for entry in w.journal("move") for event in entry.body["events"]]
        assert [event["kind"] for event in events] == ["detected", *(["fixed", "resolved"] if fixed else [])]
        assert {event["issue"]["code"] for event in events} == {story.code}
        (fix,) = w.supervisor.fixes()
        assert (fix["remedy"], fix["result"]) == (story.remedy, story.result)
        assert w.fixed == fixed
        assert story.after(w)
        one_more_is_refused(w)
        if not fixed:
            (issue,) = (issue for issue in w.supervisor.health().issues if issue.code == story.code)
            assert (issue.auto_fix_result, issue.auto_fix_applied) == (story.result, story.result == "partial")
        with Journal.open(w.memory().home.journal, read_only=True) as journal:
            assert verify(journal).ok


def one_more_is_refused(w: Ward) -> None:
    """The budget is spent by one, and the cool-down runs."""
    (repair,) = w.supervisor.healing.healer.ledger.repairs
    now = w.supervisor.now()
    assert spent([repair], repair.concern, now - 900) == [repair]
    found = refusal([repair], repair.concern, now, repair.ended or now, Settings(), storm=False, root=False)
    assert found is not None
    assert "a short while ago" in found.words


def test_every_remedy_has_its_story_and_its_twin() -> None:
    """The journal's own two stories are in test_remedies_journal: the record of them begins anew."""
    told = {(story.remedy, story.result == "fixed") for story in STORIES}
    wanted = {(remedy.name, good) for remedy in standard() for good in (True, False) if remedy.name != "journal"}
    assert told == wanted


def test_a_lost_reply_to_a_refresh_is_told_as_failed_and_the_old_token_stays(tmp_path: Path) -> None:
    with with_oauth(tmp_path) as w:
        w.net.grants.append(ReadTimeout("lost"))
        w.simulator.expire(FIRST_TOKEN)
        w.run(100)
        assert w.take() == ["detected credentials_rejected", "failed credentials_rejected"]
        assert w.states("token_refresh") == ["planned", "applying", "undoing", "undone"]
        assert len(w.net.asked) == 1
        one_more_is_refused(w)
