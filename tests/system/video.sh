#!/bin/bash
# A call's video with the real ffmpeg: what is in the file, what is to be seen, what is said when it cannot be made, and
# what is left when ffmpeg or the worker is killed.
. "${srcdir:=.}/tests/lib.sh"

export RECEPTIONAI_CONF="$work/conf" FFMPEG=ffmpeg
: >"$work/conf"
tool=$srcdir/tests/system/video.py

make_call() {
    mkdir -p "$work/$1"
    /usr/bin/python3 "$tool" make "$work/$1" "$2"
    sqlite3 "$work/$1.db" <"$srcdir/db/schema.sql"
    sqlite3 "$work/$1.db" <"$work/$1/call.sql"
}

render() {
    "$builddir/tests/media/render" "$work/$1.db" CA1 "$work/$1" "${@:2}" 2>"$work/render.log"
}

# counts SECOND: sets the variables that video.py see prints.
counts() {
    local line
    while read -r line; do declare -g "$line"; done < <(/usr/bin/python3 "$tool" see "$work/short/video.mp4" "$1")
}

make_call short 10
has "a short call becomes a video" "$(render short)" "done "
probe() { ffprobe -v error -show_entries "$1" -of csv=p=0 "$work/short/video.mp4" | tr '\n' ' '; }
is "its picture is H.264, 1280 x 720, 15 frames a second, its sound AAC" \
    "$(probe stream=codec_name,width,height,r_frame_rate)" "h264,1280,720,15/1 aac,0/0 "
is "its sound is mono at 24 kHz" "$(probe stream=sample_rate,channels | tr -d " ")" "24000,1"
ok "it is as long as the call" awk -v s="$(probe format=duration)" 'BEGIN { exit !(s > 9.9 && s < 10.2) }'
ok "it takes less than 20 kB a second" [ "$(stat -c %s "$work/short/video.mp4")" -lt 200000 ]
ok "players may begin before all has come: moov is in front" bash -c \
    'head -c 100 "$1" | grep -aq moov' - "$work/short/video.mp4"
ok "nobody else may read it" [ "$(stat -c %a "$work/short/video.mp4")" = 640 ]

counts 2
ok "both speakers' colours are there, and the merchant's name" [ "$teal" -gt 150 -a "$violet" -gt 25 -a "$title" -gt 150 ]
ok "while the caller speaks, the caller's words are there and no others" \
    [ "$caller_words" -gt 150 -a "$voice_words" -eq 0 ]
ok "the playhead is after a fifth" [ "$head_x" -gt 288 -a "$head_x" -lt 308 ]
counts 5
ok "while the receptionist speaks, hers are there, in their place and size" \
    [ "$caller_words" -eq 0 -a "$voice_words" -gt 150 -a "$voice_words" -lt 2000 ]
first_violet=$violet
counts 7.8
ok "while both speak, both have words" [ "$caller_words" -gt 50 -a "$voice_words" -gt 50 ]
ok "what was played is bright" [ "$violet" -gt "$first_violet" ]

is "the captions are WebVTT with both speakers" \
    "$(/usr/bin/python3 "$tool" vtt "$work/short/captions.vtt" 2>&1)" "4 Caller Receptionist"
ok "a turn that was cut ends in a dash" grep -q 'We have —' "$work/short/captions.vtt"
first=$(sha256sum <"$work/short/video.mp4")
render short >/dev/null
is "made again, it is the same file" "$(sha256sum <"$work/short/video.mp4")" "$first"

ffmpeg -v error -i "$work/short/video.mp4" -t 6 -an -c:v copy "$work/short/face.mp4"
has "a picture that somebody else made gets the call's sound" "$(render short face.mp4)" "done "
frames() { ffprobe -v error -select_streams v -show_entries stream=codec_name,nb_frames -of csv=p=0 "$work/short/$1"; }
is "its picture is copied" "$(frames video.mp4)" "$(frames face.mp4)"
ok "its sound is as long as the call" awk -v s="$(probe format=duration)" 'BEGIN { exit !(s > 9.9 && s < 10.2) }'
echo 'no video' >"$work/short/face.mp4"
has "what is no video never becomes one" "$(render short face.mp4)" "never "
printf 'ffconcat version 1.0\nfile short/mix.wav\n' >"$work/short/face.mp4"
has "nor does a list that would lead ffmpeg elsewhere" "$(render short face.mp4)" "never "
rm "$work/short/face.mp4"

rm "$work/short/video.mp4"
is "without ffmpeg all videos wait, and it is said why" "$(FFMPEG=/nonexistent/ffmpeg render short | sed 's/ ms=[0-9]*//')" \
    "config why=FFMPEG: ffmpeg cannot be run: No such file or directory"
cat >"$work/old-ffmpeg" <<'END'
#!/bin/sh
echo "Unknown encoder 'libx264'" >&2
exit 1
END
chmod +x "$work/old-ffmpeg"
has "an ffmpeg that cannot do it is told by its own words" "$(FFMPEG=$work/old-ffmpeg render short)" \
    "why=ffmpeg lacks what a video needs: old-ffmpeg failed with code 1: Unknown encoder 'libx264'"
echo '<fontconfig><dir>/nonexistent</dir></fontconfig>' >"$work/fonts.conf"
has "so it is without a font" "$(FONTCONFIG_FILE=$work/fonts.conf render short)" "why=no font is installed"
ln -s /dev/full "$work/short/video.mp4.part"
result=$(render short)
has "a full disk is named, and it is tried again" "$result" "again "
has "by its name" "$result" "the disk is full"
result=$(ulimit -f 20; render short)
has "a file that is not allowed to grow is no video" "$result" "again "
ok "nothing half done is left" bash -c '! ls "$1"/video.mp4* 2>/dev/null' - "$work/short"

make_call long 300
# ffmpeg_of: the pid of the ffmpeg that encodes, once frames flow.
ffmpeg_of() { pgrep -P "$pid" ffmpeg >"$work/child" && grep -q '^[1-9][0-9]* of 300000' "$work/long.log"; }
gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
begin_long() {
    : >"$work/long.log"
    spawn long "$builddir/tests/media/render" "$work/long.db" CA1 "$work/long"
    ok "a long call's video is being made ($1)" wait_for 60 ffmpeg_of
    child=$(cat "$work/child")
}

begin_long "then ffmpeg is killed"
kill -9 "$child"
wait "$pid"
is "ffmpeg was killed: tried again" $? 1
ok "and it is said" grep -q 'ffmpeg was killed by signal 9' "$work/long.log"
ok "nothing half done is left of it" bash -c '! ls "$1"/video.mp4* 2>/dev/null' - "$work/long"

begin_long "then it is told to stop"
kill -TERM "$pid"
wait "$pid"
is "stopped" $? 6
ok "its ffmpeg is gone" gone "$child"

begin_long "then the worker is killed"
kill -9 "$pid"
wait "$pid" 2>/dev/null
ok "its ffmpeg dies with it" wait_for 20 gone "$child"
finish
