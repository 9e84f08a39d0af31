"""--check tells each fault of a set-up by its name, and what to change; a set-up that is right has nothing to mend."""
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, here + "/../relay"]
from api import Api  # noqa: E402
from front import Front  # noqa: E402
from lab import BUILDDIR, PATIENCE_S, SECRET, SRCDIR, Grok, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
CERTS = SRCDIR + "/tests/unit/certs"
TOKEN = "12345"
work = tempfile.mkdtemp(prefix="receptionai-check-test.")
api = Api()
relay = Relay(Grok(status=404), RELAY_SOCKET=work + "/relay.socket", RELAY_URL="wss://localhost/media-stream")
front = Front(f"{CERTS}/server.pem", relay_port=relay.port)
settings = {
    "RECEPTIONAI_CONF": "/dev/null", "RECEPTIONAI_DB": relay.database, "TWILIO_AUTH_TOKEN": TOKEN,
    "STREAM_TOKEN_SECRET": SECRET, "PUBLIC_URL": front.url(), "RELAY_URL": front.url("ws", path="/media-stream"),
    "RELAY_SOCKET": work + "/relay.socket", "RELAY_SOCKET_MS": "5000", "SSL_CERT_FILE": f"{CERTS}/ca.pem"}
front.settings = dict(settings)
relay_settings = {**relay.settings, **settings, "RELAY_LISTEN": f"127.0.0.1:{relay.port}",
                  "RELAY_ADMIN_LISTEN": f"127.0.0.1:{relay.admin_port}", "RELAY_MAX_CALLS": "20"}


def run(program, base, *arguments, **changes):
    done = subprocess.run([f"{BUILDDIR}/receptionai-{program}", "--check", *arguments], capture_output=True, text=True,
                          timeout=PATIENCE_S, env={"PATH": os.environ["PATH"], **base, **changes}, check=False)
    return done.returncode, done.stdout + done.stderr


def webhook(*arguments, **changes):
    return run("webhook", settings, *arguments, **changes)


def of_relay(*arguments, **changes):
    return run("relay", relay_settings, *arguments, **changes)


def says(name, result, kind, *words):
    """A line of that kind holds all the words; FAIL is what the exit code says, too."""
    code, out = result
    found = any(line.startswith(kind) and all(word in line for word in words) for line in out.splitlines())
    tap.ok(name, found and (kind != "FAIL" or code == 1), out)


def fault(name, kind, *words):
    front.fault = name
    result = webhook()
    front.fault = None
    says(f"a web server with the fault \"{name}\" is told apart", result, kind, *words)


wait_for(lambda: relay.get("/readyz")[0] == 200)

# --- what is right --------------------------------------------------------------------------------------

code, out = webhook()
tap.ok("a webhook that is set up well has nothing to mend", code == 0 and "FAIL" not in out, out)
for line in ("OK   RECEPTIONAI_DB: ", "OK   PUBLIC_URL: the certificate of localhost", "OK   PUBLIC_URL: the webhook answers",
             "OK   PUBLIC_URL: a request that is signed as Twilio signs is believed", "OK   RELAY_URL: the certificate",
             "OK   RELAY_URL: a WebSocket may be opened", "OK   RELAY_SOCKET: the relay answers", "OK   clock: agrees",
             ", 0 to mend"):
    tap.ok(f"it says: {line}", line in out, out)
tap.equal("nothing was written", relay.row("SELECT count(*) FROM calls"), 0)
tap.ok("and nothing was logged as a fault", not re.search(": (warn|error): (db|call)", front.log), front.log)
code, out = of_relay()
tap.ok("a relay that is set up well has nothing to mend", code == 0 and "FAIL" not in out, out)
for line in ("OK   RECEPTIONAI_DB: ", "OK   RECEPTIONAI_SPOOL: ", "OK   nofile: ", "OK   memlock: ",
             "OK   RELAY_LISTEN: a relay runs", "OK   RELAY_URL: a WebSocket may be opened"):
    tap.ok(f"it says: {line}", line in out, out)
tap.ok("it says how its sockets will be driven", re.search(r"^(OK|WARN) +io_uring: ", out, re.M), out)
tap.equal("no call began", relay.metric("calls_started_total"), 0)
tap.ok("no key went out unasked", api.asked == [] and "were not tried" in out, api.asked)
tap.ok("no secret is shown", TOKEN not in out.replace(str(front.port), "") and SECRET not in out, out)
tap.equal("--ask without --check is refused", subprocess.run([f"{BUILDDIR}/receptionai-webhook", "--ask"], check=False,
                                                             capture_output=True).returncode, 2)

for name, wanted in (("PUBLIC_URL", "PUBLIC_URL must be an origin"), ("RELAY_URL", "RELAY_URL must be a wss: URL"),
                     ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN is empty")):
    code, out = webhook(**{name: ""})
    tap.ok(f"a webhook without {name} looks at nothing, and says so", code == 78 and wanted in out and "OK   " not in out, out)
code, out = of_relay(STREAM_TOKEN_SECRET="", TWILIO_AUTH_TOKEN="")
tap.ok("a relay without a key for tokens looks at nothing, and says so", code == 1 and "STREAM_TOKEN_SECRET" in out and
       "OK   " not in out, out)

# --- the web server in front ----------------------------------------------------------------------------

fault("redirect", "FAIL", "PUBLIC_URL", "redirected (301) to https://www.example.com/healthz", "enter the one")
fault("password", "FAIL", "PUBLIC_URL", "401", "password")
fault("not found", "FAIL", "PUBLIC_URL", "404", "route /healthz")
fault("no backend", "FAIL", "PUBLIC_URL", "502", "is it running")
fault("other site", "FAIL", "PUBLIC_URL", "something else has this host")
fault("nonsense", "FAIL", "PUBLIC_URL", "no HTTP answer")
fault("no query", "FAIL", "PUBLIC_URL", "signed as Twilio signs is refused (403)", "proxy")
fault("no upgrade", "FAIL", "RELAY_URL", "does not pass the wish")
fault("no connection", "FAIL", "RELAY_URL", "does not pass the wish")
fault("clock", "FAIL", "clock", "seconds apart", "timesyncd")
says("another token than the webhook's that runs", webhook(TWILIO_AUTH_TOKEN="other"), "FAIL", "refused (403)",
     "another TWILIO_AUTH_TOKEN")
front.settings["TWILIO_ACCOUNT_SID"] = "ACother"
says("another account than the webhook's that runs", webhook(), "FAIL", "refused (403)", "TWILIO_ACCOUNT_SID")
del front.settings["TWILIO_ACCOUNT_SID"]
front.settings["PUBLIC_URL"] = "https://old.example.com"
says("another PUBLIC_URL than the webhook's that runs", webhook(), "FAIL", "refused (403)", "PUBLIC_URL")
front.settings["PUBLIC_URL"] = front.url()
front.settings["RECEPTIONAI_DB"] = work + "/nowhere/x.db"
says("a webhook that runs without a database", webhook(), "FAIL", "has no database")
front.settings["RECEPTIONAI_DB"] = relay.database
front.relay_port = 1
says("a relay that the proxy does not find", webhook(), "FAIL", "RELAY_URL", "502", "RELAY_LISTEN")
front.relay_port = relay.port

# --- names and certificates -----------------------------------------------------------------------------

free = socket.create_server(("127.0.0.1", 0))
closed_port = free.getsockname()[1]
free.close()
says("a name that DNS does not know", webhook(PUBLIC_URL="https://voice.invalid"), "FAIL", "not known to DNS")
says("a port that is closed", webhook(PUBLIC_URL=f"https://127.0.0.1:{closed_port}"), "FAIL", "nobody answers")
says("an address of a private network", webhook(PUBLIC_URL=front.url(host="127.0.0.1")), "WARN", "private network")
says("a URL without TLS", webhook(RELAY_URL=f"ws://127.0.0.1:{relay.port}/media-stream"), "FAIL", "RELAY_URL", "wss: only")
says("a URL in capitals, which is the same", webhook(RELAY_URL=settings["RELAY_URL"].replace("wss:", "WSS:")), "OK", "RELAY_URL",
     "a WebSocket may be opened")
says("a port without TLS", webhook(RELAY_URL=f"wss://127.0.0.1:{relay.port}/media-stream"), "FAIL", "RELAY_URL",
     "speaks no TLS")


def certificate(name, cert, *words, kind="FAIL", ca=f"{CERTS}/ca.pem", key=None):
    bad = Front(cert, key, relay_port=relay.port)
    bad.settings = {**settings, "PUBLIC_URL": bad.url()}
    result = webhook(PUBLIC_URL=bad.url(), SSL_CERT_FILE=ca)
    says(name, result, kind, "PUBLIC_URL", *words)
    tap.ok("and what stands behind it is looked at all the same", "the webhook answers at" in result[1], result[1])


certificate("a certificate that has ended", f"{CERTS}/expired.pem", "expired", "renew it")
certificate("a certificate of a time to come", f"{CERTS}/future.pem", "not yet valid", "clock")
certificate("a certificate of another host", f"{CERTS}/elsewhere.pem", "subject name", "another host")
certificate("a certificate of an authority that nobody knows", f"{CERTS}/unknown.pem", "does not hold")


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=work, check=True, capture_output=True, timeout=PATIENCE_S)


def make(name, days, *extra):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
            "-out", name + ".pem", "-subj", "/CN=" + name, "-days", str(days), *extra)


make("root", 3650)
make("between", 3650, "-CA", "root.pem", "-CAkey", "root.key", "-addext", "basicConstraints=critical,CA:TRUE")
make("short", 9, "-CA", "between.pem", "-CAkey", "between.key", "-addext", "subjectAltName=DNS:localhost", "-addext",
     "basicConstraints=CA:FALSE")
certificate("a chain without its middle", work + "/short.pem", "local issuer", "the whole chain", ca=work + "/root.pem")
with open(work + "/full.pem", "w", encoding="ascii") as full:
    for part in ("short", "between"):
        full.write(open(f"{work}/{part}.pem", encoding="ascii").read())
certificate("a certificate that ends soon", work + "/full.pem", "ends in 8 days", "renew it", kind="WARN",
            ca=work + "/root.pem", key=work + "/short.key")
says("the relay's own certificate that ends soon", of_relay(RELAY_TLS_CERT=work + "/full.pem",
                                                             RELAY_TLS_KEY=work + "/short.key"), "WARN", "RELAY_TLS_CERT",
     "ends in 8 days")
says("the relay's own certificate that is another host's", of_relay(RELAY_TLS_CERT=f"{CERTS}/elsewhere.pem",
                                                                     RELAY_TLS_KEY=f"{CERTS}/elsewhere.key"), "FAIL",
     "RELAY_TLS_CERT", "not for localhost")
says("the relay's own certificate that has ended", of_relay(RELAY_TLS_CERT=f"{CERTS}/expired.pem",
                                                             RELAY_TLS_KEY=f"{CERTS}/expired.key"), "FAIL",
     "RELAY_TLS_CERT", "ended on 2021-01-01")
says("a key that is not the certificate's", of_relay(RELAY_TLS_CERT=f"{CERTS}/server.pem",
                                                     RELAY_TLS_KEY=f"{CERTS}/rsa.key"), "FAIL", "RELAY_TLS_CERT",
     "does not belong")

# --- the host -------------------------------------------------------------------------------------------

says("no database", webhook(RECEPTIONAI_DB=work + "/none.db"), "FAIL", "RECEPTIONAI_DB", "No such file")
with open(work + "/text.db", "w", encoding="ascii") as text:
    text.write("this is no database, and never was one\n" * 100)
says("a file that is no database", webhook(RECEPTIONAI_DB=work + "/text.db"), "FAIL", "RECEPTIONAI_DB", "not a database")
other = sqlite3.connect(work + "/other.db")
other.execute("CREATE TABLE merchants(x)")
other.close()
says("somebody else's database", webhook(RECEPTIONAI_DB=work + "/other.db"), "FAIL", "not a database of ReceptionAI")
newer = sqlite3.connect(work + "/newer.db")
with sqlite3.connect(relay.database) as current:
    current.backup(newer)
current.close()
newer.execute("PRAGMA user_version = 99")
newer.close()
says("a database of a newer version", webhook(RECEPTIONAI_DB=work + "/newer.db"), "FAIL", "newer version")
newer = sqlite3.connect(work + "/newer.db")
newer.execute("PRAGMA user_version = 1")
newer.close()
says("a database of an older version", webhook(RECEPTIONAI_DB=work + "/newer.db"), "WARN", "back it up")
newer = sqlite3.connect(work + "/newer.db")
tap.equal("it is left as it is", newer.execute("PRAGMA user_version").fetchone(), (1,))
newer.close()
locker = sqlite3.connect(relay.database, isolation_level=None)
locker.execute("BEGIN IMMEDIATE")
says("a database that somebody keeps locked", webhook(), "FAIL", "RECEPTIONAI_DB", "database is locked")
locker.execute("ROLLBACK")
locker.close()
relay.sql("UPDATE merchants SET active = 0")
says("no active merchant", webhook(), "WARN", "no merchant is active")
relay.sql("UPDATE merchants SET active = 1")
says("no spool folder", of_relay(RECEPTIONAI_SPOOL=work + "/none"), "FAIL", "RECEPTIONAI_SPOOL", "make the folder")
says("a disk that is nearly full", of_relay(SPOOL_FREE_MB="1000000"), "FAIL", "RECEPTIONAI_SPOOL", "make room")
says("a relay that does not run", webhook(RELAY_SOCKET=work + "/none.socket"), "FAIL", "RELAY_SOCKET", "no relay answers")
says("no relay socket", webhook(RELAY_SOCKET=""), "WARN", "RELAY_SOCKET", "is empty")
says("a port that somebody else has", of_relay(RELAY_LISTEN=f"127.0.0.1:{api.port}", RELAY_ADMIN_LISTEN=""), "WARN",
     "RELAY_LISTEN", "ss -ltnp")
says("a free port", of_relay(RELAY_LISTEN=f"127.0.0.1:{closed_port}"), "OK", "RELAY_LISTEN", "is free")
says("a socket in a folder that is not there", of_relay(RELAY_SOCKET=work + "/none/relay.socket"), "FAIL", "RELAY_SOCKET",
     "make the folder")
says("a socket where something else is", of_relay(RELAY_CONTROL="/dev/null"), "FAIL", "RELAY_CONTROL", "is no socket")
says("an address of metrics that is none", of_relay(RELAY_ADMIN_LISTEN="9090"), "FAIL", "RELAY_ADMIN_LISTEN", "not HOST:PORT")
says("a relay that is open to anybody", of_relay(RELAY_AUTH="off"), "WARN", "RELAY_AUTH", "set it to token")
says("a Grok that cannot be reached", of_relay(GROK_URL=f"wss://127.0.0.1:{closed_port}/v1/realtime"), "FAIL", "GROK_URL",
     "nobody answers")
says("no API key", of_relay(XAI_API_KEY=""), "FAIL", "XAI_API_KEY", "is empty")
done = subprocess.run(["bash", "-c", f"ulimit -n 100; exec {BUILDDIR}/receptionai-relay --check"], capture_output=True,
                      text=True, timeout=PATIENCE_S, env={"PATH": os.environ["PATH"], **relay_settings}, check=False)
says("too few files", (done.returncode, done.stdout), "WARN", "nofile", "LimitNOFILE=")



def elsewise(prefix, program, base, **changes):
    """The same with something in front of it: other rights, a tighter system."""
    done = subprocess.run([*prefix, f"{BUILDDIR}/receptionai-{program}", "--check"], capture_output=True, text=True,
                          timeout=PATIENCE_S, env={"PATH": os.environ["PATH"], **base, **changes}, check=False)
    return done.returncode, done.stdout + done.stderr


tight = [f"{BUILDDIR}/tests/doctor/without_uring"]
says("io_uring is forbidden, and asked for", elsewise(tight, "relay", relay_settings, RELAY_IO="uring"), "FAIL", "io_uring",
     "Operation not permitted", "RELAY_IO=epoll")
says("io_uring is forbidden, and not insisted on", elsewise(tight, "relay", relay_settings), "WARN", "io_uring",
     "a third more")
says("epoll is asked for", elsewise(tight, "relay", relay_settings, RELAY_IO="epoll"), "OK", "RELAY_IO", "is epoll")
if os.geteuid() == 0:
    # As somebody who owns nothing. The build may stand where he may not look: the program comes to him.
    stranger = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    os.chmod(work, 0o755)
    os.chmod(relay.work, 0o755)
    os.chmod(relay.spool, 0o755)
    for name in ("relay", "webhook", "webhook-check"):
        shutil.copy(f"{BUILDDIR}/receptionai-{name}", f"{work}/receptionai-{name}")
    builddir, BUILDDIR = BUILDDIR, work
    result = elsewise(stranger, "relay", relay_settings)
    BUILDDIR = builddir
    says("a database of somebody else's", result, "FAIL", "RECEPTIONAI_DB", "give the file and its folder")
    says("a spool folder of somebody else's", result, "FAIL", "RECEPTIONAI_SPOOL", "Permission denied", "give it to")
    says("whose rights these are is told", result, "OK", "user", "nobody")

# --- the accounts, when asked ---------------------------------------------------------------------------

api.numbers["+15550100"] = {"voice_url": front.url(path="/api/twilio/incoming"), "voice_method": "POST",
                            "status_callback": front.url(path="/api/twilio/status")}
asks = {"TWILIO_API_URL": f"http://127.0.0.1:{api.port}/2010-04-01", "TWILIO_ACCOUNT_SID": "ACgood"}
result = webhook("--ask", **asks)
says("an account that is active", result, "OK", "TWILIO_ACCOUNT_SID", "active (Full)")
says("a number that asks this set-up, masked", result, "OK", "number", "+******00", "asks this set-up")
tap.ok("the number is not shown", "5550100" not in result[1], result[1])
api.numbers["+15550100"]["voice_url"] = "https://demo.twilio.com/welcome/voice/"
says("a number that asks somebody else", webhook("--ask", **asks), "FAIL", "number", "demo.twilio.com",
     "/api/twilio/incoming")
api.numbers["+15550100"].update(voice_url=front.url(path="/api/twilio/incoming"), status_callback="")
says("a number without a status callback", webhook("--ask", **asks), "WARN", "number", "/api/twilio/status")
api.numbers.clear()
says("a number that is not the account's", webhook("--ask", **asks), "FAIL", "number", "not this account's")
api.account["status"] = "suspended"
says("a suspended account", webhook("--ask", **asks), "FAIL", "TWILIO_ACCOUNT_SID", "suspended")
says("a wrong token", webhook("--ask", **{**asks, "TWILIO_AUTH_TOKEN": "99999"}), "FAIL", "TWILIO_AUTH_TOKEN",
     "does not know this token")
says("a wrong account", webhook("--ask", **{**asks, "TWILIO_ACCOUNT_SID": "ACwrong"}), "FAIL", "TWILIO_ACCOUNT_SID",
     "no such account")
voice = {"GROK_URL": f"ws://127.0.0.1:{api.port}/v1/realtime"}
api.keys["test-key"] = (200, {"redacted_api_key": "x", "api_key_blocked": False, "api_key_disabled": False})
says("a good API key", of_relay("--ask", **voice), "OK", "XAI_API_KEY", "is accepted")
tap.ok("it was asked about, not used", api.asked[-1] == "/v1/api-key", api.asked)
api.keys["test-key"][1]["api_key_disabled"] = True
says("a disabled API key", of_relay("--ask", **voice), "FAIL", "XAI_API_KEY", "api_key_disabled")
says("a wrong API key", of_relay("--ask", XAI_API_KEY="wrong-key", **voice), "FAIL", "XAI_API_KEY", "not accepted")
says("a second provider's key", of_relay("--ask", FALLBACK_URL=voice["GROK_URL"], FALLBACK_API_KEY="no", **voice), "FAIL",
     "FALLBACK_API_KEY", "not accepted")

bad = Front(f"{CERTS}/unknown.pem")
result = of_relay("--ask", GROK_URL=bad.url("ws", path="/v1/realtime"), XAI_API_KEY="a-key-of-ours")
says("a provider that is not who it should be", result, "FAIL", "GROK_URL", "does not hold")
tap.ok("it was asked without the key, and nothing is said of that", bad.heads and "accepted" not in result[1] and
       not any("a-key-of-ours" in head for head in bad.heads), (bad.heads, result[1]))

if not os.environ.get("KEEP"):
    shutil.rmtree(work, ignore_errors=True)
tap.finish()
