"""Is the journal's file full or broken? It is moved aside, never deleted, and a fresh one goes on from its last hash.

After that the operator concern starts in `reduce`: a person must look before anything opens. A file that another program
made, that a newer version wrote, that is locked or may not be written is left as it is: moving it would help no one.
"""

from supervisor.concerns.facts import Keeping, Record
from supervisor.core.issue import at
from supervisor.remedies.form import Applied, Manner, Nothing, Outcome, Plan, Scene

CURABLE = ("damaged", "cannot be continued", "is full", "not as this version makes them", "does not say what it is")
"""Words by which `journal.trouble` and `journal.store` name what a fresh file cures."""


class JournalRemedy:
    """A fresh journal linked to the old one."""

    name = "journal"
    codes = frozenset({"journal_unwritable"})
    manner = Manner()

    def plan(self, scene: Scene) -> Plan | None:
        """Nothing where a fresh file would not help."""
        record = scene.ports.record
        trouble = record.trouble() if record is not None else None
        if trouble is None or not any(word in trouble for word in CURABLE):
            return None
        aside = f"journal.{at(scene.now):%Y%m%dT%H%M%S}.aside"
        return Plan(
            f"move the journal aside as {aside} and start a fresh one linked to it ({trouble})", {"aside": aside}
        )

    def apply(self, plan: Plan, scene: Scene) -> Outcome:
        """Moves it and starts anew."""
        if scene.ports.record is None:
            return Nothing("there is no journal")
        scene.insist()
        return Applied(scene.ports.record.start_anew(str(plan.data["aside"])))

    def proves(self, _: Plan, scene: Scene) -> bool:
        """It was written this round, and its chain holds."""
        reading = scene.round.get("journal")
        written = reading is not None and isinstance(reading.value, Record) and reading.value.keeping is Keeping.WRITTEN
        return written and scene.ports.record is not None and scene.ports.record.sound()

    def undo(self, plan: Plan, scene: Scene) -> str | None:
        """Puts the old file back where it stood, unless the fresh one is good: then it must stay."""
        record = scene.ports.record
        if record is None:
            return None
        if record.trouble() is None and record.sound():
            return f"the fresh journal is sound and stays; the old one is kept as {plan.data['aside']}"
        record.put_back(str(plan.data["aside"]))
        return None
