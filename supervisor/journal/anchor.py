"""Where did the journal end, by another witness than itself?

The chain alone cannot show that its tail was cut. So a small file beside it, `<journal>.head`, repeats the number and
the hash of the newest entry after every commit. It may lag behind (a crash between commit and anchor), never lead.
"""

import json
from functools import lru_cache
from pathlib import Path

from supervisor.journal.chain import Head, canonical
from supervisor.journal.files import replace_file


@lru_cache(maxsize=16)
def anchor_path(journal: Path) -> Path:
    """The anchor file of that journal."""
    return journal.with_name(journal.name + ".head")


def write_anchor(journal: Path, head: Head, *, durable: bool = True) -> str | None:
    """Repeats the head beside the journal; None, or why that failed.

    Not an error: the entries are committed whatever becomes of the anchor, and the next commit writes it again. The
    folder is not synced, for after a loss of power an older anchor is still true.
    """
    path = anchor_path(journal)
    try:
        replace_file(path, canonical({"hash": head.hash, "number": head.number}) + "\n", durable=durable)
    except OSError as error:
        return f"The anchor at {path} could not be written: {error.strerror or error}"
    return None


def read_anchor(journal: Path) -> Head | str:
    """The head as the anchor has it, or one sentence on why there is none to compare with."""
    path = anchor_path(journal)
    try:
        text, before = path.read_text("ascii"), ""
        while text != before:  # it may be being written over
            text, before = path.read_text("ascii"), text
        seen = json.loads(text)
        number, digest = seen["number"], seen["hash"]
    except FileNotFoundError:
        return f"The anchor at {path} is missing"
    except OSError as error:
        return f"The anchor at {path} cannot be read: {error.strerror or error}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return f"The anchor at {path} is damaged"
    if type(number) is not int or not isinstance(digest, str):
        return f"The anchor at {path} is damaged"
    return Head(number, digest)
