#!/usr/bin/python3
"""memory.py WORKER SCHEMA FOLDER: what the worker remembers of a caller, from a summary or without one. Prints TAP."""
import os
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chat_stub import Stub, answer  # noqa: E402

WORKER, SCHEMA, FOLDER = sys.argv[1:4]
CALLER = "+14155550123"
SUMMARY = {"summary": "Wants a table for two\u202e on Friday.", "intent": "booking", "caller_name": "Anna",
           "callback_needed": False, "action_items": []}
count = failed = 0


def equal(sentence, got, wanted):
    global count, failed
    count += 1
    failed += got != wanted
    print("%s %d - %s" % ("ok" if got == wanted else "not ok", count, sentence), flush=True)
    if got != wanted:
        print("# got %r, wanted %r" % (got, wanted), flush=True)


class World:
    def __init__(self, name, key="xai-test-key", **merchant):
        self.folder = os.path.join(FOLDER, name)
        os.makedirs(os.path.join(self.folder, "spool"))
        self.stub = Stub("xai-test-key", "none")
        self.stub.chat = lambda shown: (200, answer(SUMMARY))
        self.path = os.path.join(self.folder, "r.db")
        self.settings = {
            "RECEPTIONAI_DB": self.path, "RECEPTIONAI_SPOOL": os.path.join(self.folder, "spool"),
            "MEDIA_DIR": self.folder, "MEDIA_URL": "https://voice.example.com/media", "RECEPTIONAI_CONF": "/dev/null",
            "XAI_API_KEY": key, "SUMMARY_URL": self.stub.url("/v1/chat/completions"), "WORKER_RETRY_MS": "10",
            "WORKER_JOBS": "1", "PATH": os.environ["PATH"]}
        self.db = sqlite3.connect(self.path, isolation_level=None)
        with open(SCHEMA, encoding="utf-8") as schema:
            self.db.executescript(schema.read())
        self.db.execute("PRAGMA journal_mode = WAL")
        row = {"id": 1, "name": "Bella's", "phone_number": "+15550100", "recording": 0, "memory": 1, **merchant}
        self.db.execute("INSERT INTO merchants(%s) VALUES (%s)" % (", ".join(row), ", ".join("?" * len(row))),
                        list(row.values()))

    def call(self, sid, *turns, caller=CALLER, ago_s=5):
        ended = int(time.time() * 1000) - ago_s * 1000
        self.db.execute("INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, started_ms,"
                        " status, stream_sid) VALUES (?, 1, ?, '+15550100', ?, ?, 'live', 'MZ1')",
                        (sid, caller, ended - 60000, ended - 60000))
        for position, text in enumerate(turns):
            self.db.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, 1, 0, NULL)",
                            (sid, position, "receptionist" if position % 2 else "caller", text, position, position))
        self.db.execute("UPDATE calls SET status = 'ended', end_reason = 'caller-hung-up', ended_ms = ?,"
                        " twilio_status = 'completed' WHERE call_sid = ?", (ended, sid))

    def work(self):
        run = subprocess.run([WORKER, "--once"], env=self.settings, capture_output=True, text=True, timeout=120,
                             check=False)
        self.said = run.stdout + run.stderr

    def known(self):
        return self.db.execute("SELECT number, last_call_sid, calls, text FROM caller_memory").fetchall()

    def close(self):
        equal("%s: no stub found a fault" % os.path.basename(self.folder), self.stub.faults, [])
        equal("%s: nothing that was said is in the log" % os.path.basename(self.folder), "able" in self.said, False)
        self.db.close()
        self.stub.close()


def summed_up():
    w = World("summed-up")
    w.call("CA1", "A table for two?", "Gladly.")
    w.work()
    equal("a caller is remembered by the summary, made plain", w.known(),
          [(CALLER, "CA1", 1, "The caller gave the name Anna. Wants a table for two on Friday.")])
    w.stub.chat = lambda shown: (500, "no")
    w.call("CA2", "Is my table free?", "Yes.", ago_s=1)
    w.work()
    equal("the next call takes its place, in its own words while there is no summary", w.known(),
          [(CALLER, "CA2", 2, "Caller: Is my table free? Receptionist: Yes.")])
    w.db.execute("DELETE FROM calls WHERE call_sid = 'CA2'")
    equal("what was said is forgotten with its call", w.known(), [])
    w.close()


def words_only():
    w = World("words-only", summary=0)
    w.call("CA1", "A table?\nNow!", "For\u0007 how many?", "", "")
    w.call("CA2", "Hello", caller="anonymous")
    w.call("CA3", "Hello", caller="client:anna")
    w.call("CA4", caller="+14155550124")
    w.work()
    equal("without a summary by the last words; nobody without a number or who said nothing", w.known(),
          [(CALLER, "CA1", 1, "Caller: A table? Now! Receptionist: For how many?")])
    equal("and nobody is asked for one", len(w.stub.chats), 0)
    w.call("CA5", *["turn %d %s" % (i, "x" * 1000) for i in range(20)], "The table", ago_s=0)
    w.work()
    text = w.known()[0][3]
    equal("of a long call its end, each turn cut", [len(text) <= 1500, text.endswith(" Caller: The table"),
          "turn 19 xxx" in text, "turn 2 " in text, "x" * 301 in text], [True, True, True, False, False])
    w.close()


def off():
    w = World("off", memory=0)
    w.call("CA1", "A table?", "Yes.")
    w.work()
    equal("a merchant who remembers nobody has no row", w.known(), [])
    equal("but a summary", w.db.execute("SELECT count(*) FROM summaries").fetchall(), [(1,)])
    w.close()


def without_a_key():
    w = World("without-a-key", key="")
    w.call("CA1", "A table?", "Yes.")
    w.work()
    equal("without a key the words are kept", w.known(), [(CALLER, "CA1", 1, "Caller: A table? Receptionist: Yes.")])
    w.close()


for test in (summed_up, words_only, off, without_a_key):
    test()
print("1..%d" % count)
sys.exit(failed > 0)
