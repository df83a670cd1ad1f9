"""How does a table look? Pictures and other forms of it, all from the table alone; no I/O."""

from supervisor.draw.dot import dot
from supervisor.draw.ladder import svg
from supervisor.draw.markdown import markdown
from supervisor.draw.mermaid import mermaid
from supervisor.draw.overlay import Overlay, Step
from supervisor.draw.overview import overview
from supervisor.draw.pages import FORMATS, diagram_files, render
from supervisor.draw.product import product
from supervisor.draw.scxml import scxml
from supervisor.draw.xstate import xstate

__all__ = [
    "FORMATS",
    "Overlay",
    "Step",
    "diagram_files",
    "dot",
    "markdown",
    "mermaid",
    "overview",
    "product",
    "render",
    "scxml",
    "svg",
    "xstate",
]
