"""Connections that go dead without a word: both are found by their pings, within the 30 seconds that are promised."""
import os
import socket
import sys
import threading
import time
from datetime import datetime, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Phone, Relay, Tap, wait_for  # noqa: E402
from line import GREETING, Line, talk  # noqa: E402

tap = Tap()


class Gap:
    """A wire in between: forwards both ways until it becomes a hole. Nobody sees it end: kernels still acknowledge."""

    def __init__(self, port):
        self.target, self.hole = port, threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.kept = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            self.kept += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(*pair, self.hole), daemon=True).start()

    @staticmethod
    def carry(source, sink, hole):
        try:
            while (data := source.recv(65536)) and not hole.is_set():
                sink.sendall(data)
            if hole.is_set():
                return                  # what was read is lost, and nothing more is read
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def pings(session):
    """What xAI sends every ten seconds."""
    def run():
        try:
            while True:
                time.sleep(1)
                session.say("ping", timestamp=1)
        except OSError:
            pass
    threading.Thread(target=run, daemon=True).start()


class HalfOpen:
    """Two calls with the bounds that an operator would have: one loses its Grok, one its Twilio, without a word."""

    def __init__(self):
        def greet(session, number, text):
            pings(session)
            return False
        self.line = Line(talk(greet))
        self.grok_wire = Gap(self.line.port)
        self.relay = Relay(self.grok_wire, RELAY_THREADS=1, CALLER_SILENCE_S=0)
        self.phone_wire = Gap(self.relay.port)
        self.phone = Phone(self.relay, "CA81").start()
        self.lost = Phone(self.relay, "CA82", port=self.phone_wire.port).start()
        wait_for(lambda: len(self.phone.heard) == len(self.lost.heard) == len(GREETING))
        # Each side has answered a ping: its silence means something.
        wait_for(lambda: self.relay.metric("pongs_total") >= 4, 60)
        self.grok_wire.hole.set()
        self.phone_wire.hole.set()
        self.began = datetime.now(timezone.utc)
        self.grok_wire.hole = threading.Event()         # for the connections to come

    def check(self):
        relay = self.relay
        tap.ok("half-open Twilio: the call ends", wait_for(lambda: relay.ends("phone-idle") == 1, 60))
        tap.ok("half-open Twilio: because no ping is answered", relay.logged(
            'call=CA82 reason=phone-idle why="Twilio answers no ping"'), relay.log()[-800:])
        tap.ok("half-open Grok: the call goes on with another connection", wait_for(
            lambda: self.phone.play_marks() or relay.metric("model_back_total") == 1, 60), relay.log()[-800:])
        tap.ok("half-open Grok: because no ping is answered", relay.logged(
            'call=CA81 provider=grok loss=stalled why="Grok answers no ping"'), relay.log()[-800:])
        for call in "CA81", "CA82":
            line = next(line for line in relay.log().splitlines() if f"call={call} " in line and "no ping" in line)
            found = datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")) - self.began
            print(f"# {call}: found {found.total_seconds():.1f} s after the wire went dead; promised are 30")
        self.phone.stop()
        self.phone.wait_closed()
        tap.equal("half-open: the relay ends cleanly", relay.stop(), 0)


HalfOpen().check()
tap.finish()
