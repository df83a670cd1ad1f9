"""Which concern or life does `module:name` name?"""

import importlib
import sys
from pathlib import Path
from typing import Any

from supervisor.core.concern import Concern, Life
from supervisor.errors import ConfigError


def own_of(named: str) -> Concern | Life:
    """The concern or life that `module:name` names, looked for beside the installed packages and in this folder.

    ConfigError where there is none.
    """
    module, _, name = named.partition(":")
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        found: Any = getattr(importlib.import_module(module), name)
    except Exception as error:  # whatever the user's own module raises is told
        raise ConfigError(
            f"{named!r} is no module:name that can be imported: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.remove(here)
    if not isinstance(found, Concern | Life):
        raise ConfigError(f"{named!r} is {type(found).__name__}, and neither a Concern nor a Life")
    return found
