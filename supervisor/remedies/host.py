"""What does the healer need from whoever holds the book, the record and the callbacks?"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from supervisor.core.issue import Issue
from supervisor.core.reading import Reading
from supervisor.core.words import FixResult
from supervisor.remedies.ledger import Repair
from supervisor.remedies.ports import Ports


class Host(Protocol):
    """The monitor, as the healer sees it. Every method is quick; none is called under the book's lock."""

    def ports(self) -> Ports:
        """What remedies may touch."""
        ...

    def facts(self) -> Mapping[str, Reading]:
        """The last good reading of each source."""
        ...

    def issues(self) -> Sequence[Issue]:
        """Those open and not masked, oldest first."""
        ...

    def issue(self, issue_id: str) -> Issue | None:
        """That issue while it is open."""
        ...

    def free(self, issue_id: str) -> bool:
        """Whether its concern, by its readings, no longer shows it, though it may be kept open by a repair."""
        ...

    def hopeful(self, issue_id: str) -> bool:
        """Whether its concern no longer shows it, or is counting good readings towards that."""
        ...

    def storm(self) -> bool:
        """Whether more concerns are bad than repairs may be made among; masked ones don't count."""
        ...

    def root(self, concern: str) -> bool:
        """Whether that concern masks others and is masked by none."""
        ...

    def recorded(self) -> bool:
        """Whether what happens can be put on record."""
        ...

    def number(self) -> int:
        """The number of the last entry."""
        ...

    def unfinished(self) -> Sequence[str]:
        """The keys of repairs that, by the book, are under way or only planned."""
        ...

    def tell(self, repair: Repair, signal: str, words: str) -> bool:
        """The repair hears that, on record with all that is known of it; whether it is on record."""
        ...

    def orphan(self, key: str, signal: str, words: str) -> None:
        """As `tell`, for a repair of which only its key is known."""
        ...

    def mend(self, issue_id: str, step: str, words: str) -> bool:
        """The issue hears of its repair, see `core.mending`; whether that told it as fixed."""
        ...

    def clear(self, issue_id: str, *, gone: bool) -> None:
        """The cause of a failed order is gone, or is not after all."""
        ...

    def repeated(self, concern: str, signal: str, words: str) -> None:
        """The concern needed repair again, or too often."""
        ...

    def result(self, issue: Issue, result: FixResult) -> None:
        """Whoever wants to hear of results hears of this one, which is none of FIXED: that is told with its event."""
        ...

    def plain(self, tree: Any) -> Any:
        """What JSON can hold of it, masked. Raises ValueError or TypeError where JSON can't hold it."""
        ...
