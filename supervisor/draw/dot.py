"""How does a table look to Graphviz?"""

from supervisor.core.table import State, Table
from supervisor.core.words import KEEP, TIME
from supervisor.draw.arrows import drawn, issue_words, label, permit_words, severity_words, source_words
from supervisor.draw.palette import LIGHT, UNSURE_COLOURS


def dot(table: Table) -> str:
    """The table as a DOT digraph: one rank for each severity, dashed where time alone moves, ANY as a plain node."""
    lines = [
        f"digraph {_quoted(table.name)} {{",
        f"    label={_quoted(table.about or table.name)}; labelloc=t; fontname=Helvetica; rankdir=TB;",
        '    node [shape=box, style="rounded,filled", fontname=Helvetica]; edge [fontname=Helvetica, fontsize=10];',
        '    "(start)" [shape=point];',
    ]
    lines += [f"    {_quoted(state.name)} [{_look(state)}];" for state in table.states.values()]
    arrows = drawn(table)
    for words in dict.fromkeys(source_words(table, arrow) for arrow in arrows if arrow.anywhere):
        lines.append(f'    {_quoted(f"({words})")} [shape=plaintext, style="", label={_quoted(words)}];')
    for level in dict.fromkeys(severity_words(state) for state in table.states.values()):
        same = "; ".join(_quoted(s.name) for s in table.states.values() if severity_words(s) == level)
        lines.append(f"    {{ rank=same; {same}; }}")
    lines.append(f'    "(start)" -> {_quoted(table.initial)};')
    for arrow in arrows:
        source = f"({source_words(table, arrow)})" if arrow.anywhere else arrow.sources[0]
        style = ", style=dashed" if arrow.signals == (TIME,) else ""
        lines.append(f"    {_quoted(source)} -> {_quoted(arrow.to)} [label={_quoted(label(arrow))}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _look(state: State) -> str:
    colour = UNSURE_COLOURS.light if state.issue == KEEP else LIGHT[state.severity]
    words = [state.name, permit_words(state.permits)]
    if state.issue not in (None, KEEP):
        words.append(issue_words(state))
    style = ', style="rounded,dashed"' if state.issue == KEEP else ""
    return (
        f"label={_quoted(chr(10).join(words))}, color={_quoted(colour.line)}, fontcolor={_quoted(colour.line)},"
        f" fillcolor={_quoted(colour.tint)}, tooltip={_quoted(state.means)}{style}"
    )


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
