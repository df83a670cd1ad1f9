"""A book does not grow with every order there ever was."""

from supervisor.core.book import Book
from supervisor.core.resting import KEPT
from supervisor.orders import lives
from supervisor.orders.life import ABSENT, FILLED, LOST, SENT


def test_ended_orders_are_forgotten_after_a_day_and_those_in_doubt_never() -> None:
    book = Book((), lives())
    for i in range(500):
        at = i * KEPT
        book.tell("order", f"m{i}|AAPL", SENT, at)
        book.tell("order", f"m{i}|AAPL", FILLED, at + 1)
    assert len([1 for name, _ in book.living if name == "order"]) <= 3
    book.tell("order", "lost|AAPL", SENT, 500 * KEPT)
    book.tell("order", "lost|AAPL", LOST, 500 * KEPT)
    book.tell("order", "later|AAPL", SENT, 900 * KEPT)
    assert book.cursor("order", "lost|AAPL").state == "ambiguous"
    book.tell("order", "lost|AAPL", ABSENT, 901 * KEPT)
    assert book.issues() == []
