"""How does a user test tables and faults? Stories over tables, and more to come."""

from supervisor.testing.story import Story, given

__all__ = ["Story", "given"]
