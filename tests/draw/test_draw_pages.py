import os
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from supervisor.core.words import Permit
from supervisor.draw.overview import overview, overview_sheet, taken_away
from supervisor.draw.pages import FORMATS, diagram_files, render
from supervisor.draw.palette import DARK, DARK_PAGE, LIGHT, LIGHT_PAGE, UNSURE_COLOURS, contrast, mixed
from supervisor.draw.product import CARDS, product, product_sheet
from supervisor.draw.sheet import lint_sheet
from supervisor.draw.text import width, wrapped

from draw.draw_tables import CONCERNS, TABLES

LEAST_CONTRAST = 4.5

DIGEST = """
from hashlib import sha256
from supervisor.concerns import standard
from supervisor.config import Settings
from supervisor.draw import diagram_files
concerns = standard(Settings())
files = diagram_files([c.table for c in concerns], concerns)
print(sha256(repr(sorted(files.items())).encode()).hexdigest())
"""


def test_the_folder_has_three_files_for_each_table_and_three_for_the_whole() -> None:
    files = diagram_files(TABLES, CONCERNS)
    each = {f"{table.name}.{ending}" for table in TABLES for ending in ("svg", "md", "mmd")}
    assert set(files) == each | {"README.md", "overview.svg", "product.svg"}


def test_the_index_shows_every_picture_and_says_how_to_read_one() -> None:
    files = diagram_files(TABLES, CONCERNS)
    index = files["README.md"]
    assert all(f"({name})" in index for name in files if name.endswith((".svg", ".md", ".mmd")) and name != "README.md")
    assert "## How to read a ladder" in index
    assert index.index("## Concerns") < index.index("## Lives")


def test_the_bytes_depend_on_nothing_but_the_tables() -> None:
    digests = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "COLUMNS": seed * 2, "LANG": "C"}
        done = subprocess.run([sys.executable, "-c", DIGEST], env=env, capture_output=True, text=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_table_renders_in_every_form(fmt: str) -> None:
    assert all(render(table, fmt).endswith("\n") for table in TABLES)


def test_an_unknown_form_is_refused_naming_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"unknown format 'png'.*mermaid, dot, md, svg, xstate, scxml"):
        render(TABLES[0], "png")


def test_the_overview_can_be_read_and_names_every_concern() -> None:
    assert lint_sheet(overview_sheet(CONCERNS)) == []
    texts = {"".join(e.itertext()) for e in ET.fromstring(overview(CONCERNS)).iter("{http://www.w3.org/2000/svg}text")}
    assert {concern.name.replace("_", " ") for concern in CONCERNS} <= texts


def test_the_overview_says_what_each_concern_may_take_away() -> None:
    sheet = overview_sheet(CONCERNS)
    assert len(sheet.marks) == len(CONCERNS) * len(Permit)
    taken = {concern.name: taken_away(concern.table) for concern in CONCERNS}
    opening = Permit.OPEN_EQUITY | Permit.OPEN_OPTION
    assert taken["buying_power"] == opening
    assert taken["operator"] == opening | Permit.CLOSE_EQUITY | Permit.CLOSE_OPTION
    assert sum(mark.full for mark in sheet.marks) == sum(permits.bit_count() for permits in taken.values())


def test_the_overview_draws_a_link_from_each_parent() -> None:
    parents = sum(len(concern.table.depends_on) for concern in CONCERNS)
    assert sum(not link.quiet for link in overview_sheet(CONCERNS).links) == parents


def test_the_product_can_be_read_and_shows_every_part() -> None:
    assert lint_sheet(product_sheet()) == []
    texts = {"".join(e.itertext()) for e in ET.fromstring(product()).iter("{http://www.w3.org/2000/svg}text")}
    assert {title for _, title, _ in CARDS.values()} <= texts


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_text_stands_out_from_what_is_behind_it(night: bool) -> None:
    page = DARK_PAGE if night else LIGHT_PAGE
    looks = [*(DARK if night else LIGHT).values(), UNSURE_COLOURS.dark if night else UNSURE_COLOURS.light]
    for look in looks:
        for ground in (page.paper, look.tint, look.full, *(mixed(page.paper, look.full, i / 10) for i in range(11))):
            assert contrast(look.line, ground) >= LEAST_CONTRAST
    for words in (page.ink, page.quiet):
        assert contrast(words, page.paper) >= LEAST_CONTRAST
        assert contrast(words, page.chip) >= LEAST_CONTRAST


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_text_is_as_wide_as_its_letters() -> None:
    assert width("Wi", 1000) == 944 + 222
    assert width("Wi", 1000, bold=True) == 944 + 278
    assert width("", 12) == 0


def test_words_are_broken_only_where_they_may_be() -> None:
    assert wrapped("no_buying_power", 10, 55, at="_") == ["no_buying_", "power"]
    assert wrapped("unbreakable", 10, 5) == ["unbreakable"]
    assert wrapped("", 10, 50) == []
