"""How long do the proof, the mutants, the catalogue and the sweeps take, and what do they find?"""

from collections.abc import Iterator

from supervisor.testing.clocks import Frozen
from supervisor.testing.mutants import hunt
from supervisor.testing.mutations import mutants
from supervisor.testing.proving import proof_of, tables
from supervisor.testing.runner import run
from supervisor.testing.scenario import load
from supervisor.testing.seeded import SEEDED, unfound
from supervisor.testing.shelf import catalogue
from supervisor.testing.sweeps import OF_BROKER, sample, sequences, sweep

from bench_figures import Figure, timed


def proof(*, quick: bool) -> Iterator[Figure]:
    """Every table explored whole, and all of them folded together."""
    tries = []
    for _ in range(1 if quick else 3):
        with timed() as took:
            found = proof_of()
        tries.append(took.cpu)
    yield Figure("exploration of every table, and all together: CPU", min(tries), "s", 5)
    yield Figure("properties that do not hold", len(found.findings), "", 0)
    yield Figure(f"of {len(SEEDED)} planted faults not found", len(list(unfound())), "", 0)


def mutation(*, quick: bool) -> Iterator[Figure]:
    """Every table broken in every small way."""
    every = tables().values()
    total = sum(1 for table in every for _ in mutants(table))
    with timed() as took:
        hunted = hunt(every, sample=700 if quick else None)
    yield Figure("mutants of every table: CPU", took.cpu * total / hunted.total, "s", 60)
    yield Figure(f"of {hunted.total:,} mutants survive", len(hunted.survivors), "", 0)


def scenarios(*, quick: bool) -> Iterator[Figure]:
    """The catalogue, or a part of it."""
    every = catalogue()
    paths = every[:: 8 if quick else 1]
    with timed() as took, Frozen() as frozen:
        outcomes = [run(load(path), frozen=frozen) for path in paths]
    yield Figure(f"the catalogue of {len(every)}: CPU", took.cpu * len(every) / len(paths), "s", 30)
    yield Figure(f"of {len(paths)} scenarios come out otherwise", sum(not one.passed for one in outcomes), "", 0)


def sweeping(*, quick: bool) -> Iterator[Figure]:
    """A sample of ordered triples of the broker's faults, as long as all would take."""
    count = 12 if quick else 60
    whole = sum(1 for _ in sequences(3))
    with timed() as took:
        tried, found = sweep(sample(3, count, 1, OF_BROKER))
    yield Figure(f"all {whole:,} triples, from a sample: CPU", took.cpu * whole / tried, "s", 600)
    yield Figure(f"of {tried} triples break something", len(found), "", 0)


def all_of_the_lab(*, quick: bool) -> Iterator[Figure]:
    """Every figure of this file."""
    yield from proof(quick=quick)
    yield from mutation(quick=quick)
    yield from scenarios(quick=quick)
    yield from sweeping(quick=quick)
