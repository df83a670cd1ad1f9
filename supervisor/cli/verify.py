"""Can what must never happen happen? Walks every table whole and folds all of it; says what was covered and what is not so."""

from pathlib import Path
from typing import Annotated

import typer

from supervisor.cli.output import AsJson, Home, emit
from supervisor.core.explore import Exploration, Proof, Property
from supervisor.monitor.tradier import folder, settings_for
from supervisor.testing.counterexample import save as save_as
from supervisor.testing.mutants import Hunt, hunt
from supervisor.testing.own import own_of
from supervisor.testing.proving import proof_of, tables
from supervisor.testing.seeded import SEEDED, unfound

EXIT_PROVED, EXIT_MISSED = 0, 1


def verify(
    own: Annotated[
        list[str] | None, typer.Option("--own", help="A Concern or Life of your own, too.", metavar="MODULE:NAME")
    ] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Also break our tables in every small way: each must be noticed.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option("--save", help="Folder for a scenario of each finding.", metavar="DIR")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Prove what can never happen, over every table and all of them together: exits 0 if all of it holds, else 1.

    Faults planted on purpose show that it can fail.
    """
    settings = settings_for(folder(home))
    proof = proof_of(settings, [own_of(named) for named in own or ()])
    missed = list(unfound())
    hunted = hunt(tables().values()) if mutants else None  # with the default numbers: the tales tell of them
    ok = proof.ok and not missed and not (hunted and hunted.survivors)
    lives = [one.table.name for one in proof.covered if one.table.life]
    saved = save_as(proof.findings, save, own=own or (), lives=lives) if save else []
    if as_json:
        planted = [{"fault": s.fault, "breaks": s.breaks.name.lower(), "found": s.fault not in missed} for s in SEEDED]
        told = {"planted": planted, "mutants": hunted and hunted.as_dict(), "saved": [str(path) for path in saved]}
        emit({**proof.as_dict(), "ok": ok, **told})
    else:
        print("\n".join([*_lines(proof, missed, hunted), *(f"wrote {path}" for path in saved)]))
    return EXIT_PROVED if ok else EXIT_MISSED


def _lines(proof: Proof, missed: list[str], hunted: Hunt | None) -> list[str]:
    lines = [_line(one) for one in proof.covered]
    lines.append(f"{proof.masked} situations under a parent that blinds")
    lines.append(f"{proof.folded.combinations} combinations and {proof.folded.pairs} pairs folded into a verdict")
    lines += ["", *(_property(proof, one, missed) for one in Property), ""]
    lines.append(f"{len(SEEDED) - len(missed)} of {len(SEEDED)} planted faults found")
    lines += [f"  not found: {fault}" for fault in missed]
    if hunted is not None:
        lines.append(
            f"{hunted.total} mutants: {hunted.refused} refused, {hunted.by_tale} contradict a tale,"
            f" {hunted.by_rule} break a rule, {len(hunted.survivors)} survive"
        )
        lines += [f"  {survivor}" for survivor in hunted.survivors]
    lines += [f"with these settings: {finding}" for finding in proof.unreached]
    lines += [str(finding) for finding in proof.findings]
    lines.append("All of it holds." if proof.ok else f"{len(proof.findings)} findings.")
    return lines


def _line(one: Exploration) -> str:
    shares = {name: f"{seen}/{total}" for name, (seen, total) in one.shares.items()}
    return (
        f"{one.table.name:<13} {shares['states']:>6} states {shares['arrows']:>6} arrows"
        f" {shares['guard_outcomes']:>6} guard outcomes {len(one.classes):>3} classes {one.situations:>5} situations"
    )


def _property(proof: Proof, one: Property, missed: list[str]) -> str:
    planted = [seeded.fault for seeded in SEEDED if seeded.breaks is one]
    found = len(planted) - sum(fault in missed for fault in planted)
    return (
        f"{'BROKEN' if proof.broken(one) else 'holds':<6} {one.value} ({found} of {len(planted)} planted faults found)"
    )
