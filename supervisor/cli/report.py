"""What does an auditor get? One page that says it all."""

from pathlib import Path
from typing import Annotated

import typer

from supervisor.cli.output import AsJson, Home, emit
from supervisor.cli.past import Account, Own, Since, Until, maybe_instant, opened
from supervisor.errors import SupervisorError
from supervisor.monitor.past_record import stretch
from supervisor.monitor.report import gather
from supervisor.monitor.report_html import page
from supervisor.monitor.tradier import folder, settings_for
from supervisor.testing.own import own_of

EXIT_BROKEN = 1


def report(
    since: Since = None,
    until: Until = None,
    out: Annotated[Path, typer.Option("--out", help="The page to write.", metavar="FILE")] = Path("report.html"),
    own: Own = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Write one self-contained page: summary, issues, gate timeline, pictures, moves with evidence, verification, settings.

    Exits 1 where the record is damaged or replays differently: the page then says so.
    """
    mine = [own_of(named) for named in own or ()]
    with opened(home, account) as journal:
        over = stretch(journal, maybe_instant(since), maybe_instant(until))
        made = gather(journal, settings_for(folder(home)), over, mine)
    try:
        out.write_text(page(made), encoding="utf-8")
    except OSError as error:
        raise SupervisorError(f"{out} cannot be written: {error.strerror}") from error
    sound = made.verification.ok and made.compared.identical
    if as_json:
        emit(
            {
                "file": str(out),
                "whole": made.verification.ok,
                "identical": made.compared.identical,
                **made.measured.as_dict(),
            }
        )
    else:
        print(f"{out}: {made.verification.why}; replay {'identical' if made.compared.identical else 'DIFFERENT'}")
    return 0 if sound else EXIT_BROKEN
