"""What comes to the door that should not, and what a stream does that it may not: each is refused or ended with its
log line and its count, while another call goes on unharmed."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BINARY, PATIENCE_S, PING, TEXT, Grok, Phone, Relay, Tap, hmac_key, keep_alive, token, wait_for  # noqa: E402

tap = Tap()
grok = Grok()
relay = Relay(grok, RELAY_HANDSHAKE_MS=2000, RELAY_START_MS=2000, RELAY_IDLE_MS=5000, RELAY_MAX_PENDING=20)

bystander = Phone(relay, "CA999").start()
bystander_session = grok.next()
wait_for(lambda: len(bystander.heard) == 4000)
bystander_said = b""


keep_alive(bystander, bystander_session)


def bystander_is_well():
    """Audio goes both ways on the other call, byte for byte."""
    global bystander_said
    piece = os.urandom(1600)
    bystander_said += piece
    before = len(bystander.heard)
    for at in range(0, len(piece), 160):
        bystander.media(piece[at:at + 160])
    bystander_session.answer(b"\x33" * 1600, "Yes.")
    return (wait_for(lambda: bystander_session.audio == bystander_said) and
            wait_for(lambda: bystander.heard[before:] == b"\x33" * 1600) and bystander.closed is None)


def raw(data, close=True, wait=True):
    """Sends bytes to the listener; what comes back until it is closed, and whether it was closed."""
    sock = socket.create_connection(("127.0.0.1", relay.port))
    sock.settimeout(PATIENCE_S)
    answer = b""
    try:
        sock.sendall(data)
        while wait:
            more = sock.recv(65536)
            if not more:
                break
            answer += more
    except TimeoutError:
        return answer, False
    except OSError:
        pass
    sock.close()
    return answer, True


# --- at the door ---------------------------------------------------------------------------------------

for name, data, status in (
        ("garbage instead of HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, b"400"),
        ("a request line that never ends", b"GET /" + b"a" * 20000, b"414"),
        ("too many headers", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 3000, b"431"),
        ("a request that is no upgrade", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426"),
        ("a POST", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", b"4"),
        ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"")):
    answer, closed = raw(data)
    tap.ok(f"{name}: answered and closed", closed and (not status or answer.startswith(b"HTTP/1.1 " + status)),
           answer[:100])

began = time.monotonic()
sock = socket.create_connection(("127.0.0.1", relay.port))
sock.sendall(b"GET /media-stream/x HTTP/1.1\r\nHost: slow")


def trickle():
    """Whether the connection is gone."""
    try:
        sock.sendall(b"w")
        time.sleep(0.05)
        return False
    except OSError:
        return True


tap.ok("a request that trickles in is cut off at the handshake's deadline", wait_for(trickle) and
       1.9 < time.monotonic() - began, time.monotonic() - began)
tap.ok("and logged as slow", relay.logged(r"door refused .*fault=slow"))

used = token("CA1")
first = Phone(relay, "CA1", "/media-stream/" + used)
tap.equal("a good token opens the door", first.status, 101)
wait_for(lambda: len(grok.sessions) == 2)       # its own; a call cut off sooner may never have reached Grok
first.cut()
for name, path, word in (
        ("no token", "/media-stream/", "no-token"),
        ("a malformed token", "/media-stream/abcdefgh", "malformed-token"),
        ("a used token", "/media-stream/" + used, "used-token"),
        ("an expired token", "/media-stream/" + token("CA2", ttl_s=-1), "expired-token"),
        ("a foreign token", "/media-stream/" + token("CA2", key=hmac_key("another secret, also 32 bytes...")),
         "foreign-token"),
        ("a token that was tampered with", "/media-stream/" + ("A" if used[20] != "A" else "B").join(
            [used[:20], used[21:]]), "foreign-token")):
    before = len(relay.log())
    phone = Phone(relay, "CA2", path)
    tap.equal(f"{name}: 403", phone.status, 403)
    tap.ok(f"{name}: the log says {word}", wait_for(lambda: word in relay.log()[before:]))
tap.ok("no token is in the log", used not in relay.log() and used[:30] not in relay.log())
wait_for(lambda: relay.metric("sockets_refused_auth_total") == 6)
tap.equal("refusals are counted", relay.metric("sockets_refused_auth_total"), 6)
tap.ok("the other call is well", bystander_is_well())
tap.equal("nobody who was refused cost a connection to Grok", len(grok.sessions), 2)
grok.skip()

idle = [socket.create_connection(("127.0.0.1", relay.port)) for _ in range(60)]
wait_for(lambda: relay.metric("sockets_refused_pending_total") >= 40)
tap.ok("sockets that prove nothing are bounded", relay.metric("sockets_refused_pending_total") >= 40)
tap.ok("the other call is well meanwhile", bystander_is_well())
for sock in idle:
    sock.close()
# The gauge is a few moments old: it may still tell of the time before them.
wait_for(lambda: raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")[0].startswith(b"HTTP/1.1 426"))

# --- in the stream -------------------------------------------------------------------------------------

number = 10


def stream(name, act, reason, code=None, started=True):
    """One faulty stream: `act(phone)`; its reason in log, metric and database; the other call unharmed."""
    global number
    number += 1
    sid = f"CA{number}"
    before = relay.ends(reason)
    phone = Phone(relay, sid)
    if started:
        phone.start()
    session = grok.next()
    try:
        act(phone)
    except OSError:
        pass
    closed = phone.wait_closed()
    tap.ok(f"{name}: closed" + (f" with {code}" if code else ""), closed == code if code else closed, closed)
    tap.ok(f"{name}: the log says {reason}", relay.logged(rf"call ended call={sid} reason={reason} why=\"[^\"]+\""),
           relay.log()[-600:])
    wait_for(lambda: relay.ends(reason) == before + 1)
    tap.equal(f"{name}: counted once", relay.ends(reason), before + 1)
    tap.ok(f"{name}: Grok is let go", wait_for(lambda: session.closed))
    tap.ok(f"{name}: the other call is well", bystander_is_well())


def raw_media(payload, **members):
    return {"event": "media", "streamSid": f"MZCA{number}", "media": {"payload": payload, **members}}


BOMB = "[" * 100000
stream("a binary frame", lambda p: p.ws.send(b"\x00\x01", BINARY), "phone-protocol", 1008)
stream("an unmasked frame", lambda p: p.ws.send("{}", masked=False), "phone-protocol", 1002)
stream("a frame with a reserved bit", lambda p: p.ws.send("{}", rsv=4), "phone-protocol", 1002)
stream("a fragmented ping", lambda p: p.ws.send(b"", PING, fin=False), "phone-protocol", 1002)
stream("text that is not UTF-8", lambda p: p.ws.send(b"\xff\xfe", TEXT), "phone-protocol", 1007)
stream("a frame that claims 2^62 bytes", lambda p: p.ws.raw(p.ws.frame(b"", TEXT, length=1 << 62)),
       "phone-protocol", 1009)
stream("a message of a megabyte", lambda p: p.ws.send("x" * 1000000), "phone-protocol", 1009)
stream("JSON that is none", lambda p: p.ws.send("{\"event\":"), "phone-protocol", 1008)
stream("JSON nested too deeply", lambda p: p.ws.send(BOMB[:60000]), "phone-protocol", 1008)
stream("an object with ten thousand members", lambda p: p.ws.send(
    "{" + ",".join(f"\"k{i}\":1" for i in range(5000)) + ",\"event\":7}"), "phone-protocol", 1008)
stream("media that is no base64", lambda p: p.ws.send(raw_media("!!!!")), "phone-protocol", 1008)
stream("media with broken padding", lambda p: p.ws.send(raw_media("A===")), "phone-protocol", 1008)
stream("media before start", lambda p: p.media(b"\x00" * 160), "phone-protocol", 1008, started=False)
stream("two starts", lambda p: p.start(), "phone-protocol", 1008)
stream("another stream's sid", lambda p: p.send("media", streamSid="MZother", media={"payload": "////"}),
       "phone-protocol", 1008)
stream("start for another call", lambda p: p.start(call_sid="CAother"), "start-mismatch", 1008, started=False)
stream("no start at all", lambda p: None, "start-timeout", started=False)
stream("silence for too long", lambda p: setattr(p.ws, "answers_pings", False), "phone-idle")
stream("a close without stop", lambda p: p.ws.send(b"\x03\xe8", 8), "twilio-closed")

flood = Phone(relay, "CA90").start()
grok.next()
for _ in range(3000):
    flood.ws.send(b"x" * 125, PING)
tap.ok("a flood of pings harms nobody", bystander_is_well())
flood.stop()
tap.equal("and the call that sent it can still end", flood.wait_closed(), 1000)
unknown = Phone(relay, "CA91", "/media-stream/" + token("CA91", merchant=77)).start()
tap.equal("a merchant who does not exist: closed", unknown.wait_closed(), 1011)
tap.ok("and its reason", relay.logged("call=CA91 reason=merchant-unknown"))
relay.sql("UPDATE merchants SET active=0")
paused = Phone(relay, "CA92").start()
paused.wait_closed()
tap.ok("a merchant who pauses is as good as unknown", relay.logged("call=CA92 reason=merchant-unknown"))

bystander.stop()
tap.equal("the other call ends as it should", bystander.wait_closed(), 1000)
wait_for(lambda: relay.metric("calls") == 0 and relay.metric("pending_sockets") == 0)
tap.equal("nothing is left over", [relay.metric("calls"), relay.metric("pending_sockets"),
                                   relay.metric("pool_used_bytes")], [0, 0, 0])
tap.ok("the log is short all the same", len(relay.log().splitlines()) < 200, len(relay.log().splitlines()))
tap.ok("and has no line of a bug", "bug:" not in relay.log())
tap.equal("SIGTERM: exit code 0", relay.stop(), 0)
tap.finish()
