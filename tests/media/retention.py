"""receptionai-worker and what merchants want kept no longer: deleted with all that was stored, and nothing else is."""
import os
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from worker_lab import Lab, Tap, wait_for  # noqa: E402

tap = Tap()
DAY_MS = 86400 * 1000


def days_ago(days):
    return int(time.time() * 1000) - int(days * DAY_MS)


def files_of(lab):
    return sorted(name for _, _, names in os.walk(lab.media) for name in names)


def grows_old(lab, sid, days):
    lab.ask("UPDATE calls SET created_ms = ?, started_ms = ?, ended_ms = ? WHERE call_sid = ?",
            days_ago(days), days_ago(days), days_ago(days), sid)


def has_open(pid, path):
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}") == path for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def whole_calls():
    lab = Lab()
    for sid in ("CAold", "CAyoung"):
        lab.row(sid)
        lab.record(sid, frames=20)
        lab.ask("INSERT INTO turns VALUES(?, 0, 'caller', ?, 0, 1, 1, 0, NULL)", sid, f"the secret of {sid} " * 200)
    lab.row("CAlive", status="live", created_ms=days_ago(40))
    lab.record("CAlive", frames=20, end=None, age_s=0, lock=True)
    tap.equal(lab.run("--once").returncode in (0, 75), True, "two calls are recorded")
    both = files_of(lab)
    grows_old(lab, "CAold", 31)
    grows_old(lab, "CAyoung", 29)
    said = lab.run("--prune")
    tap.equal((said.returncode, said.stdout, lab.one("SELECT count(*) FROM calls")), (0, "", 3),
              "without retention_days they are kept for ever")
    lab.ask("UPDATE merchants SET retention_days = 30")
    lab.ask("INSERT INTO caller_memory(merchant_id, number, last_call_sid, last_ms, text) VALUES"
            " (1, '+14155550123', 'CA1', ?, 'x'), (1, '+14155550124', 'CA2', ?, 'x')", days_ago(91), days_ago(89))
    counts = "Bella's: 1 calls, 0 decisions about callers, 0 orders for calls, 1 memories of callers"
    said = lab.run("--prune", "--dry-run")
    tap.equal((said.returncode, said.stdout, lab.one("SELECT count(*) FROM calls"), files_of(lab)),
              (0, counts + " too old\n", 3, both), "a dry run says how much it would be, and changes nothing")
    tap.equal(counts + " too old" in lab.run("--dry-run").stdout, True, "so does one of everything")
    said = lab.run("--prune")
    tap.equal((said.returncode, said.stdout), (0, counts + " deleted\n"), "then it is deleted")
    tap.equal(lab.ask("SELECT call_sid FROM calls ORDER BY call_sid"), [("CAlive",), ("CAyoung",)],
              "the call, but not one that is young enough or goes on")
    tap.equal(lab.ask("SELECT call_sid FROM turns"), [("CAyoung",)], "what was said in it")
    kept = files_of(lab)
    tap.equal((len(both), len(kept), set(kept) < set(both)), (2 * len(kept), len(kept), True), "its files")
    tap.equal(lab.ask("SELECT number FROM caller_memory"), [("+14155550124",)], "and who did not call for memory_days")
    lab.run("--once")
    tap.equal(sorted(os.listdir(lab.spool)), ["CAlive", "CAyoung"], "its sound goes from the spool")
    tap.equal(lab.one("SELECT count(*) FROM calls"), 2, "and does not come back as a call that nobody wrote down")
    lab.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(lab.database, "rb") as database:
        disk = database.read()
    tap.equal((b"secret of CAold" in disk, b"secret of CAyoung" in disk), (False, True),
              "on the disk, too, nothing is left of what was said")
    said = lab.run("--prune")
    tap.equal((said.returncode, said.stdout), (0, ""), "a second time there is nothing to do")
    lab.close()


def many():
    lab = Lab(LOG_LEVEL="info")
    lab.ask("UPDATE merchants SET retention_days = 7")
    now = days_ago(8)
    connection = lab.connect()
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms,"
        " ended_ms, end_reason) VALUES(?, 1, '+14155550123', '+15550100', 'ended', ?, ?, ?, 'caller-hung-up')",
        ((f"CA{i}", now, now, now) for i in range(2500)))
    connection.executemany("INSERT INTO turns VALUES(?, ?, 'caller', 'x', 0, 1, 1, 0, NULL)",
                           ((f"CA{i}", n) for i in range(2500) for n in range(4)))
    connection.execute("COMMIT")
    connection.close()

    # Somebody else writes: between two batches there is room.
    worker = lab.start(arguments=("--prune",))
    writes = 0
    while worker.poll() is None:
        lab.ask("UPDATE merchants SET greeting = ?", f"Hello {writes}")
        writes += 1
    left = lab.one("SELECT count(*) FROM calls"), lab.one("SELECT count(*) FROM turns")
    tap.equal((worker.returncode, left), (0, (0, 0)),
              "thousands of calls are deleted, while others write")
    tap.equal([line for line in lab.log().splitlines() if line.startswith("Bella's")],
              ["Bella's: 1000 of 2500 calls deleted", "Bella's: 2000 of 2500 calls deleted", "Bella's: 2500 calls, 0 decisions"
               " about callers, 0 orders for calls, 0 memories of callers deleted"], "and it is told how far it came")
    lab.close()


def killed():
    lab = Lab()
    lab.ask("UPDATE merchants SET retention_days = 7")
    now = days_ago(8)
    connection = lab.connect()
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, ended_ms,"
        " end_reason) VALUES(?, 1, '+14155550123', '+15550100', 'ended', ?, ?, 'caller-hung-up')",
        ((f"CA{i}", now, now) for i in range(2500)))
    connection.executemany("INSERT INTO turns VALUES(?, 0, 'caller', 'x', 0, 1, 1, 0, NULL)",
                           ((f"CA{i}",) for i in range(2500)))
    connection.execute("COMMIT")
    connection.close()
    worker = lab.start(arguments=("--prune",))
    wait_for(lambda: lab.one("SELECT count(*) FROM calls") < 2500)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    calls, turns, forgotten = (lab.one(f"SELECT count(*) FROM {table}")
                               for table in ("calls", "turns", "forgotten_calls"))
    tap.equal((calls % 50, turns, forgotten), (0, calls, 2500 - calls), "a worker that is killed leaves whole batches")
    said = lab.run("--prune")
    left = lab.one("SELECT count(*) FROM calls"), lab.one("SELECT count(*) FROM turns")
    tap.equal((said.returncode, left), (0, (0, 0)),
              "and the next one ends what it began")
    lab.close()


def by_itself():
    lab = Lab()
    lab.ask("UPDATE merchants SET retention_days = 7")
    lab.row("CAold")
    lab.record("CAold", frames=20)
    lab.run("--once")
    tap.equal(len(files_of(lab)) > 0, True, "a call is recorded")
    grows_old(lab, "CAold", 8)
    lab.start()
    tap.equal(wait_for(lambda: lab.one("SELECT count(*) FROM calls") == 0), True, "the daemon deletes it by itself")
    tap.equal(wait_for(lambda: not files_of(lab)), True, "and its files")
    lab.close()


def busy():
    lab = Lab(RECEPTIONAI_SPOOL="")
    lab.ask("UPDATE merchants SET retention_days = 7")
    lab.row("CAold", created_ms=days_ago(8))
    holder = sqlite3.connect(lab.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    worker = lab.start(arguments=("--prune",))
    tap.equal(wait_for(lambda: has_open(worker.pid, lab.database)) and worker.poll() is None, True,
              "who keeps the database locked is waited for")
    holder.execute("COMMIT")
    holder.close()
    tap.equal((worker.wait(), lab.one("SELECT count(*) FROM calls")), (0, 0),
              "and then it is done, also where nothing is recorded")
    lab.close()


def refused():
    lab = Lab()
    lab.ask("UPDATE merchants SET retention_days = 7")
    lab.ask("INSERT INTO merchants(name, phone_number, retention_days) VALUES('Other', '+15550101', 7)")
    lab.row("CAstuck", created_ms=days_ago(8))
    lab.row("CAother", merchant=2, created_ms=days_ago(8))
    lab.ask("CREATE TRIGGER mine BEFORE DELETE ON calls WHEN OLD.call_sid = 'CAstuck' BEGIN SELECT RAISE(ABORT, 'no'); END")
    lab.start()
    tap.equal(wait_for(lambda: lab.ask("SELECT call_sid FROM calls") == [("CAstuck",)]), True,
              "what cannot be deleted of one merchant holds up no other")
    lab.close()


for part in (whole_calls, many, killed, by_itself, busy, refused):
    part()
tap.finish()
