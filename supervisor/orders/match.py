"""Which known refusal is this text?

A code counts as a whole word; a sentence counts wherever it stands, the longest first. A specific row outweighs a
generic one, whichever came first. What matches nothing is not guessed.
"""

import re
from collections.abc import Sequence

import attrs

from supervisor.core.reading import Retry
from supervisor.orders.causes import ROWS, STANDING, Cause, Row, Standing, Whose

CONTACT = "Please contact 980-272-3880 for questions or concerns"
"""The suffix [C] of many sentences."""
_LOOKS_LIKE_CODE = re.compile(r"[A-Z][a-z]+(?:[A-Z][A-Za-z0-9]*)+")


def plainly(text: str) -> str:
    """The text as it is compared: without case, needless blanks, the contact suffix and the final point."""
    folded = " ".join(text.split())
    return folded.replace(CONTACT, "").strip().rstrip(".").strip().casefold()


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(".+?".join(re.escape(part) for part in plainly(sentence).split("{}")))


_BY_CODE = {code.casefold(): row for row in ROWS for code in row.codes}
_BY_SENTENCE = sorted(
    ((_pattern(row.sentence), row) for row in ROWS if row.sentence),
    key=lambda pair: (pair[1].generic, -len(pair[1].sentence)),
)
_WORD = re.compile(r"[a-z][a-z0-9_.]*[a-z0-9]")


def match(text: str) -> Row | None:
    """The row of one text; None where no row is known for it."""
    plain = plainly(text)
    if not plain:
        return None
    found: Row | None = None
    for word in _WORD.findall(plain):
        row = _BY_CODE.get(word) or next((r for code, r in _BY_CODE.items() if word.endswith("." + code)), None)
        if row is not None:
            return row
    for pattern, row in _BY_SENTENCE:
        if pattern.search(plain):
            found = row
            break
    return found


@attrs.frozen
class Meaning:
    """What the broker's texts mean: the cause, and the row they matched (None: matched nothing).

    `words` explain it where no row does; `open_outcome` says then that the order may be booked all the same.
    """

    cause: Cause
    row: Row | None
    words: str = ""
    open_outcome: bool = False

    @property
    def standing(self) -> Standing:
        """Whose move, when again and which concern, the row's own word first."""
        usual = STANDING[self.cause]
        if self.row is None:
            return attrs.evolve(usual, retry=Retry.OUTCOME_UNKNOWN) if self.open_outcome else usual
        whose: Whose = self.row.whose or usual.whose
        return Standing(whose, self.row.retry or usual.retry, usual.concern)

    @property
    def explanation(self) -> str:
        """In plain words."""
        unknown = "The broker's words are not known to us; they are passed on as they came."
        return self.row.explanation if self.row else self.words or unknown


def mean(texts: Sequence[str]) -> Meaning:
    """What these texts mean together: the first specific one, else the first generic one, else unknown.

    A code that is not documented is a definite refusal of unknown cause: it outweighs the generic sentence beside it.
    """
    rows = [row for row in map(match, texts) if row is not None]
    best = next((row for row in rows if not row.generic), None)
    if best is not None:
        return Meaning(best.cause, best)
    if any(_LOOKS_LIKE_CODE.fullmatch(text.strip()) for text in texts):
        return Meaning(Cause.UNKNOWN, None)
    return Meaning(rows[0].cause, rows[0]) if rows else Meaning(Cause.UNKNOWN, None)
