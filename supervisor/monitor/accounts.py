"""Whose account is meant, where the token sees several?"""

from supervisor.concerns.facts import Profile
from supervisor.errors import AccountAmbiguous
from supervisor.monitor.supervisor import Supervisor


def refuse_ambiguity(supervisor: Supervisor) -> None:
    """Raises AccountAmbiguous, listing them masked, where none was named and the broker lists several."""
    reading = supervisor.facts.get("profile")
    if reading is None or not isinstance(reading.value, Profile):
        return
    accounts = reading.value.accounts
    if len(accounts) > 1 and not any(account.ours for account in accounts) and not supervisor.broker.account_named():
        listed = ", ".join(f"{a.label} ({a.kind or 'type not stated'}, {a.status or 'no status'})" for a in accounts)
        raise AccountAmbiguous(
            f"the token sees {len(accounts)} accounts: {listed}; name the one to watch in TRADIER_ACCOUNT_ID"
        )
