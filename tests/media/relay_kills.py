#!/usr/bin/python3
"""Kills the relay with -9 in the midst of calls, wave after wave, and the worker's processes meanwhile. What was heard
before is kept: every call is complete in the end, though nobody ended it, and nothing that was sent is missing but the
last moments. By hand, for more: --waves 20."""
import argparse
import base64
import os
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../relay"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab as relay_lab  # noqa: E402
from worker_lab import BUILDDIR, FRAME, Tap, children, kill, tone, wait_for  # noqa: E402

LATE_MS_MAX = 2000                      # of what was sent just before: the relay hands it on once a second


class Caller(threading.Thread):
    """One call: frames in real time, until it hangs up or the relay is gone."""

    def __init__(self, relay, sid, frames):
        super().__init__(daemon=True)
        self.relay, self.sid, self.frames, self.sent_frames, self.is_over = relay, sid, frames, 0, False
        self.phone = relay_lab.Phone(relay, sid)
        self.start()

    def run(self):
        sound = tone(self.sid, self.frames)
        self.phone.start()
        began = time.monotonic()
        try:
            for i in range(self.frames):
                time.sleep(max(0.0, began + i * 0.02 - time.monotonic()))
                self.phone.send("media", media={
                    "track": "inbound", "chunk": str(i + 1), "timestamp": str(i * 20),
                    "payload": base64.b64encode(sound[i * FRAME:(i + 1) * FRAME]).decode()})
                self.sent_frames = i + 1
            self.phone.stop()
            self.is_over = bool(self.phone.wait_closed(20))
        except OSError:
            pass


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--waves", type=int, default=3)
    parser.add_argument("--calls", type=int, default=5, help="in each wave")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    return parser.parse_args()


def start_worker(relay):
    media = relay.work + "/media"
    os.makedirs(media, exist_ok=True)
    environment = {**relay.environment(), "MEDIA_DIR": media, "MEDIA_URL": "https://media.example.com", "WORKER_LOST_S": "3",
                   "WORKER_RETRY_MS": "100", "LOG_LEVEL": "info"}
    with open(relay.work + "/worker.log", "ab") as log:
        return subprocess.Popen([BUILDDIR + "/receptionai-worker"], env=environment, stdout=log, stderr=log,
                                stdin=subprocess.DEVNULL)


def play_wave(relay, chance, sids):
    """Some hang up in time, the others are cut off with the relay."""
    callers = []
    for sid in sids:
        callers.append(Caller(relay, sid, chance.choice([30, 60, 500, 500])))
        time.sleep(chance.random() * 0.2)
    time.sleep(1.5 + chance.random())
    sent = {caller.sid: caller.sent_frames for caller in callers}
    relay.process.kill()
    relay.process.wait()
    for caller in callers:
        caller.join(20)
    return sent


def recorded_ms(relay, sid):
    try:
        return os.path.getsize(f"{relay.spool}/{sid}/1/caller.ulaw") // 8
    except OSError:
        return -1


def main():
    o = options()
    chance, tap = random.Random(o.seed), Tap()
    print(f"# seed {o.seed}")
    relay = relay_lab.Relay(relay_lab.Grok())
    worker = start_worker(relay)
    sids = [f"CA{chance.getrandbits(128):032x}" for _ in range(o.waves * o.calls)]
    missing_ms, killed = {}, 0
    for wave in range(o.waves):
        sent = play_wave(relay, chance, sids[wave * o.calls:(wave + 1) * o.calls])
        for sid, frames in sent.items():
            missing_ms[sid] = frames * 20 - recorded_ms(relay, sid)
        below = [pid for pid, name in children(worker.pid) if name != "ffmpeg"]
        killed += bool(below) and kill(chance.choice(below))
        relay.start()
    done = wait_for(lambda: relay.row("SELECT count(*) FROM calls WHERE status = 'complete'") == len(sids), o.seconds)
    worker.terminate()
    tap.equal(worker.wait(20), 0, "a worker that is asked to stop does")
    print("# killed: relay", o.waves, "worker's processes", killed, "end reasons:", relay.sql(
        "SELECT end_reason, recording_stopped, count(*) FROM calls GROUP BY 1, 2"))
    print("# ms that were sent and not kept:", sorted(missing_ms.values()))
    tap.ok(done, f"all {len(sids)} calls are complete, whoever ended them",
           relay.sql("SELECT call_sid, status, end_reason FROM calls WHERE status <> 'complete'"))
    tap.ok(max(missing_ms.values()) <= LATE_MS_MAX, "nothing that was sent is missing but the last moments", missing_ms)
    tap.equal(relay.row("PRAGMA integrity_check"), "ok", "the database is whole")
    lengths = dict(relay.sql("SELECT call_sid, recording_ms FROM calls"))
    short = {sid: (lengths[sid], recorded_ms(relay, sid)) for sid in sids
             if lengths.get(sid) is None or lengths[sid] < recorded_ms(relay, sid)}
    tap.equal(short, {}, "every recording is as long as what was kept")
    if tap.failed:
        with open(relay.work + "/worker.log", encoding="utf-8", errors="replace") as log:
            print("# " + log.read()[-4000:].replace("\n", "\n# "))
    tap.finish()


main()
