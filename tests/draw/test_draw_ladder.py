from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supervisor.core.table import Arrow, Table
from supervisor.draw.ladder import describe, svg
from supervisor.draw.ladder_buses import STUBS, buses, lane_name, lanes
from supervisor.draw.ladder_grid import plan
from supervisor.draw.ladder_layout import layout
from supervisor.draw.ladder_route import _first_rows, crossings, placed
from supervisor.draw.lint import lint
from supervisor.draw.overlay import PLAIN, Overlay, Step

from draw.draw_tables import BY_NAME, TABLES, loaded, overlays, tables

SVG = "{http://www.w3.org/2000/svg}"
CONNECTION = BY_NAME["connection"]

each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)


def strokes(picture: str, *classes: str) -> list[ET.Element]:
    """The elements that bear all of these classes."""
    return [e for e in parsed(picture).iter() if set(classes) <= set(e.get("class", "").split())]


def box(picture: str, state: str) -> list[ET.Element]:
    return [e for g in parsed(picture).iter(f"{SVG}g") if g.get("data-state") == state for e in g]


@each_table
def test_every_table_can_be_read_plain(table: Table) -> None:
    assert lint(layout(table, PLAIN, table.name)) == []


@each_table
def test_every_table_can_be_read_with_everything_drawn_over_it(table: Table) -> None:
    assert lint(layout(table, loaded(table), table.name)) == []


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_random_tables_can_be_read(table: Table) -> None:
    assert lint(layout(table, PLAIN, table.name)) == []
    assert lint(layout(table, loaded(table), table.name)) == []
    parsed(svg(table, loaded(table)))


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_random_tables_can_be_read_with_random_overlays(data: st.DataObject) -> None:
    table = data.draw(tables())
    overlay = data.draw(overlays(table))
    assert lint(layout(table, overlay, table.name)) == []
    parsed(svg(table, overlay))


@settings(max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_real_tables_can_be_read_with_random_overlays(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(TABLES))
    assert lint(layout(table, data.draw(overlays(table)), table.name)) == []


def test_a_print_in_grey_tells_the_severities_apart() -> None:
    picture = svg(CONNECTION)
    frames = {
        name: next(e for e in box(picture, name) if "-line" in e.get("class", "") and e.get("fill") == "none")
        for name in CONNECTION.states
    }
    weight = {name: float(frame.get("stroke-width", "0")) for name, frame in frames.items()}
    assert weight["up"] < weight["slow"] < weight["nonsense"] < weight["down"]
    dashed = {name for name, frame in frames.items() if frame.get("stroke-dasharray")}
    assert dashed == {"unknown", "unsteady"}
    lanes_said = {"".join(e.itertext()) for e in parsed(picture).iter(f"{SVG}text")}
    assert {"OK", "UNSURE", "WARNING", "ERROR", "CRITICAL"} <= lanes_said


@each_table
def test_every_edge_of_the_table_is_in_the_svg_exactly_once(table: Table) -> None:
    seen: Counter[tuple[str, str, str]] = Counter()
    for group in parsed(svg(table)).iter(f"{SVG}g"):
        for leg in group:
            if leg.get("class", "").startswith("leg"):
                for source in leg.get("data-from", "").split(", "):
                    for signal in leg.get("data-on", "").split(", "):
                        seen[source, signal, group.get("data-to", "")] += 1
    edges = Counter((e.source, e.on.strip("()"), e.to) for e in table.edges)
    # guards tell apart edges that share all else; the picture has one leg for each
    assert seen == edges


@each_table
def test_words_say_every_state_and_every_edge(table: Table) -> None:
    said = next(e.text or "" for e in parsed(svg(table)) if e.tag == f"{SVG}desc")
    assert all(state.means in said for state in table.states.values())
    assert all(f"{edge.source} to {edge.to} on " in said for edge in table.edges)


def test_the_same_table_gives_the_same_bytes() -> None:
    assert svg(CONNECTION, loaded(CONNECTION)) == svg(CONNECTION, loaded(CONNECTION))


def test_height_is_severity_and_the_column_is_the_order() -> None:
    boxes = {b.state.name: b.rect for b in layout(CONNECTION, PLAIN, "").boxes}
    assert boxes["up"].y == boxes["recovering"].y < boxes["unknown"].y < boxes["slow"].y < boxes["nonsense"].y
    assert boxes["nonsense"].y < boxes["down"].y
    assert [rect.x for rect in boxes.values()] == sorted(rect.x for rect in boxes.values())


def test_adding_an_arrow_moves_no_state_to_another_lane_or_column() -> None:
    more = Table(
        "connection",
        CONNECTION.states.values(),
        (*CONNECTION.arrows, Arrow("throttled", "slow_again", "slow")),
        families=CONNECTION.families,
        neutral=CONNECTION.neutral,
    )
    before, after = (layout(table, PLAIN, "").boxes for table in (CONNECTION, more))
    assert [(b.state.name, b.look) for b in before] == [(b.state.name, b.look) for b in after]
    assert [b.state.name for b in sorted(after, key=lambda b: b.rect.x)] == [b.state.name for b in before]


def test_the_current_state_has_a_second_ring_and_no_other_has() -> None:
    picture = svg(CONNECTION, Overlay(now="down"))
    rings = {name: sum(e.get("class") == "ink-line" for e in box(picture, name)) for name in CONNECTION.states}
    assert rings == {**dict.fromkeys(CONNECTION.states, 0), "down": 1}


def test_the_path_taken_is_thicker_and_numbered_and_told_with_its_times() -> None:
    path = [(1, "up", "unsteady", "14:02:11"), (2, "unsteady", "down", "14:02:41")]
    picture = svg(CONNECTION, Overlay(path=path))
    assert len(strokes(picture, "taken")) == 2
    texts = ["".join(e.itertext()) for e in parsed(picture).iter(f"{SVG}text")]
    assert {"1", "2", "1.  14:02:11  up → unsteady", "2.  14:02:41  unsteady → down"} <= set(texts)


def test_a_step_whose_signal_is_known_marks_only_that_arrow() -> None:
    picture = svg(CONNECTION, Overlay(path=[Step(1, "unknown", "down", "", "failed")]))
    assert len(strokes(picture, "taken")) == 1
    assert not strokes(svg(CONNECTION, Overlay(path=[Step(1, "unknown", "down", "", "slow")])), "taken")


def test_a_path_through_an_arrow_from_anywhere_marks_its_stub() -> None:
    account = BY_NAME["account"]
    picture = svg(account, Overlay(path=[(1, "active", "missing", "")]))
    assert len(strokes(picture, "taken")) == 1


def test_a_long_path_is_told_by_its_last_steps_and_says_how_many_it_leaves_out() -> None:
    path = [(n, "up", "unsteady", "") for n in range(1, 31)]
    notes = [line.words for line in layout(CONNECTION, Overlay(path=path), "").notes]
    assert "18 earlier steps are not listed." in notes
    assert sum("up → unsteady" in words for words in notes) == 12


def test_counts_stand_on_the_leg_they_belong_to() -> None:
    ladder = layout(CONNECTION, Overlay(counts={("up", "failed", "unsteady"): 2, ("up", "garbled", "unsteady"): 3}), "")
    words = {(leg.source, route.bus.target): leg.words for route in ladder.routes for leg in route.legs if leg.words}
    assert words == {("up", "unsteady"): "\u00d75"}


def test_heat_fills_by_the_share_of_time() -> None:
    picture = svg(CONNECTION, Overlay(heat={"up": 0.75}))
    fills = {
        name: [e.get("fill-opacity") for e in box(picture, name) if e.get("fill-opacity")] for name in ("up", "down")
    }
    assert fills == {"up": ["0.75"], "down": []}


def test_masked_and_stale_show_in_boxes_and_in_words() -> None:
    plain, masked, stale = (svg(CONNECTION, o) for o in (PLAIN, Overlay(masked=True), Overlay(stale=True)))
    assert any("url(#" in e.get("fill", "") for e in box(masked, "up"))
    assert not any("url(#" in e.get("fill", "") for e in box(plain, "up"))
    assert any(e.get("stroke-dasharray") == "1 4" for e in box(stale, "up"))
    assert "It is masked" in describe(CONNECTION, Overlay(masked=True))
    assert "It is stale" in describe(CONNECTION, Overlay(stale=True))


def test_a_dashed_line_is_never_drawn_twice_over_the_same_way() -> None:
    for route_group in parsed(svg(CONNECTION)).iter(f"{SVG}g"):
        timed = [e.get("d", "") for leg in route_group for e in leg if "timed" in e.get("class", "")]
        ends = [d.rsplit("L", 1)[-1] for d in timed]
        assert len(ends) == len(set(ends))


@each_table
def test_what_time_alone_moves_is_dashed_and_nothing_else_is(table: Table) -> None:
    legs = [e for e in parsed(svg(table)).iter(f"{SVG}g") if e.get("class") == "leg"]
    dashed = [any("timed" in part.get("class", "") for part in leg) for leg in legs]
    assert dashed == [leg.get("data-on") == "time" for leg in legs]


def test_an_arrow_from_anywhere_is_a_stub_where_many_states_are_left_and_has_legs_where_few_are() -> None:
    stubs = {name: [bus.target for bus in buses(BY_NAME[name]) if bus.way in STUBS] for name in ("account", "endpoint")}
    assert stubs == {"account": ["unconfirmed", "restricted", "closed", "missing"], "endpoint": []}


def test_what_comes_from_many_states_is_a_stub_that_counts_them_and_names_them_below() -> None:
    ladder = layout(BY_NAME["order"], PLAIN, "Order")
    counted = {
        route.bus.target: [line.words for line, _ in route.label.lines]
        for route in ladder.routes
        if route.bus.way in STUBS
    }
    assert counted["filled"] == ["9 others", "seen_filled"]
    assert set(counted) == {"working", "partly_filled", "filled", "canceled", "rejected", "expired"}
    notes = [line.words for line in ladder.notes]
    assert "to filled on seen_filled: from any other but refused, canceled, expired" in notes
    assert "a ring: from many states" in notes


def test_swapping_rows_saves_crossings_and_never_adds_one() -> None:
    saved = []
    for table in TABLES:
        order = lanes(table)
        lane = {name: order.index(lane_name(state)) for name, state in table.states.items()}
        planned = plan(lane, dict.fromkeys(lane, 100.0), [60.0] * len(order), buses(table), {})
        saved.append(crossings(planned, _first_rows(planned)) - crossings(planned, placed(planned).rows))
    assert min(saved) >= 0
    assert sum(saved) > 0


def test_there_is_a_dark_variant() -> None:
    assert "@media (prefers-color-scheme:dark)" in svg(CONNECTION)
