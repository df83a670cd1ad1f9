import attrs
import pytest
from supervisor.draw.ladder_layout import layout
from supervisor.draw.ladder_model import Ladder, Rect, Route
from supervisor.draw.lint import lint
from supervisor.draw.overlay import PLAIN

from draw.draw_tables import BY_NAME, loaded

TABLE = BY_NAME["connection"]


@pytest.fixture
def ladder() -> Ladder:
    return layout(TABLE, PLAIN, "Connection")


def moved_label(route: Route, to: Rect) -> Route:
    return attrs.evolve(route, label=attrs.evolve(route.label, rect=to))


def found(ladder: Ladder, words: str) -> bool:
    return any(words in sentence for sentence in lint(ladder))


def test_a_missing_arrow_is_found(ladder: Ladder) -> None:
    assert found(attrs.evolve(ladder, routes=ladder.routes[1:]), "is there 0 times, not 1")


def test_an_arrow_drawn_twice_is_found(ladder: Ladder) -> None:
    assert found(attrs.evolve(ladder, routes=(*ladder.routes, ladder.routes[0])), "is there 2 times, not 1")


def test_boxes_that_meet_are_found(ladder: Ladder) -> None:
    first, second, *rest = ladder.boxes
    assert found(
        attrs.evolve(ladder, boxes=(first, attrs.evolve(second, rect=first.rect), *rest)),
        "the boxes unknown and up meet",
    )


def test_a_line_through_a_foreign_box_is_found(ladder: Ladder) -> None:
    wide = attrs.evolve(ladder.boxes[-1], rect=Rect(0, ladder.boxes[-1].rect.y - 60, 1000, 20))
    assert found(attrs.evolve(ladder, boxes=(*ladder.boxes[:-1], wide)), "touches the box down")


def test_a_text_wider_than_its_box_is_found(ladder: Ladder) -> None:
    box = ladder.boxes[0]
    narrow = attrs.evolve(box, rect=attrs.evolve(box.rect, w=40.0, x=box.rect.x + 30))
    assert found(attrs.evolve(ladder, boxes=(narrow, *ladder.boxes[1:])), "wider or higher than its box")


def test_labels_that_meet_are_found(ladder: Ladder) -> None:
    first, second, *rest = ladder.routes
    assert found(attrs.evolve(ladder, routes=(first, moved_label(second, first.label.rect), *rest)), "meet")


def test_a_label_on_a_box_is_found(ladder: Ladder) -> None:
    first, *rest = ladder.routes
    routes = (moved_label(first, ladder.boxes[-1].rect), *rest)
    assert found(attrs.evolve(ladder, routes=routes), "meets the box down")


def test_a_label_that_a_line_strikes_through_is_found(ladder: Ladder) -> None:
    first, second, *rest = ladder.routes
    (x, y), (_, down), *_ = second.legs[0].points
    routes = (moved_label(first, Rect(x - 20, min(y, down) + abs(down - y) / 2, 40, 8)), second, *rest)
    assert found(attrs.evolve(ladder, routes=routes), "strikes through the label")


def test_lines_that_run_along_each_other_are_found(ladder: Ladder) -> None:
    first, second, *rest = ladder.routes
    copied = attrs.evolve(second, legs=(attrs.evolve(second.legs[0], points=first.legs[0].points), *second.legs[1:]))
    assert found(attrs.evolve(ladder, routes=(first, copied, *rest)), "run along each other")


def test_a_leg_that_ends_beside_its_target_is_found(ladder: Ladder) -> None:
    first, *rest = ladder.routes
    leg = first.legs[0]
    astray = attrs.evolve(first, legs=(attrs.evolve(leg, points=(*leg.points[:-1], (1.0, 1.0))), *first.legs[1:]))
    assert found(attrs.evolve(ladder, routes=(astray, *rest)), "does not end at its target")


def test_numbers_that_meet_are_found() -> None:
    full = layout(TABLE, loaded(TABLE), "Connection")
    first, second, *rest = full.routes
    onto = attrs.evolve(second, legs=(attrs.evolve(second.legs[0], badge=first.legs[0].badge), *second.legs[1:]))
    assert found(attrs.evolve(full, routes=(first, onto, *rest)), "meets another")


def test_what_reaches_out_of_the_picture_is_found(ladder: Ladder) -> None:
    assert found(attrs.evolve(ladder, width=300.0), "reaches out of the picture")
