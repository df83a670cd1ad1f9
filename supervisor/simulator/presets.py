"""Which whole brokers can be asked for by name?

A preset is a set of accounts and the faults in force from the start; every row of the product's promises has one.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from supervisor.errors import SupervisorError
from supervisor.simulator.accounts import Account, AccountKind
from supervisor.simulator.broker import Simulator

DEFAULT_ACCOUNT = "VA90010001"
_OTHERS = ("VA90010077", "VA90010088")

Injection = tuple[str, Mapping[str, Any]]


def _one(number: str) -> list[Account]:
    return [Account(number)]


def _kind(kind: AccountKind) -> Callable[[str], list[Account]]:
    return lambda number: [Account(number, kind=kind, cash=Decimal(30000))]


def _several(number: str) -> list[Account]:
    first, second = _others(number)
    return [
        Account(first, kind=AccountKind.CASH, cash=Decimal(5000)),
        Account(second, status="closed"),
        Account(number),
    ]


def _others(number: str) -> tuple[str, str]:
    """Two account numbers that are not that one."""
    first, second, *_ = (other for other in (*_OTHERS, DEFAULT_ACCOUNT) if other != number)
    return first, second


def _changed(**changes: Any) -> Callable[[str], list[Account]]:
    return lambda number: [Account(number, **changes)]


def _missing(number: str) -> list[Account]:
    return [Account(_others(number)[0]), Account(number, listed=False, owned=False)]


def _foreign(number: str) -> list[Account]:
    return [Account(number, owned=False)]


@attrs.frozen
class Preset:
    """One broker by name: what it is like, its accounts, the faults it starts with."""

    means: str
    accounts: Callable[[str], list[Account]] = _one
    faults: tuple[Injection, ...] = ()


def _fault(means: str, name: str, **how: Any) -> Preset:
    return Preset(means, faults=((name, how),))


# fmt: off
PRESETS: dict[str, Preset] = {
    "healthy_margin": Preset("Answers well; one margin account."),
    "healthy_cash": Preset("Answers well; one cash account.", _kind(AccountKind.CASH)),
    "healthy_pdt": Preset("Answers well; one pattern-day-trader account.", _kind(AccountKind.PDT)),
    "several_accounts": Preset("Lists several accounts, ours last.", _several),
    "account_missing": Preset("Lists another account, not ours, and answers 401 on ours.", _missing),
    "account_foreign": Preset("Lists our account, but its paths answer `Unauthorized Account`.", _foreign),
    "account_closed": Preset("Our account is closed.", _changed(status="closed")),
    "account_suspended": Preset("Our account is suspended.", _changed(status="suspended")),
    "account_restricted": Preset("Our account is restricted.", _changed(status="restricted")),
    "status_missing": Preset("Our account has no status.", _changed(status=None)),
    "status_empty": Preset("Our account's status is an empty word.", _changed(status="")),
    "status_unknown": Preset("Our account's status is `unknown`.", _changed(status="unknown")),
    "level_low": Preset("Our account's option level is 1.", _changed(option_level=1)),
    "level_missing": Preset("Our account has no option level.", _changed(option_level=None)),
    "no_buying_power": Preset("No buying power at all.", _changed(stock_power=Decimal(0), option_power=Decimal(0))),
    "no_stock_power": Preset("No buying power for stock.", _changed(stock_power=Decimal(0))),
    "no_option_power": Preset("No buying power for options.", _changed(stock_power=Decimal(20000), option_power=Decimal("0E-8"))),
    "no_cash": Preset("A cash account without settled cash.", lambda number: [Account(number, kind=AccountKind.CASH, cash=Decimal(2500), unsettled=Decimal(2500))]),
    "low_funds": Preset("Fifty dollars of buying power.", _changed(stock_power=Decimal(50), option_power=Decimal(50), cash=Decimal(50))),
    "margin_call": Preset("A maintenance call.", _changed(maintenance_call=Decimal("1250.00"))),
    "fed_call": Preset("A fed call.", _changed(fed_call=Decimal("900.00"))),
    "token_bad": _fault("Refuses every token as invalid.", "token_invalid"),
    "token_bad_text": _fault("Refuses every token with a bare text.", "token_invalid_text"),
    "token_expired": _fault("Refuses every token as expired.", "token_expired"),
    "token_expired_500": _fault("Refuses every token as expired, inside a 500.", "token_expired_500"),
    "token_elsewhere": _fault("Refuses every token as meant for the other environment.", "wrong_environment"),
    "rate_limited": _fault("Answers 429 to everything.", "http_429"),
    "rate_limited_fault": _fault("Answers a quota fault inside a 500 to everything.", "http_429_fault", status=500),
    "refuse": _fault("Nobody listens.", "refuse"),
    "reset": _fault("Resets every connection.", "reset"),
    "hang": _fault("Takes every request and never answers.", "hang"),
    "drip_header": _fault("Drips its headers byte by byte.", "drip_header"),
    "drip_body": _fault("Drips its body byte by byte.", "drip_body"),
    "server_500": _fault("Answers 500 with the backend text to everything.", "http_500_backend"),
    "server_502": _fault("Answers the proxy's 502 to everything.", "http_502_nginx"),
    "server_503": _fault("Answers an empty 503 to everything.", "http_503_empty"),
    "server_504": _fault("Answers an XML 504 to everything.", "http_504_xml"),
    "fake_400": _fault("Answers the 400 that wears a server error to everything.", "http_400_unexpected"),
    "html": _fault("Answers 200 with the documentation site to everything.", "docs_html"),
    "xml": _fault("Answers 200 with XML to everything.", "xml"),
    "empty": _fault("Answers 200 with nothing to everything.", "empty"),
    "nonsense": _fault("Answers 200 with JSON of no known shape to everything.", "nonsense"),
    "truncated": _fault("Answers half of its JSON to everything.", "truncated_json"),
    "slow": _fault("Answers well, but takes 3 seconds.", "slow", by=3.0),
    "balances_fail": _fault("Fails on balances only.", "http_500_backend", endpoint="balances"),
    "profile_fail": _fault("Fails on the profile only.", "http_500_backend", endpoint="profile"),
    "skewed_date": _fault("Its Date is 30 seconds ahead.", "date_skewed", by=30.0),
    "missing_date": _fault("It sends no Date.", "date_missing"),
}
"""Every preset by its name."""
# fmt: on


def preset(name: str, account: str = DEFAULT_ACCOUNT, **options: Any) -> Simulator:
    """A simulator that is the preset of that name, our account having that number; `options` as of Simulator.

    SupervisorError names an unknown preset.
    """
    chosen = _chosen(name)
    simulator = Simulator(chosen.accounts(account), ours=account, **options)
    for fault, how in chosen.faults:
        simulator.inject(fault, **how)
    return simulator


def become(simulator: Simulator, name: str) -> None:
    """Turns a running simulator into the preset of that name; orders stay, the accounts and faults are new."""
    chosen = _chosen(name)
    with simulator.lock:
        state = simulator.state
        state.accounts = {account.number: account for account in chosen.accounts(state.ours)}
        for number in state.accounts:
            state.orders.setdefault(number, [])
        simulator.faults.clear()
        for fault, how in chosen.faults:
            simulator.faults.inject(fault, **how)
    simulator.changed()


def _chosen(name: str) -> Preset:
    if name not in PRESETS:
        raise SupervisorError(f"There is no scenario {name!r}; the known ones are {', '.join(sorted(PRESETS))}.")
    return PRESETS[name]
