#!/bin/bash
# Every recipe of db/README.md, in its order, in one folder; then what should have come of it.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"
export RECEPTIONAI_SCHEMA=$srcdir/db/schema.sql RECEPTIONAI_DB=$work/r.db
export PATH=$builddir:$PATH
unset RECEPTIONAI_CONF
cd "$work" || exit 1

awk '/^```sh$/ { n++; file = sprintf("recipe-%02d.sh", n); next } /^```$/ { file = ""; next } file { print >file }' \
    "$srcdir/db/README.md"
calls="INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms, ended_ms,
  end_reason) VALUES('CA00000000000000000000000000000001', 1, '+14155550123', '+15550100', 'ended', 1700000000000,
  1700000000500, 1700000008000, 'grok-closed'),
  ('CA00000000000000000000000000000002', 1, '+14155550124', '+15550100', 'live', 1700000100000, 1700000100500, NULL, NULL);
INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, started_ms, ended_ms, end_reason,
  heard_ms, cost_micro_dollars) SELECT 'CA00000000000000000000000000000003', 1, '+14155550125', '+15550100', 'ended', now, now,
  now + 90000, 'caller-hung-up', 90000, 123456 FROM (SELECT strftime('%s', 'now') * 1000 AS now);
INSERT INTO messages(call_sid, merchant_id, kind, source_id, caller_name, callback_number, text, urgent, created_ms)
  VALUES('CA00000000000000000000000000000001', 1, 'spoken', 'call_1', 'Ann', '', 'Please call back.', 1, 1700000005000);
INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url, recording_ms, created_ms) VALUES(
  'CA00000000000000000000000000000001', 1, 'voicemail', 'RE1', 'https://api.twilio.com/RE1', 7400, 1700000006000);
INSERT INTO turns VALUES('CA00000000000000000000000000000001', 0, 'receptionist', 'Good day!', 0, 61500, 1, 0, NULL),
  ('CA00000000000000000000000000000001', 1, 'caller', 'Are you open?', 61500, 62000, 1, 1, 'en');
UPDATE calls SET recording_url = 'https://media.example.com/call.wav', recording_ms = 7450, recording_stopped = 'disk-full'
  WHERE call_sid = 'CA00000000000000000000000000000001';
INSERT INTO jobs(id, call_sid, kind, state, run_ms, attempt, attempts_max, error, created_ms, finished_ms)
  VALUES(1, 'CA00000000000000000000000000000001', 'video', 'dead', 1, 6, 6, 'ffmpeg fell', 1, 1700000009000);
INSERT INTO job_errors(job_id, attempt, at_ms, error) VALUES(1, 6, 1700000009000, 'ffmpeg fell')"
count=0
for recipe in recipe-*.sh; do
    if grep -q merchant_usage "$recipe"; then
        ok "somebody has called" receptionai-sql "$calls"
    fi
    ok "recipe $recipe: $(head -n 1 "$recipe" | cut -c 1-70)" bash -e "$recipe"
    case $(cat "$recipe") in
    *call_log*)
        has "the log shows the merchant and the fault" "$(cat ok.out)" \
            "Bella's|+14155550123|2023-11-14 22:13:20|ended|7.5|2|FAULT: Grok closed the connection during the call."
        has "the transcript reads in order" "$(cat ok.out)" $'0:00.0|receptionist|Good day!\n1:01.5|caller|Are you open? [cut]'
        has "live calls show the other one" "$(cat ok.out)" "Bella's|+14155550124|live|"
        ;;
    *merchant_usage*)
        has "the month's use, and what it may be" "$(cat ok.out)" "|$(date -u +%Y-%m)|1|0|2|1.5|600|0.12|50.0"
        ;;
    *messages_new*)
        has "a message with the number it came from" "$(cat ok.out)" \
            "Bella's|2023-11-14 22:13:25|URGENT|Ann|+14155550123|Please call back."
        has "a voicemail with its length" "$(cat ok.out)" "|+14155550123|7 s of voicemail: https://api.twilio.com/RE1"
        is "then they are seen" "$(receptionai-sql 'SELECT count(*) FROM messages_new')" 0
        ;;
    *"FROM recordings"*)
        has "a recording with its length and its URL" "$(cat ok.out)" "|7.5|disk-full|https://media.example.com/call.wav|"
        ;;
    *failed_jobs*)
        has "what was given up is told" "$(cat ok.out)" \
            "CA00000000000000000000000000000001|Bella's|video|6|2023-11-14 22:13:29|ffmpeg fell"
        has "and each attempt's reason" "$(cat ok.out)" "|video|6|ffmpeg fell"
        ;;
    *"UPDATE jobs"*)
        is "what was given up is ready again" "$(receptionai-sql "SELECT state, attempt, fence FROM jobs WHERE kind = 'video'")" \
            "ready|0|1"
        ;;
    *"video = 'fal'"*)
        is "what becomes of calls is as told" "$(receptionai-sql 'SELECT recording, recording_consent, video, notify_url IS NULL
            FROM merchants')" "0|disclosure|fal|1"
        ;;
    *VACUUM*) has "the copy is sound" "$(cat ok.out)" ok ;;
    *tool_calls*)
        is "the tool is there, with its parameters" \
            "$(receptionai-sql "SELECT json_extract(parameters, '$.required[2]') FROM merchant_tools WHERE kind = 'http'")" guests
        is "and so are hours and keys" "$(receptionai-sql 'SELECT (SELECT count(*) FROM merchant_hours),
            (SELECT group_concat(action) FROM merchant_keys)')" "6|transfer,message"
        ;;
    *time_zones*) has "time zones are listed" "$(cat ok.out)" Europe/Berlin ;;
    esac
    count=$((count + 1))
done
ok "there are at least ten recipes" test "$count" -ge 10
is "instructions came from the file" "$(receptionai-sql 'SELECT instructions FROM merchants')" \
    $'You are the receptionist of Bella\'s. Be brief.'
is "the merchant is awake, with its voice" "$(receptionai-sql 'SELECT active, voice FROM merchants')" "1|luna"
is "the caller is forgotten, turns and messages and all" \
    "$(receptionai-sql 'SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM turns), (SELECT count(*) FROM messages)')" "2|0|0"
is "and its jobs; and the worker knows" \
    "$(receptionai-sql 'SELECT (SELECT count(*) FROM jobs), (SELECT recording_url FROM forgotten_calls)')" \
    "0|https://media.example.com/call.wav"
is "hours, keys and tools are there" "$(receptionai-sql 'SELECT (SELECT count(*) FROM merchant_hours),
    (SELECT count(*) FROM merchant_keys), (SELECT count(*) FROM merchant_tools)')" "6|2|2"
is "the restored file is sound and in WAL mode" \
    "$(receptionai-sql 'PRAGMA integrity_check; PRAGMA foreign_key_check; PRAGMA journal_mode')" $'ok\nwal'
finish
