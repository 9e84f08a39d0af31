"""Calls with TLS on both legs, by Python's OpenSSL as the other side: bytes unharmed, certificates checked."""
import os
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import PATIENCE_S, Grok, Phone, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
folder = tempfile.TemporaryDirectory()
work = folder.name


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=work)


def certificate(name, host, issuer="ca", days="2"):
    with open(f"{work}/{name}.ext", "w", encoding="ascii") as f:
        f.write(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:false\n")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial",
            "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")


for ca in ("ca", "stranger"):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj",
            f"/CN={ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
certificate("good", "localhost")
certificate("other", "elsewhere.example.com")
certificate("foreign", "localhost", issuer="stranger")


def server(name, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{work}/{name}.pem", f"{work}/{name}.key")
    if version:
        context.minimum_version = context.maximum_version = version
    return context


client = ssl.create_default_context(cafile=work + "/ca.pem")


def relay_for(grok, **settings):
    return Relay(grok, GROK_URL=f"wss://localhost:{grok.port}/v1/realtime", GROK_CA_FILE=work + "/ca.pem",
                 RELAY_TLS_CERT=work + "/good.pem", RELAY_TLS_KEY=work + "/good.key",
                 **{"RELAY_THREADS": 1, **settings})


for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    word = version.name
    grok = Grok(tls=server("good", version))
    relay = relay_for(grok)
    for number in range(3):
        phone = Phone(relay, f"CA{number}", tls=client).start()
        session = grok.next()
        tap.ok(f"{word}, call {number}: the greeting is heard", wait_for(lambda: phone.heard == b"\x55" * 4000),
               relay.log()[-500:])
        said = os.urandom(16000)
        for at in range(0, len(said), 160):
            phone.media(said[at:at + 160])
        tap.ok(f"{word}, call {number}: the caller is heard, byte for byte", wait_for(lambda: session.audio == said))
        answer = bytes(range(128)) * 500
        session.answer(answer, "A long answer.")
        tap.ok(f"{word}, call {number}: a long answer too", wait_for(lambda: phone.heard[4000:] == answer))
        phone.stop()
        tap.equal(f"{word}, call {number}: ends normally", phone.wait_closed(), 1000)
    wait_for(lambda: relay.metric("model_tls_resumed_total") >= 1, 2)
    print(f"# {word}: {relay.metric('model_tls_resumed_total'):.0f} of 3 sessions with Grok were resumed")
    wait_for(lambda: relay.metric("calls") == 0)
    tap.equal(f"{word}: nothing is left over", [relay.metric("calls"), relay.metric("pool_used_bytes")], [0, 0])
    tap.equal(f"{word}: exit code 0", relay.stop(), 0)

for name, what in (("other", "for another host"), ("foreign", "of an authority that we do not trust")):
    grok = Grok(tls=server(name))
    relay = relay_for(grok)
    phone = Phone(relay, "CA1", tls=client).start()
    tap.equal(f"a certificate {what}: the call ends", phone.wait_closed(), 1011)
    tap.ok(f"a certificate {what}: Grok counts as unreachable", relay.logged("call=CA1 reason=grok-unreachable"))
    tap.ok(f"a certificate {what}: the log says what is wrong", relay.logged("grok connection failed .*text=\".*cert|"
                                                                           "grok connection failed .*(host|domain|CA)"),
           relay.log()[-600:])
    tap.equal(f"a certificate {what}: nothing was said to it", [s.got for s in grok.sessions], [])
    relay.stop()

grok = Grok(tls=server("good"))
relay = relay_for(grok, RELAY_HANDSHAKE_MS=2000)
sock = socket.create_connection(("127.0.0.1", relay.port))
sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
sock.settimeout(PATIENCE_S)
try:
    while sock.recv(1000):
        pass
except OSError:
    pass
tap.ok("plain HTTP to the TLS port is turned away", relay.logged("door refused .*fault=tls"))
old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
old.set_ciphers("ALL:@SECLEVEL=0")
try:
    old.wrap_socket(socket.create_connection(("127.0.0.1", relay.port)))
    accepted = True
except OSError:
    accepted = False
tap.ok("TLS 1.1 is refused", not accepted)
phone = Phone(relay, "CA2", tls=client).start()
tap.ok("and a good call goes on", wait_for(lambda: len(phone.heard) == 4000))
phone.stop()
phone.wait_closed()
tap.equal("exit code 0", relay.stop(), 0)

# A session that waits in one ring thread, a TLS socket that another one accepted.
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    word = version.name
    grok = Grok(tls=server("good", version))
    relay = relay_for(grok, RELAY_THREADS=4, RELAY_SOCKET=work + "/relay.sock")
    client = ssl.create_default_context(cafile=work + "/ca.pem")
    client.minimum_version = client.maximum_version = version
    for number in range(24):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
            peer.connect(work + "/relay.sock")
            peer.send(f"receptionai 1 expect\ncall=CA{number}\nmerchant=1\ncaller=\ncalled=\n".encode())
            peer.recv(100)
    tap.ok(f"{word}: sessions greet before their calls",
           wait_for(lambda: sum("conversation.item.create" in s.kinds() for s in grok.sessions) == 24))
    phones = [Phone(relay, f"CA{number}", tls=client).start() for number in range(24)]
    tap.ok(f"{word}: every caller hears it", wait_for(lambda: all(p.heard == b"\x55" * 4000 for p in phones)))
    for phone in phones:
        phone.media(b"\x2a" * 160)
    tap.ok(f"{word}: and is heard", wait_for(lambda: all(s.audio == b"\x2a" * 160 for s in grok.sessions)))
    for phone in phones:
        phone.stop()
    tap.ok(f"{word}: all end normally", wait_for(lambda: all(p.closed == 1000 for p in phones)))
    tap.ok(f"{word}: all were claimed", wait_for(lambda: relay.metric("warm_claimed_total") == 24))
    wait_for(lambda: relay.metric("calls") == 0)
    tap.equal(f"{word}: no memory is left with anybody", [relay.metric("calls"), relay.metric("pool_used_bytes")], [0, 0])
    tap.equal(f"{word}: exit code 0", relay.stop(), 0)
tap.finish()
