"""Spoken calls: the real relay between receptionai-sim-grok and receptionai-sim-phone, all at the same time."""
import atexit
import json
import re
import subprocess
import tempfile
import threading

from lab import BUILDDIR, SECRET, Relay, wait_for


class SimGrok:
    """receptionai-sim-grok on a free port."""

    def __init__(self, *options):
        self.log = tempfile.NamedTemporaryFile("w+", prefix="receptionai-sim-grok.")
        self.process = subprocess.Popen([BUILDDIR + "/receptionai-sim-grok", "--listen", "127.0.0.1:0", "--log", "text",
                                         *options], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        atexit.register(self.stop)
        self.port = int(wait_for(lambda: re.search(r"listening on \S*:(\d+)/", self.text())).group(1))

    def text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class Call(threading.Thread):
    """One call of receptionai-sim-phone, to a merchant with these columns; what came of it when it is joined."""
    count = 0

    def __init__(self, relay, merchant, *options):
        super().__init__(daemon=True)
        Call.count += 1
        self.relay, self.options, self.sid = relay, options, f"CA{Call.count}"
        merchant = {"name": "Bella's", "phone_number": f"+1555020{Call.count:04}", **merchant}
        self.merchant = relay.sql(f"INSERT INTO merchants({', '.join(merchant)}) VALUES({', '.join('?' * len(merchant))}) "
                                  "RETURNING id", *merchant.values())[0][0]
        self.start()

    def run(self):
        self.done = subprocess.run(
            [BUILDDIR + "/receptionai-sim-phone", "--stream", f"ws://127.0.0.1:{self.relay.port}/media-stream",
             "--merchant", str(self.merchant), "--token-secret", SECRET, "--call-sid", self.sid, "--json", *self.options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def facts(self):
        """The phone's own summary; `turns` as (who, words, cut) from the database."""
        self.join()
        try:
            facts = json.loads(self.done.stdout)
        except ValueError:
            facts = {"ok": False, "error": self.done.stderr}
        facts["turns"] = self.relay.sql("SELECT role, text, cut FROM turns WHERE call_sid=? ORDER BY position", self.sid)
        return facts


def spoken(*options, **settings):
    grok = SimGrok(*options)
    return Relay(grok, **settings), grok
