#!/usr/bin/python3
"""A webhook and a relay for testing receptionai-sim-phone, from the standard library alone.

phone_stub.py PORTFILE LOGFILE [CERT KEY]   serves http and ws (https and wss with CERT) on one free loopback port.

It judges the phone as strictly as the phone judges a relay: what is wrong goes into LOGFILE as a line {"fault": ...};
every webhook request and stream is a line there too. What it answers is chosen by the path.
"""
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

from phone_answers import OTHER_ANSWERS, PLAIN_VERBS

TOKEN = b"12345"
LOUD = bytes([0x80, 0x00] * 80)
QUIET = bytes([0xFF] * 160)
lock = threading.Lock()
port = 0
log_path = sys.argv[2]
scheme = "wss" if len(sys.argv) > 4 else "ws"


def note(**facts):
    with lock, open(log_path, "a", encoding="utf-8") as f:
        f.write(json.dumps(facts) + "\n")


def sign(text):
    return base64.b64encode(hmac.new(TOKEN, text.encode(), hashlib.sha1).digest()).decode()


def twiml(body):
    return 200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response>%s</Response>' % body


def stream(path, action=""):
    return (
        '<Connect%s><Stream url="%s://127.0.0.1:%d%s" statusCallback="/stream-status">'
        '<Parameter name="merchantId" value="42"/><Parameter name="odd" value="&lt;&quot;&amp;ü"/></Stream></Connect>'
        % (action, scheme, port, path)
    )


def answer(path, form):
    """status, content type, body"""
    route = path.split("?")[0]
    if route.startswith("/call/"):
        return twiml(stream("/" + route[6:], ' action="/after?n=1"'))
    if route == "/then":
        return twiml(stream("/relay/hello") + "<Pause length=\"1\"/><Say>bye</Say>")
    if route == "/after":
        return twiml("<Say>Goodbye.</Say><Hangup/>")
    if route == "/redirect":
        return 307, "text/plain", "/call/relay/hello"
    if route in PLAIN_VERBS:
        return twiml(PLAIN_VERBS[route])
    if route == "/ill-formed":
        return 200, "text/xml", "<Response><Say>a & b</Say></Response>"
    if route in OTHER_ANSWERS:
        return OTHER_ANSWERS[route]
    if route in ("/status", "/stream-status"):
        return 204, "", ""
    return 404, "text/plain", "no such route"


class Peer:
    def __init__(self, sock):
        self.sock = sock
        self.data = b""

    def more(self):
        got = self.sock.recv(65536)
        if not got:
            raise EOFError
        self.data += got

    def need(self, n):
        while len(self.data) < n:
            self.more()
        out, self.data = self.data[:n], self.data[n:]
        return out

    def line(self):
        while b"\r\n" not in self.data:
            self.more()
        out, self.data = self.data.split(b"\r\n", 1)
        return out.decode()

    def frame(self, timeout=None):
        """opcode, payload; None at a timeout"""
        self.sock.settimeout(timeout)
        try:
            while len(self.data) < 2:
                self.more()
        except socket.timeout:
            return None
        self.sock.settimeout(60)
        first, second = self.need(2)
        if first & 0x70:
            note(fault="reserved bits are set")
        if not second & 0x80:
            note(fault="a frame is not masked")
        n = second & 0x7F
        if n == 126:
            n = struct.unpack("!H", self.need(2))[0]
        elif n == 127:
            n = struct.unpack("!Q", self.need(8))[0]
        key = self.need(4)
        payload = self.need(n)
        mask = (key * (n // 4 + 1))[:n]
        return first & 0x8F, (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(n, "big")

    def send(self, payload, opcode=0x81):
        if isinstance(payload, str):
            payload = payload.encode()
        n = len(payload)
        head = struct.pack("!BB", opcode, n) if n < 126 else struct.pack("!BBH", opcode, 126, n)
        if n > 65535:
            head = struct.pack("!BBQ", opcode, 127, n)
        self.sock.sendall(head + payload)

    def close(self, code):
        self.send(struct.pack("!H", code), 0x88)
        deadline = time.time() + 60
        try:
            while time.time() < deadline:
                got = self.frame(1)
                if got and got[0] == 0x88:
                    return
        except EOFError:
            pass


ORDERS = {
    "connected": ["event", "protocol", "version"],
    "start": ["event", "sequenceNumber", "start", "streamSid"],
    "media": ["event", "sequenceNumber", "media", "streamSid"],
    "dtmf": ["event", "streamSid", "sequenceNumber", "dtmf"],
    "mark": ["event", "sequenceNumber", "streamSid", "mark"],
    "stop": ["event", "sequenceNumber", "streamSid", "stop"],
}


class Relay:
    """One stream: reads what Twilio would say, checks it, keeps what tests want to know."""

    def __init__(self, peer, path):
        self.peer = peer
        self.path = path
        self.seed = "seed" in path
        self.sid = None
        self.facts = {"stream": path, "events": [], "marks": [], "digits": "", "frames": 0, "loud": 0, "out": 0}
        self.sequence = self.chunk = 1
        self.first_at, self.last_at, self.last_stamp = None, None, -1
        self.text = b""
        self.upgraded_at = time.time()  # before the other side can know

    def fault(self, what):
        note(fault=what, stream=self.path)

    def read(self, timeout=None):
        """The next event as a dict, None at a timeout, {'event': 'closed'} at the end."""
        try:
            got = self.peer.frame(timeout)
        except (EOFError, OSError):
            return {"event": "closed", "code": 1006}
        if got is None:
            return None
        opcode, payload = got
        if opcode == 0x88:
            code = struct.unpack("!H", payload[:2])[0] if payload else 1005
            return {"event": "closed", "code": code}
        if opcode & 0x0F > 1:
            self.fault("opcode %x" % opcode)
            return None
        self.text += payload
        if not opcode & 0x80:
            return self.read(timeout)
        text, self.text = self.text, b""
        if b" " in text.split(b'"payload"')[0] and b"start" not in text and b"mark" not in text:
            self.fault("the JSON is not compact")
        message = json.loads(text)
        self.check(message)
        return message

    def check(self, m):
        event = m["event"]
        self.facts["events"].append(event) if event not in ("media",) else None
        if not self.seed and list(m) != ORDERS[event]:
            self.fault("%s: order of members %s" % (event, list(m)))
        if event != "connected" and not self.seed:
            if m["sequenceNumber"] != str(self.sequence):
                self.fault("sequence %s instead of %d" % (m["sequenceNumber"], self.sequence))
            self.sequence += 1
        if self.sid and m.get("streamSid", self.sid) != self.sid:
            self.fault("another streamSid")
        if event == "start":
            self.sid = m["streamSid"]
            self.facts["start"] = m["start"]
        elif event == "media":
            self.check_media(m["media"])
        elif event == "mark":
            self.facts["marks"].append(m["mark"]["name"])
        elif event == "dtmf":
            self.facts["digits"] += m["dtmf"]["digit"]
        elif event == "stop" and m["stop"]["callSid"] != self.facts["start"]["callSid"]:
            self.fault("stop of another call")

    def check_media(self, media):
        if media["track"] == "outbound":
            self.facts["out"] += 1
            self.facts["out_loud"] = self.facts.get("out_loud", 0) + (sum(b in (0x80, 0x00) for b in base64.b64decode(media["payload"])) > 150)
            return
        payload = base64.b64decode(media["payload"], validate=True)
        now = time.time()
        if len(payload) != 160:
            self.fault("a frame of %d bytes" % len(payload))
        if not self.seed:
            if media["chunk"] != str(self.chunk):
                self.fault("chunk %s instead of %d" % (media["chunk"], self.chunk))
            self.chunk += 1
            if int(media["timestamp"]) <= self.last_stamp - 1:
                self.fault("timestamps run backwards")
            self.last_stamp = int(media["timestamp"])
        if self.first_at is None:
            self.first_at = now
            self.facts["first_frame_ms"] = int((now - self.upgraded_at) * 1000)
        self.last_at = now
        self.facts["frames"] += 1
        self.facts["loud"] += any(b & 0x7F < 0x60 for b in payload)
        self.payload = payload

    def say(self, event, **rest):
        self.peer.send(json.dumps({"event": event, "streamSid": self.sid, **rest}))

    def media(self, audio):
        self.say("media", media={"payload": base64.b64encode(audio).decode()})

    def mark(self, name):
        self.say("mark", mark={"name": name})

    def until(self, event, seconds=60):
        deadline = time.time() + seconds
        while time.time() < deadline:
            m = self.read(max(0.01, deadline - time.time()))
            if m and (m["event"] == event or m["event"] == "closed"):
                return m
        self.fault("no %s within %d s" % (event, seconds))
        return {"event": "timeout"}

    def rest(self):
        """Whatever comes until the other side closes; answers its close."""
        while True:
            m = self.read(30)
            if m is None or m["event"] == "closed":
                if m and m["code"] != 1006:
                    self.peer.send(struct.pack("!H", 1000), 0x88)
                    self.facts["closed"] = m["code"]
                return

    def run(self):
        if self.path.endswith("/echo"):
            self.echo()
        else:
            self.until("connected")
            self.until("start")
            getattr(self, self.path.split("/")[2].replace("-", "_"), self.rest)()
        if self.first_at and self.facts["frames"] > 1:
            self.facts["frame_ms"] = (self.last_at - self.first_at) * 1000 / (self.facts["frames"] - 1)
        note(**self.facts)

    def echo(self):
        n = 0
        prefix = None
        while True:
            m = self.read(30)
            if m is None or m["event"] == "closed":
                if m and m["code"] != 1006:
                    self.peer.send(struct.pack("!H", 1000), 0x88)
                return
            if m["event"] == "start":
                prefix = '{"event":"media","streamSid":"%s","media":{"payload":"' % self.sid
            if m["event"] == "media":
                n += 1
                if self.path == "/drop/echo" and n % 50 == 7:
                    continue
                if self.path == "/corrupt/echo" and n % 50 == 7:
                    m["media"]["payload"] = "AAAA" + m["media"]["payload"][4:]
                self.peer.send(prefix + m["media"]["payload"] + '"}}')
                if self.path == "/double/echo" and n % 50 == 7:
                    self.peer.send(prefix + m["media"]["payload"] + '"}}')
                if n % 20 == 0:
                    self.mark("m%d" % n)

    def hello(self):
        """Says something, waits until it was heard, closes."""
        self.mark("at-once")
        began = time.time()
        for i in range(50):
            self.media(LOUD)
        self.mark("said")
        while "said" not in self.facts["marks"]:
            if self.until("mark")["event"] != "mark":
                return
        self.facts["said_ms"] = int((time.time() - began) * 1000)
        self.peer.close(1000)

    def talk(self):
        """A receptionist of tones: greets, answers each time the caller has spoken, stops when interrupted."""
        self.media(LOUD * 40)
        self.mark("greeting")
        playing_until = time.time() + 0.8
        loud_since = quiet = 0
        answers = 0
        while True:
            m = self.read(30)
            if m is None or m["event"] == "closed":
                if m and m["code"] != 1006:
                    self.peer.send(struct.pack("!H", 1000), 0x88)
                    self.facts["closed"] = m["code"]
                self.facts["answers"] = answers
                return
            if m["event"] != "media" or m["media"]["track"] != "inbound":
                continue
            if any(b & 0x7F < 0x60 for b in self.payload):
                quiet = 0
                loud_since += 1
                if loud_since == 5 and time.time() < playing_until:
                    self.say("clear")
                    self.facts["cleared"] = self.facts.get("cleared", 0) + 1
                    playing_until = 0
            elif loud_since >= 5:
                quiet += 1
                if quiet == 20:
                    answers += 1
                    self.media(LOUD * 200)
                    self.mark("answer-%d" % answers)
                    playing_until = time.time() + 4
                    loud_since = 0

    def binary(self):
        self.peer.send(b"\x01\x02", 0x82)
        self.peer.close(1000)

    def wrong(self):
        """Messages that Twilio refuses, one of each kind."""
        self.peer.send("hello")
        self.peer.send('{"event":"media","streamSid":"MZ0","media":{"payload":"AAAA"}}')
        self.say("media", media={"payload": "no base64!"})
        self.say("media", media={"payload": "AAAA", "track": "outbound"})
        self.say("dance")
        self.say("clear", extra=1)
        self.peer.close(1000)

    def reserved(self):
        self.peer.send("{}", 0xC1)
        self.rest()

    def masked(self):
        self.peer.sock.sendall(b"\x81\x82abcd\x1a\x1f")
        self.rest()

    def broken(self):
        self.media(LOUD)
        self.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def internal(self):
        self.peer.close(1011)


def upgrade(peer, path, headers):
    if path == "/relay/refuse":
        peer.sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
        return
    if path == "/relay/mute":
        peer.frame(20)
        return
    expected = ["host", "user-agent", "upgrade", "connection", "sec-websocket-version", "sec-websocket-key",
                "x-twilio-signature"]
    if sorted(headers) != sorted(expected):
        note(fault="headers of the handshake: %s" % sorted(headers))
    if headers.get("user-agent") != "Twilio.TmeWs/1.0":
        note(fault="user agent %s" % headers.get("user-agent"))
    if headers.get("x-twilio-signature") != sign("%s://127.0.0.1:%d%s" % (scheme, port, path)):
        note(fault="the signature of the handshake is wrong")
    accept = base64.b64encode(hashlib.sha1(
        (headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    relay = Relay(peer, path)
    peer.sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Accept: %s\r\n\r\n" % accept).encode())
    relay.run()


def webhook(peer, method, path, headers):
    body = peer.need(int(headers.get("content-length", 0))).decode()
    fields = urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body))
    data = "%s://127.0.0.1:%d%s" % ("https" if scheme == "wss" else "http", port, path)
    if scheme == "wss":
        data = "https://127.0.0.1" + path
    if path == "/public":
        data = "https://voice.example.com" + path
    if method == "POST":
        data += "".join(n + v for n, v in sorted(fields))
    signed = headers.get("x-twilio-signature") == sign(data)
    facts = dict(fields)
    if method == "GET":
        facts = dict(urllib.parse.parse_qsl(path.split("?")[1], keep_blank_values=True))
    note(request=path.split("?")[0], method=method, signed=signed, form=facts, agent=headers.get("user-agent"),
         host=headers.get("host"))
    status, kind, text = answer(path, facts) if signed else (403, "text/plain", "")
    out = text.encode()
    head = "HTTP/1.1 %d X\r\n" % status
    if kind == "chunked":
        head += "Content-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
        out = b"".join(b"%x\r\n%s\r\n" % (len(out[i:i + 7]), out[i:i + 7]) for i in range(0, len(out), 7)) + b"0\r\n\r\n"
        peer.sock.sendall(head.encode() + out)
        return
    if status == 307:
        head += "Location: %s\r\n" % text
        out = b""
    head += ("Content-Type: %s\r\n" % kind if kind else "") + "Content-Length: %d\r\n\r\n" % len(out)
    peer.sock.sendall(head.encode() + out)


def serve(sock, context):
    try:
        sock.settimeout(60)
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        peer = Peer(sock)
        method, path, _ = peer.line().split(" ")
        headers = {}
        while True:
            line = peer.line()
            if not line:
                break
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        if headers.get("upgrade", "").lower() == "websocket":
            upgrade(peer, path, headers)
        else:
            webhook(peer, method, path, headers)
    except (OSError, EOFError, ssl.SSLError):
        pass
    except Exception as e:  # a bug of the stub must not look like a pass
        note(fault="stub: %r" % e)
    finally:
        try:
            sock.close()
        except OSError:
            pass


def main():
    global port
    context = None
    if scheme == "wss":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    port = listener.getsockname()[1]
    open(log_path, "w", encoding="utf-8").close()
    with open(sys.argv[1] + ".new", "w", encoding="utf-8") as f:
        f.write(str(port))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(sock, context), daemon=True).start()


main()
