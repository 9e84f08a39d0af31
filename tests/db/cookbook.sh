#!/bin/bash
# Every recipe of db/README.md, in its order, in one folder, and of each what should have come of it.
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
INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, ended_ms, end_reason, handled)
  SELECT 'CA00000000000000000000000000000004', 1, '+14155550126', '+15550100', 'ended', now, now, 'grok-refused', 'apology'
  FROM (SELECT strftime('%s', 'now') * 1000 AS now);
INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason, attestation)
  VALUES('CA00000000000000000000000000000005', 1, '+19005550123', '+15550100', 1700000000000, 'reject', 'blocked', 'failed');
INSERT INTO caller_memory(merchant_id, number, last_call_sid, last_ms, text)
  VALUES(1, '+14155550123', 'CA00000000000000000000000000000001', 1700000008000, 'Asked about Sunday.'),
  (1, '+14155550124', 'CA00000000000000000000000000000002', 1700000008000, 'Wants a table.');
INSERT INTO outgoing_calls(id, merchant_id, number, created_ms) VALUES(printf('%032x', 7), 1, '+14155550123', 1700000008000);
INSERT INTO stream_events VALUES('CA00000000000000000000000000000001', 'MZ1', 'stream-error', 'Broken pipe', 1700000008000);
UPDATE calls SET recording_url = 'https://media.example.com/call.wav', recording_ms = 7450, recording_stopped = 'disk-full'
  WHERE call_sid = 'CA00000000000000000000000000000001';
INSERT INTO jobs(id, call_sid, kind, state, run_ms, attempt, attempts_max, error, created_ms, finished_ms)
  VALUES(1, 'CA00000000000000000000000000000001', 'video', 'dead', 1, 6, 6, 'ffmpeg fell', 1, 1700000009000);
INSERT INTO tool_calls VALUES('CA00000000000000000000000000000001', 't', 'book_table', 'ok', 3000, 812);
INSERT INTO notices(call_sid, channel, event_id, state, error)
  VALUES('CA00000000000000000000000000000001', 'mail', 'evt_1', 'failed', 'no such mailbox');
INSERT INTO fal_told VALUES(1, 'n', 'r', 0, '', '', 1);
UPDATE jobs SET ext_state = 'unknown', cost_micro_dollars = 250000 WHERE id = 1;
INSERT INTO job_errors(job_id, attempt, at_ms, error) VALUES(1, 6, 1700000009000, 'ffmpeg fell')"
said() { has "$1" "$(cat ok.out)" "$2"; }
# what is in the database: "a sentence" "SQL" "what it answers"
holds() { is "$1" "$(receptionai-sql "$2")" "$3"; }
merchant() { holds "$1" "SELECT $2 FROM merchants WHERE id = 1" "$3"; }

look() {
    case $(cat "$1") in
    *--create*) holds "there is a database, and nobody in it" 'SELECT count(*) FROM merchants' 0 ;;
    *"INSERT INTO merchants(name, phone_number) VALUES"*) merchant "a business is there" "name || active || phone_number" "Bella's1+15550100" ;;
    *"greeting     ="*) merchant "that is how it talks" "voice || language || transfer_number" "lunaen+15550123" ;;
    *bella.txt*) merchant "instructions came from the file" instructions $'You are the receptionist of Bella\'s. Be brief.' ;;
    *my-cloned-voice*)
        said "time zones are listed" Europe/Berlin
        holds "a voice is added" "SELECT count(*) FROM voices WHERE name = 'my-cloned-voice'" 1
        ;;
    *merchant_numbers*) holds "one further number stays" 'SELECT * FROM merchant_numbers' '+15550110|1|reservations' ;;
    *kitchen\ changes*) holds "one question of two is told" 'SELECT group_concat(active) FROM merchant_faq' 1,0 ;;
    *faq.csv*)
        holds "the table's questions are there, one with its new answer" "SELECT count(*), group_concat(active),
            max(iif(question LIKE '%dog%', answer, '')) FROM merchant_faq" "3|1,1,1|Yes, on the terrace and in the bar."
        said "and are shown" "Where can I park?|Behind the house, for two hours."
        ;;
    *semicolons.csv*) holds "semicolons are as good" "SELECT answer FROM merchant_faq WHERE question = 'Do you deliver?'" \
        "Yes; from ten dollars on." ;;
    *merchant_staff*)
        holds "there is staff with hours" "SELECT name, active, count(staff_id), max(opens || closes) FROM merchant_staff
            LEFT JOIN staff_hours ON staff_id = id GROUP BY id ORDER BY id" $'Carla|0|0|\nMarco|1|5|10:0014:00'
        ;;
    *protect_disclosure*) merchant "that is how it is interrupted" "protect_disclosure || hold_off_ms || farewell" \
        "1150Thank you for calling Bella's. Goodbye!" ;;
    *merchant_keys*) holds "keys do something" 'SELECT group_concat(digit || action) FROM merchant_keys' "0transfer,1message" ;;
    *book_table*) holds "the tool is there, with its parameters" \
        "SELECT json_extract(parameters, '$.required[2]') FROM merchant_tools WHERE kind = 'http'" guests ;;
    *web_search*) holds "and the other one" "SELECT count(*) FROM merchant_tools" 2 ;;
    *merchant_usage*)
        said "the month's use, and what it may be" "|$(date -u +%Y-%m)|2|0|2|1.5|600|0.12|50.0"
        ;;
    *"active = 0 WHERE phone_number = '+15550100'"*) merchant "it is awake again" active 1 ;;
    *config_warnings*)
        said "something is left to be done" "merchants.fallback_number|"
        ;;
    *"INSERT INTO merchant_hours"*) holds "it has hours" 'SELECT count(*) FROM merchant_hours' 6 ;;
    *merchant_days*) holds "and special days" "SELECT day || coalesce(opens, '') FROM merchant_days ORDER BY 1" \
        $'01-01\n12-25\n2026-12-3112:00\n2026-12-3118:00' ;;
    *after_hours_instructions*) merchant "after hours the receptionist knows more" "after_hours, length(after_hours_instructions) > 9" "ai|1" ;;
    *"after_hours = 'forward'"*) merchant "at last it only says a sentence" "after_hours, after_hours_number, after_hours_notice" \
        "closed|+15550188|Bella's is closed. We are back on Tuesday at five." ;;
    *"INSERT INTO caller_rules"*) holds "three rules stay" "SELECT coalesce(merchant_id, 'all'), number, rule FROM caller_rules ORDER BY id" \
        $'1|+14155550166|block\nall|+1900*|block\n1|+19005550100|allow' ;;
    *"anonymous = 'voicemail'"*) merchant "the door is watched" "anonymous, attestation, caller_calls_hour_max, calls_hour_max" \
        "voicemail|not-failed|6|120" ;;
    *screened_calls*)
        said "who was not let through" "|Bella's|+19005550123|2023-11-14 22:13:20|reject|blocked|failed"
        said "and how many" "blocked|1"
        ;;
    *"INSERT INTO caller_notes"*) holds "the note is there" 'SELECT number, name FROM caller_notes' '+14155550123|Ann Miller' ;;
    *memory_days*)
        said "what is remembered is shown" "+14155550123|1|Asked about Sunday."
        holds "and then forgotten, and nobody remembered" 'SELECT memory, memory_days, (SELECT count(*) FROM caller_memory)
            FROM merchants WHERE id = 1' "0|60|0"
        ;;
    *retention_days*) merchant "calls are kept for ever" retention_days "" ;;
    *"FROM transcripts WHERE call_sid"*LIMIT* | *live_calls*)
        said "the log shows the merchant and the fault" \
            "Bella's|+14155550123|2023-11-14 22:13:20|ended|7.5|2|FAULT: Grok closed the connection during the call."
        said "the transcript reads in order" $'0:00.0|receptionist|Good day!\n1:01.5|caller|Are you open? [cut]'
        said "live calls show the other one" "Bella's|+14155550124|live|"
        ;;
    *missed_calls*) said "a missed call" "|Bella's|+14155550126|apology|Grok refused the connection or the session.||" ;;
    *messages_new*)
        said "a message with the number it came from" "Bella's|2023-11-14 22:13:25|URGENT|Ann|+14155550123|Please call back."
        said "a voicemail with its length" "|+14155550123|7 s of voicemail: https://api.twilio.com/RE1"
        holds "then they are seen" 'SELECT count(*) FROM messages_new' 0
        ;;
    *"FROM tool_calls"*) said "a tool was used" "CA00000000000000000000000000000001|book_table|ok|812" ;;
    *"FROM recordings"*) said "a recording with its length and its URL" "|7.5|disk-full|https://media.example.com/call.wav|" ;;
    *until_stream_ms*)
        said "a failed call has its sentence" "sentence = Grok closed the connection during the call."
        said "and times" "until_stream_ms = 500"
        said "and what Twilio said" "stream-error|Broken pipe|2023-11-14 22:13:28"
        said "and how far it came" "1:01.5|caller|Are you open? [cut]"
        said "and what was done afterwards" "video|dead|6|ffmpeg fell"
        ;;
    *"GROUP BY word"*) said "faults are counted" "1|Grok refused the connection or the session." ;;
    *failed_jobs*)
        said "what was given up is told" "CA00000000000000000000000000000001|Bella's|video|6|2023-11-14 22:13:29|ffmpeg fell"
        said "and each attempt's reason" "|video|6|ffmpeg fell"
        ;;
    *"UPDATE jobs"*) holds "what was given up is ready again" "SELECT state, attempt, fence FROM jobs WHERE kind = 'video'" "ready|0|1" ;;
    *"video = 'fal'"*) merchant "what becomes of calls is as told" "recording, recording_consent, video, notify_url IS NULL" "0|disclosure|fal|1" ;;
    *"FROM notices"*) said "somebody was told" "CA00000000000000000000000000000001|mail|failed|no such mailbox" ;;
    *ext_state*) said "an order is in the books" "unknown||0.25|ffmpeg fell" ;;
    *businesses.csv*)
        holds "two businesses came in" "SELECT name, time_zone, coalesce(language, 'any'), fallback_number, length(instructions) > 40
            FROM merchants WHERE id > 1" $'Carlo\'s|America/Chicago|en|+15550291|1\nDora & Sons, Plumbers|America/Denver|any|+15550292|1'
        ok "… taken twice, the file makes no more of them" bash -e "$1"
        holds "… really" 'SELECT count(*) FROM merchants' 3
        sed -e 's/+15550201/+15550203/' -e 's/+15550202/0/' "$1" >wrong.sh
        ok "… and with a wrong row takes none" bash -c '! bash -e wrong.sh'
        holds "… really none" 'SELECT count(*) FROM merchants' 3
        ;;
    *transcripts.json*)
        has "businesses went out with their columns" "$(head -n 1 merchants.csv)" id,name,phone_number,active,
        is "and this month's calls" "$(grep -c ^CA calls.csv)" 2
        ok "and what was said" /usr/bin/python3 -c 'import json; assert json.load(open("transcripts.json"))[1]["role"] == "caller"'
        ;;
    *caller.json*)
        ok "what is known of a caller" /usr/bin/python3 -c 'import json; call, = json.load(open("caller.json"))
assert json.loads(call["said"])[0] == ["receptionist", "Good day!"]'
        holds "is forgotten, turns and messages and all" 'SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM turns),
            (SELECT count(*) FROM messages), (SELECT count(*) FROM jobs), (SELECT count(*) FROM caller_notes)' "3|0|0|0|0"
        is "and nothing has the number any more" "$(receptionai-sql .dump | grep -ce "^INSERT.*'+14155550123'" -e '^INSERT INTO fal_told')" 0
        holds "and the worker knows" 'SELECT recording_url FROM forgotten_calls' "https://media.example.com/call.wav"
        ;;
    *"DELETE FROM merchants"*) holds "a business is gone" 'SELECT group_concat(name) FROM merchants' "Bella's,Carlo's" ;;
    *VACUUM*) said "the copy is sound" ok ;;
    *"cp backup.db"*)
        holds "the restored file is sound and in WAL mode" 'PRAGMA integrity_check; PRAGMA foreign_key_check; PRAGMA journal_mode' $'ok\nwal'
        holds "all is there" 'SELECT (SELECT count(*) FROM merchant_hours), (SELECT count(*) FROM merchant_keys),
            (SELECT count(*) FROM merchant_tools), (SELECT count(*) FROM merchant_faq)' "6|2|2|4"
        ;;
    *) tap_line 'not ok' "somebody looks at what $1 did" ;;
    esac
}
for recipe in recipe-*.sh; do
    if grep -q merchant_usage "$recipe"; then
        ok "somebody has called" receptionai-sql "$calls"
    fi
    ok "recipe $recipe: $(head -n 1 "$recipe" | cut -c 1-70)" bash -e "$recipe"
    look "$recipe"
done
unexplained() {
    local word
    for word in $(receptionai-sql 'SELECT word FROM end_reasons WHERE fault'); do
        grep -q "^| .*\`$word\`.* | " "$srcdir/db/README.md" || echo "$word"
    done
}
is "every end of a call that is a fault is explained" "$(unexplained)" ""
recipes=(recipe-*.sh)
ok "there are at least forty recipes" test "${#recipes[@]}" -ge 40
finish
