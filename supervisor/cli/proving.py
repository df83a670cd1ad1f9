"""Is the record whole?"""

from supervisor.cli.output import AsJson, Home, emit
from supervisor.cli.past import Account, log_app, opened
from supervisor.journal.verify import verify as verify_chain

EXIT_BROKEN = 1


@log_app.command("verify")
def log_verify(account: Account = None, as_json: AsJson = False, home: Home = None) -> int:
    """Walk the whole record: every entry must follow from the one before. Exits non-zero where one does not."""
    with opened(home, account) as journal:
        found = verify_chain(journal)
    if as_json:
        emit({"ok": found.ok, "entries": found.entries, "first_bad": found.first_bad, "why": found.why})
    else:
        print(found.why)
    return 0 if found.ok else EXIT_BROKEN
