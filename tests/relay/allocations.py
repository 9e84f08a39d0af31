"""Once a call stands, its audio path allocates nothing: every malloc of the ring threads is counted."""
import os
import struct
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, Grok, Phone, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
counter = tempfile.NamedTemporaryFile()
counter.write(bytes(8))
counter.flush()


def allocations():
    with open(counter.name, "rb") as f:
        return struct.unpack("Q", f.read(8))[0]


def settle(count):
    """Until the relay has taken all that Grok said so far."""
    session.say("nobody.knows.this")
    wait_for(lambda: relay.metric("model_unknown_events_total") == count)


grok = Grok()
relay = Relay(grok, LD_PRELOAD=BUILDDIR + "/tests/relay/count_malloc.so", COUNT_FILE=counter.name)
phone = Phone(relay, "CA1").start()
session = grok.next()
wait_for(lambda: len(phone.heard) == 4000)
tap.ok("allocations are counted at all", allocations() > 10, allocations())
settle(1)
before = allocations()
for i in range(1000):
    phone.media(bytes([i & 255]) * 160)
    if i % 25 == 24:                    # half a second: a second is the most that the relay holds for a slow Grok
        wait_for(lambda: len(session.audio) == (i + 1) * 160)
tap.ok("a thousand frames of the caller pass", wait_for(lambda: len(session.audio) == 160000), len(session.audio))
tap.equal("without one allocation", allocations() - before, 0)
session.begin()
settle(2)
before = allocations()
for size in list(range(8, 8000, 56)) + [1600] * 50:
    session.delta(bytes([size & 127]) * size)
total = sum(range(8, 8000, 56)) + 80000
tap.ok("two hundred deltas of all sizes pass", wait_for(lambda: len(phone.heard) - 4000 >= total // 160 * 160))
tap.equal("without one allocation either", allocations() - before, 0)
phone.stop()
phone.wait_closed()
tap.equal("exit code 0", relay.stop(), 0)
tap.finish()
