"""What is watched? One file, one concern, one table."""

from supervisor.concerns.account import account
from supervisor.concerns.approval import approval
from supervisor.concerns.buying_power import buying_power
from supervisor.concerns.clock import clock
from supervisor.concerns.connection import connection
from supervisor.concerns.credentials import credentials
from supervisor.concerns.endpoint import endpoint
from supervisor.concerns.journal import journal
from supervisor.concerns.operator import operator
from supervisor.config import Settings
from supervisor.core.concern import Concern

ALL_CONCERNS = (endpoint, connection, credentials, account, approval, buying_power, clock, operator, journal)
"""Each makes a concern from the settings; in the order they are shown."""


def standard(settings: Settings) -> tuple[Concern, ...]:
    """The nine concerns with these settings."""
    return tuple(make(settings) for make in ALL_CONCERNS)


__all__ = ["ALL_CONCERNS", "standard"]
