#!/bin/bash
# Our WAV files, read by sox, ffmpeg and libsndfile: lengths and every sample. Two tracks of an odd length: speech,
# noise at full scale, and all 256 codes.
. "${srcdir:=.}/tests/lib.sh"

for program in sox soxi ffmpeg ffprobe flite; do
    command -v "$program" >/dev/null || { echo "Bail out! $program is not installed (deploy/packages)"; exit 1; }
done
mkdir "$work/out"
flite -voice slt -t "Good morning. When are you open on Sunday, and may I bring a dog?" -o "$work/speech.wav"
sox "$work/speech.wav" -t raw -r 8000 -c 1 -e mu-law -b 8 "$work/speech.ulaw" 2>"$work/sox.log"
/usr/bin/python3 - "$work" <<'PYTHON'
import random, sys
work = sys.argv[1]
chance = random.Random(7)
speech = open(f"{work}/speech.ulaw", "rb").read()
noise = bytes(chance.randrange(256) for _ in range(16000))
codes = bytes(range(256))
caller = speech + noise + codes + b"\xff" * 999
voice = b"\xff" * 8000 + speech[::-1] + noise[::-1] + codes[::-1]
length = max(len(caller), len(voice)) | 1
for name, track in (("caller", caller), ("voice", voice)):
    open(f"{work}/{name}.raw", "wb").write(track.ljust(length, b"\xff"))
PYTHON
ok "the files are made" "$builddir/tests/media/sounds_tool" "$work/caller.raw" "$work/voice.raw" "$work/out"
ok "the caller's track is kept as it is" cmp "$work/caller.raw" "$work/out/caller.ulaw"
ok "the receptionist's track is kept as it is" cmp "$work/voice.raw" "$work/out/voice.ulaw"
is "nothing else is left behind" "$(find "$work/out" -type f | wc -l)" 5
/usr/bin/python3 -W ignore "$srcdir/tests/system/sounds.py" "$work/out" >"$work/judged" 2>&1
while read -r line; do
    case $line in
    ok*) tap_line ok "${line#* - }" ;;
    "not ok"*) tap_line "not ok" "${line#* - }" ;;
    1..*) judged=yes ;;
    *) printf '# %s\n' "$line" ;;
    esac
done <"$work/judged"
is "all were asked" "${judged:-no}" yes
finish
