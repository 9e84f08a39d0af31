"""The worker over spools that a test makes: a folder, a database, calls; the program, once or as a daemon."""
import atexit
import fcntl
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

SRCDIR = os.environ.get("srcdir", ".")
BUILDDIR = os.environ.get("builddir", SRCDIR)
PATIENCE_S = 60
FRAME = 160


def wait_for(fact, seconds=PATIENCE_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if fact():
            return True
        time.sleep(0.05)
    return False


def tone(seed, frames):
    """Something that is neither silent nor the same for two calls."""
    chance = random.Random(seed)
    loud = [bytes(chance.choice(b"\x10\x20\x90\xa0\x35\xb5") for _ in range(FRAME)) for _ in range(4)]
    return b"".join(loud[(i // 10) % 4] if (i // 25) % 2 == 0 else b"\xff" * FRAME for i in range(frames))


class Lab:
    """KEEP=1 keeps the folder."""

    def __init__(self, **settings):
        self.folder = tempfile.mkdtemp(prefix="receptionai-worker.")
        self.spool, self.media = self.folder + "/spool", self.folder + "/media"
        self.database = self.folder + "/r.db"
        os.mkdir(self.spool)
        os.mkdir(self.media)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("RECEPTIONAI_", "AWS_", "FAL_"))},
            "RECEPTIONAI_CONF": "/dev/null", "RECEPTIONAI_DB": self.database, "RECEPTIONAI_SPOOL": self.spool,
            "MEDIA_DIR": self.media, "MEDIA_URL": "https://media.example.com/media", "WORKER_RETRY_MS": "50",
            **{name: str(value) for name, value in settings.items()}}
        schema = os.path.join(SRCDIR, "db/schema.sql")
        with open(schema, encoding="utf-8") as text:
            connection = sqlite3.connect(self.database, isolation_level=None)
            connection.executescript("PRAGMA wal_autocheckpoint = 0;" + text.read() + "PRAGMA journal_mode = WAL;")
            connection.execute("INSERT INTO merchants(name, phone_number) VALUES('Bella''s', '+15550100')")
            connection.close()
        self.daemons = []
        atexit.register(self.close)

    def close(self):
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.kill()
            daemon.wait()
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- the database, as a person sees it ---

    def connect(self):
        connection = sqlite3.connect(self.database, timeout=20, isolation_level=None)
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def ask(self, sql, *values):
        connection = self.connect()
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def one(self, sql, *values):
        rows = self.ask(sql, *values)
        return rows[0][0] if rows else None

    # --- calls and their spools ---

    def row(self, sid, status="ended", merchant=1, created_ms=None):
        now = created_ms or int(time.time() * 1000) - 10000
        ended = status == "ended"
        self.ask("INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, stream_sid, status, created_ms,"
                 " started_ms, ended_ms, end_reason) VALUES(?, ?, '+14155550123', '+15550100', ?, ?, ?, ?, ?, ?)",
                 sid, merchant, "MZ" + sid[2:], status, now, now, now + 5000 if ended else None, "caller-hung-up" if ended else None)

    def record(self, sid, frames=50, part=1, merchant=1, end="caller-hung-up", why=None, age_s=10, cut=None,
               lock=False):
        """One stream of a call: what the relay would have written. `end` None: it was killed; `cut`: bytes of the log
        that reached the disk; `lock`: the log is held as by a relay that writes, until the
        file that comes back is closed."""
        folder = f"{self.folder}/stage/{sid}/{part}"
        os.makedirs(folder)
        wall_ms = int((time.time() - age_s) * 1000) - frames * 20
        lines = [f"0 spool version=1 call={sid} stream=MZ{sid[2:]} part={part} merchant={merchant} wall_ms={wall_ms}"
                 " caller=+14155550123 called=+15550100"]
        # Early, so that a log that is cut short still tells of a sound that no other call has.
        lines.append(f"5 out gen=1 at=0 bytes={frames * FRAME // 2}")
        for i in range(frames):
            lines.append(f"{i * 20 + 20} in ts={i * 20} chunk={i + 1} at={i * FRAME} bytes={FRAME}")
        lines.append(f"{frames * 20} mark gen=1 name=m1 at={frames * FRAME // 2}")
        if why:
            lines.append(f"{frames * 20 + 1} recording on=0 why={why}")
        if end:
            lines.append(f"{frames * 20 + 5} end reason={end}")
        text = ("\n".join(lines) + "\n").encode()
        sound = tone(f"{sid}{part}", frames)
        for name, data in (("events.log", text if cut is None else text[:cut]), ("caller.ulaw", sound),
                           ("voice.ulaw", sound[::-1][:frames * FRAME // 2])):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)
            os.utime(f"{folder}/{name}", (time.time() - age_s,) * 2)
        log = open(folder + "/events.log", "rb") if lock else None      # pylint: disable=consider-using-with
        if log:
            fcntl.flock(log, fcntl.LOCK_EX)
        # At once, since a folder that is not whole is what no relay leaves behind so long ago.
        if os.path.exists(f"{self.spool}/{sid}"):
            os.rename(folder, f"{self.spool}/{sid}/{part}")
        else:
            os.rename(os.path.dirname(folder), f"{self.spool}/{sid}")
        return log

    # --- the program ---

    def run(self, *arguments, preload=None, **settings):
        environment = {**self.environment, **{k: str(v) for k, v in settings.items()}}
        if preload:
            environment["LD_PRELOAD"] = preload
        return subprocess.run([BUILDDIR + "/receptionai-worker", *arguments], env=environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)

    def start(self, preload=None, command=(), arguments=(), **settings):
        environment = {**self.environment, **{k: str(v) for k, v in settings.items()}}
        if preload:
            environment["LD_PRELOAD"] = preload
        with open(self.folder + "/worker.log", "ab") as log:
            daemon = subprocess.Popen([*command, BUILDDIR + "/receptionai-worker", *arguments], env=environment, stdout=log,
                                      stderr=log, stdin=subprocess.DEVNULL)
        self.daemons.append(daemon)
        return daemon

    def log(self):
        with open(self.folder + "/worker.log", encoding="utf-8", errors="replace") as text:
            return text.read()


def children(pid):
    """Every process below `pid`, with its name."""
    found = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as text:
                pids = [int(word) for word in text.read().split()]
        except OSError:
            continue
        for child in pids:
            try:
                with open(f"/proc/{child}/comm", encoding="utf-8") as text:
                    found.append((child, text.read().strip()))
            except OSError:
                continue
            found += children(child)
    return found


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return False
    return True


class Tap:
    """One line per sentence."""

    def __init__(self):
        self.count, self.failed = 0, 0

    def ok(self, fact, sentence, hint=""):
        self.count += 1
        self.failed += not fact
        print(f"{'ok' if fact else 'not ok'} {self.count} - {sentence}", flush=True)
        if not fact and hint != "":
            print("# " + str(hint)[-3000:].replace("\n", "\n# "), flush=True)

    def equal(self, got, wanted, sentence):
        self.ok(got == wanted, sentence, f"got:    {got!r}\nwanted: {wanted!r}")

    def finish(self):
        print(f"1..{self.count}")
        raise SystemExit(self.failed > 0)
