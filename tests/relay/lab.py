"""The relay between stubs: the program on free ports, a stub of Grok, a stub of Twilio. KEEP=1 keeps its logs."""
import atexit
import base64
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from wire import (BINARY, CLOSE, GUID, PATIENCE_S, PING, PONG, SECRET, TEXT, Tap, Ws, hmac_key, http_head, token,  # noqa
                  wait_for)

SRCDIR = os.environ.get("srcdir", ".")
BUILDDIR = os.environ.get("builddir", SRCDIR)


class Grok:
    """A stub of wss://api.x.ai/v1/realtime: `script(session)` plays one connection."""

    def __init__(self, script=None, status=101, tls=None):
        self.script, self.status, self.tls = script or Session.play, status, tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sessions, self.taken = [], 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.welcome, args=(sock,), daemon=True).start()

    def welcome(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            try:
                sock = self.tls.wrap_socket(sock, server_side=True)
            except OSError:
                return
        head, rest = http_head(sock)
        if self.status != 101:
            sock.sendall(f"HTTP/1.1 {self.status} No\r\nContent-Length: 0\r\n\r\n".encode())
            sock.close()
            return
        key = re.search(r"(?i)sec-websocket-key: *(\S+)", head)
        if not key:                     # the relay has thought better of it
            sock.close()
            return
        accept = base64.b64encode(hashlib.sha1(key.group(1).encode() + GUID).digest()).decode()
        sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        session = Session(Ws(sock, False), head)
        session.ws.buffer = rest
        self.sessions.append(session)
        try:
            self.script(session)
        except (OSError, EOFError):
            pass

    def next(self):
        """The next connection that has not been handed out yet; tests that call one after the other know whose it is."""
        self.taken += 1
        wait_for(lambda: len(self.sessions) >= self.taken)
        return self.sessions[self.taken - 1]

    def skip(self):
        self.taken = len(self.sessions)


class Session:
    """One connection to the stub: what it got, and words for what Grok says."""

    def __init__(self, ws, head):
        self.ws, self.head = ws, head
        self.got, self.audio, self.closed = [], b"", None
        self.response = 0

    def say(self, kind, **members):
        self.ws.send({"type": kind, "event_id": "e", **members})

    def hello(self):
        self.say("session.created", session={"id": "s", "model": "m"})
        self.say("conversation.created", conversation={"id": "c"})
        self.say("ping", timestamp=1)

    def updated(self, output="audio/pcmu"):
        self.say("session.updated", session={
            "turn_detection": {"type": "server_vad"},
            "audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": output}}}})

    def begin(self):
        self.response += 1
        name = f"r{self.response}"
        self.say("response.created", response={"id": name, "status": "in_progress"})
        return name

    def delta(self, audio, response=None, ms=None, item=None):
        response = response or f"r{self.response}"
        self.say("response.output_audio.delta", response_id=response, item_id=item or "i" + response,
                 delta=base64.b64encode(audio).decode(), audio_duration_ms=len(audio) // 8 if ms is None else ms)

    def text(self, words, response=None):
        response = response or f"r{self.response}"
        self.say("response.output_audio_transcript.done", response_id=response, item_id="i" + response,
                 transcript=words)

    def done(self, response=None):
        response = response or f"r{self.response}"
        self.say("response.output_audio.done", response_id=response, item_id="i" + response)
        self.say("response.done", response_id=response, response={"id": response, "status": "completed"})

    def answer(self, audio, words):
        self.begin()
        for at in range(0, len(audio), 1960):
            self.delta(audio[at:at + 1960])
        self.text(words)
        self.done()

    def caller(self, item, words):
        self.say("input_audio_buffer.speech_started", item_id=item, audio_start_ms=0)
        self.say("input_audio_buffer.speech_stopped", item_id=item, audio_end_ms=100)
        self.say("conversation.item.input_audio_transcription.completed", item_id=item, transcript=words,
                 status="completed")

    def messages(self):
        """What the relay says, as dicts; audio is gathered apart."""
        while True:
            frame = self.ws.read()
            if frame is None:
                self.closed = self.closed or "cut"
                return
            opcode, payload = frame
            if opcode == CLOSE:
                self.closed = struct.unpack(">H", payload[:2])[0] if payload else 1005
                self.ws.send(payload, CLOSE)
                self.ws.close()
                return
            if opcode != TEXT:
                continue
            message = json.loads(payload)
            if message["type"] == "input_audio_buffer.append":
                self.audio += base64.b64decode(message["audio"], validate=True)
            else:
                self.got.append(message)
            yield message

    def play(self):
        """The usual behaviour: ready at once, greets with half a second of a tone."""
        self.hello()
        for message in self.messages():
            if message["type"] == "session.update":
                self.updated()
            elif message["type"] in ("response.create", "conversation.item.create"):
                self.answer(b"\x55" * 4000, "Hello there.")

    def kinds(self):
        return [m["type"] for m in self.got]


class Phone:
    """A stub of Twilio: one media stream."""

    def __init__(self, relay, call_sid="CA1", path=None, headers="", tls=None, port=None):
        self.relay, self.call_sid, self.stream_sid = relay, call_sid, "MZ" + call_sid
        self.heard, self.marks, self.clears, self.closed, self.status = b"", [], 0, None, None
        self.order, self.ended_in_database = [], None
        self.sequence = 0
        self.slow = threading.Event()   # cleared: the phone does not read
        self.slow.set()
        self.sock = socket.create_connection(("127.0.0.1", port or relay.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.ws = Ws(self.sock, True)
        self.upgrade(path if path is not None else "/media-stream/" + token(call_sid), headers)

    def upgrade(self, path, headers="", behind=b""):
        self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: relay.example.com\r\nConnection: Upgrade\r\n"
                           "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                           f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n{headers}\r\n").encode() + behind)
        head, rest = http_head(self.sock)
        found = re.match(r"HTTP/1.1 (\d+)", head)
        self.status = int(found.group(1)) if found else None
        self.ws.buffer = rest
        if self.status == 101:
            threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            self.slow.wait()
            frame = self.ws.read()
            if frame is None:
                self.closed = self.closed or "cut"
                return
            opcode, payload = frame
            if opcode == CLOSE:
                self.ended_in_database = self.relay.row("SELECT end_reason FROM calls WHERE call_sid=?",
                                                        self.call_sid)
                self.closed = struct.unpack(">H", payload[:2])[0] if payload else 1005
                try:
                    self.ws.send(payload, CLOSE)
                except OSError:
                    pass
                self.ws.close()
                return
            if opcode == TEXT:
                self.hear(json.loads(payload))

    def hear(self, message):
        assert message["streamSid"] == self.stream_sid, message
        event = message["event"]
        if event == "media":
            audio = base64.b64decode(message["media"]["payload"], validate=True)
            assert len(audio) % 160 == 0, len(audio)
            self.heard += audio
            self.order.append(("media", len(audio)))
        elif event == "mark":
            self.marks.append(message["mark"]["name"])
            self.order.append(("mark", message["mark"]["name"]))
        elif event == "clear":
            self.clears += 1
            self.order.append(("clear", None))

    def send(self, event, **members):
        if event != "connected":
            self.sequence += 1
            members.update(sequenceNumber=str(self.sequence), streamSid=members.get("streamSid", self.stream_sid))
        self.ws.send({"event": event, **members})

    def start(self, call_sid=None, **parameters):
        try:
            self.send("connected", protocol="Call", version="1.0.0")
            self.send("start", start={
                "accountSid": "AC1", "streamSid": self.stream_sid, "callSid": call_sid or self.call_sid,
                "tracks": ["inbound"], "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters})
        except OSError:
            pass                        # the relay may have ended the call before it began
        return self

    def media(self, audio, track="inbound"):
        self.send("media", media={"track": track, "chunk": "1", "timestamp": "1",
                                  "payload": base64.b64encode(audio).decode()})

    def play_marks(self):
        for name in self.marks:
            self.send("mark", mark={"name": name})
        self.marks = []

    def stop(self):
        self.send("stop", stop={"accountSid": "AC1", "callSid": self.call_sid})

    def cut(self):
        """The connection is gone without a word."""
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def wait_closed(self, seconds=None):
        return wait_for(lambda: self.closed, seconds)


def keep_alive(phone, session):
    """Both ends of a call say something now and then, so that it is never idle."""
    def run():
        while phone.closed is None:
            try:
                phone.send("mark", mark={"name": "still here"})
                session.say("ping", timestamp=1)
            except OSError:
                return
            time.sleep(0.5)
    threading.Thread(target=run, daemon=True).start()


class Relay:
    """The program, on free ports, with a database of its own and merchant 1 in it."""

    pass_fds = ()

    @staticmethod
    def command():
        return [BUILDDIR + "/receptionai-relay"]

    def __init__(self, grok=None, **settings):
        self.work = tempfile.mkdtemp(prefix="receptionai-relay-test.")
        self.database = self.work + "/test.db"
        self.spool = self.work + "/spool"
        os.mkdir(self.spool)
        self.start_count = 0
        self.process = None
        atexit.register(self.clean_up)
        grok_port = grok.port if grok else 1
        self.settings = {
            "RECEPTIONAI_CONF": "/dev/null", "RECEPTIONAI_DB": self.database, "RECEPTIONAI_SPOOL": self.spool,
            "RELAY_LISTEN": "127.0.0.1:0",
            "RELAY_ADMIN_LISTEN": "127.0.0.1:0", "GROK_URL": f"ws://127.0.0.1:{grok_port}/v1/realtime",
            "XAI_API_KEY": "test-key", "STREAM_TOKEN_SECRET": SECRET, "RELAY_THREADS": "2", "LOG_LEVEL": "debug",
            "CALLER_SILENCE_S": "0",
            **{k: str(v) for k, v in settings.items()}}
        self.start()

    def start(self):
        self.start_count += 1
        self.log_path = f"{self.work}/relay{self.start_count}.log"
        self.log_file = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=self.log_file,
                                        stderr=self.log_file, env={**self.environment()}, pass_fds=self.pass_fds)
        found = wait_for(lambda: re.search(r"relay listening address=\S*:(\d+)", self.log()) or self.process.poll())
        if not hasattr(found, "group"):
            raise RuntimeError("the relay did not start:\n" + self.log())
        self.port = int(found.group(1))
        admin = re.search(r"admin listening address=\S*:(\d+)", self.log())
        self.admin_port = int(admin.group(1)) if admin else None
        if self.settings["RECEPTIONAI_DB"] == self.database:
            wait_for(lambda: "desk database open" in self.log())
            if not self.row("SELECT count(*) FROM merchants"):
                self.sql("INSERT INTO merchants(id, name, phone_number, greeting) "
                         "VALUES(1, 'Bella''s', '+15550100', 'Good evening, this is Bella''s.')")

    def clean_up(self):
        """At the end of the test, however it ended."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process and (Tap.failed or hasattr(sys, "last_type")):
            print("# the relay's log ends with:\n#   " + "\n#   ".join(self.log().splitlines()[-12:]), flush=True)
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.work, ignore_errors=True)

    def environment(self):
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "ASAN_OPTIONS", "TSAN_OPTIONS",
                                                            "UBSAN_OPTIONS", "LSAN_OPTIONS", "TMPDIR")}
        return {**keep, **self.settings}

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def logged(self, pattern, seconds=None):
        return bool(wait_for(lambda: re.search(pattern, self.log()), seconds))

    def sql(self, statement, *values):
        db = sqlite3.connect(self.database, timeout=PATIENCE_S)
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA wal_autocheckpoint=0")
        try:
            rows = db.execute(statement, values).fetchall()
            db.commit()
            return rows
        finally:
            db.close()

    def row(self, statement, *values):
        try:
            rows = self.sql(statement, *values)
        except sqlite3.Error:
            return None
        return rows[0][0] if rows else None

    def freeze(self):
        """All its threads stand still when it returns."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = f"/proc/{self.process.pid}/task"

        def stands():
            states = []
            for task in os.listdir(tasks):
                with open(f"{tasks}/{task}/stat", encoding="ascii", errors="replace") as f:
                    states.append(f.read().rpartition(")")[2].split()[0])
            return all(state == "T" for state in states)
        wait_for(stands)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return None, ""

    def metric(self, name):
        """One number; the ring threads show theirs a few times a second."""
        found = re.search(rf"^receptionai_relay_{re.escape(name)} (\S+)$", self.get("/metrics")[1], re.M)
        return float(found.group(1)) if found else None

    def ends(self, reason):
        return self.metric(f'calls_ended_total{{reason="{reason}"}}')

    def stop(self, seconds=None):
        """SIGTERM; the exit code, or None if it did not end in time."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(seconds or PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        self.log_file.close()
        return code
