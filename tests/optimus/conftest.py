"""Every test has a clean environment and leaves no monitor running."""

from collections.abc import Iterator

import pytest
from supervisor.optimus import sharing


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (
        "TRADIER_API_KEY", "TRADIER_ACCOUNT_ID", "TRADIER_SANDBOX", "TRADIER_BASE_URL", "SUPERVISOR_HOME", "SUPERVISOR_CONFIG",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    yield
    for monitor in list(sharing._shared.monitors.values()):
        monitor.stop()
    sharing._shared.monitors.clear()
