#!/usr/bin/python3
"""Drives the case table of ws_cases.py against an echo program, by autobahn's low-level interface. TAP on stdout.

    ws_drive.py server URL              the program under test serves URL
    ws_drive.py client COMMAND…         the program under test is started as COMMAND… URL and connects once per case
"""
import sys

from autobahn.twisted.websocket import (WebSocketClientFactory, WebSocketClientProtocol, WebSocketServerFactory,
                                        WebSocketServerProtocol)
from twisted.internet import protocol, reactor
from twisted.internet.endpoints import HostnameEndpoint

from ws_cases import CLOSE, all_cases

CASE_SECONDS = 15       # a case ends by itself, so this is only met by what is broken


class Runner:
    """Walks through the table, one connection a case."""

    def __init__(self):
        self.cases = list(all_cases())
        self.count = self.failed = 0

    def next_case(self):
        return self.cases[self.count] if self.count < len(self.cases) else None

    def finished(self, case, wrong):
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.count} - {case.number} {case.name}", flush=True)
        for line in wrong:
            print(f"# {line}", flush=True)


def brief(event):
    kind, payload = event
    return f"{kind} {payload[:40]!r}{'…' if len(payload) > 40 else ''} ({len(payload)} bytes)"


class Driver:
    """One case on one connection. Mixed into autobahn's protocol of either role."""

    def begin(self, runner, case):
        self.runner, self.case = runner, case
        self.got, self.steps, self.we_closed = [], list(case.send), False
        self.peer_code = "none"
        self.is_late = self.is_done = False
        self.deadline = reactor.callLater(CASE_SECONDS, self.too_late)
        if case.one_by_one:
            self.step()
        else:
            while self.steps:
                self.step()
        self.progress()

    def step(self):
        kind, what = self.steps.pop(0)
        chop = self.case.chop
        if kind == "frame":
            self.we_closed |= what["opcode"] == CLOSE
            self.sendFrame(**what, chopsize=chop)
        elif kind == "raw":
            self.sendData(what[1 if self.factory.isServer else 0], chopsize=chop)
        else:
            payload, size = what
            self.sendMessage(payload, isBinary=False, fragmentSize=size)

    def event(self, kind, payload):
        self.got.append((kind, payload))
        if self.case.one_by_one and self.steps:
            self.step()
        self.progress()

    def progress(self):
        """We say goodbye when all has come that should come."""
        if self.case.closes is None and not self.we_closed and len(self.got) >= len(self.case.expect):
            self.we_closed = True
            self.sendFrame(opcode=CLOSE, payload=(1000).to_bytes(2, "big"))

    def onMessage(self, payload, isBinary):
        self.event("binary" if isBinary else "text", payload)

    def onPong(self, payload):
        self.event("pong", payload)

    def onPing(self, payload):
        self.event("ping", payload)

    def onCloseFrame(self, code, reasonRaw):
        self.peer_code = 1005 if code is None else code
        return super().onCloseFrame(code, reasonRaw)

    def too_late(self):
        self.is_late = True
        self.dropConnection(abort=True)

    case = None

    def onClose(self, wasClean, code, reason):
        if not self.case or self.is_done:
            return
        self.is_done = True
        if self.deadline.active():
            self.deadline.cancel()
        self.runner.finished(self.case, self.judge())
        self.after()

    def judge(self):
        wrong = []
        wanted_code = 1000 if self.case.closes is None else self.case.closes
        if self.got != self.case.expect:
            wrong.append(f"{len(self.got)} events came, {len(self.case.expect)} were wanted")
            wrong += [f"came:   {brief(e)}" for e in self.got[:5]]
            wrong += [f"wanted: {brief(e)}" for e in self.case.expect[:5]]
        if self.peer_code != wanted_code:
            wrong.append(f"closed with {self.peer_code}, wanted {wanted_code}")
        if self.is_late:
            wrong.append(f"not at an end after {CASE_SECONDS} s")
        return wrong


OPTIONS = dict(utf8validateIncoming=False, failByDrop=False, openHandshakeTimeout=CASE_SECONDS, closeHandshakeTimeout=0,
               autoPingInterval=0, tcpNoDelay=True)


class AskingSide(Driver, WebSocketClientProtocol):
    def onOpen(self):
        self.begin(self.factory.runner, self.factory.case)

    def after(self):
        reactor.callLater(0, ask_next, self.factory.runner, self.factory.url)


def ask_next(runner, url):
    case = runner.next_case()
    if not case:
        reactor.stop()
        return
    factory = WebSocketClientFactory(url)
    factory.protocol, factory.runner, factory.case = AskingSide, runner, case
    factory.setProtocolOptions(**OPTIONS, serverConnectionDropTimeout=0)
    factory.noisy = False

    def refused(failure):
        runner.finished(case, [f"no connection: {failure.getErrorMessage()}"])
        reactor.callLater(0, ask_next, runner, url)
    HostnameEndpoint(reactor, factory.host, factory.port).connect(factory).addErrback(refused)


class AnsweringSide(Driver, WebSocketServerProtocol):
    def onOpen(self):
        case = self.factory.runner.next_case()
        if case:
            self.begin(self.factory.runner, case)
        else:
            self.dropConnection(abort=True)

    def after(self):
        if not self.factory.runner.next_case():
            self.factory.port_listening.stopListening()


class Program(protocol.ProcessProtocol):
    """The client under test. When it ends, so do we."""
    exit_code = None

    def childDataReceived(self, fd, data):
        for line in data.decode(errors="replace").splitlines():
            print(f"# {line}", flush=True)

    def processEnded(self, reason):
        self.exit_code = reason.value.exitCode
        if reactor.running:
            reactor.stop()


def serve_cases(runner, command):
    factory = WebSocketServerFactory()
    factory.protocol, factory.runner = AnsweringSide, runner
    factory.setProtocolOptions(**OPTIONS)
    factory.noisy = False
    factory.port_listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
    url = f"ws://127.0.0.1:{factory.port_listening.getHost().port}/echo"
    program = Program()
    reactor.spawnProcess(program, command[0], command + [url], env=None)
    return program


def main():
    runner = Runner()
    if sys.argv[1] == "server":
        reactor.callWhenRunning(ask_next, runner, sys.argv[2])
        program = None
    else:
        program = serve_cases(runner, sys.argv[2:])
    reactor.run()
    if program and program.exit_code != 0:
        print(f"not ok {runner.count + 1} - the program ended with {program.exit_code}, not 0", flush=True)
        runner.failed += 1
    print(f"# {runner.count} of {len(runner.cases)} cases", flush=True)
    sys.exit(1 if runner.failed or runner.count < len(runner.cases) else 0)


if __name__ == "__main__":
    main()
