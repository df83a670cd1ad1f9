"""How is a scenario written down? As YAML that a person would have written, and that reads back the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

ORDER = ("scenario", "teaches", "start", "zone", "broker", "faults", "intends", "uses", "own", "desk", "looks", "settings", "strict", "timeline")  # fmt: skip


class _Dumper(yaml.SafeDumper):
    """Indents lists, and never folds a line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as its base
        super().increase_indent(flow, False)


def plain_text(value: Any) -> Any:
    """The value as YAML may hold it: mappings, lists and words."""
    if isinstance(value, Mapping):
        return {str(key): plain_text(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_text(item) for item in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float) else str(value)


def dump(said: Mapping[str, Any]) -> str:
    """The scenario's text. What is read from it is what was given."""
    ordered = {key: plain_text(said[key]) for key in ORDER if key in said}
    text = yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return str(text).replace("'yes'", "yes").replace("'no'", "no")
