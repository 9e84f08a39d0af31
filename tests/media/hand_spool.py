"""A spool as a relay would write it of a recorded stream, so that what reads spools can be tested without one.
hand_spool(frames, folder): frames as read_frames() gives them; the folder is a call's."""
import base64
import datetime
import json
import os
import re


def read_frames(path):
    """(milliseconds, message) of each line."""
    with open(path) as f:
        rows = [line.rstrip("\n").split(" ", 1) for line in f if not line.startswith("#")]
    return [(int(ms), json.loads(text)) for ms, text in rows]


def stamp_ms(text):
    if re.fullmatch(r"\d+", text):
        return int(text)
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000 + 0.5)


def stamps(frames):
    """(track, chunk, milliseconds since the stream's start, audio) of each media message."""
    first = None
    for _, message in frames:
        if message["event"] != "media":
            continue
        media = message["media"]
        ms = stamp_ms(media["timestamp"])
        if not media["timestamp"].isdigit():
            first = ms if first is None else first
            ms = max(0, ms - first)
        yield media["track"], int(media["chunk"]), ms, base64.b64decode(media["payload"], validate=True)


def hand_spool(frames, folder, part=1, wall_ms=1793611800000):
    folder = os.path.join(folder, str(part))
    os.makedirs(folder)
    start = next(message for _, message in frames if message["event"] == "start")
    lines = [f"0 spool version=1 call={start['start']['callSid']} stream={start['streamSid']} part={part} merchant=1 "
             f"wall_ms={wall_ms} caller=+14155550123 called=+15550100"]
    tracks = {"inbound": bytearray(), "outbound": bytearray()}
    times = [ms for ms, message in frames if message["event"] == "media"]
    for ms, (track, chunk, ts, audio) in zip(times, stamps(frames)):
        word = "in" if track == "inbound" else "far"
        lines.append(f"{ms} {word} ts={ts} chunk={chunk} at={len(tracks[track])} bytes={len(audio)}")
        tracks[track] += audio
    lines.append(f"{frames[-1][0]} end reason=caller_hung_up")
    for name, data in (("caller.ulaw", tracks["inbound"]), ("voice.ulaw", b""), ("played.ulaw", tracks["outbound"]),
                       ("events.log", "".join(line + "\n" for line in lines).encode())):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
