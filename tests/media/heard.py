"""heard.py HEARD VOICE: where 20 ms of what the phone played are found in the rebuilt track: a line with how many there
are, how many were found within 100 ms, and of those the median and the 99th percentile of |error| in ms; and how many
20 ms of the rebuilt track the phone never played."""
import sys

STEP, REACH = 160, 800
SILENCE = 0xFF


def pieces(track):
    """Pieces without silence: no byte of the test's audio is silence."""
    for at in range(0, len(track) - STEP, STEP):
        piece = track[at:at + STEP]
        if SILENCE not in piece:
            yield at, piece


heard, voice = (open(path, "rb").read() for path in sys.argv[1:3])
errors, count = [], 0
for at, piece in pieces(heard):
    count += 1
    found = voice.find(piece, max(0, at - REACH), at + REACH + STEP)
    if found >= 0:
        errors.append(abs(found - at) / 8)
errors.sort()
never = sum(1 for _, piece in pieces(voice) if piece not in heard)
print(f"count={count} missing={count - len(errors)} median={round(errors[len(errors) // 2])} "
      f"p99={round(errors[len(errors) * 99 // 100])} never={never}")
