"""What the tests' stubs are made of: TAP, waiting, WebSocket byte by byte, stream tokens.

Standard library only. WebSocket is spoken byte by byte, so that it can also be spoken wrongly on purpose; nothing here
is shared with the program under test.
"""
import base64
import hashlib
import hmac
import json
import os
import struct
import sys
import threading
import time

SECRET = "0123456789abcdef0123456789abcdef"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PATIENCE_S = 60 * float(os.environ.get("TEST_PATIENCE", "1"))


class Tap:
    count = failed = 0

    def ok(self, name, holds, note=""):
        self.count += 1
        Tap.failed += not holds         # of the whole program: Relay shows its log then
        print(f"{'ok' if holds else 'not ok'} {self.count} - {name}", flush=True)
        if not holds and note:
            print("# " + str(note)[:2000].replace("\n", "\n# "), flush=True)

    def equal(self, name, got, wanted):
        self.ok(name, got == wanted, f"got {got!r}, wanted {wanted!r}")

    def finish(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(self.failed > 0)


def wait_for(fact, seconds=None):
    """The first true value of fact(), or its last one when time is up."""
    deadline = time.monotonic() + (seconds or PATIENCE_S)
    while True:
        value = fact()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.01)


class Ws:
    """One WebSocket connection; `client` masks. Reading returns (opcode, payload) or None at the end."""

    def __init__(self, sock, client):
        self.sock, self.client, self.buffer = sock, client, b""
        self.answers_pings = True
        self.lock = threading.Lock()

    def frame(self, payload, opcode=TEXT, fin=True, rsv=0, masked=None, length=None):
        masked = self.client if masked is None else masked
        n = len(payload) if length is None else length
        head = bytes([(fin << 7) | (rsv << 4) | opcode])
        bit = 0x80 if masked else 0
        if n < 126:
            head += bytes([bit | n])
        elif n < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", n)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", n)
        if masked:
            key = os.urandom(4)
            head += key
            pad = (key * (len(payload) // 4 + 1))[:len(payload)]
            payload = bytes(a ^ b for a, b in zip(payload, pad))
        return head + payload

    def send(self, payload, opcode=TEXT, **how):
        if isinstance(payload, (dict, list)):
            payload = json.dumps(payload, separators=(",", ":"))
        if isinstance(payload, str):
            payload = payload.encode()
        self.raw(self.frame(payload, opcode, **how))

    def raw(self, data):
        with self.lock:
            self.sock.sendall(data)

    def take(self, n):
        while len(self.buffer) < n:
            more = self.sock.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def read(self):
        """A whole message or control frame; pings are answered and passed over."""
        try:
            while True:
                a, b = self.take(2)
                n = b & 127
                if n == 126:
                    n = struct.unpack(">H", self.take(2))[0]
                elif n == 127:
                    n = struct.unpack(">Q", self.take(8))[0]
                key = self.take(4) if b & 0x80 else None
                if bool(b & 0x80) == self.client:
                    raise ValueError("masked by the wrong side")
                payload = self.take(n)
                if key:
                    pad = (key * (n // 4 + 1))[:n]
                    payload = bytes(x ^ y for x, y in zip(payload, pad))
                if a & 15 == PING and self.answers_pings:
                    self.send(payload, PONG)
                    continue
                return a & 15, payload
        except (EOFError, OSError):
            return None

    def close(self):
        self.sock.close()


def http_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            break
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode("latin1"), rest


def token(call_sid, merchant=1, ttl_s=60, key=None, nonce=None, now=None):
    """A stream token, written down here a second time from its description."""
    key = key or hmac_key()
    expires = int((now or time.time()) * 1000) + int(ttl_s * 1000)
    body = b"\x01" + struct.pack(">q", expires) + (nonce or os.urandom(8)) + struct.pack(">q", merchant)
    body += call_sid.encode()
    mac = hmac.new(key, body, hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(body + mac).decode().rstrip("=")


def hmac_key(secret=SECRET):
    return hmac.new(secret.encode(), b"receptionai stream token", hashlib.sha256).digest()
