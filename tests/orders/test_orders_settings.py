"""The numbers of the order desk are settings like all others: said in a file, named where wrong, on record."""

from pathlib import Path

import attrs
import pytest
from supervisor.config import Settings, load
from supervisor.errors import ConfigError
from supervisor.journal.query import Where, newest
from supervisor.journal.store import Journal
from supervisor.monitor.past import rules_at
from supervisor.monitor.tradier import for_tradier
from supervisor.orders import OrderSettings, as_table, order_settings
from supervisor.simulator import SimulatorAdapter, preset

TOKEN = "a-token-of-mine"


def said(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "supervisor.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_the_table_orders_rules_the_desk(tmp_path: Path) -> None:
    settings = said(tmp_path, "option_level = 3\n[orders]\nwait = 2.5\nlooks = [1, 2]\npreview_always = true\n")
    orders = order_settings(settings)
    assert (orders.wait, orders.looks, orders.preview_always) == (2.5, (1.0, 2.0), True)
    assert orders.option_level == 3, "the level the agent needs holds for orders too unless they say otherwise"
    assert orders == attrs.evolve(OrderSettings(), wait=2.5, looks=(1.0, 2.0), preview_always=True, option_level=3)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("wait = -1", "wait must be a number from 0 to 600, not -1"),
        ("looks = []", "looks must be a list of numbers from 0.1"),
        ("looks = 5", "looks must be a list of numbers"),
        ("looks = [1, 'soon']", "looks must be a list of numbers"),
        ("preview_always = 1", "preview_always must be true or false"),
        ("trip_count = 2.5", "trip_count must be a whole number"),
        ("tripcount = 2", "unknown setting 'tripcount' (known: wait, deadline"),
    ],
)
def test_what_is_wrong_is_named_at_the_start(tmp_path: Path, table: str, says: str) -> None:
    (tmp_path / "supervisor.toml").write_text(f"[orders]\n{table}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        for_tradier(TOKEN, "VA90010001", home=tmp_path, adapter=SimulatorAdapter(preset("healthy_margin")))
    assert str(caught.value).startswith("[orders]: ")
    assert says in str(caught.value)


def test_orders_that_are_no_table_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="orders must be a table of names and values, not 5"):
        said(tmp_path, "orders = 5")


@pytest.mark.parametrize("given", [True, OrderSettings(duplicate=7.0, failure_expires=90.0)])
def test_what_ruled_the_desk_is_on_record_and_rules_a_replay(tmp_path: Path, given: bool | OrderSettings) -> None:
    (tmp_path / "supervisor.toml").write_text("[orders]\nduplicate = 7\nfailure_expires = 90\n", encoding="utf-8")
    broker = SimulatorAdapter(preset("healthy_margin"))
    supervisor = for_tradier(TOKEN, "VA90010001", home=tmp_path, adapter=broker, orders=given)
    supervisor.tick()
    supervisor.stop()
    assert supervisor.orders.settings.duplicate == 7
    with Journal.open(supervisor.memory.home.journal, read_only=True) as journal:  # type: ignore[attr-defined]
        assert newest(journal, 1, Where(kind="start"))
        rules = rules_at(journal, Settings())
    assert order_settings(rules.settings).duplicate == 7
    failure = rules.book().lives["failure"].table
    assert "90" in str(failure.waits), "the life of a failure ends when it did then"


def test_every_number_says_why_and_its_default_is_allowed() -> None:
    assert all(field.metadata["why"] for field in attrs.fields(OrderSettings))
    assert order_settings(Settings(orders=as_table(OrderSettings(option_level=4)))) == OrderSettings(option_level=4)
