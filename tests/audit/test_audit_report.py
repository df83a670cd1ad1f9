"""The report as a page: sound HTML by itself, right on paper, and silent about what nobody may read."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from supervisor.core.words import Severity
from supervisor.draw.palette import DARK, DARK_PAGE, LIGHT, LIGHT_PAGE, contrast
from supervisor.monitor.past_record import stretch
from supervisor.monitor.report import gather
from supervisor.monitor.report_html import page
from supervisor.monitor.report_style import style
from supervisor.simulator import DEFAULT_ACCOUNT

from audit.audit_world import Lived
from monitor.watching import EXACT

VOID = {"meta", "col", "br"}
FROM_ELSEWHERE = {"src", "href", "xlink:href", "srcset", "data", "action", "background", "poster"}
RUNS = {"script", "iframe", "object", "embed", "link", "base", "img", "form", "foreignobject"}


class Reader(HTMLParser):
    """Reads a page as strictly as a validator: what is open is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.named: set[str] = set()
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = {name: value or "" for name, value in attrs}
        if len(given) < len(attrs):
            self.faults.append(f"<{tag}> says something twice")
        self.faults += [f"<{tag} {name}>" for name in given if name.startswith("on") or name in FROM_ELSEWHERE]
        self.ids.update([given["id"]] if "id" in given else [])
        self.named |= set(given.get("aria-labelledby", "").split())
        self.named |= set(re.findall(r"url\(#([^)]+)\)", given.get("fill", "")))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes what is not open")


@pytest.fixture(scope="module")
def made(lived: Lived) -> str:
    with lived.journal() as journal:
        return page(gather(journal, EXACT, stretch(journal, None, None)))


@pytest.fixture
def read(made: str) -> Reader:
    reader = Reader()
    reader.feed(made)
    reader.close()
    return reader


def test_the_page_is_sound_and_every_id_is_there_once(read: Reader) -> None:
    assert (read.faults, read.open) == ([], [])
    assert [name for name, count in read.ids.items() if count > 1] == []
    assert read.named <= set(read.ids)


def test_nothing_in_it_runs_or_comes_from_elsewhere(made: str, read: Reader) -> None:
    assert RUNS & set(read.tags) == set()
    assert re.findall(r"@import|url\((?!#)|(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z]", made) == []


def test_account_numbers_show_their_last_four_only(made: str) -> None:
    assert DEFAULT_ACCOUNT not in made
    assert f"****{DEFAULT_ACCOUNT[-4:]}" in made


def test_one_style_rules_the_page_and_all_its_pictures(made: str, read: Reader) -> None:
    assert read.tags["style"] == 1
    assert style() in made
    used = {name for names in re.findall(r'class="([^"]+)"', made) for name in names.split()}
    pinned = {"leg", "r-severity-critical", "r-severity-error", "r-severity-warning", "r-tile", "r-keep"}
    assert {name for name in used - pinned if f".{name}" not in style()} == set()


def test_paper_is_light_and_breaks_between_rows_and_pictures() -> None:
    sheet = style()
    assert "@media screen and (prefers-color-scheme:dark)" in sheet
    assert "@media (prefers-color-scheme:dark)" not in sheet
    paper = sheet[sheet.index("@media print {\n") :]
    assert re.search(r"tr,[^{]*\.r-picture[^{]*\{ break-inside: avoid }", paper)
    assert "thead { display: table-header-group }" in paper
    assert "@page" in sheet


def test_coloured_words_stand_out_by_day_and_by_night() -> None:
    for paper, colours in ((LIGHT_PAGE.paper, LIGHT), (DARK_PAGE.paper, DARK)):
        assert all(contrast(colours[severity].line, paper) >= 4.5 for severity in Severity)


def test_starts_with_the_same_settings_tell_them_once(made: str) -> None:
    settings = made[made.index("Settings and versions") :]
    assert settings.count("Start at") > 1
    assert settings.count("<code>") + settings.count("The same settings.") == settings.count("Start at")
    assert settings.count("<code>") == 1
