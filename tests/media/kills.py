#!/usr/bin/python3
"""Kills the worker, its processes and ffmpeg with -9 at random instants while calls come in, and looks afterwards
whether all calls are complete, nothing is lost and nothing was paid for twice.

    srcdir=. builddir=../build tests/media/kills.py --calls 300 --disk sqlite --store s3

--disk sqlite: writes and syncs of the database fail; libfiu: of everything. --store s3: a bucket that fails as well.
Prints the seed; TAP, with the figures as comments.
"""
import argparse
import collections
import glob
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from worker_lab import BUILDDIR, SRCDIR, Lab, Tap, children, kill, wait_for  # noqa: E402

FACE_PRICE_SHARE = 5                    # every fifth call has its video made by fal


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--kills", type=int, help="after so many the rest is let live; default: two for three calls")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two kills, on average")
    parser.add_argument("--disk", choices=["well", "sqlite", "libfiu"], default="well")
    parser.add_argument("--per-10000", type=int, default=60, help="writes that fail, of the database")
    parser.add_argument("--store", choices=["folder", "s3"], default="folder")
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=300, help="after that it has failed")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    return parser.parse_args()


class Fal:
    """The simulator of fal.ai; its ledger says what was ordered, and so paid for."""

    def __init__(self, lab, seed):
        self.ledger = lab.folder + "/fal.ledger"
        face = lab.folder + "/face.mp4"
        self.image = lab.folder + "/face.png"
        for source, target in (("testsrc=size=320x240:rate=10:duration=2", face), ("testsrc=size=64x64", self.image)):
            subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", source, "-frames:v",
                            "20" if target == face else "1", "-pix_fmt", "yuv420p" if target == face else "rgb24",
                            target], check=True)
        fault = random.Random(seed).choice(["submit-crash", "submit-reset", "submit-503"])
        self.process = subprocess.Popen(
            [BUILDDIR + "/receptionai-sim-fal", "--video", face, "--ledger", self.ledger, "--queue-ms", "50",
             "--work-ms", "100", "--fault", fault, "--fault-orders", "3"], stdout=subprocess.PIPE, text=True)
        lab.daemons.append(self.process)
        self.origin = re.search(r"https?://\S+", self.process.stdout.readline()).group(0).rstrip("/")

    def settings(self):
        return {"FAL_KEY": "id:secret", "FAL_URL": self.origin, "FAL_REST_URL": self.origin,
                "FAL_API_URL": self.origin + "/v1", "FAL_IMAGE": self.image, "FAL_POLL_MS": 50, "FAL_WAIT_S": 2,
                "FAL_MODELS": os.path.join(SRCDIR, "deploy/fal-models.conf"), "FAL_MAX_DOLLARS_CALL": "1.00"}

    def orders(self):
        """How often each sound was ordered."""
        try:
            with open(self.ledger, encoding="utf-8") as text:
                return collections.Counter(re.findall(r"^order .* sha=(\S+)", text.read(), re.M))
        except FileNotFoundError:
            return collections.Counter()


class Bucket:
    """The strict stub of S3, which fails now and then."""

    WORDS = ("503", "500", "reset", "lost", "html", "cut", "half")

    def __init__(self, lab, seed, calls):
        port = lab.folder + "/s3.port"
        lab.daemons.append(subprocess.Popen([sys.executable, os.path.join(SRCDIR, "tests/media/s3_stub.py"), port]))
        assert wait_for(lambda: os.path.exists(port)), "the stub did not start"
        with open(port, encoding="ascii") as text:
            self.origin = "http://127.0.0.1:" + text.read()
        chance = random.Random(seed)
        words = [chance.choice(self.WORDS) if chance.random() < 0.25 else "well" for _ in range(calls * 3)]
        self.faults = sum(word != "well" for word in words)
        urllib.request.urlopen(self.origin + "/-/faults", "\n".join("PUT " + word for word in words).encode()).close()

    def settings(self):
        return {"BUCKET_NAME": "calls", "AWS_ENDPOINT_URL_S3": self.origin, "AWS_REGION": "eu-test-1",
                "AWS_ACCESS_KEY_ID": "AK:ID", "AWS_SECRET_ACCESS_KEY": "secret/+="}

    def read(self, lab, sid):
        """Name and content of what is kept of a call, by links that work for anybody."""
        links = dict(line.split(None, 1) for line in lab.run("--link", sid).stdout.splitlines())
        kept = {}
        for name, link in links.items():
            with urllib.request.urlopen(link.strip()) as answer:
                kept[name] = answer.read()
        return kept


def make_calls(lab, count, chance):
    """Calls of every kind that a relay may leave behind; the later half comes while the killing goes on."""
    sids = [f"CA{chance.getrandbits(128):032x}" for _ in range(count)]
    kinds = collections.Counter()

    def make(i, sid):
        frames = chance.randrange(75, 110)  # fal makes nothing below a second
        merchant = 2 if i % FACE_PRICE_SHARE == 0 else 1
        kind = ("well", "unended", "rowless", "cut", "twice")[i // FACE_PRICE_SHARE % 5]
        kinds[kind] += 1
        # The row first, as in life: a folder without one would be taken for a call that nobody wrote down.
        if kind != "rowless":
            lab.row(sid, status="live" if kind == "unended" else "ended", merchant=merchant)
        age_s = 100 if kind in ("unended", "rowless") else 10
        # Without its first part a call is not looked at.
        if kind == "twice":
            lab.record(sid, frames=20, part=2, merchant=merchant, age_s=5)
        lab.record(sid, frames=frames, merchant=merchant, age_s=age_s,
                   end=None if kind in ("unended", "rowless", "cut") else "caller-hung-up",
                   cut=chance.randrange(3000, 3400) if kind in ("unended", "cut", "rowless") else None)

    for i, sid in enumerate(sids[:count // 2]):
        make(i, sid)

    def feed():
        for i, sid in enumerate(sids[count // 2:], count // 2):
            make(i, sid)
            time.sleep(chance.random() * 0.05)

    feeder = threading.Thread(target=feed, daemon=True)
    return sids, kinds, feeder


class Killer:
    """Whoever is found below the worker may be next."""

    def __init__(self, chance, o, start):
        self.chance, self.pause_s, self.start = chance, o.pause, start
        self.kills_max = o.kills if o.kills is not None else o.calls * 2 // 3
        self.daemon = start()
        self.killed = collections.Counter()

    def strike(self):
        below = children(self.daemon.pid)
        aims = [("worker", [self.daemon.pid]), ("process", [p for p, name in below if name.startswith("receptionai")]),
                ("ffmpeg", [p for p, name in below if name == "ffmpeg"])]
        weights = [1, 5, 6]
        names = [(name, pids) for name, pids in aims if pids]
        name, pids = self.chance.choices(names, [w for (_, pids), w in zip(aims, weights) if pids])[0]
        if kill(self.chance.choice(pids)):
            self.killed[name] += 1
        if name == "worker":
            self.daemon.wait()

    def turn(self):
        time.sleep(self.pause_s * (0.2 + 1.6 * self.chance.random()))
        if sum(self.killed.values()) < self.kills_max:
            self.strike()
        if self.daemon.poll() is not None:
            self.daemon = self.start()


def start_worker(lab, o):
    command, preload, more = [], None, {}
    if o.disk == "sqlite":
        preload = BUILDDIR + "/tests/media/sqlite_faults.so"
        more = {"SQLITE_FAULTS": o.per_10000, "SQLITE_FAULTS_COUNT": lab.folder + "/faults"}
    if o.disk == "libfiu":
        command = ["fiu-run", "-x", "-f", ""]
        for point, rate, error in (("rw/write", 0.01, 28), ("rw/pwrite", 0.01, 5), ("io/sync/fsync", 0.01, 5)):
            name = "posix/" + (point if point.startswith("io/") else "io/" + point)
            command += ["-c", f"enable_random name={name},probability={rate},failinfo={error}"]
    return lambda: lab.start(preload=preload, command=command, **more)


def read_stored(lab, bucket, row):
    """Recording and video of a call."""
    if bucket:
        kept = bucket.read(lab, row[0])
        return kept["recording"], kept["video"]
    return read_file(lab, row[2]), read_file(lab, row[3])


def read_file(lab, url):
    path = url.replace(lab.environment["MEDIA_URL"], lab.media)
    with open(path, "rb") as file:
        return file.read()


def replayed(lab, sid):
    """What the spool says, rendered once more and undisturbed."""
    out = f"{lab.folder}/again"
    subprocess.run([BUILDDIR + "/receptionai-replay", f"{lab.spool}/{sid}", "--out", out], check=True,
                   capture_output=True)
    with open(out + "/call.wav", "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def examine(tap, lab, bucket, sids):
    rows = lab.ask("SELECT call_sid, status, recording_url, video_url, captions_url, recording_ms FROM calls")
    by_sid = {row[0]: row for row in rows}
    missing = [sid for sid in sids if by_sid.get(sid, (sid, "no row"))[1] != "complete"]
    tap.equal(missing, [], f"all {len(sids)} calls are complete")
    tap.equal(len(rows), len(sids), "and there are no others")
    tap.equal(lab.one("PRAGMA integrity_check"), "ok", "the database is whole")
    tap.equal(lab.ask("PRAGMA foreign_key_check"), [], "and nothing in it refers to what is not there")
    tap.equal(lab.ask("SELECT call_sid, kind, error FROM failed_jobs"), [], "nothing was given up")
    wrong, short = [], []
    for sid in sids:
        if sid in missing:
            continue
        recording, video = read_stored(lab, bucket, by_sid[sid])
        if hashlib.sha256(recording).hexdigest() != replayed(lab, sid):
            wrong.append(sid)
        if b"moov" not in video:
            short.append(sid)
    tap.equal(wrong, [], "every recording is byte for byte what its spool holds, rendered undisturbed")
    tap.equal(short, [], "every video is a whole file")
    tap.equal(glob.glob(lab.spool + "/*/made/*.part"), [], "no half-made file is left")


def tell(lab, killer, kinds, fal, bucket, began):
    attempts = lab.ask("SELECT kind, max(attempt), sum(attempt) - count(*) FROM jobs WHERE state = 'done' GROUP BY kind")
    print("# calls:", dict(kinds), "seconds:", round(time.monotonic() - began, 1))
    print("# killed:", dict(killer.killed), "kind, most attempts, attempts repeated:", attempts)
    print("# errors kept:", lab.ask("SELECT substr(error, 1, 60), count(*) FROM job_errors GROUP BY 1 ORDER BY 2 DESC"))
    if os.path.exists(lab.folder + "/faults"):
        print("# writes of the database that failed:", os.path.getsize(lab.folder + "/faults"))
    if bucket:
        print("# requests that the bucket failed:", bucket.faults)
    print("# ordered from fal:", sum(fal.orders().values()), "of which ambiguous and made here:",
          lab.one("SELECT count(*) FROM jobs WHERE ext_state = 'unknown'"))


def main():
    o = options()
    chance, tap = random.Random(o.seed), Tap()
    print(f"# seed {o.seed} disk {o.disk} store {o.store}")
    lab = Lab(WORKER_JOBS=o.jobs, WORKER_LOST_S=2, WORKER_RETRY_MS=100)
    fal = Fal(lab, o.seed)
    lab.environment.update({k: str(v) for k, v in fal.settings().items()})
    bucket = Bucket(lab, o.seed, o.calls) if o.store == "s3" else None
    if bucket:
        lab.environment.update(bucket.settings())
    lab.ask("INSERT INTO merchants(name, phone_number, video) VALUES('Carl', '+15550101', 'fal')")
    sids, kinds, feeder = make_calls(lab, o.calls, chance)
    began = time.monotonic()
    feeder.start()
    killer = Killer(random.Random(o.seed + 1), o, start_worker(lab, o))

    def over():
        return not feeder.is_alive() and lab.one(
            "SELECT (SELECT count(*) FROM calls WHERE status = 'complete')"
            " + (SELECT count(*) FROM jobs WHERE state = 'dead')") >= len(sids)

    while not over() and time.monotonic() < began + o.seconds:
        killer.turn()
    wait_for(lambda: lab.one("SELECT count(*) FROM jobs WHERE state IN ('ready', 'running', 'waiting')") == 0, 60)
    killer.daemon.terminate()
    tap.equal(killer.daemon.wait(20), 0, "a worker that is asked to stop does")
    tell(lab, killer, kinds, fal, bucket, began)
    tap.ok(sum(killer.killed.values()) >= min(3, o.calls // 10), "processes were killed", killer.killed)
    examine(tap, lab, bucket, sids)
    twice = {sound: count for sound, count in fal.orders().items() if count > 1}
    tap.equal(twice, {}, "nothing was paid for twice")
    tap.ok(fal.orders(), "and something was paid for at all")
    if tap.failed:
        print("# " + lab.log()[-6000:].replace("\n", "\n# "))
        print(json.dumps(lab.ask("SELECT call_sid, kind, state, attempt, error FROM jobs WHERE state NOT IN"
                                 " ('done', 'cancelled')"))[:3000])
    tap.finish()


main()
