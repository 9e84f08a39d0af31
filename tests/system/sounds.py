#!/usr/bin/python3
"""What other people's programs read in our WAV files: sox, ffmpeg and libsndfile, sample by sample, and what they say of
the length. sounds.py FOLDER, made by sounds_tool of the tracks caller.ulaw and voice.ulaw that stand in it again."""
import array
import audioop
import ctypes
import json
import os
import subprocess
import sys

FOLDER = sys.argv[1]
tap = 0
failed = 0


def say(name, good, why=""):
    global tap, failed
    tap += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {tap} - {name}")
    if not good:
        print(f"# {why}")


def path(name):
    return os.path.join(FOLDER, name)


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


class Info(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64), ("rate", ctypes.c_int), ("channels", ctypes.c_int), ("format", ctypes.c_int),
                ("sections", ctypes.c_int), ("seekable", ctypes.c_int)]


SNDFILE = ctypes.CDLL("libsndfile.so.1")
SNDFILE.sf_open.restype = ctypes.c_void_p
SNDFILE.sf_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(Info)]
SNDFILE.sf_readf_short.restype = ctypes.c_int64
SNDFILE.sf_readf_short.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
SNDFILE.sf_close.argtypes = [ctypes.c_void_p]


def sndfile_reads(name):
    """(frames, channels, rate, samples), as libsndfile says; more is asked for than there should be."""
    info = Info()
    handle = SNDFILE.sf_open(path(name).encode(), 0x10, ctypes.byref(info))
    assert handle, f"libsndfile does not open {name}"
    samples = (ctypes.c_int16 * ((info.frames + 100) * info.channels))()
    frames = SNDFILE.sf_readf_short(handle, samples, info.frames + 100)
    SNDFILE.sf_close(handle)
    return frames, info.channels, info.rate, bytes(samples)[:2 * frames * info.channels]


def sox_reads(name):
    frames, channels, rate = (int(run("soxi", option, path(name))) for option in ("-s", "-c", "-r"))
    return frames, channels, rate, run("sox", path(name), "-t", "raw", "-e", "signed", "-b", "16", "-L", "-D", "-")


def ffmpeg_reads(name):
    shown = run("ffprobe", "-v", "error", "-show_entries", "stream=duration_ts,channels,sample_rate", "-of", "json", path(name))
    stream = json.loads(shown)["streams"][0]
    samples = run("ffmpeg", "-v", "error", "-i", path(name), "-f", "s16le", "-c:a", "pcm_s16le", "-")
    return stream["duration_ts"], stream["channels"], int(stream["sample_rate"]), samples


def interleave(left, right):
    both = array.array("h", bytes(2 * len(left)))
    both[0::2] = array.array("h", left)
    both[1::2] = array.array("h", right)
    return both.tobytes()


def head_is_exact(name, head_bytes):
    data = open(path(name), "rb").read()
    size = int.from_bytes(data[4:8], "little")
    data_bytes = int.from_bytes(data[head_bytes - 4:head_bytes], "little")
    return size == len(data) - 8 and len(data) == head_bytes + data_bytes + data_bytes % 2 and \
        data[head_bytes - 8:head_bytes - 4] == b"data"


def main():
    caller, voice = (open(path(name), "rb").read() for name in ("caller.ulaw", "voice.ulaw"))
    left, right = audioop.ulaw2lin(caller, 2), audioop.ulaw2lin(voice, 2)
    count = len(caller)
    ours = {"call.wav": (44, 2, interleave(left, right)), "call-ulaw.wav": (58, 2, interleave(left, right)),
            "mix.wav": (44, 1, None)}
    for name, (head_bytes, channels, samples) in ours.items():
        say(f"{name}: its sizes are the file's", head_is_exact(name, head_bytes))
        if samples is None:
            samples = open(path(name), "rb").read()[head_bytes:]
        for who, reads in (("sox", sox_reads), ("ffprobe and ffmpeg", ffmpeg_reads), ("libsndfile", sndfile_reads)):
            *shape, read = reads(name)
            say(f"{name}: {who} finds {count} samples a channel", shape == [count, channels, 8000], f"found {shape}")
            say(f"{name}: {who} reads every sample as it is", read == samples,
                f"{len(read)} bytes, {len(samples)} wanted, equal: {sum(a == b for a, b in zip(read, samples))}")
    mixed = array.array("h", open(path("mix.wav"), "rb").read()[44:])
    sums = [a + b for a, b in zip(array.array("h", left), array.array("h", right))]
    say("mix.wav: what is softer than the knee is the sum, and nothing changes its sign",
        all(m == s if abs(s) <= 24576 else m * s > 0 and 24576 <= abs(m) <= abs(s) for m, s in zip(mixed, sums)))
    print(f"1..{tap}")
    return 1 if failed else 0


sys.exit(main())
