"""Sessions that wait for their call: announced on the UNIX socket, claimed by the call's stream, or not."""
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Grok, Phone, Relay, Session, Tap, token, wait_for  # noqa: E402

tap = Tap()
folder = tempfile.TemporaryDirectory(prefix="receptionai-warm.")
path = folder.name + "/relay.sock"


def tell(text, patience_s=10):
    """One message to the socket, and its answer: b"" if it was hung up on, None if nobody is there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(patience_s)
        try:
            peer.connect(path)
            peer.send(text if isinstance(text, bytes) else text.encode())
            return peer.recv(1000)
        except OSError:
            return None


def find(sid):
    return tell(f"receptionai 1 find\ncall={sid}\n")


def expect(sid, merchant=1):
    return tell(f"receptionai 1 expect\ncall={sid}\nmerchant={merchant}\ncaller=+4930\ncalled=+15550100\n")


def forget(sid):
    return tell(f"receptionai 1 forget\ncall={sid}\n")


def end(sid):
    return tell(f"receptionai 1 end\ncall={sid}\n")


ENDED, UNTOLD = b"receptionai 1 ended caller-hung-up\n", b"receptionai 1 untold\n"
HERE, GONE = b"receptionai 1 here\n", b"receptionai 1 gone\n"
UP = b"receptionai 1 up\n"


def warm_relay(grok, **settings):
    return Relay(grok, RELAY_SOCKET=path, **settings)


def greeted(session):
    return wait_for(lambda: "conversation.item.create" in session.kinds())


def counts(relay, *names):
    return [int(relay.metric(f"warm_{name}_total") or 0) for name in names]


def settle(relay, wanted, *names):
    """The counters reach the page a little later."""
    wait_for(lambda: counts(relay, *names) == wanted)
    return counts(relay, *names)


# --- announced, claimed ----------------------------------------------------------------------------------

grok = Grok()
relay = warm_relay(grok)
tap.equal("the socket's mode lets its owner and group in", oct(stat.S_IMODE(os.stat(path).st_mode)), "0o660")
tap.equal("the relay says how it is", tell("receptionai 1 ask\n"), UP)
tap.equal("a call to come is welcome", expect("CA1"), UP)
session = grok.next()
tap.ok("its session is opened and asked for the first words, with no call yet", greeted(session))
tap.equal("one session waits, and no call is in progress",
          [wait_for(lambda: relay.metric("warm_sessions") == 1), relay.metric("calls")], [True, 0])
tap.equal("the database knows of no call", relay.row("SELECT count(*) FROM calls"), 0)
tap.equal("a second announcement of it is welcome", expect("CA1"), UP)
phone = Phone(relay, "CA1").start()
tap.ok("the caller hears the first words", wait_for(lambda: len(phone.heard) == 4000))
tap.equal("whole", phone.heard, b"\x55" * 4000)
tap.equal("in one session for both announcements", len(grok.sessions), 1)
tap.equal("asked for once", session.kinds().count("conversation.item.create"), 1)
tap.equal("it is counted", settle(relay, [1, 1, 1], "announced", "repeated", "claimed"), [1, 1, 1])
wait_for(lambda: relay.metric("warm_sessions") == 0)
tap.equal("now it is a call", [relay.metric("warm_sessions"), relay.metric("calls"), relay.metric("calls_started_total")],
          [0, 1, 1])
phone.media(b"\x11" * 160)
tap.ok("what the caller says reaches the session", wait_for(lambda: session.audio == b"\x11" * 160))
phone.play_marks()
phone.stop()
tap.equal("it ends as any call", [phone.wait_closed(), phone.ended_in_database], [1000, "caller-hung-up"])
tap.equal("its session is closed with 1000", wait_for(lambda: session.closed), 1000)
tap.equal("its numbers are the stream's", relay.sql("SELECT merchant_id, status FROM calls WHERE call_sid='CA1'"),
          [(1, "ended")])
tap.equal("the greeting is in the transcript, from the call's beginning on",
          relay.sql("SELECT role, text, start_ms < 1000, end_ms - start_ms <= 500 FROM turns WHERE call_sid='CA1'"),
          [("receptionist", "Hello there.", 1, 1)])

# --- without a greeting nothing is asked for ahead ---------------------------------------------------------

relay.sql("INSERT INTO merchants(id, name, phone_number) VALUES(2, 'Plain', '+15550102')")
expect("CA2", 2)
session = grok.next()
tap.ok("without given words the session is made ready", wait_for(lambda: "session.update" in session.kinds()))
phone = Phone(relay, "CA2", "/media-stream/" + token("CA2", merchant=2)).start()
tap.ok("and the first words are asked for when the call is there", wait_for(lambda: len(phone.heard) == 4000))
tap.equal("by response.create", [session.kinds().count("response.create"), len(grok.sessions)], [1, 2])
phone.stop()
phone.wait_closed()

# --- a visitor who cannot move, and one who leaves --------------------------------------------------------------


class Hasty(Phone):
    """Says its first messages right behind the request, without waiting for the answer."""

    def upgrade(self, path, headers="", behind=b""):
        frames = []
        self.ws.raw = frames.append
        self.start()
        del self.ws.raw
        super().upgrade(path, headers, b"".join(frames))


expect("CAhasty")
session = grok.next()
greeted(session)
phone = Hasty(relay, "CAhasty")
tap.ok("who says more than a request before the answer is served where he is", wait_for(lambda: len(phone.heard) == 4000))
tap.equal("in a session of his own; that which waited is let go", [wait_for(lambda: session.closed), len(grok.sessions)],
          [1000, 4])
phone.stop()
tap.equal("and his call ends as any", [phone.wait_closed(), phone.ended_in_database], [1000, "caller-hung-up"])
grok.skip()
left = []
for n in range(20):
    expect(f"CAleft{n}")
    left.append(grok.next())
    greeted(left[-1])
    sock = socket.create_connection(("127.0.0.1", relay.port))
    sock.sendall((f"GET /media-stream/{token(f'CAleft{n}')} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n").encode())
    sock.close()
tap.ok("who asks and is gone leaves no session behind", wait_for(lambda: all(s.closed == 1000 for s in left)))
tap.ok("nor a call", wait_for(lambda: [relay.metric(m) for m in ("calls", "warm_sessions", "pending_sockets")] == [0] * 3))

# --- nobody comes -------------------------------------------------------------------------------------------

expect("CA3")
session = grok.next()
greeted(session)
tap.equal("the caller hung up before the stream: welcome to say so", forget("CA3"), UP)
tap.equal("the session is closed with 1000", wait_for(lambda: session.closed), 1000)
tap.equal("and counted", settle(relay, [1], "forgotten"), [1])
tap.equal("to forget what nobody knows does no harm", [forget("CA3"), forget("CA9999")], [UP, UP])
tap.equal("no row was written for it", relay.row("SELECT count(*) FROM calls WHERE call_sid='CA3'"), 0)
expect("CA4")
session = grok.next()
greeted(session)
sessions_before = len(grok.sessions)
phone = Phone(relay, "CA4", "/media-stream/" + token("CA4", merchant=2)).start()
tap.ok("a stream for another merchant is another call", wait_for(lambda: len(grok.sessions) == sessions_before + 1))
tap.ok("which is served", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()
forget("CA4")
tap.equal("the other session is let go", wait_for(lambda: session.closed), 1000)
tap.equal("every counter tells its story",
          settle(relay, [25, 1, 23, 0, 2, 0, 0],
                 "announced", "repeated", "claimed", "expired", "forgotten", "failed", "refused_full"),
          [25, 1, 23, 0, 2, 0, 0])
wait_for(lambda: relay.metric("calls") == 0 and relay.metric("pending_sockets") == 0
         and relay.metric("warm_sessions") == 0)
tap.equal("nothing of it is left", [relay.metric("calls"), relay.metric("pending_sockets"),
                                    relay.metric("warm_sessions")], [0, 0, 0])
tap.equal("exit code 0", relay.stop(), 0)
tap.ok("the socket's path is gone", not os.path.exists(path))

# --- time, cap ----------------------------------------------------------------------------------------------

grok = Grok()
relay = warm_relay(grok, RELAY_WARM_MS=3000, RELAY_WARM_MAX=2)
expect("CA1")
session = grok.next()
tap.equal("a session whose call does not come is closed with 1000", wait_for(lambda: session.closed), 1000)
tap.equal("and counted", settle(relay, [1], "expired"), [1])
phone = Phone(relay, "CA1").start()
tap.ok("its call, late, is served all the same", wait_for(lambda: len(phone.heard) == 4000))
tap.equal("by a session of its own", len(grok.sessions), 2)
phone.stop()
phone.wait_closed()
grok.skip()
answers = [expect(f"CB{n}") for n in range(3)]
tap.equal("above RELAY_WARM_MAX calls are welcome still", answers, [UP] * 3)
tap.equal("but have no session", settle(relay, [1, 3], "refused_full", "announced"), [1, 3])
wait_for(lambda: len(grok.sessions) == 4)
phones = [Phone(relay, f"CB{n}").start() for n in range(3)]
tap.ok("all three are served", wait_for(lambda: all(len(p.heard) == 4000 for p in phones)))
for phone in phones:
    phone.stop()
    phone.wait_closed()
tap.equal("exit code 0", relay.stop(), 0)

# --- the session breaks while it waits ------------------------------------------------------------------------

good = threading.Event()


def fragile(session):
    if good.is_set():
        return session.play()
    session.hello()
    for message in session.messages():
        if message["type"] == "session.update":
            session.ws.close()
            return None
    return None


grok = Grok(fragile)
relay = warm_relay(grok)
expect("CA1")
tap.equal("a session that breaks is counted", settle(relay, [1], "failed"), [1])
good.set()
phone = Phone(relay, "CA1").start()
tap.ok("its call gets another", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
tap.equal("and ends well", [phone.wait_closed(), phone.ended_in_database], [1000, "caller-hung-up"])
relay.stop()

# --- nobody could speak to the caller -----------------------------------------------------------------------------

grok = Grok(status=503)
relay = warm_relay(grok)
for n in range(5):
    expect(f"CA{n}")
tap.equal("sessions that are refused are counted", settle(relay, [5], "failed"), [5])
tap.equal("then the relay says that it could not serve a call", expect("CA5"), b"receptionai 1 unable\n")
grok.status = 101
tap.equal("for a while", [wait_for(lambda: tell("receptionai 1 ask\n") == UP), expect("CA6")], [True, UP])
phone = Phone(relay, "CA6").start()
tap.ok("a call is served again", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()
relay.stop()

# --- more first words than are kept -----------------------------------------------------------------------------------

long_greeting = os.urandom(16000 * 80)


def chatty(session):
    session.hello()
    for message in session.messages():
        if message["type"] == "session.update":
            session.updated()
        elif message["type"] == "conversation.item.create":
            session.answer(long_greeting, "Once upon a time.")


grok = Grok(chatty)
relay = warm_relay(grok)
expect("CA1")
greeted(grok.next())
time.sleep(0.3)                         # it may take what it takes; nothing is waited for
phone = Phone(relay, "CA1").start()
tap.ok("first words longer than what is kept wait at Grok, and none is lost",
       wait_for(lambda: len(phone.heard) == len(long_greeting)) and phone.heard == long_greeting)
phone.stop()
phone.wait_closed()
tap.ok("nothing is left", wait_for(lambda: relay.metric("pool_used_bytes") == 0))
relay.stop()

# --- full, draining --------------------------------------------------------------------------------------------

grok = Grok()
relay = warm_relay(grok, RELAY_MAX_CALLS=1)
expect("CA1")
greeted(grok.next())
wait_for(lambda: tell("receptionai 1 ask\n") != UP)
tap.equal("a session that waits counts as a call", tell("receptionai 1 ask\n"), b"receptionai 1 full\n")
tap.equal("another call is told that it is full", expect("CA2"), b"receptionai 1 full\n")
tap.ok("which is counted, for it does not come to the door", wait_for(lambda: relay.metric("notices_full_total") == 1))
tap.ok("and so are load balancers", wait_for(lambda: relay.get("/readyz") == (503, "full\n")))
tap.equal("the one that was promised a place is not", expect("CA1"), UP)
tap.equal("nor at the door", Phone(relay, "CA2").status, 503)
tap.equal("a call that has only been announced is nowhere yet", find("CA1"), GONE)
phone = Phone(relay, "CA1").start()
tap.ok("where it is served", wait_for(lambda: len(phone.heard) == 4000))
tap.equal("whose call is it? the relay's, until it has ended", [find("CA1"), find("CA2")], [HERE, GONE])
tap.equal("and it has not ended", end("CA1"), UNTOLD)
phone.stop()
phone.wait_closed()
tap.ok("then it is nobody's", wait_for(lambda: find("CA1") == GONE))
tap.equal("but how it ended is remembered", [end("CA1"), end("CA2")], [ENDED, UNTOLD])
tap.equal("and its end is in the database", relay.row("SELECT status FROM calls WHERE call_sid='CA1'"), "ended")
wait_for(lambda: tell("receptionai 1 ask\n") == UP)
expect("CA3")
greeted(grok.next())
relay.process.terminate()
wait_for(lambda: tell("receptionai 1 ask\n") == b"receptionai 1 draining\n")
tap.equal("a relay that ends says so", expect("CA4"), b"receptionai 1 draining\n")
tap.equal("and turns strangers away", Phone(relay, "CA4").status, 503)
tap.equal("the call that it prepared for is welcome", expect("CA3"), UP)
phone = Phone(relay, "CA3").start()
tap.ok("and still served", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()
tap.equal("then it ends", relay.stop(), 0)
tap.equal("and nobody is there", tell("receptionai 1 ask\n", 1), None)
relay = warm_relay(grok)
grok.skip()
expect("CA1")
session = grok.next()
greeted(session)
relay.process.terminate()
relay.logged("relay draining")
relay.process.terminate()
tap.equal("a relay that must end at once lets sessions go", wait_for(lambda: session.closed), 1000)
tap.equal("and ends", relay.stop(), 0)

# --- restarted in between ---------------------------------------------------------------------------------------

relay = warm_relay(grok)
grok.skip()
expect("CA1")
greeted(grok.next())
relay.process.kill()
relay.process.wait()
tap.equal("a relay that was killed is not there", tell("receptionai 1 ask\n", 1), None)
relay.start()
tap.equal("its socket, left behind, is taken over", tell("receptionai 1 ask\n"), UP)
phone = Phone(relay, "CA1").start()
tap.ok("a call that was announced to the one before is served", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()

# --- nonsense, and who may speak -----------------------------------------------------------------------------------

nonsense = [b"\0", b"\xff" * 600, b"GET / HTTP/1.1\r\n\r\n", b"receptionai 1 expect\n", b"receptionai 9 ask\n",
            b"receptionai 1 ask\n\n", b"receptionai 1 expect\ncall=CA/../1\nmerchant=1\ncaller=\ncalled=\n",
            os.urandom(200)]
tap.equal("what is no notice is hung up on", [tell(text) for text in nonsense], [b""] * len(nonsense))
tap.ok("and counted", wait_for(lambda: relay.metric("notices_bad_total") == len(nonsense)))
silent = []
for _ in range(100):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    peer.setblocking(False)
    peer.connect(path)
    silent.append(peer)
tap.equal("a hundred who are silent do not keep others from being heard", tell("receptionai 1 ask\n"), UP)
tap.ok("they are hung up on", wait_for(lambda: relay.metric("notices_bad_total") == len(nonsense) + 100))
for peer in silent:
    peer.close()
peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
try:
    peer.connect(path)
    joined = True
except OSError:
    joined = False
peer.close()
tap.ok("a stream socket does not fit", not joined)
grok.skip()
sessions_before = len(grok.sessions)
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
    relay.freeze()
    peer.connect(path)
    peer.send(b"receptionai 1 expect\ncall=CA7\nmerchant=1\ncaller=\ncalled=\n")
relay.thaw()
tap.equal("nothing is prepared for who did not wait for the answer", settle(relay, [1], "forgotten"), [1])
tap.equal("nobody is dialled for it", len(grok.sessions), sessions_before)


def as_nobody():
    """Whether somebody else may connect; in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
                stranger.connect(path)
            code = 0
        except PermissionError:
            code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if os.geteuid() == 0:
    os.chmod(folder.name, 0o755)
    tap.equal("another user is not let in", as_nobody(), 1)
    os.chown(path, -1, 65534)
    tap.equal("a member of the socket's group is", as_nobody(), 0)
else:
    tap.ok("another user is not let in # SKIP only root can be another user", True)
    tap.ok("a member of the socket's group is # SKIP only root can be another user", True)
relay.stop()
with open(path, "w", encoding="ascii") as f:
    f.write("precious")
done = os.spawnve(os.P_WAIT, os.environ.get("builddir", ".") + "/receptionai-relay", ["relay"],
                  {**relay.environment(), "LOG_LEVEL": "error"})
tap.equal("a file at that path is not replaced: the relay does not start", [done, open(path, encoding="ascii").read()],
          [1, "precious"])
os.unlink(path)

example = {"PATH": os.environ["PATH"], "TWILIO_AUTH_TOKEN": "12345", "XAI_API_KEY": "key",
           "RECEPTIONAI_CONF": os.environ.get("srcdir", ".") + "/deploy/receptionai.conf"}
shown = [subprocess.run([os.environ.get("builddir", ".") + "/receptionai-" + program, "--check-config"], env=example,
                        capture_output=True, text=True, check=False, timeout=30) for program in ("relay", "webhook")]
tap.equal("the example of settings has both use the socket",
          [(s.returncode, "RELAY_SOCKET=/run/receptionai/relay.sock" in s.stdout) for s in shown], [(0, True)] * 2)

# --- many, across ring threads ------------------------------------------------------------------------------------------

for io in ("uring", "epoll"):
    def tones(session):
        """Greets with a tone that tells whose session it is."""
        session.hello()
        for message in session.messages():
            if message["type"] == "session.update":
                session.updated()
            elif message["type"] == "conversation.item.create":
                session.answer(bytes([len(session.head) % 251]) * 1600, "Hello.")

    grok = Grok(tones)
    relay = warm_relay(grok, RELAY_THREADS=4, RELAY_WARM_MAX=256, RELAY_WARM_MS=60000, RELAY_IO=io)
    sids = [f"CA{n}" for n in range(200)]
    tap.equal(f"{io}: two hundred calls are announced", [expect(sid) for sid in sids], [UP] * 200)
    tap.ok(f"{io}: and their sessions greet",
           wait_for(lambda: sum("conversation.item.create" in s.kinds() for s in grok.sessions) == 200))
    phones = []

    def ring(some):
        for sid in some:
            phones.append(Phone(relay, sid).start())
    threads = [threading.Thread(target=ring, args=(sids[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.ok(f"{io}: every caller hears it", wait_for(lambda: all(len(p.heard) == 1600 for p in phones)))
    tap.equal(f"{io}: in the session that waited for him",
              [settle(relay, [200, 0, 0], "claimed", "early", "failed"), len(grok.sessions)], [[200, 0, 0], 200])
    for phone in phones:
        phone.stop()
    tap.ok(f"{io}: they hang up", wait_for(lambda: all(p.closed for p in phones)))
    tap.ok(f"{io}: every session is closed with 1000", wait_for(lambda: all(s.closed == 1000 for s in grok.sessions)))
    tap.equal(f"{io}: every end is in the database",
              relay.sql("SELECT end_reason, count(*) FROM calls GROUP BY 1"), [("caller-hung-up", 200)])
    tap.ok(f"{io}: nothing is left", wait_for(lambda: [relay.metric(m) for m in (
        "calls", "pending_sockets", "warm_sessions", "pool_used_bytes")] == [0, 0, 0, 0]))
    tap.equal(f"{io}: exit code 0", relay.stop(), 0)
tap.finish()
