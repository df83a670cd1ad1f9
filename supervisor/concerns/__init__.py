"""What is watched? One file, one concern, one table."""

from supervisor.concerns.account import account as _account
from supervisor.concerns.approval import approval as _approval
from supervisor.concerns.buying_power import buying_power as _buying_power
from supervisor.concerns.clock import clock as _clock
from supervisor.concerns.connection import connection as _connection
from supervisor.concerns.credentials import credentials as _credentials
from supervisor.concerns.endpoint import endpoint as _endpoint
from supervisor.concerns.journal import journal as _journal
from supervisor.concerns.operator import operator as _operator
from supervisor.concerns.orders import orders as _orders
from supervisor.concerns.positions import positions as _positions
from supervisor.config import Settings
from supervisor.core.concern import Concern

ALL_CONCERNS = (
    _endpoint,
    _connection,
    _credentials,
    _account,
    _approval,
    _buying_power,
    _clock,
    _operator,
    _journal,
)
"""Each makes a concern from the settings; in the order they are shown."""


def standard(settings: Settings) -> tuple[Concern, ...]:
    """The nine concerns with these settings."""
    return tuple(make(settings) for make in ALL_CONCERNS)


def trading(settings: Settings) -> tuple[Concern, ...]:
    """The two that come with an order desk."""
    return (_orders(settings), _positions(settings))


__all__ = ["ALL_CONCERNS", "standard", "trading"]
