"""A call for the video step, and what is to be seen in its video.

  video.py make FOLDER SECONDS      tracks, mix.wav and call.sql: the caller speaks in the seconds 1 to 3, the
                                    receptionist in 4 to 6, both in 7 to 8; then the same again every 10 seconds
  video.py see VIDEO AT             counts of pixels at that second, of the colours that matter, one NAME=COUNT a line
  video.py vtt FILE                 "CUES SPEAKERS": parsed by the letter of the standard, or a failure
"""
import math
import re
import struct
import subprocess
import sys
import wave

RATE = 8000
WIDTH, HEIGHT = 1280, 720
CARDS = {"caller": (108, 396), "voice": (408, 696)}
WORDS_TOP = 186


def ulaw(sample):
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 15) & 0xFF


def speech(hz):
    return [int(9000 * math.sin(2 * math.pi * hz * i / RATE) * abs(math.sin(math.pi * 3 * i / RATE))) for i in range(RATE)]


def make(folder, seconds):
    second = {"caller": speech(150), "voice": speech(230)}
    spoken = {"caller": (1, 2, 7), "voice": (4, 5, 7)}
    codes = {name: bytes(map(ulaw, samples)) for name, samples in second.items()}
    mix = wave.open(f"{folder}/mix.wav", "wb")
    mix.setnchannels(1)
    mix.setsampwidth(2)
    mix.setframerate(RATE)
    sums = {}
    with open(f"{folder}/caller.ulaw", "wb") as caller, open(f"{folder}/voice.ulaw", "wb") as voice:
        for at in range(seconds):
            tracks = {name: at % 10 in spoken[name] for name in second}
            caller.write(codes["caller"] if tracks["caller"] else b"\xff" * RATE)
            voice.write(codes["voice"] if tracks["voice"] else b"\xff" * RATE)
            who = tuple(name for name in second if tracks[name])
            if who not in sums:
                sums[who] = struct.pack(f"<{RATE}h", *(sum(second[name][i] for name in who) for i in range(RATE)))
            mix.writeframes(sums[who])
    mix.close()
    sql = ["INSERT INTO merchants(name, phone_number) VALUES('{\\fs99}Bella & Co', '+15550100');",
           "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms,"
           " ended_ms, end_reason) VALUES('CA1', 1, '+1', '+15550100', 'ended', 1795000000000, 1795000001000,"
           " 1795000060000, 'caller-hung-up');"]
    for turn, at in enumerate(range(0, seconds, 10)):
        for k, (role, start, end, text, cut) in enumerate((
                ("caller", 1, 3, "A table for four, please.", 0),
                ("receptionist", 4, 6, "{\\an8\\fs200}Gladly.\\N --> <b>When</b>", 0),
                ("receptionist", 7, 8, "We have", 1), ("caller", 7, 8, "At noon.", 0))):
            sql.append(f"INSERT INTO turns VALUES('CA1', {4 * turn + k}, '{role}', '{text}', {1000 * (at + start)},"
                       f" {1000 * (at + end)}, 1, {cut}, NULL);")
    with open(f"{folder}/call.sql", "w") as out:
        out.write("\n".join(sql))


def is_near(pixel, colour):
    return all(abs(a - b) < 48 for a, b in zip(pixel, colour))


def see(video, at):
    frame = subprocess.run(["ffmpeg", "-v", "error", "-ss", at, "-i", video, "-frames:v", "1", "-f", "rawvideo",
                            "-pix_fmt", "rgb24", "-"], check=True, capture_output=True).stdout
    assert len(frame) == WIDTH * HEIGHT * 3, "no whole frame"
    counts = {"title": 0, "teal": 0, "violet": 0, "head_x": 0}
    counts.update({f"{name}_words": 0 for name in CARDS})
    for y in range(0, HEIGHT, 2):
        row = frame[3 * y * WIDTH:3 * (y + 1) * WIDTH]
        for x in range(0, WIDTH, 2):
            pixel = row[3 * x:3 * x + 3]
            if max(pixel) < 100:
                continue
            counts["teal"] += is_near(pixel, (0x2D, 0xD4, 0xBF))
            counts["violet"] += is_near(pixel, (0xA7, 0x8B, 0xFA))
            if min(pixel) > 180:
                counts["title"] += y < 100 and x < 900
                for name, (top, bottom) in CARDS.items():
                    counts[f"{name}_words"] += top + WORDS_TOP <= y < bottom
                if y == CARDS["voice"][0] + 74:
                    counts["head_x"] = x
    for name, count in counts.items():
        print(f"{name}={count}")


def vtt(path):
    blocks = open(path, encoding="utf-8").read().split("\n\n")
    assert blocks[0].strip() == "WEBVTT"
    time = r"\d\d:[0-5]\d:[0-5]\d\.\d{3}"
    speakers, last = set(), ""
    for number, block in enumerate(blocks[1:], 1):
        head, times, *text = block.strip("\n").split("\n")
        assert head == str(number)
        start, end = re.fullmatch(f"({time}) --> ({time})", times).groups()
        assert last <= start < end
        last = start
        body = "\n".join(text)
        match = re.fullmatch(r"<v ([^>&]+)>([^<>]+)</v>", body)
        assert match and "-->" not in body and not re.search("&(?!amp;|lt;|gt;)", body), body
        speakers.add(match.group(1))
    print(len(blocks) - 1, " ".join(sorted(speakers)))


{"make": lambda a: make(a[0], int(a[1])), "see": lambda a: see(*a), "vtt": lambda a: vtt(*a)}[sys.argv[1]](sys.argv[2:])
