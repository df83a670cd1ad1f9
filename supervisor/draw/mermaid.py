"""How does a table look in Mermaid, which GitHub draws by itself?"""

import re

from supervisor.core.table import State, Table
from supervisor.draw.arrows import Drawn, drawn, label, permit_words, severity_words, source_words
from supervisor.draw.palette import LIGHT, UNSURE_COLOURS

_RESERVED = frozenset(
    {"as", "class", "classdef", "default", "direction", "end", "hide", "note", "scale", "state", "style"}
)


def mermaid(table: Table) -> str:
    """The table as a Mermaid `stateDiagram-v2`; an arrow from ANY state leaves a small node of that name."""
    ids = _ids(list(table.states))
    arrows = drawn(table)
    anywhere = {words: f"any{i}_" for i, words in enumerate(_anywhere(table, arrows), 1)}
    lines = ["stateDiagram-v2", "    direction TB"]
    lines += [f"    {line}" for line in _class_defs()]
    lines += [f'    state "{_text(_shown(state))}" as {ids[name]}' for name, state in table.states.items()]
    lines += [f'    state "{_text(words)}" as {node}' for words, node in anywhere.items()]
    lines.append(f"    [*] --> {ids[table.initial]}")
    for arrow in arrows:
        source = anywhere[source_words(table, arrow)] if arrow.anywhere else ids[arrow.sources[0]]
        lines.append(f"    {source} --> {ids[arrow.to]} : {_text(label(arrow))}")
    lines += [f"    class {ids[name]} {severity_words(state)}_" for name, state in table.states.items()]
    lines += [f"    class {node} any_" for node in anywhere.values()]
    return "\n".join(lines) + "\n"


def _anywhere(table: Table, arrows: tuple[Drawn, ...]) -> list[str]:
    return list(dict.fromkeys(source_words(table, arrow) for arrow in arrows if arrow.anywhere))


def _shown(state: State) -> str:
    return f"{state.name} · {permit_words(state.permits)}"


def _class_defs() -> list[str]:
    lines = [
        f"classDef {severity.name.lower()}_ fill:{colour.tint},stroke:{colour.line},color:{colour.line}"
        for severity, colour in LIGHT.items()
    ]
    unsure = UNSURE_COLOURS.light
    lines.append(f"classDef unsure_ fill:#ffffff,stroke:{unsure.line},color:{unsure.line},stroke-dasharray:4 3")
    lines.append(f"classDef any_ fill:#ffffff,stroke:#ffffff,color:{unsure.line},font-style:italic")
    return lines


def _ids(names: list[str]) -> dict[str, str]:
    """An id that Mermaid accepts for each state: the name itself wherever that will do."""
    ids: dict[str, str] = {}
    for i, name in enumerate(names):
        plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*[A-Za-z0-9]|[A-Za-z]", name)
        ids[name] = name if plain and name.lower() not in _RESERVED else f"s{i}_"
    return ids


def _text(words: str) -> str:
    """Words with what Mermaid would read as its own signs replaced by its character codes."""
    return "".join(f"#{ord(char)};" if char in '"#;:<>{}&\\' else char for char in words)
