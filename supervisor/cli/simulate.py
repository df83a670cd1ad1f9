"""How does one try all this without a broker? A simulated Tradier on loopback."""

import signal
import threading
from typing import Annotated

import typer

from supervisor.cli.output import AsJson, line
from supervisor.errors import SupervisorError
from supervisor.simulator import COUNTED, DEFAULT_ACCOUNT, PRESETS, preset, serve


def until_told() -> threading.Event:
    """An event that Ctrl-C or a polite kill sets."""
    done = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: done.set())
    return done


def simulate(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    account: Annotated[
        str, typer.Option("--account", help="Account number to serve, like VA12345678.", metavar="ID")
    ] = DEFAULT_ACCOUNT,
    scenario: Annotated[
        str, typer.Option("--scenario", help=f"One of: {', '.join(sorted(PRESETS))}.", metavar="NAME")
    ] = "healthy_margin",
    limits: Annotated[
        str,
        typer.Option(
            "--limits",
            help="Request quotas: sandbox or live as documented, counted to tell of them and never refuse, or none.",
            metavar="KIND",
        ),
    ] = COUNTED,
    as_json: AsJson = False,
) -> int:
    """Serve a simulated Tradier on loopback. Any token is good until told otherwise.

    A GET of /_control/ lists what it can be told: faults at any endpoint, prices, accounts, quotas, tokens, other scenarios.
    """
    if not (account.isascii() and account.isalnum()):
        raise SupervisorError(f"--account cannot be {account!r}: an account number is letters and digits")
    done = until_told()
    server = serve(preset(scenario, account, limits=None if limits == "none" else limits), port=port)
    try:
        if as_json:
            line({"url": server.url, "control": server.control_url, "account": account, "scenario": scenario})
        else:
            print(f"A simulated Tradier ({scenario}) listens at {server.url}, account {account}. Ctrl-C ends it.")
            print(f"  export TRADIER_BASE_URL={server.url} TRADIER_API_KEY=any-token TRADIER_ACCOUNT_ID={account}")
            print("  supervisor check")
            print(f"Faults on command: curl -d fault=hang {server.control_url}/_control/fault")
            print(f"All it can be told: curl {server.control_url}/_control/", flush=True)
        done.wait()
    finally:
        server.close()
    return 0
