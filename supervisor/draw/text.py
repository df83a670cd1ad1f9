"""How wide is a text, without reading a font?

The widths are those of Helvetica, which Arial and Liberation Sans share; the pictures ask for these and pin each text
to its width, so that another font is squeezed rather than spilt.
"""

FONT = "Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"

# Thousandths of the font size, from the Adobe font metrics of Helvetica and Helvetica-Bold.
_PLAIN = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[]\\ft·", 333: "()-`r", 334: "{}", 355: '"', 389: "*",
    469: "^", 500: "Jcksvxyz", 556: "#$?0123456789L_abdeghnopqu", 584: "+<=>~\u00d7", 611: "FTZ",
    667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "→…—", 1015: "@",
}  # fmt: skip
_BOLD = {
    238: "'", 278: " ,./I\\ijl·", 280: "|", 333: "!()-:;[]`ft", 389: "*r{}", 474: '"', 500: "z",
    556: "#$0123456789J_aceksvxy", 584: "+<=>^~\u00d7", 611: "?FLTZbdghnopqu", 667: "EPSVXY", 722: "&ABCDHKNRU",
    778: "GOQw", 833: "M", 889: "%m", 944: "W", 975: "@", 1000: "→…—",
}  # fmt: skip
_WIDTHS = {
    False: {char: width for width, chars in _PLAIN.items() for char in chars},
    True: {char: width for width, chars in _BOLD.items() for char in chars},
}
_UNKNOWN = 800
"""What a character that is not listed is taken to need."""


def width(words: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in the units of `size`."""
    widths = _WIDTHS[bold]
    return sum(widths.get(char, _UNKNOWN) for char in words) * size / 1000


def wrapped(words: str, size: float, limit: float, *, at: str = " ", bold: bool = False) -> list[str]:
    """The words in lines no wider than `limit` where they can be broken after one of `at`; greedy."""
    parts = [""]
    for char in words:
        parts[-1] += char
        if char in at:
            parts.append("")
    lines = [""]
    for part in parts:
        if lines[-1] and width((lines[-1] + part).rstrip(), size, bold=bold) > limit:
            lines.append("")
        lines[-1] += part
    return [line.strip() for line in lines if line.strip()]
