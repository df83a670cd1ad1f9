"""What does a scenario file say, line by line? YAML whose scalars all stay text, each knowing its line.

So `on` stays a word, `10:30` a time and `no` a word: nothing is guessed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Self

import yaml

from supervisor.errors import SupervisorError


class ScenarioError(SupervisorError):
    """A scenario that cannot be read: its file, its line, what was seen and what would be right."""


class Text(str):
    """A scalar, with the line it stands in."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, value: str, line: int) -> Self:
        """The text as it stands, in that line."""
        made = super().__new__(cls, value)
        made.line = line
        return made


class Map(dict[str, Any]):
    """A mapping, with the line it begins in; its keys are `Text`."""

    line = 0


class Seq(list[Any]):
    """A list, with the line it begins in."""

    line = 0


def parse(source: str, path: str) -> Any:
    """The one document in that text. ScenarioError where it is no YAML, or a key is there twice."""
    try:
        return _value(yaml.compose(source, Loader=yaml.BaseLoader), path)
    except RecursionError:  # deep, or a part that holds itself
        raise ScenarioError(f"{path}: it is nested too deeply to be a scenario") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ScenarioError(f"{path}{line}: this is no YAML: {problem}") from None


def _value(node: Any, path: str) -> Any:
    if node is None:
        return Map()
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Text(str(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        listed = Seq(_value(item, path) for item in node.value)
        listed.line = line
        return listed
    found = Map()
    found.line = line
    for key, value in node.value:
        name = _value(key, path)
        if not isinstance(name, Text):
            raise ScenarioError(f"{path}:{line}: a key must be a word")
        if name in found:
            raise ScenarioError(f"{path}:{name.line}: {name!r} is said twice")
        found[name] = _value(value, path)
    return found


def line_of(value: Any, otherwise: int = 0) -> int:
    """The line that value stands in, where it came from a file."""
    return int(getattr(value, "line", otherwise) or otherwise)


def items(mapping: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Each key and value, with the key's line."""
    for key, value in mapping.items():
        yield str(key), value, line_of(key, line_of(value))


def nearest(name: str, known: Iterable[str]) -> str:
    """What a person who wrote that name may choose from: the one that was meant, it seems, else all there are."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names)}"


def words(value: Any) -> tuple[str, ...]:
    """A list of words: given as a list, or as one scalar; nothing where that is empty."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(str(item) for item in value)
    return (str(value),) if str(value) != "" else ()


def plain(value: Any) -> Any:
    """The value with numbers as numbers, yes and no as truth, everything else as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if not isinstance(value, str):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return {"yes": True, "no": False, "true": True, "false": False}.get(value, str(value))
