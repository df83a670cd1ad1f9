"""How is a report set? On paper and on a screen by day and by night, in the colours of the pictures."""

from supervisor.core.words import Severity
from supervisor.draw.palette import DARK, DARK_PAGE, LIGHT, LIGHT_PAGE, Colour, Page
from supervisor.draw.svg import rules

NIGHT = "screen and (prefers-color-scheme:dark)"
"""When the page is dark: never on paper."""

_SHAPES = """
body { font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 1120px; margin: 0 auto; padding: 32px 28px 48px }
h1 { font-size: 27px; line-height: 1.2; margin: 0 0 4px } h2 { font-size: 19px; margin: 40px 0 10px; padding-bottom: 5px;
  border-bottom: 2px solid var(--ink) } h3 { font-size: 15px; margin: 26px 0 8px } p { margin: 6px 0 }
.r-quiet { color: var(--quiet) } code { font-size: 12px; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; line-height: 1.4 }
th { text-align: left; vertical-align: bottom; border-bottom: 1px solid var(--ink); color: var(--quiet); font-weight: 600 }
th, td { padding: 5px 14px 5px 0 } th:last-child, td:last-child { padding-right: 0 }
td { vertical-align: top; border-bottom: 1px solid var(--hair); overflow-wrap: break-word }
td:last-child { overflow-wrap: anywhere } .r-fixed { table-layout: fixed } .r-fixed td { overflow-wrap: anywhere }
td.r-number, th.r-number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td.r-time { white-space: nowrap; font-variant-numeric: tabular-nums }
.r-tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; margin: 18px 0 }
.r-tile { border: 1px solid var(--hair); border-left-width: 5px; border-radius: 8px; padding: 9px 14px }
.r-tile b { display: block; font-size: 21px; line-height: 1.3 } .r-tile span { color: var(--quiet); font-size: 12px }
.r-good { border-left-color: var(--ok) } .r-bad { border-left: 5px double var(--critical) }
.r-two { display: grid; grid-template-columns: 2fr 3fr; gap: 44px; align-items: start; margin-top: 10px }
figure { margin: 0 } svg { max-width: 100%; height: auto; display: block } figure svg { width: 100% }
.r-severity-critical, .r-severity-error { font-weight: 700 } .r-severity-critical { color: var(--critical) }
.r-severity-error { color: var(--error) } .r-severity-warning { color: var(--warning) }
@page { size: A4; margin: 15mm 14mm 17mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif } }
@page r-wide { size: A4 landscape }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5px } table { font-size: 9px } code { font-size: 8px }
  th, td { padding: 3px 9px 3px 0 } h1 { font-size: 22px } h2 { font-size: 15px; margin-top: 24px } h3 { font-size: 12px }
  .r-tile { padding: 5px 9px } .r-tile b { font-size: 15px } .r-tile span { font-size: 9px }
  h2, h3 { break-after: avoid } tr, .r-tile, figure, .r-picture, .r-keep { break-inside: avoid }
  thead { display: table-header-group } .r-picture svg { max-height: 235mm } .r-low svg { max-height: 112mm } .r-wide, .r-across { page: r-wide }
  .r-wide svg { max-height: 160mm } * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""


def style() -> str:
    """The style sheet of a report and of the pictures in it."""
    return (
        f":root {{ color-scheme: light dark; {_colours(LIGHT_PAGE, LIGHT)} }}\n"
        f"@media {NIGHT} {{ :root {{ {_colours(DARK_PAGE, DARK)} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light }} }}{_SHAPES}{rules(NIGHT)}"
    )


def _colours(page: Page, severities: dict[Severity, Colour]) -> str:
    named = {"paper": page.paper, "ink": page.ink, "quiet": page.quiet, "hair": page.hair}
    named |= {severity.name.lower(): colour.line for severity, colour in severities.items()}
    return "; ".join(f"--{name}: {value}" for name, value in named.items())
