#!/usr/bin/python3
"""Web servers that misbehave, for the webhook's FastCGI socket.

  peers.py silent ADDRESS      connects, sends nothing, says how many seconds later it was cut off
  peers.py slow ADDRESS PID    sends half a request, has PID told to stop, sends the rest, prints the answer's status
  peers.py rude ADDRESS        garbage, impossible lengths, cut requests: 200 connections
  peers.py serve SOCKET COUNT PROGRAM   binds SOCKET and starts COUNT programs with it as fd 0; waits for all
"""
import os
import random
import signal
import socket
import subprocess
import sys
import time

import twilio_client as twilio


def connect(address):
    if "/" in address:
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
        return s
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)))


def silent(address):
    began = time.monotonic()
    s = connect(address)
    s.settimeout(60)
    s.recv(1)
    print(int(time.monotonic() - began))


def request_parts(sid):
    pairs = [(b"CallSid", sid), (b"To", b"+15550100"), (b"From", b"+14155550123")]
    body = twilio.encode(pairs).encode()
    variables = {"REQUEST_METHOD": "POST", "REQUEST_URI": "/api/twilio/incoming", "CONTENT_TYPE": twilio.FORM,
                 "CONTENT_LENGTH": str(len(body)),
                 "HTTP_X_TWILIO_SIGNATURE": twilio.sign("12345", "https://voice.example.com/api/twilio/incoming", pairs)}
    params = b"".join(twilio.name_value(n.encode(), v.encode()) for n, v in variables.items())
    head = twilio.record(1, b"\0\1" + bytes(6)) + twilio.record(4, params) + twilio.record(4, b"")
    return head, twilio.record(5, body) + twilio.record(5, b"")


def slow(address, pid):
    head, rest = request_parts(b"CASLOW")
    files = len(os.listdir(f"/proc/{pid}/fd"))
    s = connect(address)
    s.sendall(head + rest[:20])
    # The process is known to be at this request when it holds the connection.
    while len(os.listdir(f"/proc/{pid}/fd")) == files:
        time.sleep(0.01)
    os.kill(int(pid), signal.SIGTERM)
    time.sleep(0.3)
    s.sendall(rest[20:])
    s.settimeout(60)
    data = b""
    while piece := s.recv(65536):
        data += piece
    print(data[8:].split(b"\r\n")[0].decode())


def rude(address):
    chance = random.Random(1)
    head, rest = request_parts(b"CARUDE")
    whole = head + rest
    for number in range(200):
        s = connect(address)
        if number % 4 == 0:
            data = chance.randbytes(chance.randrange(1, 3000))
        elif number % 4 == 1:
            data = whole[:chance.randrange(len(whole))]
        elif number % 4 == 2:
            changed = bytearray(whole)
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            data = bytes(changed)
        else:
            data = head[:16] + twilio.record(4, b"\xff\xff\xff\xff\xff\xff\xff\xffREQUEST_METHOD") + twilio.record(4, b"")
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        s.close()
    print("done")


def serve(path, count, program):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen(128)
    children = [subprocess.Popen([program], stdin=s) for _ in range(int(count))]
    signal.signal(signal.SIGTERM, lambda *_: [c.terminate() for c in children])
    print("exit codes:", *[c.wait() for c in children], flush=True)


if __name__ == "__main__":
    {"silent": silent, "slow": slow, "rude": rude, "serve": serve}[sys.argv[1]](*sys.argv[2:])
