"""Workers are killed with -9 at random instants while fal.ai makes videos of a dozen calls, in a world with faults of the
harmless kind. In the end every call is complete, and no voice was ordered twice.

    fal_kills.py [SEED]"""
import random
import sys
import tempfile
import time

from fal_lab import FalLab, make_video
from worker_lab import Tap, children, kill

CALLS, KILLS = 12, 25
FAULTS = ["status-500:2", "cdn-cut:1", "result-500:1", "hook-twice", "submit-late:150"]


def rage(lab, chance):
    """Daemons come and go; what is killed is the parent, one of its children, or both."""
    killed = 0
    daemon = lab.start()
    end = time.monotonic() + 120
    while killed < KILLS and time.monotonic() < end:
        time.sleep(chance.uniform(0.02, 0.35))
        below = [pid for pid, _ in children(daemon.pid)]
        victims = [daemon.pid] + below if chance.random() < 0.5 else below[:1] if below else [daemon.pid]
        killed += sum(kill(pid) for pid in victims)
        if daemon.pid in victims or daemon.poll() is not None:
            daemon.wait()
            daemon = lab.start()
    daemon.kill()
    daemon.wait()
    for pid in [pid for pid, _ in children(daemon.pid)]:
        kill(pid)
    return killed


def main():
    tap = Tap()
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        video = folder + "/face.mp4"
        make_video(video)
        lab = FalLab(video, FAULTS, FAL_WAIT_S=20)
        sids = [lab.call(f"CAkill{i:02}") for i in range(CALLS)]
        killed = rage(lab, chance)
        lab.run("--retry")
        said = "".join(lab.finish(sid) for sid in sids)
        rows = lab.ask("SELECT call_sid, status FROM calls")
        taken, twice = lab.count("order"), lab.paid_twice()
        widths = [lab.width(sid) for sid in sids]
        unknown = lab.one("SELECT count(*) FROM jobs WHERE ext_state = 'unknown'")
        print(f"# seed={seed} killed={killed} orders={taken} by_fal={widths.count(160)} here={widths.count(1280)}"
              f" ambiguous_left={unknown}")
        tap.ok(killed >= KILLS, "workers were killed", killed)
        tap.equal([row for row in rows if row[1] != "complete"], [], "every call is complete")
        tap.equal(twice, 0, "no voice was ordered twice")
        tap.ok(0 < taken <= CALLS, "orders were taken, at most one a call", taken)
        tap.ok(all(width in (160, 1280) for width in widths), "every call has a video", widths)
        tap.equal(lab.one("PRAGMA integrity_check"), "ok", "the database is whole")
        cost = lab.one("SELECT sum(media_cost_micro_dollars) FROM calls")
        tap.ok(cost >= 40000 * taken, "what was ordered is in the books", cost)
        lab_log = lab.log()
        code = lab.end()
        tap.equal(code, 0, "no rule of fal.ai was broken")
        for line in (lab_log + said).splitlines():
            if "not made by fal" in line:
                print("# " + line[25:250])
        if tap.failed:
            print("# " + said[-4000:].replace("\n", "\n# "))
    tap.finish()


main()
