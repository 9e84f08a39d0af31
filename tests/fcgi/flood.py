#!/usr/bin/python3
"""Many calls at a webhook that waits on a FastCGI socket, signed as Twilio does.

  flood.py SOCKET CALLS AT-A-TIME FROM PREFIX      FROM: a number, or "each" for another one with every call

Prints how many were connected, were turned away as busy or rejected, and got anything else; then, for people, the
milliseconds that an answer took, in the middle and of the slowest.
"""
import os
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import twilio_client as twilio  # noqa: E402

KINDS = ((b"<Stream ", "connected"), (b'<Reject reason="busy"/>', "busy"), (b'<Reject reason="rejected"/>', "rejected"))


def ask(socket, sid, caller):
    pairs = [(b"CallSid", sid.encode()), (b"AccountSid", b"AC1"), (b"From", caller.encode()), (b"To", b"+15550100"),
             (b"CallStatus", b"ringing")]
    body = twilio.encode(pairs).encode()
    path = "/api/twilio/incoming"
    variables = {"REQUEST_METHOD": "POST", "REQUEST_URI": path, "SCRIPT_NAME": path, "QUERY_STRING": "",
                 "CONTENT_TYPE": twilio.FORM, "CONTENT_LENGTH": str(len(body)),
                 "HTTP_X_TWILIO_SIGNATURE": twilio.sign("12345", "https://voice.example.com" + path, pairs)}
    began = time.monotonic()
    answer = twilio.by_fcgi(socket, variables, body, False)
    took = time.monotonic() - began
    return next((word for bytes_, word in KINDS if bytes_ in answer), "other"), took


def main():
    socket, calls, width, caller, prefix = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
    counts, times, lock, numbers = {}, [], threading.Lock(), iter(range(calls))

    def work():
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return
            word, took = ask(socket, f"{prefix}{n}", f"+1415{2000000 + n}" if caller == "each" else caller)
            with lock:
                counts[word] = counts.get(word, 0) + 1
                times.append(took * 1000)

    threads = [threading.Thread(target=work) for _ in range(width)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(" ".join(f"{word}={counts.get(word, 0)}" for word in ("connected", "busy", "rejected", "other")))
    print(f"median_ms={statistics.median(times):.2f} slowest_ms={max(times):.2f}")


main()
