"""What a caller hears when things fail, for three merchants: one whom a person backs, one who takes messages, and one
who has chosen neither."""
import concurrent.futures
import itertools
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading

SRCDIR = os.environ.get("srcdir", ".")
sys.path[:0] = [os.path.join(SRCDIR, "tests"), os.path.join(SRCDIR, "tests", "relay")]
import twilio_client  # noqa: E402
from lab import BUILDDIR, Relay, Tap, wait_for  # noqa: E402
from webhook_lab import TOKEN, Bridge, Site  # noqa: E402

tap = Tap()
# Ten times what it is on a machine that has nothing else to do: it is there to find a pause that nobody ends.
SILENCE_MS_MAX = 30000 * float(os.environ.get("TEST_PATIENCE", "1"))
FALLBACK = "+15550199"
BACKED, MESSAGES, ALONE, BOTH = "+15550100", "+15550101", "+15550102", "+15550103"
WHO = {BACKED: "a person", MESSAGES: "a message", ALONE: "neither", BOTH: "both"}
THREE = (BACKED, MESSAGES, ALONE)

APOLOGY = 'says: We are sorry, we cannot take your call right now. Please try again later. Goodbye.'
LEAVE = "says: We are sorry, nobody can take your call right now. Please leave a message after the tone."
BOB = "person: Hello, this is Bob."
TAKEN = [LEAVE, "beep", "caller: This is Mary, please call me back.", "says: Thank you. Your message has been recorded. Goodbye."]


class Gateway(Bridge):
    """A web server in front of a webhook that stays, as web servers run it."""

    def ask(self, variables, body):
        try:
            answer = twilio_client.by_fcgi(self.server.socket_path, variables, body, False)
        except OSError:
            answer = b""
        return answer or b"Status: 502 Bad Gateway\r\nContent-Type: text/plain\r\n\r\n"


class Grok:
    """receptionai-sim-grok."""

    def __init__(self, *arguments, port=0):
        self.process = subprocess.Popen(
            [BUILDDIR + "/receptionai-sim-grok", "--listen", f"127.0.0.1:{port}", "--api-key", "test-key", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
        self.url = re.search(r"ws://\S+", self.process.stdout.readline()).group(0)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Call(threading.Thread):
    """One caller; what he heard, as he would tell it."""

    def __init__(self, site, sid, called, *arguments):
        super().__init__(daemon=True)
        self.sid, self.called, self.told = sid, called, {}
        self.timeline = f"{site.work}/{sid}.timeline"
        open(self.timeline, "wb").close()
        self.command = [
            BUILDDIR + "/receptionai-sim-phone", "--webhook", site.origin + "/api/twilio/incoming", "--status-callback",
            site.origin + "/api/twilio/status", "--from", "+14155550123", "--to", called, "--call-sid", sid, "--token",
            TOKEN, "--allow-ws", "--quick", "--json", "--dial", FALLBACK + "=answered:Hello, this is Bob.",
            "--message", "This is Mary, please call me back.", "--message-end", "key", *arguments]
        self.start()

    def run(self):
        with open(self.timeline, "wb") as timeline:
            done = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=timeline, timeout=240, check=False,
                                  env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
        self.told = json.loads(done.stdout or "{}")

    def said(self):
        with open(self.timeline, encoding="utf-8") as text:
            return text.read()

    def hears_receptionist(self):
        return wait_for(lambda: "receptionist  speaks" in self.said())

    def heard(self):
        """Without how long; what was the receptionist's is one scene, however often he paused."""
        scenes = [s["what"] + (": " + s["text"] if s["text"] else "") for s in self.told.get("heard", [])
                  if s["what"] != "silence"]
        return [s for i, s in enumerate(scenes) if i == 0 or s != scenes[i - 1]]


def phrase(scene):
    words = {"rings": "it rings", "receptionist": "the receptionist", "dials": "rings at", "says": "Twilio:",
             "person": "Bob:", "caller": "he says:", "silence": "silence", "ends": "end", "beep": "beep"}
    text = scene["text"] if len(scene["text"]) < 44 else scene["text"][:40] + "…"
    seconds = f" {scene['ms'] / 1000:.0f} s" if scene["what"] in ("dials", "silence", "receptionist") else ""
    return f"{words.get(scene['what'], scene['what'])}{' ' + text if text else ''}{seconds}"


ROWS = ("the webhook's database is gone", "the database is locked", "… and stays so", "the relay is killed",
        "… and is not there", "the relay is full", "the relay drains", "Grok refuses", "Grok dies in the middle",
        "no relay, and the fallback is busy", "no relay, and the fallback does not answer",
        "no relay, and the message is a breath", "no relay, and nothing is said")

# --- the house ------------------------------------------------------------------------------------------------------


class House:
    """Relay, webhook, and merchants."""

    def __init__(self, grok, processes=3, **settings):
        self.number = next(House.numbers)
        self.path = f"/tmp/receptionai-lost.{os.getpid()}.{self.number}"
        self.relay = Relay(None, RELAY_SOCKET=self.path + ".relay", GROK_URL=grok.url if grok else "ws://127.0.0.1:1/",
                           GROK_READY_MS="5000", **settings)
        self.relay.sql("UPDATE merchants SET fallback_number = ? WHERE id = 1", FALLBACK)
        self.relay.sql("INSERT INTO merchants(id, name, phone_number, greeting, transfer_fallback) "
                       "VALUES(2, 'Messages', ?, 'Good day.', 'voicemail'), (3, 'Alone', ?, 'Good day.', 'apology')",
                       MESSAGES, ALONE)
        self.site = Site(self.relay, RELAY_SOCKET=self.path + ".relay", RELAY_SOCKET_MS="5000")
        self.site.work = self.relay.work
        self.site.server.RequestHandlerClass = Gateway
        self.site.server.socket_path = self.path + ".fcgi"
        self.log = open(self.relay.work + "/fastcgi.log", "ab")
        self.webhook = subprocess.Popen(
            [BUILDDIR + "/receptionai-webhook", "--socket", self.path + ".fcgi", "--processes", str(processes)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=self.site.server.settings)
        wait_for(lambda: os.path.exists(self.path + ".fcgi"))
        self.count = 0

    numbers = itertools.count(1)

    def call(self, called, *arguments):
        self.count += 1
        return Call(self.site, f"CA{os.getpid()}{self.number:02}{self.count:04}", called, *arguments)

    def calls(self, *arguments):
        return [self.call(called, *arguments) for called in THREE]

    def said(self):
        with open(self.relay.work + "/fastcgi.log", encoding="utf-8", errors="replace") as log:
            return log.read()

    def close(self):
        self.webhook.terminate()
        self.webhook.wait()
        if self.relay.process.poll() is None:
            self.relay.process.kill()
        self.relay.process.wait()
        for name in (".relay", ".fcgi"):
            if os.path.exists(self.path + name):
                os.unlink(self.path + name)


# --- the table ------------------------------------------------------------------------------------------------------

lock = threading.Lock()
table = {}


def judge(house, failure, calls, wanted, has_rows=True):
    """`wanted`: for each merchant what is heard behind the ringing."""
    for call in calls:
        call.join()
        heard, row = call.heard(), None
        if has_rows:
            wait_for(lambda: house.relay.row("SELECT status FROM calls WHERE call_sid = ?", call.sid) == "ended")
            row = house.relay.sql("SELECT status, coalesce(end_reason, '-'), coalesce(handled, '-') FROM calls"
                                  " WHERE call_sid = ?", call.sid)
        told = " | ".join(phrase(s) for s in call.told.get("heard", []))
        fits = any(heard[:-1] == ["rings", *w] for w in wanted[call.called])
        with lock:
            table.setdefault(failure, []).append((WHO[call.called], told, " ".join(row[0][1:]) if row else "not written"))
            judge_one(house, failure, call, heard, row, fits, has_rows)


def judge_one(house, failure, call, heard, row, fits, has_rows):
    tap.ok(f"{failure}, {WHO[call.called]}: the caller hears what he should", fits,
           "\n".join(heard) + "\n" + call.said()[-1500:] + house.said()[-800:])
    silent_ms, end = call.told.get("silence_ms_most", -1), call.told.get("end")
    tap.ok("  never an error of Twilio's, nor long silence, to the end", "application-error" not in str(heard)
           and 0 <= silent_ms < SILENCE_MS_MAX and end == "twiml-hangup", f"silence={silent_ms} end={end}")
    if has_rows:
        tap.ok("  and the call is closed", row and row[0][0] == "ended", row)


RINGS = f"dials: {FALLBACK}"
PERSON = {BACKED: [[RINGS, BOB]], MESSAGES: [TAKEN], ALONE: [[APOLOGY]]}
FIRST = {called: [["receptionist", *heard] for heard in each] for called, each in PERSON.items()}


def database_gone():
    grok = Grok()
    house = House(grok, processes=1)            # each remembers whom it has seen
    for call in house.calls("--hangup-after", "0.1"):
        call.join()
    for name in ("", "-wal", "-shm"):
        if os.path.exists(house.relay.database + name):
            os.rename(house.relay.database + name, house.relay.database + ".gone" + name)
    judge(house, "the webhook's database is gone", house.calls(),
          {BACKED: [[RINGS, BOB]], MESSAGES: [[APOLOGY]], ALONE: [[APOLOGY]]}, has_rows=False)
    house.close()
    grok.kill()


def database_locked():
    grok = Grok("--hears", "Goodbye")
    house = House(grok)
    holder = sqlite3.connect(house.relay.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    calls = house.calls("--say", "Goodbye.", "--stay")
    for call in calls:
        call.hears_receptionist()
    holder.execute("ROLLBACK")
    talk = ["receptionist", "caller: Goodbye.", "receptionist"]
    judge(house, "the database is locked", calls, {called: [talk] for called in THREE})
    ends = "SELECT end_reason || ' ' || handled FROM calls WHERE call_sid = ?"
    with lock:
        tap.equal("their rows say so", {house.relay.row(ends, call.sid) for call in calls},
                  {"receptionist-hung-up receptionist"})
    holder.execute("BEGIN IMMEDIATE")
    calls = house.calls("--say", "Goodbye.", "--stay")
    for call in calls:
        call.join()
    holder.execute("ROLLBACK")
    holder.close()
    # Nobody can write down that the call has ended well, but the relay remembers it; and writes it down once it may.
    judge(house, "… and stays so", calls, {called: [talk] for called in THREE})
    with lock:
        tap.equal("and their rows say how they ended", {house.relay.row(
            "SELECT end_reason FROM calls WHERE call_sid = ?", call.sid) for call in calls}, {"receptionist-hung-up"})
    house.close()
    grok.kill()


def relay_killed():
    grok = Grok()
    house = House(grok)
    calls = house.calls("--stay")
    for call in calls:
        call.hears_receptionist()
    house.relay.process.kill()
    judge(house, "the relay is killed", calls, FIRST)
    judge(house, "… and is not there", house.calls(), PERSON)
    house.close()
    grok.kill()


def relay_full():
    grok = Grok()
    house = House(grok, RELAY_MAX_CALLS=1)
    long = house.call(BACKED, "--stay")
    long.hears_receptionist()
    judge(house, "the relay is full", house.calls(), PERSON)
    house.relay.process.terminate()
    house.relay.logged("relay draining")
    judge(house, "the relay drains", house.calls(), PERSON)
    house.relay.process.kill()
    long.join()
    house.close()
    grok.kill()


def grok_refuses():
    grok = Grok("--fault", "refuse-503")
    house = House(grok)
    judge(house, "Grok refuses", house.calls(), PERSON)
    house.close()
    grok.kill()


def grok_dies():
    grok = Grok()
    house = House(grok)
    calls = house.calls("--stay")
    for call in calls:
        call.hears_receptionist()
    grok.kill()
    judge(house, "Grok dies in the middle", calls, FIRST)
    house.close()


def nobody_answers():
    house = House(None)
    house.relay.sql("INSERT INTO merchants(id, name, phone_number, fallback_number, transfer_fallback) "
                    "VALUES(4, 'Both', ?, ?, 'voicemail')", BOTH, FALLBACK)
    house.relay.process.kill()
    for word, failure in (("busy", ROWS[9]), ("no-answer", ROWS[10])):
        rung = f"{RINGS}: {word}"
        judge(house, failure,
              [house.call(called, "--dial", f"{FALLBACK}={word}") for called in (BACKED, BOTH)],
              {BACKED: [[rung, APOLOGY]], BOTH: [[rung, *TAKEN]]})
    none = "says: We did not hear a message. Goodbye."
    for failure, words in ((ROWS[11], "Hm."), (ROWS[12], "")):
        spoken = [f"caller: {words}"] if words else []
        judge(house, failure, [house.call(MESSAGES, "--message", words)], {MESSAGES: [[LEAVE, "beep", *spoken, none]]})
    house.close()


def worker(house, *arguments, **settings):
    return subprocess.run([BUILDDIR + "/receptionai-worker", *arguments], capture_output=True, text=True, timeout=240,
                          stdin=subprocess.DEVNULL, check=False, env={
                              **house.relay.environment(), "MEDIA_DIR": house.relay.work, "TWILIO_AUTH_TOKEN": TOKEN,
                              "MEDIA_URL": "https://media.example.com", "WORKER_LOST_S": "2", **settings})


def message_comes_home():
    """What a caller says behind the tone ends in the merchant's hands."""
    house = House(None)
    house.relay.process.kill()
    kept = house.relay.work + "/kept"
    os.mkdir(kept)
    api = subprocess.Popen([BUILDDIR + "/receptionai-sim-phone", "--serve", "127.0.0.1:0", "--recordings", kept,
                            "--not-ready", "1", "--token", TOKEN], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                           text=True, env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
    url = re.search(r"http://\S+", api.stdout.readline()).group(0) + "/2010-04-01"
    threading.Thread(target=api.stdout.read, daemon=True).start()
    call = house.call(MESSAGES, "--recordings", kept)
    call.join()
    said = worker(house, "--once", TWILIO_API_URL=url)
    rows = house.relay.sql("SELECT recording_url, fetched_ms IS NOT NULL, recording_ms FROM messages")
    path = house.relay.work + rows[0][0].removeprefix("https://media.example.com") if rows else ""
    with lock:
        tap.ok("a message that was left is fetched from Twilio, and can be heard at our store", len(rows) == 1 and
               rows[0][1] == 1 and rows[0][2] >= 1500 and os.path.getsize(path) > 16000, (rows, said.stderr[-1500:]))
    api.terminate()
    api.wait()
    house.close()


def nobody_tells():
    """The relay is killed while the webhook is away: nobody ever hears of the call's end."""
    grok = Grok()
    house = House(grok)
    call = house.call(BACKED, "--stay")
    call.hears_receptionist()
    wait_for(lambda: house.relay.row("SELECT status FROM calls WHERE call_sid = ?", call.sid) == "live")
    house.webhook.terminate()
    house.webhook.wait()
    house.relay.process.kill()
    house.relay.process.wait()
    call.join()
    with lock:
        tap.equal("with no webhook and no relay it is Twilio's own error that is heard", call.heard(),
                  ["rings", "receptionist", "application-error", "ends: failed"])
    house.relay.start()
    wait_for(lambda: "swept" in worker(house, "--once", "--call", call.sid).stderr)
    with lock:
        tap.equal("the call is ended once the relay is asked about it", house.relay.sql(
            "SELECT status, end_reason FROM calls WHERE call_sid = ?", call.sid), [("ended", "unreported")])
    house.close()
    grok.kill()


scenarios = (database_gone, database_locked, relay_killed, relay_full, grok_refuses, grok_dies, nobody_answers,
             message_comes_home, nobody_tells)
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    for done in [pool.submit(scenario) for scenario in scenarios]:
        done.result()
print("#\n# What the caller heard, and what the row of his call says: how it ended, what he got.")
for failure in ROWS:
    print(f"#\n# {failure}")
    for merchant, heard, row in table.pop(failure, []):
        print(f"#   {merchant + ':':11} {heard}  [{row}]", flush=True)
tap.equal("every failure has its place in the table", list(table), [])
tap.finish()
