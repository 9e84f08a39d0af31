#!/usr/bin/python3
"""Made tests/media/bakery-seed.frames and bakery-real.frames, once: two recorded streams of the same short talk, with what
goes wrong on the way. make_recordings.py FOLDER; needs flite and sox. Another flite speaks otherwise: the golden hashes in
tests/relay/recordings.py belong to the files as they are."""
import base64
import datetime
import json
import os
import subprocess
import sys
import tempfile

CALL, STREAM, ACCOUNT = "CA5eed0000000000000000000000000001", "MZ5eed0000000000000000000000000001", "AC" + "0" * 32


def speech(voice, text):
    with tempfile.TemporaryDirectory() as folder:
        wav = os.path.join(folder, "a.wav")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", wav], check=True)
        return subprocess.run(["sox", "-G", "-D", wav, "-t", "raw", "-r", "8000", "-c", "1", "-e", "mu-law", "-b", "8", "-"],
                              check=True, capture_output=True).stdout


def frames(audio, size=160):
    audio += b"\xff" * (-len(audio) % size)
    return [audio[at:at + size] for at in range(0, len(audio), size)]


class File:
    def __init__(self, path, *comments):
        self.rows = []
        self.path, self.comments = path, comments

    def add(self, ms, message):
        self.rows.append((ms, json.dumps(message, separators=(",", ":"))))

    def close(self):
        self.rows.sort(key=lambda row: row[0])
        with open(self.path, "w") as f:
            f.writelines(f"# {line}\n" for line in self.comments)
            f.writelines(f"{ms} {text}\n" for ms, text in self.rows)


def iso(ms):
    when = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.timezone.utc) + datetime.timedelta(milliseconds=ms)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


def seed(path, caller, voice):
    f = File(path, "The older documents' dialect: both tracks, ISO times, chunk 1 inbound and 2 outbound.",
             "Inbound: times jitter, frames 30 to 34 are missing, frame 41 comes twice. Outbound begins 300 ms later.")
    f.add(0, {"event": "connected", "streamSid": STREAM})
    f.add(0, {"event": "start", "streamSid": STREAM, "start": {"accountSid": ACCOUNT, "callSid": CALL, "tracks": {
        "inbound": {"track": "inbound", "codec": "PCMU", "rtp": {"payloadType": 0, "ssrc": 1234567890}},
        "outbound": {"track": "outbound", "codec": "PCMU", "rtp": {"payloadType": 0, "ssrc": 9876543210}}}}})

    def media(ms, track, audio, stamp):
        f.add(ms, {"event": "media", "streamSid": STREAM, "media": {
            "track": track, "chunk": "1" if track == "inbound" else "2", "timestamp": iso(stamp),
            "payload": base64.b64encode(audio).decode()}})
    for i, frame in enumerate(caller):
        if 30 <= i <= 34:
            continue
        stamp = 20 * i + (0 if i < 2 else i * 5 % 9)
        media(100 + 20 * i + i * 7 % 11, "inbound", frame, stamp)
        if i == 41:
            media(100 + 20 * i + i * 7 % 11, "inbound", frame, stamp)
    for i, frame in enumerate(voice):
        media(400 + 20 * i, "outbound", frame, 300 + 20 * i)
    end = f.rows[-1][0] + 60
    f.add(max(end, 100 + 20 * len(caller) + 60), {"event": "stop", "streamSid": STREAM,
                                                  "stop": {"accountSid": ACCOUNT, "callSid": CALL}})
    f.close()


def real(path, caller):
    f = File(path, "Twilio's own dialect: the caller alone, times since the stream's start, messages counted.",
             "The first frame is at 120 ms, frames 20 to 22 are missing, 33 comes twice, 40 and 41 are swapped.")
    sequence = 0

    def say(ms, message):
        nonlocal sequence
        if message["event"] != "connected":
            sequence += 1
            message = {"event": message.pop("event"), "sequenceNumber": str(sequence), **message, "streamSid": STREAM}
        f.add(ms, message)
    say(0, {"event": "connected", "protocol": "Call", "version": "1.0.0"})
    say(0, {"event": "start", "start": {"accountSid": ACCOUNT, "streamSid": STREAM, "callSid": CALL, "tracks": ["inbound"],
                                        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                                        "customParameters": {}}})
    order = list(range(len(caller)))
    order[40], order[41] = order[41], order[40]
    for slot, i in enumerate(order):
        if 20 <= i <= 22:
            continue
        for _ in range(2 if i == 33 else 1):
            say(150 + 20 * slot, {"event": "media", "media": {
                "track": "inbound", "chunk": str(i + 1), "timestamp": str(120 + 20 * i),
                "payload": base64.b64encode(caller[i]).decode()}})
    say(150 + 20 * len(caller) + 40, {"event": "stop", "stop": {"accountSid": ACCOUNT, "callSid": CALL}})
    f.close()


def main():
    folder = sys.argv[1]
    caller = frames(speech("rms", "Hello, have you rye bread?"))
    voice = frames(speech("slt", "Good morning, we have."))
    seed(os.path.join(folder, "bakery-seed.frames"), caller, voice)
    real(os.path.join(folder, "bakery-real.frames"), caller)


main()
