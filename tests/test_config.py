"""Settings are validated at the start: what is wrong is named, with what would be right."""

from pathlib import Path
from typing import Any

import attrs
import pytest
from supervisor.config import DEFAULTS, Settings, checked, from_mapping, load
from supervisor.errors import ConfigError
from supervisor.orders import OrderSettings

WRONG = [
    ({"intervall": 60}, "unknown setting 'intervall'"),
    ({"interval": "soon"}, "interval must be a number from 1 to"),
    ({"interval": 0}, "interval must be a number from 1 to"),
    ({"interval": float("nan")}, "interval must be a number"),
    ({"fall": 2.5}, "fall must be a whole number from 2 to 20, not 2.5"),
    ({"fall": True}, "fall must be a whole number"),
    ({"enable_auto_fix": 1}, "enable_auto_fix must be true or false, not 1"),
    ({"interval": [60]}, "interval must be a number"),
    ({"stale": 60}, "stale (60) must be longer than one interval"),
    ({"slow_rounds": 6}, "slow_rounds (6) must not exceed slow_window (5)"),
    ({"prompt": 3}, "prompt (3) must not exceed slow (2)"),
]


@pytest.mark.parametrize(("values", "says"), WRONG)
def test_a_wrong_setting_is_named(values: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_mapping(values, "here")
    assert str(caught.value).startswith("here: ")
    assert says in str(caught.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        from_mapping({"a": 1, "fall": 0, "interval": "x"})
    assert str(caught.value).count(";") == 2


def test_good_settings_are_taken() -> None:
    settings = from_mapping({"interval": 30, "fall": 2, "low_buying_power": "12.50", "enable_auto_fix": False})
    assert (settings.interval, settings.fall, settings.enable_auto_fix) == (30.0, 2, False)
    assert str(settings.low_buying_power) == "12.50"


def test_every_setting_says_why_and_its_default_is_allowed() -> None:
    for field in attrs.fields(Settings):
        assert field.metadata["why"], field.name
        from_mapping({field.name: getattr(DEFAULTS, field.name)})


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "supervisor.toml"
    assert load(file) == DEFAULTS
    file.write_text("interval = = 3")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load(file)
    file.write_text("interval = 33")
    assert load(file).interval == 33


@pytest.mark.parametrize("kind", [Settings, OrderSettings])
def test_every_setting_takes_the_very_bounds_that_its_own_message_names(kind: type[Any]) -> None:
    for field in attrs.fields(kind):
        if isinstance(field.default, bool | str) or field.default == ():
            continue
        for bound in (field.metadata["lowest"], field.metadata["highest"]):
            given = [bound] if isinstance(field.default, tuple) else bound
            seen = getattr(checked(kind, {field.name: given}, "test"), field.name)
            number = seen[0] if isinstance(seen, tuple) else seen
            assert number == type(number)(str(bound)), field.name
