"""Can the proof fail? Planted faults, books that err and verdicts that give too much are found."""

import attrs
import pytest
from supervisor.core.book import Book
from supervisor.core.concern import Concern
from supervisor.core.event import Event, EventKind
from supervisor.core.explore import How, Property, explore, prove
from supervisor.core.explore_fold import fold_pairs, unequal, wrong_score, wrong_with
from supervisor.core.explore_masking import masking
from supervisor.core.explore_rules import _follow, paired
from supervisor.core.explore_walk import walk
from supervisor.core.issue import Issue
from supervisor.core.reading import Round
from supervisor.core.slot import Sweep
from supervisor.core.table import Arrow, State, Table
from supervisor.core.verdict import Reason, Verdict, fold
from supervisor.core.words import ALL, CLOSING, CRITICAL, ERROR, KEEP, OK, TIME, WARNING, Outcome, Permit
from supervisor.testing import seeded
from supervisor.testing.seeded import SEEDED, Seeded, unfound
from transitions.core import Condition

from core.core_books import OPEN_FOR, toy

# ---------------------------------------------------------------- it can fail


def test_every_planted_fault_is_found() -> None:
    assert list(unfound()) == []


@pytest.mark.parametrize("one", SEEDED, ids=lambda one: one.fault)
def test_a_planted_fault_is_named_with_the_way_there(one: Seeded) -> None:
    named = [f for f in prove(one.build(), how=one.how).findings if one.finding in f.words and f.broken is one.breaks]
    assert named
    assert str(named[0]).startswith(f"{named[0].table}: ")


def test_every_property_has_a_planted_fault_that_breaks_it() -> None:
    assert {one.breaks for one in SEEDED} == set(Property)


@pytest.mark.parametrize("one", [one for one in SEEDED if one.how == How()], ids=lambda one: one.fault)
def test_a_fault_of_a_table_is_found_with_the_shortest_way_there(one: Seeded) -> None:
    named = next(f for f in prove(one.build()).findings if one.finding in f.words)
    assert (named.path and named.heard) or "is never" in named.words or named.path == ("begins unknown",)


def test_what_is_not_found_is_said() -> None:
    sound = Seeded("nothing at all", Property.OPENS, lambda: (seeded.concern(),), "anything")
    assert list(unfound([sound])) == ["nothing at all"]
    assert prove([seeded.concern(), seeded.concern("child", "sound")]).ok


def test_a_life_is_held_to_its_own_rules() -> None:
    assert explore(OPEN_FOR).findings == ()
    stuck = Table(
        "stuck",
        (State("a", OK, ALL, means="A."), State("b", WARNING, ALL, issue="b", means="B.", final=True)),
        (Arrow("a", "x", "b"),),
        life=True,
    )
    assert explore(stuck).findings == ()
    stuck.states["b"] = attrs.evolve(stuck.states["b"], final=False)
    assert [f.words for f in explore(stuck).findings] == ["from 'b' there is no way back to healthy"]


def _untold(name: str) -> Concern:
    """A parent that blinds while its issue is not told: altered behind the checks."""
    concern = toy(name)
    concern.table.states["down"] = attrs.evolve(concern.table.states["down"], issue=KEEP)
    return concern


def test_a_hidden_root_is_found() -> None:
    words = [f.words for f in prove([_untold("root"), toy("leaf", "root")]).findings]
    assert "blinds, and its issue is not told" in words


def test_a_dead_end_in_time_is_found() -> None:
    table = seeded.concern().table
    for transition in table.machine.events[TIME].transitions["up"]:
        transition.conditions.append(Condition(lambda _: False))
    words = [finding.words for finding in explore(table).findings]
    assert "time is due and moves nothing, so a book would try for ever" in words


def test_an_arrow_that_fires_before_its_time_is_found() -> None:
    table = seeded.concern().table
    for transition in table.machine.events[TIME].transitions["up"]:
        transition.conditions.clear()
    assert "time moves it before it is due" in [f.words for f in explore(table).findings]


# ---------------------------------------------------------------- it would find a book that errs


class Unmasking(Book):
    """A book that forgets to mask."""

    def settle(self) -> None:
        super().settle()
        for slot in self.slots:
            slot.cursor.masked = False

    def feed(self, round_: Round, now: float, *, counts: bool = True) -> Sweep:
        for slot in self.slots:
            slot.parents = ()
        return super().feed(round_, now, counts=counts)


class Deafened(Book):
    """A book in which nothing is ever seen again once it was masked, and everything else is masked too."""

    def feed(self, round_: Round, now: float, *, counts: bool = True) -> Sweep:
        for slot in self.slots:
            slot.blinded = True
        return Sweep()

    def settle(self) -> None:
        super().settle()
        for slot in self.slots:
            slot.cursor.masked = True


class Generous(Book):
    """A book whose verdict permits all, explains nothing and lists what it should not."""

    def fold(self) -> Verdict:
        verdict = super().fold()
        now = Reason(1, "root", "x", 0.0, "", "now")
        nowhere = Reason(1, "leaf", "x", 0.0, "why", "once nobody can be seen through again")
        issues = tuple(attrs.evolve(issue, metadata={"masks": ["root"]}) for issue in verdict.issues)
        return attrs.evolve(verdict, permits=ALL, reasons=(now, nowhere), issues=issues)


class Giving(Book):
    """A book in which time gives back what a masked child had lost."""

    def tick(self, now: float) -> Sweep | None:
        super().tick(now)
        for slot in self.slots:
            slot.cursor.state, slot.cursor.issue = "good", None
        return None


THREE = (toy("root"), toy("middle", "root"), toy("leaf", "middle"))
WALKS = {concern.name: walk(concern.table) for concern in THREE}


def wrong_in(make: type[Book]) -> str:
    return " | ".join(f"{finding.table} {finding.words}" for finding in masking(THREE, WALKS, make)[1])


def test_a_book_that_forgets_to_mask_is_found() -> None:
    words = wrong_in(Unmasking)
    assert "leaf it hears 'failed' while middle is 'down'" in words
    assert "leaf it counts 'answered' while middle is 'down'" in words
    assert "leaf it tells something while middle is 'down'" in words
    assert "leaf is not masked" in words


def test_a_book_that_stays_blind_is_found() -> None:
    words = wrong_in(Deafened)
    assert "leaf once it is seen again 'answered' is not judged afresh" in words
    assert "root is masked and nothing above it blinds" in words


def test_a_book_that_hides_its_roots_is_found() -> None:
    words = wrong_in(Generous)
    assert "verdict opening is permitted while something blinds" in words
    assert "root lists ['root'] as masked" in words
    assert "middle is masked and lists what it masks" in words
    assert "leaf names no root that blinds: once nobody can be seen through again" in words


def test_a_book_in_which_time_gives_back_is_found() -> None:
    assert "leaf time gives something back while middle is 'down'" in wrong_in(Giving)


def test_a_verdict_without_reasons_is_found() -> None:
    classes = {concern.name: explore(concern.table).classes for concern in THREE}
    assert fold_pairs(THREE, classes).findings == ()
    words = [finding.words for finding in fold_pairs(THREE, classes, How(make=Generous)).findings]
    assert "a closed permit has no reason, or an open one has" in words
    assert "the reason of root says nothing" in words
    assert "root closes a permit that it says is open now" in words
    assert "the verdict permits what some table does not" in words


def test_pairs_are_not_folded_where_a_table_is_never_well() -> None:
    assert fold_pairs(THREE, {"root": {}, "leaf": {}}).pairs == 0


def test_events_that_do_not_pair_up_are_found() -> None:
    one = Issue("x-1", "x", ERROR, "", "", "", 1.0)
    other = attrs.evolve(one, issue_id="x-2")
    ended = attrs.evolve(one, resolved=2.0, outcome=Outcome.RECOVERED)

    def follow(kept: Issue | None, kind: EventKind, issue: Issue) -> tuple[Issue | None, str]:
        return _follow(kept, Event(kind, issue, 1.0, 1))

    assert follow(None, EventKind.DETECTED, one) == (one, "")
    assert follow(one, EventKind.DETECTED, other) == (other, "detected while another is open")
    assert follow(one, EventKind.RESOLVED, ended) == (None, "")
    assert follow(one, EventKind.RESOLVED, one) == (None, "resolved without an outcome")
    assert follow(None, EventKind.RESOLVED, ended) == (None, "resolved of what is not open")
    assert follow(one, EventKind.CHANGED, other) == (one, "changed of what is not open")
    assert follow(one, EventKind.CHANGED, one) == (one, "")


def test_a_step_that_tells_the_wrong_thing_is_found() -> None:
    walked = walk(seeded.concern().table)
    silent_ones = [i for i, step in enumerate(walked.steps) if step.events]
    told = walked.steps[silent_ones[0]]
    walked.steps[silent_ones[0]] = attrs.evolve(told, events=())
    assert [said.words for said in paired(walked)] == ["the issue changed untold from 'unknown' to 'down'"]
    issue = told.events[0].issue
    expired = attrs.evolve(issue, resolved=1.0, outcome=Outcome.EXPIRED)
    events = (*told.events, Event(EventKind.RESOLVED, expired, 1.0, 1), *told.events)
    walked.steps[silent_ones[0]] = attrs.evolve(told, events=events)
    assert [said.words for said in paired(walked)] == ["an issue expires on 'failed'"]
    walked.steps[silent_ones[0]] = attrs.evolve(told, events=(*told.events, *told.events))
    assert [said.words for said in paired(walked)] == ["detected while another is open from 'unknown' to 'down'"]


def test_a_score_out_of_its_band_or_not_falling_is_wrong() -> None:
    assert [said.words for said in wrong_score([], 1.0)] == []
    assert [said.words for said in wrong_score([ERROR], 0.9)] == ["the score 0.90 is out of its band"]
    assert [said.words for said in wrong_score([ERROR, ERROR], 0.45)] == []
    assert [said.words for said in wrong_score([], 0.0, unread=True)] == []
    assert [said.words for said in wrong_score([], 1.0, unread=True)] == ["the score 1.00 is out of its band"]
    assert "one more issue of INFO does not lower the score" in [
        said.words for said in wrong_score([ERROR, ERROR], 0.31)
    ]


def test_an_order_of_folding_that_matters_is_wrong() -> None:
    one = fold(ALL, [], [], [], never_read="")
    assert list(unequal(one, one)) == []
    assert [said.words for said in unequal(one, attrs.evolve(one, score=0.9))] == [
        "the order in which it is folded matters"
    ]


def test_a_verdict_that_gives_too_much_is_wrong() -> None:
    wrong = fold(ALL, [], [], [], never_read="")
    assert [said.words for said in wrong_with(wrong, int(CLOSING), [CRITICAL])] == [
        "the verdict permits what some table does not",
        "opening is permitted while an issue is CRITICAL",
    ]
    starved = attrs.evolve(wrong, score=0.2, permits=Permit.OPEN_EQUITY)
    assert [said.words for said in wrong_with(starved, int(ALL), [])] == [
        "opening is permitted while the score is below 0.5",
        "cancelling is blocked",
        "the verdict closes closing that every table permits",
        "the status is not that of the score",
    ]
