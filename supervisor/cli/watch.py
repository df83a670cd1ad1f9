"""How is it, continuously? A live screen in a terminal, JSON lines when piped."""

import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from typing import Annotated, Any

import attrs
import typer
from rich.live import Live

from supervisor import log
from supervisor.cli.demo import ACCOUNT, SETTINGS, Demo
from supervisor.cli.output import AsJson, Home, line
from supervisor.cli.simulate import until_told
from supervisor.cli.view import Screen, console
from supervisor.clock import iso
from supervisor.core.event import Event
from supervisor.errors import ConfigError, SupervisorError
from supervisor.examples.agent import Agent
from supervisor.monitor.accounts import refuse_ambiguity
from supervisor.monitor.sentences import sentence
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import environment, folder, for_tradier, settings_for

REFRESH = 0.25


def run(
    demo: Annotated[
        bool, typer.Option("--demo", help="Watch a simulated broker that plays a short story of faults.")
    ] = False,
    seconds: Annotated[
        float, typer.Option("--for", min=0, help="Stop after that many seconds; 0 goes on until Ctrl-C.", metavar="S")
    ] = 0.0,
    with_agent: Annotated[
        bool, typer.Option("--with-agent", help="With --demo: let the reference agent trade on the simulated broker.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Repairs are planned and told, and never applied.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Watch the account continuously: a live screen in a terminal, JSON lines when piped."""
    if with_agent and not demo:
        raise ConfigError("--with-agent goes with --demo only: the reference agent never trades on a real account")
    if not demo and environment("TRADIER_API_KEY") is None:
        raise ConfigError(
            "TRADIER_API_KEY is not set: put your Tradier access token in it, or try `supervisor run --demo`"
        )
    piped = as_json or not sys.stdout.isatty()
    if not demo:
        _one_account(home)
        settings = attrs.evolve(settings_for(folder(home)), dry_run=True) if dry_run else None
        supervisor = for_tradier(home=home, settings=settings, orders=True)
        return _watch(supervisor, None, seconds, piped=piped)
    first = "DEMO: a simulated broker on loopback, a story of faults, no real account."
    if piped:
        line({"demo": True, "note": first})
    else:
        print(first, flush=True)
    rules = attrs.evolve(SETTINGS, dry_run=dry_run)
    story = Demo()
    try:
        named = home or environment("SUPERVISOR_HOME")
        with nullcontext(named) if named else tempfile.TemporaryDirectory(prefix="supervisor-demo-") as kept:
            supervisor = for_tradier(
                "demo-token", ACCOUNT, sandbox=True, base_url=story.url, settings=rules, home=kept, orders=True
            )
            return _watch(supervisor, story, seconds, piped=piped, agent=Agent(supervisor) if with_agent else None)
    finally:
        story.close()


def _one_account(home: str | None) -> None:
    """Where none is named, looks once, keeping nothing: an alarm about an account that nobody meant is not put on record."""
    if environment("TRADIER_ACCOUNT_ID") is None:
        supervisor = for_tradier(home=home, persist=False)
        try:
            supervisor.look()
            refuse_ambiguity(supervisor)
        finally:
            supervisor.stop()


def _watch(
    supervisor: Supervisor, story: Demo | None, seconds: float, *, piped: bool, agent: Agent | None = None
) -> int:
    done = until_told()
    screen = Screen("supervisor (demo)" if story else "supervisor")

    def on_event(event: Event) -> None:
        screen.note(event)
        if piped:
            line(
                {
                    "at": iso(event.at),
                    "event": event.kind.value,
                    "issue": event.issue.as_dict(),
                    "says": sentence(event),
                }
            )

    if not piped:
        log.configure(as_json=False, level="critical")  # the screen shows it; lines would tear it
    supervisor.start()
    if supervisor.unrecorded:
        why = supervisor.unrecorded
        supervisor.stop()
        raise SupervisorError(f"nothing could be put on record, so nothing is watched: {why}")
    supervisor.subscribe(on_event, name="watch")
    if agent is not None:
        if piped:
            agent.say = lambda words: line({"demo": True, "agent": words})
        threading.Thread(target=agent.run, args=(done,), name="demo-agent", daemon=True).start()
    try:
        began = time.monotonic()
        if piped:
            _lines(supervisor, story, done, began, seconds)
        else:
            terminal = console()
            with Live(screen.render(supervisor.health(), terminal), console=terminal, auto_refresh=False) as live:
                while not done.is_set() and not _over(began, seconds):
                    refuse_ambiguity(supervisor)
                    if story is not None:
                        story.play(time.monotonic() - began)
                        screen.caption = story.caption
                    if agent is not None:
                        screen.caption += "".join(f"\n   agent: {words}" for words in list(agent.lines)[-3:])
                    live.update(screen.render(supervisor.health(), terminal), refresh=True)
                    done.wait(REFRESH)
    finally:
        done.set()
        supervisor.stop()
    return 0


def _over(began: float, seconds: float) -> bool:
    return bool(seconds) and time.monotonic() - began >= seconds


def _lines(supervisor: Supervisor, story: Demo | None, done: threading.Event, began: float, seconds: float) -> None:
    shown: Any = None
    while not done.is_set() and not _over(began, seconds):
        refuse_ambiguity(supervisor)
        if story is not None and (caption := story.play(time.monotonic() - began)):
            line({"demo": True, "story": caption})
        health = supervisor.health()
        now = (health.gate.as_of, health.gate.mode, health.status, len(health.issues))
        if now != shown and (health.gate.until or health.issues):
            shown = now
            line(
                {
                    "at": iso(health.gate.as_of),
                    "status": health.status.value,
                    "health_score": round(health.score, 4),
                    "gate": health.gate.mode.value,
                    "active_issues": [issue.code for issue in health.issues],
                    "concerns": {name: view.state for name, view in health.concerns.items()},
                }
            )
        done.wait(REFRESH)
