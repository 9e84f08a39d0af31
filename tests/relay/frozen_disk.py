"""A file system that is frozen while a call is recorded on it: the kernel's own writers hang, the call does not."""
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Grok, Phone, Relay, Tap, wait_for  # noqa: E402

FRAME = bytes(range(1, 161))
tap = Tap()


def sh(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def frames(phone, session, seconds):
    """A frame every 20 ms; the times from Twilio to Grok, in ms, sorted."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        before = len(session.audio)
        began = time.monotonic()
        phone.media(FRAME)
        while len(session.audio) == before and time.monotonic() < began + 5:
            time.sleep(0.0002)
        took.append((time.monotonic() - began) * 1000)
        time.sleep(max(0, began + 0.02 - time.monotonic()))
    return sorted(took)


def told(io, what, took):
    print(f"# {io}: {what}: {len(took)} frames, median {took[len(took) // 2]:.2f} ms, p99 {took[len(took) * 99 // 100]:.2f} ms, "
          f"slowest {took[-1]:.2f} ms")


def freeze(io, folder):
    grok = Grok()
    relay = Relay(grok, RELAY_IO=io, RECEPTIONAI_SPOOL=folder, RELAY_THREADS=1)
    phone = Phone(relay, "CA1").start()
    session = grok.next()
    wait_for(lambda: len(phone.heard) == 4000)
    told(io, "before", frames(phone, session, 3))
    sh("fsfreeze", "--freeze", folder)
    thaw = threading.Timer(30, sh, ("fsfreeze", "--unfreeze", folder))
    thaw.start()
    try:
        during = frames(phone, session, 8)
        told(io, "while the disk hangs", during)
        tap.ok(f"{io}: the recording has ended", relay.logged("recording stopped call=CA1 why=disk-slow step=wait"))
        tap.ok(f"{io}: every frame went through", len(session.audio) % 160 == 0 and during[-1] < 1000, during[-1])
        other = Phone(relay, "CA2").start()
        tap.ok(f"{io}: another call begins meanwhile", wait_for(lambda: len(other.heard) == 4000))
        other.stop()
        tap.ok(f"{io}: and ends", other.wait_closed() == 1000)
        phone.stop()
        tap.ok(f"{io}: Twilio's socket does not wait for the disk", phone.wait_closed() == 1000)
        tap.equal(f"{io}: the end is in the database", phone.ended_in_database, "caller-hung-up")
        tap.equal(f"{io}: two recordings wait", relay.metric("recordings_open"), 2)
    finally:
        thaw.cancel()
        sh("fsfreeze", "--unfreeze", folder)
    tap.ok(f"{io}: when it thaws they are closed", wait_for(lambda: relay.metric("recordings_open") == 0))
    with open(folder + "/CA1/1/events.log", encoding="utf-8") as f:
        tap.ok(f"{io}: the log says why", "recording on=0 why=disk-slow" in f.read())
    tap.equal(f"{io}: so does the database", relay.row("SELECT recording_stopped FROM calls WHERE call_sid='CA1'"),
              "disk-slow")
    tap.equal(f"{io}: exit code 0", relay.stop(), 0)


for backend in ("uring", "epoll"):
    with tempfile.TemporaryDirectory(prefix="receptionai-frozen.") as work:
        sh("truncate", "--size=32M", work + "/image")
        sh("mkfs.ext4", "-q", work + "/image")
        os.mkdir(work + "/disk")
        sh("mount", "-o", "loop", work + "/image", work + "/disk")
        try:
            freeze(backend, work + "/disk")
        finally:
            sh("umount", work + "/disk")
tap.finish()
