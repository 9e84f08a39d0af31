#!/bin/bash
# The worker's upload step and --link, with a call whose sound and video are made already: into a bucket, and into a folder.
. "${srcdir:=.}/tests/fcgi/lib.sh"
unset "${!AWS_@}" "${!MEDIA_@}" BUCKET_NAME S3_ADDRESSING PUBLIC_URL
make_settings
export RECEPTIONAI_SPOOL=$work/spool
worker() { timeout 120 "$builddir/receptionai-worker" "$@" 2>>"$work/worker.log"; }

# made SID: a call of 24 November 2026 that is over, of which everything but the upload is done.
made() {
    local at_ms=1795514400000
    mkdir -p "$work/spool/$1/made"
    printf 'sound of %s' "$1" >"$work/spool/$1/made/call.wav"
    printf 'video of %s' "$1" >"$work/spool/$1/made/video.mp4"
    printf 'WEBVTT\n' >"$work/spool/$1/made/captions.vtt"
    sql "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms, ended_ms,
            end_reason) VALUES('$1', 1, '$caller', '$bella', 'ended', $at_ms, $at_ms, $at_ms, 'phone-hung-up');
        INSERT INTO jobs(call_sid, kind, state, run_ms, attempts_max, created_ms, finished_ms)
            SELECT '$1', kind, state, 0, 9, $at_ms, nullif($at_ms, at) FROM (
                SELECT 'assemble' AS kind, 'done' AS state, 0 AS at UNION SELECT 'summary', 'done', 0
                UNION SELECT 'video', 'done', 0 UNION SELECT 'upload', 'ready', $at_ms UNION SELECT 'notify', 'done', 0);"
}
row() { sql "SELECT status, recording_url, video_url, captions_url FROM calls WHERE call_sid = '$1'"; }
hash_of() { sha256sum <"$1" | cut -c 1-32; }
# urls SID BASE: what the row should hold.
urls() {
    local folder=$work/spool/$1/made at=$2/calls/1/2026/11/24/$1
    echo "complete|$at/call-$(hash_of "$folder/call.wav").wav|$at/video-$(hash_of "$folder/video.mp4").mp4|$at/captions-$(
        hash_of "$folder/captions.vtt").vtt"
}

spawn stub /usr/bin/python3 "$srcdir/tests/media/s3_stub.py" "$work/port"
wait_for 20 test -s "$work/port" || { echo "Bail out! the stub did not start"; exit 1; }
endpoint=http://127.0.0.1:$(cat "$work/port")
s3=(env BUCKET_NAME=calls "AWS_ENDPOINT_URL_S3=$endpoint" AWS_REGION=eu-test-1 AWS_ACCESS_KEY_ID=AK:ID
    "AWS_SECRET_ACCESS_KEY=secret/+=")
with_s3() { timeout 120 "${s3[@]}" "$builddir/receptionai-worker" "$@" 2>>"$work/worker.log"; }
faults() { printf '%s\n' "$@" | curl -sf --data-binary @- "$endpoint/-/faults"; }
puts() { curl -sf "$endpoint/-/log" | grep -c '^PUT .* 200'; }

sid=CA00000000000000000000000000000001
made "$sid"
has "before that there is nothing to link to" "$(with_s3 --link "$sid" 2>&1; tail -n 1 "$work/worker.log")" \
    "nothing of this call is kept yet"
with_s3 --call "$sid" >"$work/said"
is "a call is uploaded, and complete" "$? $(row "$sid")" "0 $(urls "$sid" "$endpoint/calls")"
links=$(with_s3 --link "$sid" --seconds 30)
is "--link prints what there is" "$(cut -c 1-10 <<<"$links" | tr -d '\n')" "recording video     captions  "
fetched=
while read -r _ link; do fetched+="$(curl -sf "$link")|"; done <<<"$links"
is "in links that work" "$fetched" "sound of $sid|video of $sid|WEBVTT|"
is "but not for ever" "$(grep -c 'X-Amz-Expires=30&' <<<"$links")" 3
ok "a second that is none is refused" bash -c '! "$1" --link "$2" --seconds 0' _ "$builddir/receptionai-worker" "$sid"
ok "so is a call that is not there" bash -c '! "$1" --link CA9' _ "$builddir/receptionai-worker"

faults
sql "UPDATE jobs SET state = 'ready', finished_ms = NULL, run_ms = 0 WHERE call_sid = '$sid' AND kind = 'upload'"
with_s3 --call "$sid" >"$work/said"
is "done again, nothing is sent and nothing changes" "$(puts) $(row "$sid")" "0 $(urls "$sid" "$endpoint/calls")"

sid=CA00000000000000000000000000000002
made "$sid"
rm "$work/spool/$sid/made/video.mp4"
with_s3 --call "$sid" >"$work/said"
is "a call without its video keeps its recording" "$(sql "SELECT status, recording_url IS NOT NULL, video_url FROM calls
    WHERE call_sid = '$sid'")" "ended|1|"

sid=CA00000000000000000000000000000003
made "$sid"
faults "PUT 403"
with_s3 --call "$sid" >"$work/said"
is "a bucket that refuses: the steps wait for the settings" "$? $(sql "SELECT state, error FROM jobs WHERE
    call_sid = '$sid' AND kind = 'upload'")" "1 ready|S3 answered 403 AccessDenied: Access Denied"
with_s3 --retry "$sid" >/dev/null
with_s3 --call "$sid" >"$work/said"
is "and go on when they are right" "$? $(row "$sid")" "0 $(urls "$sid" "$endpoint/calls")"

sid=CA00000000000000000000000000000004
made "$sid"
mkdir "$work/media"
export MEDIA_DIR=$work/media
worker --call "$sid" >"$work/said"
is "without a bucket a call goes into the folder" "$? $(row "$sid")" "0 $(urls "$sid" https://voice.example.com/media)"
is "whose URLs are links" "$(worker --link "$sid" | head -n 1)" "recording $(sql "SELECT recording_url FROM calls
    WHERE call_sid = '$sid'")"
path=$work/media/$(sql "SELECT substr(video_url, length('https://voice.example.com/media/') + 1) FROM calls
    WHERE call_sid = '$sid'")
is "the video is there" "$(cat "$path")" "video of $sid"
has "--check-config says where files go" "$(worker --check-config)" "# files are kept in: folder $work/media, shown as https"
has "and warns of a folder that is not there" "$(MEDIA_DIR=$work/none worker --check-config; tail -n 1 "$work/worker.log")" \
    "MEDIA_DIR $work/none: No such file or directory"
finish
