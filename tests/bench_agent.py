"""What does an agent pay for its integration? Its constructor before a broker that hangs, and a million questions."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from supervisor.optimus import OptimusSelfHealingIntegration
from supervisor.simulator import SimulatorAdapter, preset, serve

from bench_figures import Figure
from optimus.optimus_asking import asked
from optimus.optimus_doubles import Optimus, TradierBrokerAdapter


def constructing(*, quick: bool) -> Iterator[Figure]:
    """How long the constructor takes with every request hanging."""
    took = []
    with serve(preset("hang")) as server, tempfile.TemporaryDirectory() as folder:
        for i in range(3 if quick else 10):
            began = perf_counter()
            integration = OptimusSelfHealingIntegration(
                Optimus(), TradierBrokerAdapter(server.url), home=Path(folder) / str(i)
            )
            took.append(perf_counter() - began)
            integration.stop()
    yield Figure("integration constructed, broker hanging", min(took) * 1000, "ms", 50)
    yield Figure("  the slowest of them", max(took) * 1000, "ms")


def questions(*, quick: bool) -> Iterator[Figure]:
    """A million questions from ten threads, while the gate opens and closes."""
    many = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        integration = OptimusSelfHealingIntegration(
            Optimus(),
            TradierBrokerAdapter(),
            home=folder,
            persist=False,
            transport=SimulatorAdapter(preset("healthy_margin")),
        )
        integration.tick()
        began = perf_counter()
        wrong = asked(integration, many)
        took = perf_counter() - began
        integration.stop()
    yield Figure(f"raises and torn answers in {many:,} questions of ten threads", len(wrong), "", 0)
    yield Figure("  each", took / many * 1e6, "us")


def all_of_the_agent(*, quick: bool) -> Iterator[Figure]:
    """Every figure of the agent's side."""
    yield from constructing(quick=quick)
    yield from questions(quick=quick)
