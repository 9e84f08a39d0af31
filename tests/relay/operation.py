"""How the relay is run: settings, limits, signals, certificates, the admin pages, a database in trouble, sd_notify."""
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, PATIENCE_S, Grok, Phone, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
PROGRAM = BUILDDIR + "/receptionai-relay"
grok = Grok()


def run(*arguments, **settings):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=PATIENCE_S,
                          env={"PATH": os.environ["PATH"], "RECEPTIONAI_CONF": "/dev/null", **settings})
    return done.returncode, done.stdout, done.stderr


# --- the command line and the settings -----------------------------------------------------------------

code, out, err = run("--help")
tap.ok("--help names signals and settings", code == 0 and "SIGHUP" in out and "RELAY_MAX_CALLS" in out)
tap.equal("--version", run("--version")[0], 0)
tap.ok("an unknown option: exit code 2 and a hint", run("--nonsense")[0] == 2 and "--help" in run("--nonsense")[2])
code, out, err = run("--check-config", STREAM_TOKEN_SECRET="s" * 32, XAI_API_KEY="very-secret")
tap.ok("--check-config prints the settings, never a secret", code == 0 and "RELAY_LISTEN" in out and
       "very-secret" not in out + err, out + err)
for name, wanted, settings in (
        ("a number out of bounds", "RELAY_MAX_CALLS", {"RELAY_MAX_CALLS": "0"}),
        ("no key for tokens", "STREAM_TOKEN_SECRET", {}),
        ("a Grok URL that is none", "GROK_URL", {"GROK_URL": "https://api.x.ai/", "STREAM_TOKEN_SECRET": "s" * 32}),
        ("a key with a line break in it", "XAI_API_KEY", {"XAI_API_KEY": "a\r\nHost: b", "STREAM_TOKEN_SECRET": "s" * 32}),
        ("a certificate without its key", "RELAY_TLS_KEY", {"RELAY_TLS_CERT": "/etc/hostname", "STREAM_TOKEN_SECRET":
                                                           "s" * 32})):
    code, out, err = run("--check-config", **settings)
    tap.ok(f"{name}: refused with its name", code == 1 and wanted in err, (code, err))

relay = Relay(grok, RELAY_MAX_CALLS=3, RELAY_DRAIN_S=30)
code, out, err = run(RELAY_LISTEN=f"127.0.0.1:{relay.port}", STREAM_TOKEN_SECRET="s" * 32, RELAY_ADMIN_LISTEN="",
                     RECEPTIONAI_DB=relay.work + "/other.db", GROK_URL=relay.settings["GROK_URL"])
tap.ok("a port that another relay has: refused with the address", code == 1 and f"127.0.0.1:{relay.port}" in err and
       "in use" in err, (code, err[-300:]))
tap.ok("the start line names what was found", "ring ready" in relay.log() and "tls ready" in relay.log())

# --- limits and the admin pages ------------------------------------------------------------------------

phones = [Phone(relay, f"CA{i}").start() for i in range(3)]
wait_for(lambda: all(len(p.heard) == 4000 for p in phones))
tap.equal("one call too many: 503", Phone(relay, "CA4").status, 503)
wait_for(lambda: relay.metric("calls") == 3)
tap.equal("/readyz says full", relay.get("/readyz"), (503, "full\n"))
tap.equal("/healthz says ok", relay.get("/healthz"), (200, "ok\n"))
wait_for(lambda: relay.metric("sockets_refused_full_total") == 1)
tap.equal("the refusal is counted", relay.metric("sockets_refused_full_total"), 1)
tap.equal("an unknown page: 404", relay.get("/nonsense")[0], 404)


def admin(data):
    sock = socket.create_connection(("127.0.0.1", relay.admin_port))
    sock.settimeout(PATIENCE_S)
    answer = b""
    try:
        sock.sendall(data)
        while more := sock.recv(65536):
            answer += more
    except OSError:
        pass
    return answer


tap.ok("admin: POST is refused", admin(b"POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 405"))
tap.ok("admin: HEAD has no body", admin(b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"\r\n\r\n"))
tap.ok("admin: garbage is refused", admin(b"\x00\x01\x02\r\n\r\n").startswith(b"HTTP/1.1 400"))
tap.ok("admin: an endless header is refused", admin(b"GET / HTTP/1.1\r\nA: " + b"b" * 20000).startswith(b"HTTP/1.1 4"))
idle = [socket.create_connection(("127.0.0.1", relay.admin_port)) for _ in range(16)]
tap.equal("admin: sixteen silent clients are dropped in time", wait_for(lambda: relay.get("/healthz")[0]), 200)
for sock in idle:
    sock.close()

# --- draining ------------------------------------------------------------------------------------------

for phone in phones[1:]:
    phone.stop()
    phone.wait_closed()
relay.process.send_signal(signal.SIGTERM)
tap.ok("SIGTERM: draining", relay.logged("relay draining calls=1"))
wait_for(lambda: relay.get("/readyz") == (503, "draining\n"))
tap.equal("draining: /readyz says so", relay.get("/readyz"), (503, "draining\n"))


def door_is_shut():
    try:
        return Phone(relay, f"CA{time.monotonic()}").status != 101
    except OSError:
        return True


tap.ok("draining: no new calls", wait_for(door_is_shut))
phones[0].media(b"\x01" * 160)
session = grok.sessions[0]
tap.ok("draining: the call that is left goes on", wait_for(lambda: any(s.audio == b"\x01" * 160 for s in grok.sessions)))
tap.ok("draining: the relay is still there", relay.process.poll() is None)
phones[0].stop()
tap.equal("draining: the last call ends normally", phones[0].wait_closed(), 1000)
tap.equal("draining: then the relay ends with 0", relay.stop(), 0)

relay = Relay(grok, RELAY_DRAIN_S=1)
phone = Phone(relay, "CA20").start()
wait_for(lambda: len(phone.heard) == 4000)
began = time.monotonic()
tap.equal("a drain that takes too long ends with 0", relay.stop(), 0)
tap.ok("not before RELAY_DRAIN_S", 0.9 < time.monotonic() - began, time.monotonic() - began)
tap.equal("the call was closed as going away", phone.wait_closed(), 1001)
tap.equal("and is in the database with its reason", relay.row("SELECT end_reason FROM calls WHERE call_sid='CA20'"),
          "shutdown")

relay = Relay(grok)
phone = Phone(relay, "CA21").start()
wait_for(lambda: len(phone.heard) == 4000)
relay.process.send_signal(signal.SIGTERM)
relay.logged("relay draining")
tap.equal("a second SIGTERM ends at once, with 0", relay.stop(), 0)
tap.equal("the call was told", phone.wait_closed(), 1001)

relay = Relay(grok)
phone = Phone(relay, "CA22").start()
wait_for(lambda: len(phone.heard) == 4000)
relay.process.kill()
relay.process.wait()
relay.start()
phone = Phone(relay, "CA23")
tap.ok("after kill -9 it starts again on the same database", phone.status == 101)
phone.cut()
tap.equal("and the database is sound", relay.row("PRAGMA integrity_check"), "ok")
relay.stop()

# --- the database in trouble ---------------------------------------------------------------------------

relay = Relay(grok, RECEPTIONAI_DB="/nonexistent/folder/x.db")
tap.ok("without a database it starts, and says so", relay.logged("desk database unusable"))
phone = Phone(relay, "CA30").start()
tap.equal("a call is ended politely", phone.wait_closed(), 1011)
tap.ok("with its reason", relay.logged("call=CA30 reason=database"))
tap.equal("and the relay goes on", [relay.get("/healthz")[0], relay.stop()], [200, 0])

relay = Relay(grok)
phone = Phone(relay, "CA31").start()
wait_for(lambda: len(phone.heard) == 4000)


def lock(database):
    holder = subprocess.Popen(["/usr/bin/python3", "-c", f"""
import sqlite3, time
db = sqlite3.connect({database!r}, isolation_level=None)
db.execute("BEGIN IMMEDIATE"); print("locked", flush=True); time.sleep(300)"""], stdout=subprocess.PIPE)
    holder.stdout.readline()
    return holder


locker = lock(relay.database)
phone.stop()
tap.equal("a locked database holds the end up only so long", phone.wait_closed(), 1000)
tap.ok("it is logged, and kept", relay.logged("desk order kept kind=end"))
locker.kill()
locker.wait()
phone = Phone(relay, "CA32").start()
wait_for(lambda: len(phone.heard) == 4000)
phone.stop()
phone.wait_closed()
tap.equal("and the next call is recorded again", phone.ended_in_database, "caller-hung-up")
tap.equal("the one before it, too", relay.row("SELECT end_reason FROM calls WHERE call_sid = 'CA31'"), "caller-hung-up")
locker = lock(relay.database)
phone = Phone(relay, "CA33").start()
wait_for(lambda: len(phone.heard) == 4000)
tap.ok("while it is locked a call begins, of which nothing is written",
       relay.logged("desk order kept kind=answer") and not relay.sql("SELECT * FROM calls WHERE call_sid = 'CA33'"))
locker.kill()
locker.wait()
phone.stop()
phone.wait_closed()
tap.equal("what was missed is told with its end", relay.sql("SELECT end_reason, created_ms <= started_ms, "
          "answered_ms BETWEEN started_ms AND ended_ms FROM calls WHERE call_sid = 'CA33'"), [("caller-hung-up", 1, 1)])
relay.stop()

# --- TLS -----------------------------------------------------------------------------------------------

work = relay.work


def certificate(name, common_name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", f"/CN={common_name}", "-keyout", f"{work}/{name}.key", "-out", f"{work}/{name}.pem"],
                   check=True, capture_output=True)


def served_name(port):
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    shown = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, text=True, capture_output=True)
    return re.search(r"CN ?= ?(\S+)", shown.stdout).group(1)


certificate("a", "first.example.com")
relay = Relay(grok, RELAY_TLS_CERT=work + "/a.pem", RELAY_TLS_KEY=work + "/a.key")
tap.equal("the certificate is served", served_name(relay.port), "first.example.com")
certificate("b", "second.example.com")
os.replace(work + "/b.pem", work + "/a.pem")
os.replace(work + "/b.key", work + "/a.key")
relay.process.send_signal(signal.SIGHUP)
tap.ok("SIGHUP: reloaded", relay.logged("relay certificate reloaded"))
tap.equal("the new one is served", wait_for(lambda: served_name(relay.port) == "second.example.com"), True)
with open(work + "/a.pem", "w", encoding="ascii") as f:
    f.write("nonsense")
relay.process.send_signal(signal.SIGHUP)
tap.ok("a broken certificate is refused, in the log", relay.logged("relay certificate not reloaded"))
tap.equal("and the old one stays", served_name(relay.port), "second.example.com")
tap.equal("both are counted", [relay.metric("certificate_reloads_total"),
                               relay.metric("certificate_reloads_failed_total")], [1, 1])
relay.stop()
code, out, err = run(RELAY_TLS_CERT=work + "/a.pem", RELAY_TLS_KEY=work + "/a.key", STREAM_TOKEN_SECRET="s" * 32,
                     RELAY_LISTEN="127.0.0.1:0", RELAY_ADMIN_LISTEN="", RECEPTIONAI_DB=work + "/t.db")
tap.ok("it does not start with a broken certificate, and says why", code == 1 and "a.pem" in err, err[-300:])

# --- the supervisor ------------------------------------------------------------------------------------

path = work + "/notify"
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(path)
notify.settimeout(PATIENCE_S)
relay = Relay(grok, NOTIFY_SOCKET=path, WATCHDOG_USEC=2000000)
tap.ok("systemd is told when it is ready", b"READY=1" in notify.recv(1000))
tap.equal("and that it is alive", notify.recv(1000), b"WATCHDOG=1")
relay.process.terminate()
words = b""
while b"STOPPING=1" not in words:
    words = notify.recv(1000)
tap.ok("and when it stops", b"STOPPING=1" in words)
tap.equal("exit code 0", relay.stop(), 0)
relay = Relay(grok, RELAY_AUTH="off")
tap.ok("an open relay warns loudly", "OPEN TO ANYBODY" in relay.log())
phone = Phone(relay, "CA40", "/anything").start(merchantId="1")
tap.ok("and takes a call by its parameters", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()
phone = Phone(relay, "CA41", "/anything").start(calledNumber="+15550100")
tap.ok("or by the number that was called", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()
phone = Phone(relay, "CA42", "/anything").start()
tap.equal("but not without either", [phone.wait_closed(), phone.ended_in_database], [1011, None])
tap.equal("exit code 0 again", relay.stop(), 0)
tap.finish()
