#!/bin/bash
# receptionai-replay: the sound of a call from its spool, the same bytes each time, from any prefix of it, and as it was
# heard by the phone's own record.
. "${srcdir:=.}/tests/lib.sh"

replay() { "$builddir/receptionai-replay" "$@"; }
code_of() {
    "$@" >"$work/said" 2>&1
    echo $?
}
digests() { (cd "$1" && sha256sum call.wav call-ulaw.wav mix.wav caller.ulaw voice.ulaw | sort); }
told() { tr '{' '\n' <"$1/made.json" | sed -nE 's/.*"name":"([^"]*)".*"sha256":"([^"]*)".*/\2  \1/p' | sort; }

call=$work/CA1
ok "a spool is written" "$builddir/tests/media/spool_tool" "$call" 2 "$work/heard.ulaw"
ok "it is replayed" replay "$call"
is "made.json tells the digest of each file" "$(told "$call/made")" "$(digests "$call/made")"
ok "it is replayed into another folder" replay --out "$work/again" "$call"
is "which gives the same bytes" "$(digests "$work/again")" "$(digests "$call/made")"
is "and the same made.json" "$(cat "$work/again/made.json")" "$(cat "$call/made/made.json")"
is "nothing half done is left" "$(find "$work" -name '*.part')" ""
is "both sides are equally long" "$(stat -c %s "$call/made/voice.ulaw")" "$(stat -c %s "$call/made/caller.ulaw")"

/usr/bin/python3 "$srcdir/tests/media/heard.py" "$work/heard.ulaw" "$call/made/voice.ulaw" >"$work/facts" 2>&1
echo "# $(cat "$work/facts")"
missing=$(sed -nE 's/.*missing=([0-9]+).*/\1/p' "$work/facts")
# The 20 ms in which the caller interrupted end a little early: at most one for each of the six answers.
ok "all that the phone played is there, but for the edges of cuts" test "${missing:-99}" -le 6
has "at its place" "$(cat "$work/facts")" " median=0 "
has "and nothing that was thrown away" "$(cat "$work/facts")" " never=0"

# The relay was killed: the log and the files end anywhere.
cut=$work/CA2
cp -r "$call" "$cut"
rm -r "$cut/made"
size=$(stat -c %s "$call/1/events.log")
before=0
shorter=0
for part in 10 35 60 99; do
    head -c $((size * part / 100)) "$call/1/events.log" >"$cut/1/events.log"
    head -c $(($(stat -c %s "$call/1/voice.ulaw") * part / 100)) "$call/1/voice.ulaw" >"$cut/1/voice.ulaw"
    replay "$cut" >>"$work/cut.log" 2>&1 || shorter=1
    length=$(stat -c %s "$cut/made/caller.ulaw")
    [ "$length" -gt "$before" ] || shorter=1
    cmp -s -n $((length - 1600)) "$cut/made/caller.ulaw" "$call/made/caller.ulaw" || shorter=1
    before=$length
done
is "a spool that ends anywhere gives all up to there" "$shorter" 0
has "and says that it has no end" "$(tail -n 2 "$work/cut.log")" "no end"

# A call that came back: a second stream, a minute and a half later on the wall clock.
two=$work/CA3
cp -r "$call" "$two"
cp -r "$call/1" "$two/2"
rm -r "$two/made"
wall=$(sed -nE '1s/.*wall_ms=([0-9]+).*/\1/p' "$call/1/events.log")
sed -i "1s/wall_ms=[0-9]*/wall_ms=$((wall + 90000))/;1s/part=1/part=2/" "$two/2/events.log"
ok "a call of two streams is replayed" replay "$two"
once=$(stat -c %s "$call/made/voice.ulaw")
is "they are joined on the wall clock" "$(stat -c %s "$two/made/voice.ulaw")" $((90000 * 8 + once))
ok "the second is as it is alone" cmp -i $((90000 * 8)):0 "$two/made/voice.ulaw" "$call/made/voice.ulaw"
is "with silence between them" \
    "$(tail -c +$((once + 1)) "$two/made/caller.ulaw" | head -c $((90000 * 8 - once)) | tr -d '\377' | wc -c)" 0
ok "one stream alone is replayed" replay --out "$work/alone" "$two/2"
is "as the whole call that it was" "$(digests "$work/alone")" "$(digests "$call/made")"

is "a folder that is not there: 1" "$(code_of replay --out "$work/x" "$work/nowhere")" 1
mkdir "$work/empty"
is "a folder without a spool: 1" "$(code_of replay --out "$work/x" "$work/empty")" 1
has "and why" "$(cat "$work/said")" "no log"
mkdir -p "$work/newer/1"
sed '1s/version=1/version=2/' "$call/1/events.log" >"$work/newer/1/events.log"
is "a newer version: 1" "$(code_of replay --out "$work/x" "$work/newer")" 1
has "and why" "$(cat "$work/said")" "newer"
mkdir -p "$work/mute/1"
head -n 1 "$call/1/events.log" >"$work/mute/1/events.log"
is "a call without sound: 3" "$(code_of replay --out "$work/x" "$work/mute")" 3
cp -r "$call" "$work/CA4"
rm -r "$work/CA4/made"
echo "99999999 recording on=0 why=withdrawn" >>"$work/CA4/1/events.log"
is "a caller who did not want to be recorded: 3" "$(code_of replay "$work/CA4")" 3
is "and nothing is made" "$(ls "$work/CA4/made")" ""
is "no folder: 2" "$(code_of replay)" 2
is "two folders: 2" "$(code_of replay "$call" "$two")" 2
is "an option that is none: 2" "$(code_of replay --nothing "$call")" 2
has "--help tells the exit codes" "$(replay --help)" "Exit code"
finish
