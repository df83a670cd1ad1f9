from xml.etree import ElementTree as ET

import pytest
from draw.draw_tables import BY_NAME, TABLES, loaded, tables
from hypothesis import HealthCheck, given, settings

from supervisor.core.table import Table
from supervisor.draw.ladder import svg
from supervisor.draw.ladder_layout import layout
from supervisor.draw.lint import lint
from supervisor.draw.overlay import PLAIN, Overlay

SVG = "{http://www.w3.org/2000/svg}"

each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


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
    ET.fromstring(svg(table, loaded(table)))
