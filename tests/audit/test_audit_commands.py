"""What do the commands that look back print, and what where it can't be done?"""

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from supervisor.cli.app import run
from supervisor.simulator import DEFAULT_ACCOUNT

from cli.commanding import Commands, Said

CLOSED_AT = "2026-11-23T15:02:00Z"


def fine(told: Said) -> Said:
    assert (told.code, told.err) == (0, "")
    return told


# ---------------------------------------------------------------- log


def lines(command: Commands, *arguments: str) -> list[dict[str, Any]]:
    return fine(command("log", "--json", "-n", "9999", *arguments)).lines()


def test_every_filter_keeps_what_it_says_and_nothing_else(command: Commands) -> None:
    every = lines(command)
    assert len(every) > 200
    assert lines(command, "--concern", "connection") == [m for m in every if m["concern"] == "connection"]
    assert lines(command, "--severity", "critical") == [m for m in every if m["severity"] == "critical"]
    some = next(m["issue"] for m in every if m["issue"])
    assert lines(command, "--issue", some) == [m for m in every if m["issue"] == some]
    code = some.rpartition("-")[0]
    assert lines(command, "--issue", code) == [m for m in every if (m["issue"] or "").startswith(code + "-")]
    window = ("--since", "2026-11-23T15:00Z", "--until", "2026-11-23T16:00Z")
    assert lines(command, *window) == [m for m in every if "2026-11-23T15:00" <= m["at"] <= "2026-11-23T16:00:00.000Z"]
    for kind in ("detected", "resolved"):
        assert lines(command, "--kind", kind) == [m for m in every if any(e.startswith(kind) for e in m["events"])]
        newest = fine(command("log", "--json", "-n", "3", "--kind", kind)).lines()
        assert newest == lines(command, "--kind", kind)[-3:]
        assert lines(command, "--kind", kind, *window) == [
            m for m in lines(command, *window) if m in lines(command, "--kind", kind)
        ]
    assert {m["kind"] for m in lines(command, "--kind", "start")} == {"start"}
    assert len(lines(command, "--kind", "all")) > 1000


def test_an_entry_says_before_signal_after_evidence_both_gates_and_who_was_told(command: Commands) -> None:
    down = lines(command, "--concern", "connection", "--kind", "detected")[0]
    assert (down["signal"], down["after"], down["gate_after"]) == ("failed", "down", "reduce_only")
    assert "deadline passed" in down["evidence"]
    assert [(t["to"], t["what"], t["arrived"], t["problem"]) for t in down["told"]] == [
        ("agent", "detected", True, None),
        ("pager", "detected", False, "raised RuntimeError: no route to the pager"),
    ]
    shown = fine(command("log", "-n", "9999")).out
    assert "told agent (detected): arrived" in shown
    assert "told pager (detected): did NOT arrive: raised RuntimeError: no route to the pager" in shown
    assert "unsteady -failed-> down" in shown
    assert "  open -> reduce only  " in shown
    header, first, *_ = shown.splitlines()
    assert header.split() == ["entry", "at", "concern", "move", "events", "gate", "evidence"]
    assert header.index("concern") == first.index(lines(command)[0]["concern"])


def test_csv_has_one_line_for_each_entry_and_reads_back(command: Commands) -> None:
    rows = list(csv.DictReader(io.StringIO(fine(command("log", "--format", "csv", "-n", "9999")).out)))
    every = lines(command)
    assert [row["entry"] for row in rows] == [str(m["entry"]) for m in every]
    assert [row["evidence"] for row in rows] == [m["evidence"] for m in every]


def test_an_account_is_named_by_its_number_or_its_last_four(command: Commands) -> None:
    own = fine(command("log")).out
    command.env(TRADIER_ACCOUNT_ID=None)
    for name in (DEFAULT_ACCOUNT, DEFAULT_ACCOUNT[-4:], "****" + DEFAULT_ACCOUNT[-4:]):
        assert fine(command("log", "--account", name)).out == own
    unknown = command("log", "--account", "9999")
    assert (unknown.code, unknown.out) == (3, "")
    assert "names 0 records" in unknown.err
    assert DEFAULT_ACCOUNT not in command("log", "--account", "X" + DEFAULT_ACCOUNT).err


def test_following_goes_on_from_the_newest(command: Commands) -> None:
    with subprocess.Popen(
        [str(Path(sys.executable).parent / "supervisor"), "log", "-f", "-n", "2", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        shown = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.kill()
    assert shown == fine(command("log", "-n", "2", "--json")).lines()


# ---------------------------------------------------------------- numbers, words, pictures


def test_issues_are_listed_with_how_long_they_lasted_and_counted(command: Commands) -> None:
    told = fine(command("issues", "--json")).json()
    assert sum(told["counts"].values()) == len(told["issues"]) > 20
    detected = lines(command, "--kind", "detected")
    assert {issue["issue_id"] for issue in told["issues"]} == {m["issue"] for m in detected}
    still = fine(command("issues", "--json", "--open")).json()["issues"]
    assert still == [issue for issue in told["issues"] if issue["open"]]
    shown = fine(command("issues", "--code", "connection_failed")).out
    assert shown.count("recovered after") == told["counts"]["connection_failed"]
    assert "connection_failed: " in shown.splitlines()[-1]
    assert "no issues in that time" in fine(command("issues", "--code", "nonesuch")).out


def test_issues_stand_in_the_order_they_were_detected_also_those_open_before(command: Commands) -> None:
    since = ("--since", "2026-11-24T03:00")
    told = fine(command("issues", "--json", *since)).json()["issues"]
    detected = [issue["detected"] for issue in told]
    assert sum(at < "2026-11-24T03:00" for at in detected) > 1
    assert detected == sorted(detected)


def test_stats_say_uptime_minutes_closed_by_cause_and_mean_times(command: Commands) -> None:
    told = fine(command("stats", "--json")).json()
    assert 0.5 < told["uptime"] < 1
    assert told["gate_closed_minutes_by_cause"]["connection"] > 30
    assert told["mean_seconds_to_resolve"] > told["mean_seconds_to_detect"] > 0
    shown = fine(command("stats", "--since", "2026-11-23T15:00Z", "--until", "2026-11-23T16:00Z")).out
    assert "(60 min), watched 100.00% of it" in shown
    assert "gate closed for opening" in shown


def test_explain_tells_of_a_past_instant_and_of_one_order(command: Commands, tmp_path: Path) -> None:
    shown = fine(command("explain", "--at", CLOSED_AT)).out
    assert shown.startswith("2026-11-23 15:02:00 UTC: degraded")
    assert "CLOSED  open equity" in shown
    assert "Scheduled maintenance" in shown
    order = tmp_path / "order.json"
    for side, code, words in (("buy", 2, "opens risk"), ("sell", 0, "reduces risk")):
        order.write_text(json.dumps({"symbol": "SPY", "side": side, "quantity": 1}))
        told = command("explain", "--at", CLOSED_AT, "--order", str(order))
        assert told.code == code
        assert words in told.out
        as_json = command("explain", "--at", CLOSED_AT, "--order", str(order), "--json").json()
        assert as_json["order"]["allowed"] == (code == 0)
        assert {p["permit"]: p["open"] for p in as_json["permits"]}["open_equity"] is False


@pytest.mark.parametrize("over, mark", [("now", "now: "), ("path", "Step 1: "), ("counts", "% of the time")])
def test_a_ladder_with_what_the_record_says_drawn_over_it(command: Commands, over: str, mark: str) -> None:
    plain = fine(command("diagram", "connection", "--format", "svg")).out
    drawn = fine(command("diagram", "connection", "--overlay", over, "--at", "2026-11-23T20:00Z")).out
    assert mark in drawn
    assert mark not in plain


def test_pictures_come_as_png_and_without_the_extra_one_sentence_says_what_to_install(
    command: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine(command("diagram", "clock", "--format", "png", "--out", str(tmp_path)))
    assert (tmp_path / "clock.png").read_bytes().startswith(b"\x89PNG")
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    told = command("diagram", "clock", "--format", "png", "--out", str(tmp_path))
    assert told.code == 3
    assert "optimus-supervisor[png]" in told.err


def test_a_report_is_one_page_with_all_in_it_and_nothing_from_elsewhere(command: Commands, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    told = fine(command("report", "--out", str(out), "--json")).json()
    assert told["whole"]
    assert told["identical"]
    page = out.read_text()
    assert not re.search(r"<script|<link|<img|@import|src=|url\((?!#)|https?://(?!www\.w3\.org/)", page)
    assert DEFAULT_ACCOUNT not in page
    for words in (
        "Supervisor report, account ****0001 (sandbox)", "The gate over time", "follow from one another", "@media print",
        "connection_failed", "option_level = 2", "identical", "deadline passed",
    ):  # fmt: skip
        assert words in page
    assert page.count("<svg") == 1 + page.count('class="r-picture')
    assert "% of the time" in page  # how long it was in each state
    assert "Step 1: " in page  # the path taken
    assert re.search(r">[0-9,+ ]*\u00d7[0-9]+</text>", page)  # how often an arrow was gone
    issues = fine(command("issues", "--json")).json()["issues"]
    assert [issue["issue_id"] for issue in issues if issue["issue_id"] not in page] == []


def test_what_other_settings_would_have_changed_is_a_table(command: Commands, tmp_path: Path) -> None:
    settings = tmp_path / "other.toml"
    settings.write_text("dwell = 900\n")
    told = fine(command("replay", "--settings", str(settings), "--json")).json()
    assert told["would"]["gate_closed_minutes"] > told["was"]["gate_closed_minutes"] + 10
    assert "minutes closed by connection" in fine(command("replay", "--settings", str(settings))).out
    assert "identical: " in fine(command("replay", "--from", "2026-11-23T15:00Z", "--to", "2026-11-23T18:00Z")).out


# ---------------------------------------------------------------- proof


def test_a_record_is_signed_sealed_exported_imported_and_verified_by_the_command_line(
    command: Commands, tmp_path: Path
) -> None:
    key, statement = str(tmp_path / "key"), tmp_path / "statement.json"
    public = fine(command("log", "key", key, "--json")).json()["public_key"]
    statement.write_text(fine(command("log", "sign", "--key", key)).out)
    checks = ("log", "verify", "--signed", str(statement), "--public-key", public)
    assert "1 heads seen by others fit" in fine(command(*checks)).out
    assert command(*checks[:-1], "00" * 32).code == 3
    head = json.loads(statement.read_text())
    assert fine(command("log", "verify", "--head", f"{head['number']}:{head['hash']}", "--json")).json()["ok"]
    wrong = command("log", "verify", "--head", f"{head['number']}:{'0' * 64}")
    assert (wrong.code, wrong.err) == (1, "")
    assert f"Entry {head['number']} is not the one a witness saw" in wrong.out
    assert "no month is over" in fine(command("log", "seal", "--out", str(tmp_path / "sealed"))).out
    part = str(tmp_path / "part.gz")
    fine(command("log", "export", part, "--from", "2026-11-23T15:00Z", "--to", "2026-11-23T18:00Z"))
    back = str(tmp_path / "back.db")
    made = fine(command("log", "import", part, "--out", back, "--json")).json()
    assert "follow from one another" in fine(command("log", "verify", back)).out
    assert made["entries"] > 100
    assert command("log", "export", part).code == 3


# ---------------------------------------------------------------- what can't be done


def test_what_is_asked_wrongly_is_one_sentence(command: Commands, tmp_path: Path) -> None:
    (tmp_path / "o.json").write_text("[1]")
    for arguments, words in (
        (("log", "--severity", "awful"), "no severity is called 'awful'"),
        (("log", "--format", "xml"), "no format is called 'xml'"),
        (("log", "--since", "soon"), "'soon' is no time"),
        (("explain", "--at", "2001-01-01"), "nothing is on record by 2001"),
        (("explain", "--at", "1m", "--order", str(tmp_path / "o.json")), "is not an object"),
        (("explain", "--at", "1m", "--order", str(tmp_path / "none.json")), "cannot be read"),
        (("stats", "--until", "2001-01-01"), "nothing is on record of that time"),
        (("diagram", "clock", "--overlay", "stars"), "an overlay is one of now, path, counts"),
        (("diagram", "clock", "--at", "1h"), "are for an overlay"),
        (("diagram", "orders", "--overlay", "now"), "nothing of orders is on record by then"),
        (("replay", "--settings", str(tmp_path / "none.toml")), "are no file"),
        (("replay", str(tmp_path / "none.db")), "There is no journal at"),
        (("log", "verify", "--head", "7"), "give NUMBER:HASH"),
        (("log", "verify", "--witness", str(tmp_path / "o.json")), "never heard of"),
        (("log", "verify", "--signed", str(tmp_path / "o.json")), "needs --public-key"),
        (("log", "verify", "--sealed", str(tmp_path / "none")), "There is no folder"),
        (("log", "sign", "--key", str(tmp_path / "o.json")), "holds no key"),
        (("log", "import", str(tmp_path / "o.json"), "--out", str(tmp_path / "x.db")), "cannot be proved whole"),
    ):
        told = command(*arguments)
        assert (told.code, told.out) == (3, ""), arguments
        assert words in told.err, (arguments, told.err)
        assert told.err.count("\n") == 1


def test_a_page_that_can_not_be_written_says_so(command: Commands, tmp_path: Path) -> None:
    assert run(("report", "--out", str(tmp_path / "no" / "such" / "r.html"))) == 3


def test_the_first_difference_is_shown_with_both_sides_and_each_field_that_differs(
    command: Commands, tmp_path: Path
) -> None:
    (path,) = command.home.rglob("journal.db")
    database = sqlite3.connect(path)
    number, text = database.execute(
        "SELECT number, body FROM entries WHERE kind = 'move' AND concern = 'connection' AND body LIKE ? LIMIT 1",
        ('%deadline%"source":"up"%',),
    ).fetchone()
    body = json.loads(text)
    body |= {"target": "up", "after": 31}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    database.execute("UPDATE entries SET body = ? WHERE number = ?", (text, number))
    database.commit()
    database.close()
    told = command("replay", str(path))
    assert (told.code, told.err) == (1, "")
    first, recorded, replayed, *fields = told.out.splitlines()
    assert first.endswith(f"the first difference, at entry {number}:")
    assert re.fullmatch(r"  recorded: connection up -failed-> up at 2026-11-23T\d\d:\d\d:\d\d\.\d{3}Z", recorded)
    assert re.fullmatch(r"  replayed: connection up -failed-> unsteady at 2026-11-23T\d\d:\d\d:\d\d\.\d{3}Z", replayed)
    assert '  target: "up" on record, "unsteady" replayed' in fields
    assert {line.split(":")[0].strip() for line in fields} == {"target", "after"}
    assert command("replay", str(path), "--json").json()["difference"]["recorded"]["target"] == "up"
