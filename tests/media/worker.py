"""receptionai-worker as operators meet it: what it finds, what it leaves alone, what it gives up, how it stops."""
import os
import signal
import stat
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from worker_lab import Lab, Tap, children, kill, wait_for  # noqa: E402

tap = Tap()


def status(lab, sid):
    return lab.one("SELECT status FROM calls WHERE call_sid = ?", sid)


def has_spool(lab, sid):
    return os.path.exists(f"{lab.spool}/{sid}")


def script(lab, name, text):
    """A program that stands in for ffmpeg."""
    path = f"{lab.folder}/{name}"
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, stat.S_IRWXU)
    return path


def finds():
    lab = Lab()
    lab.row("CAwell")
    lab.record("CAwell", frames=20)
    lab.row("CAopen", status="live")
    lab.record("CAopen", frames=20, end=None, age_s=100)
    lab.record("CAnew", frames=20, end="shutdown", age_s=100)
    lab.record("CAalien", frames=20, merchant=77, age_s=100)
    lab.row("CAno")
    lab.record("CAno", frames=20, why="withdrawn")
    lab.row("CAmute")
    lab.record("CAmute", frames=0, why="no-consent", age_s=100)
    lab.row("CAlive", status="live")
    lab.record("CAlive", frames=20, end=None, age_s=3)
    lab.row("CAperson", status="live")
    lab.ask("UPDATE calls SET status = 'transferring', transfer_number = '+15550123' WHERE call_sid = 'CAperson'")
    lab.record("CAperson", frames=20, end="transferred", age_s=1000)
    lab.row("CAback", status="live")
    lab.ask("UPDATE calls SET stream_sid = 'MZsecond' WHERE call_sid = 'CAback'")
    lab.record("CAback", frames=20, end="transferred", age_s=1000)
    os.mkdir(lab.spool + "/..not-a-call")
    said = lab.run("--dry-run")
    tap.equal((said.returncode, lab.one("SELECT count(*) FROM jobs"), has_spool(lab, "CAno")), (0, 0, True),
              "a dry run changes nothing")
    tap.equal(sorted(said.stdout.splitlines()), [
        "CAmute: without sound", "CAnew: a call to be worked on", "CAnew: a call without a row", "CAno: withdrawn",
        "CAopen: a call that nobody ended", "CAopen: a call to be worked on", "CAwell: a call to be worked on"],
        "and says what would be done")
    said = lab.run("--call", "CAwell")
    tap.equal((said.returncode, status(lab, "CAwell"), status(lab, "CAopen")), (0, "complete", "live"),
              "--call does one call, and no other")
    tap.equal([lab.run("--call", sid).returncode for sid in ("CAlive", "CAnobody")], [75, 1],
              "a call that goes on is for later; one that is not there is told")
    said = lab.run("--once")
    tap.equal(said.returncode, 0, "--once does the rest, and says by its exit code that all is done")
    tap.equal(lab.ask("SELECT call_sid, status, end_reason FROM calls ORDER BY 1"), [
        ("CAback", "live", None), ("CAlive", "live", None), ("CAmute", "ended", "caller-hung-up"), ("CAnew", "complete", "shutdown"),
        ("CAno", "ended", "caller-hung-up"), ("CAopen", "complete", "unreported"), ("CAperson", "transferring", None),
        ("CAwell", "complete", "caller-hung-up")],
        "a call that nobody ended is ended, one without a row gets it, those that go on are left alone")
    tap.equal((has_spool(lab, "CAno"), has_spool(lab, "CAmute"), has_spool(lab, "CAalien")), (False, False, True),
              "what may not be kept is deleted; whose it is nobody knows is left")
    tap.equal(lab.ask("SELECT call_sid, recording_stopped FROM calls WHERE recording_stopped IS NOT NULL ORDER BY 1"),
              [("CAmute", "no-consent"), ("CAno", "withdrawn"), ("CAopen", "broken-off")], "and the row says why")
    tap.ok("no such merchant" in said.stderr, "the log says whose is not known", said.stderr)
    return lab


def forgets(lab):
    stored = lab.one("SELECT video_url FROM calls WHERE call_sid = 'CAwell'").replace(
        lab.environment["MEDIA_URL"], lab.media)
    tap.ok(os.path.exists(stored), "a video is stored", stored)
    voicemails = [os.path.dirname(stored) + f"/voicemail-{i}.wav" for i in (1, 2)]
    for i, path in enumerate(voicemails):
        with open(path, "wb") as f:
            f.write(b"RIFF")
        lab.ask("INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url, created_ms, fetched_ms)"
            f" SELECT call_sid, merchant_id, 'voicemail', 'RE{i}', '{path}', 5, 6 FROM calls WHERE call_sid = 'CAwell'"
            .replace(lab.media, lab.environment["MEDIA_URL"]))
    lab.ask("INSERT INTO forgotten_calls(call_sid, video_url, forgotten_ms)"
        " VALUES ('CAelsewhere', 'https://elsewhere.example.com/v.mp4', 1)")
    lab.ask("DELETE FROM calls WHERE call_sid = 'CAwell'")
    daemon = lab.start(SPOOL_KEEP_DAYS=0)
    tap.ok(wait_for(lambda: not has_spool(lab, "CAwell") and not any(map(os.path.exists, [stored] + voicemails))),
           "a call whose row is deleted is forgotten: spool and stored files, voicemail too", lab.log())
    tap.ok("its URL is not below" in lab.log(), "one whose files are in another store is told, and holds nobody up", lab.log())
    tap.ok(wait_for(lambda: not has_spool(lab, "CAnew")), "a call that is complete long enough leaves the spool",
           lab.log())
    tap.equal(status(lab, "CAwell"), None, "and it does not come back")
    return daemon


def watches(lab, daemon):
    """While the daemon runs: a call that is being written, and one that comes."""
    lab.row("CAlocked")
    with lab.record("CAlocked", frames=20, end=None, age_s=100, lock=True):
        lab.row("CAcomes")
        lab.record("CAcomes", frames=20)
        tap.ok(wait_for(lambda: status(lab, "CAcomes") == "complete"), "a call that comes is worked on", lab.log())
        tap.equal(lab.one("SELECT count(*) FROM jobs WHERE call_sid = 'CAlocked' AND kind = 'assemble'"), 0,
                  "a call that somebody still writes is not")
    tap.ok(wait_for(lambda: status(lab, "CAlocked") == "complete"), "until he is gone", lab.log())
    daemon.terminate()
    tap.equal(daemon.wait(20), 0, "SIGTERM ends it in order")


def gives_up():
    lab = Lab(WORKER_RETRY_MS=10)
    lab.row("CAbad")
    lab.record("CAbad", frames=20)
    said = lab.run("--once", FFMPEG=lab.folder + "/nowhere")
    tap.equal((said.returncode, lab.ask("SELECT call_sid, kind FROM failed_jobs")), (1, [("all calls", "video")]),
              "a wrong setting parks its kind and is seen in failed_jobs")
    said = lab.run("--once", FFMPEG=script(
        lab, "broken", "case \"$*\" in *video.mp4.part*) echo it broke >&2; exit 3 ;; esac\nexec ffmpeg \"$@\"\n"))
    row = lab.ask("SELECT status, recording_url IS NOT NULL, video_url IS NULL FROM calls")
    tap.equal((said.returncode, row), (1, [("ended", 1, 1)]),
              "a video that cannot be made is given up, and the recording is kept all the same")
    tap.equal(lab.one("SELECT count(*) FROM job_errors WHERE error LIKE '%it broke%'"), 6, "each attempt is told")
    tap.equal(lab.ask("SELECT call_sid, kind, attempts FROM failed_jobs"), [("CAbad", "video", 6)],
              "and seen in failed_jobs")
    tap.equal(lab.run("--retry", "CAother").stdout, "0 made ready again\n", "--retry SID is for that call")
    tap.equal(lab.run("--retry").stdout, "1 made ready again\n", "--retry gives it all its attempts anew")
    said = lab.run("--once")
    tap.equal((said.returncode, status(lab, "CAbad")), (0, "complete"), "and then it is complete")


def stops():
    lab = Lab(WORKER_JOBS=2)
    slow = script(lab, "slow", "echo $$ >>\"$(dirname \"$0\")/slow.pids\"\nexec sleep 600\n")
    lab.row("CAslow")
    lab.record("CAslow", frames=20)
    daemon = lab.start(FFMPEG=slow)
    tap.ok(wait_for(lambda: os.path.exists(lab.folder + "/slow.pids")), "a long job is being done", lab.log())
    began = [pid for pid, name in children(daemon.pid) if name == "sleep"]
    daemon.send_signal(signal.SIGTERM)
    tap.equal(daemon.wait(20), 0, "SIGTERM ends it in the midst of that")
    tap.equal(lab.ask("SELECT state, attempt, lease_owner FROM jobs WHERE kind = 'video'"), [("ready", 0, None)],
              "the job is given back and has not lost an attempt")
    tap.ok(began and not any(os.path.exists(f"/proc/{pid}") for pid in began), "and its program is gone", began)
    daemon = lab.start(FFMPEG=slow)
    tap.ok(wait_for(lambda: lab.one("SELECT state FROM jobs WHERE kind = 'video'") == "running"), "it begins again")
    owner = int(lab.one("SELECT lease_owner FROM jobs WHERE kind = 'video'").split(":")[2])
    kill(owner)
    tap.ok(wait_for(lambda: lab.one("SELECT attempt FROM jobs WHERE kind = 'video'") == 2),
           "whoever is killed loses its job to another at once, not after the lease", lab.log())
    kill(daemon.pid)
    daemon.wait()
    said = lab.run("--once")
    tap.equal((said.returncode, status(lab, "CAslow")), (0, "complete"), "and once through completes it")
    return lab


def checks(lab):
    tap.equal(lab.run("--check-config").returncode, 0, "good settings pass")
    for change, words in (({"FFMPEG": "/nowhere/ffmpeg"}, "FFMPEG"), ({"FFMPEG": "/bin/false"}, "lacks what a video needs")):
        said = lab.run("--check-config", **change)
        tap.ok(said.returncode == 78 and words in said.stderr, f"--check-config tries ffmpeg: {words}", said.stderr)
    tap.equal(lab.run("--once", "--dry-run").returncode, 2, "one command at a time")
    tap.equal(lab.run("--check-config", RECEPTIONAI_SPOOL=lab.folder + "/nowhere").returncode, 78,
              "a spool that is not there does not")
    tap.equal(lab.run("--once", RECEPTIONAI_SPOOL="").returncode, 78, "nor does none at all")
    tap.equal(lab.run("--once", RECEPTIONAI_DB=lab.folder + "/no/r.db").returncode, 69, "nor a database that cannot be made")
    tap.equal([lab.run(*words).returncode for words in (["--call"], ["--call", "../etc"], ["--never"], ["word"])],
              [2, 2, 2, 2], "what is no option is refused")


def main():
    began = time.monotonic()
    lab = finds()
    watches(lab, forgets(lab))
    gives_up()
    checks(stops())
    print(f"# {time.monotonic() - began:.1f} s")
    tap.finish()


main()
