#!/bin/bash
# What the views answer: each warning comes with its cause and goes with the cure that its column names.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"
db=$work/r.db
sql() { sqlite3 -bail "$db" "$1" 2>&1; }
warnings() { sql "SELECT change || ': ' || warning FROM config_warnings"; }

# warns SENTENCE-PART COLUMN CAUSE CURE: nothing before, that one alone after the cause, nothing after the cure.
warns() {
    local got
    got=$(sql "$3" && warnings)
    has "$3" "$got" "$2: "
    has "… is told" "$got" "$1"
    is "… and only that" "$(grep -c : <<<"$got")" 1
    sql "$4"
    is "… until $4" "$(warnings)" ""
}

sqlite3 -bail "$db" <"$srcdir/db/schema.sql"
is "no merchant at all is told" "$(warnings)" "merchants: There is no active merchant: every call is refused."
sql "INSERT INTO merchants(name, phone_number) VALUES('Bella''s', '+15550100')"
is "a name and a number are enough, but not all" "$(warnings | cut -d: -f1 | tr '\n' ' ')" \
    "merchants.disclosure merchants.fallback_number merchants.instructions merchants.minutes_month_max "
sql "UPDATE merchants SET disclosure = 'This call is recorded.', fallback_number = '+15550177', minutes_month_max = 600,
    instructions = 'Be kind.', time_zone = 'Europe/Berlin'"
is "a merchant with everything warns of nothing" "$(warnings)" ""

back() { printf "UPDATE merchants SET %s WHERE id = 1" "$1"; }
warns 'there is no fallback_number' merchants.fallback_number "$(back 'fallback_number = NULL')" "$(back "transfer_fallback = 'voicemail'")"
sql "UPDATE merchants SET fallback_number = '+15550177', transfer_fallback = 'ai'"
hours="INSERT INTO merchant_hours VALUES(1, 0, '09:00', '17:00')"
warns 'callers get the same when they are over' merchants.after_hours "$hours" "$(back "after_hours = 'message'")"
warns 'it is never after hours' merchant_hours "DELETE FROM merchant_hours" "$(back "after_hours = 'ai'")"
sql "$hours; UPDATE merchants SET after_hours = 'closed'"
warns 'nobody is forwarded to it: after_hours is closed' merchants.after_hours_number "$(back "after_hours_number = '+15550178'")" \
    "$(back "after_hours = 'forward'")"
warns 'Opening hours are taken as UTC' merchants.time_zone "$(back "time_zone = 'UTC'")" "$(back "time_zone = 'Asia/Tokyo'")"
warns 'callers are not told' merchants.disclosure "$(back 'disclosure = NULL')" "$(back 'recording = 0')"
sql "UPDATE merchants SET recording = 1, recording_consent = 'disclosure'"
has "consent to a disclosure that is not there is told" "$(warnings)" "merchants.recording_consent: "
sql "UPDATE merchants SET disclosure = 'This call is recorded.'"
warns 'The receptionist knows nothing' merchants.instructions "$(back 'instructions = NULL')" \
    "INSERT INTO merchant_faq(merchant_id, question, answer) VALUES(1, 'Dogs?', 'Yes.')"
warns 'callers from abroad' merchants.attestation "$(back "attestation = 'passed'")" "$(back "attestation = 'not-failed'")"
warns 'The URL of book is not https' merchant_tools.url "INSERT INTO merchant_tools(merchant_id, name, description, url)
    VALUES(1, 'book', 'Books.', 'http://bellas.example.com')" "UPDATE merchant_tools SET active = 0"
warns 'notify_url is not https' merchants.notify_url "$(back "notify_url = 'http://a.example.com', notify_secret = '0123456789abcdef'")" \
    "$(back "notify_url = 'http://127.0.0.1/calls'")"
warns 'have 22104 of the 24000 bytes' merchant_faq "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
    INSERT INTO merchant_faq(merchant_id, question, answer) SELECT 1, 'q' || i, printf('%.*c', 1470, 'a') FROM n" \
    "DELETE FROM merchant_faq WHERE question = 'q20'"
warns 'handed over to nobody: there is no transfer_number' merchants.transfer_number \
    "INSERT INTO merchant_staff(id, merchant_id, name, number) VALUES(1, 1, 'Ann', '+15550144'); INSERT INTO staff_hours
    VALUES(1, 0, '09:00', '17:00')" "$(back "transfer_number = '+15550155'")"
warns 'Key 7 hands over to nobody' merchant_keys.number "DELETE FROM merchant_staff; UPDATE merchants SET transfer_number = NULL;
    INSERT INTO merchant_keys VALUES(1, '7', 'transfer', NULL)" "UPDATE merchant_keys SET number = '+15550155'"
warns 'The block of +1900* ended on 2023-11-14' caller_rules "INSERT INTO caller_rules(merchant_id, number, until_ms)
    VALUES(NULL, '+1900*', 1700000000000)" "DELETE FROM caller_rules"
warns 'number begins with +49: that is a whole country' caller_rules.number "INSERT INTO caller_rules(number) VALUES('+49*')" \
    "UPDATE caller_rules SET rule = 'allow'"
warns 'All special days with a year are over' merchant_days "INSERT INTO merchant_days(merchant_id, day)
    VALUES(1, '2023-12-24'), (1, '12-25')" "INSERT INTO merchant_days(merchant_id, day) VALUES(1, '2099-12-24')"
warns 'memory_days is 90, retention_days 30' merchants.memory "$(back 'memory = 1, retention_days = 30')" "$(back 'memory_days = 30')"
warns 'Nothing limits what a month may cost' merchants.minutes_month_max "$(back 'minutes_month_max = NULL')" \
    "$(back 'dollars_month_max = 10')"
sql "INSERT INTO merchants(id, name, phone_number, fallback_number, dollars_month_max, disclosure, instructions)
    VALUES(2, 'Ann', '+15550102', '+15550179', 1, 'x', 'x')"
warns 'is the number of a merchant of ours' merchants.fallback_number "$(back "fallback_number = '+15550102'")" \
    "$(back "fallback_number = '+15550177'")"
warns 'is the number of a merchant of ours' merchants.fallback_number "INSERT INTO merchant_numbers VALUES('+15550103', 2, NULL);
    $(back "transfer_number = '+15550103'")" "$(back 'transfer_number = NULL')"

now="strftime('%s', 'now') * 1000"
call() { sql "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, status, created_ms, ended_ms, end_reason,
    handled, answered_ms) VALUES('$1', 1, $2, '+15550100', 'ended', $now + $3, $now + $3, $4, $5, $6)"; }
call CA1 "'+14155550101'" 0 "'caller-hung-up'" "'receptionist'" "$now"
warns 'before that, it had 1 call.' merchants.active "UPDATE merchants SET active = 0 WHERE id = 1" \
    "UPDATE merchants SET active = 1 WHERE id = 1"
is "who is being handed over has his place among the calls there are now" "$(sql "INSERT INTO calls(call_sid, merchant_id,
    caller_number, called_number, status, started_ms, created_ms, transfer_number) VALUES('CA0', 1, '', '', 'transferring',
    $now, $now, '+15550155'); SELECT calls_now FROM merchant_usage WHERE merchant_id = 1; DELETE FROM calls WHERE call_sid = 'CA0'")" 1
call CA2 "'+14155550102'" 0 "'no-stream'" NULL NULL
call CA3 "'+14155550103'" 0 "'grok-refused'" "'apology'" NULL
call CA4 "'+14155550104'" 0 "'after-hours'" "'notice'" NULL
call CA5 "'+14155550105'" 0 "'rejected'" "'rejected'" NULL
call CA6 "'+14155550106'" 0 "'after-hours'" "'voicemail'" NULL
call CA7 "'+14155550107'" 0 "'grok-closed'" "'nobody'" "$now"
call CA8 "'anonymous'" 0 "'no-stream'" "'nobody'" NULL
call CA9 "'+14155550109'" 0 "'transferred'" NULL NULL
sql "INSERT INTO messages(call_sid, merchant_id, kind, source_id, text, created_ms) VALUES('CA7', 1, 'spoken', 'a', 'x', 5);
    UPDATE merchants SET notify_email = 'a@b.example'"
is "missed are those with whom nobody talked and who left nothing" \
    "$(sql "SELECT group_concat(call_sid || ' ' || got) FROM (SELECT * FROM missed_calls ORDER BY call_sid)")" \
    "CA2 nobody,CA3 apology,CA4 notice,CA8 nobody"
call CA12 "'+14155550102'" 60000 "'caller-hung-up'" "'receptionist'" "$now"
call CA18 "'anonymous'" 60000 "'caller-hung-up'" "'receptionist'" "$now"
sql "INSERT INTO outgoing_calls(id, merchant_id, number, created_ms, call_sid) VALUES(printf('%032x', 1), 1, '+14155550103',
    $now + 5000, 'CA23'), (printf('%032x', 2), 1, '+14155550104', $now + 5000, NULL)"
is "who called again, and who was called back" "$(sql "SELECT group_concat(call_sid || (called_again <> '') || (called_back <> ''))
    FROM (SELECT * FROM missed_calls ORDER BY call_sid)")" "CA210,CA301,CA400,CA800"
sql "INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason, attestation)
    VALUES('CA5', 1, '+14155550105', '+15550100', 1700000000000, 'reject', 'blocked', 'failed')"
is "screened calls have their reason" "$(sql "SELECT * FROM screened_calls")" \
    "CA5|Bella's|+14155550105|2023-11-14 22:13:20|reject|blocked|failed"
has "the log says what the caller got" "$(sql "SELECT * FROM call_log WHERE call_sid = 'CA5'")" \
    "|The call was refused before it was answered.|rejected"
is "how long a call without a stream was is Twilio's to say" "$(sql "UPDATE calls SET twilio_duration_s = 41 WHERE call_sid = 'CA6';
    SELECT seconds FROM call_log WHERE call_sid IN ('CA6', 'CA4') ORDER BY call_sid")" $'0.0\n41.0'
is "a call takes its screening along" "$(sql "DELETE FROM calls WHERE call_sid = 'CA5'; SELECT * FROM screened_calls")" ""
sql "UPDATE messages SET fetched_ms = 6, recording_url = 'https://m/1.wav' WHERE call_sid = 'CA7';
    INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url, created_ms) VALUES('CA7', 1, 'voicemail', 'b', 'https://t/2', 5);
    DELETE FROM calls WHERE call_sid = 'CA7'"
is "whose fetched voicemail is remembered for its sound to be deleted, and not what is Twilio's" \
    "$(sql "SELECT voicemail_urls FROM forgotten_calls WHERE call_sid = 'CA7'")" "https://m/1.wav"
is "a voicemail with Twilio's URL gets its job" "$(sql "INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url,
    twilio_url, created_ms) VALUES('CA6', 1, 'voicemail', 'c', 'https://t/3', 'https://t/3', 5);
    SELECT kind, state, run_ms FROM jobs WHERE call_sid = 'CA6'")" "voicemail|ready|5"
running="UPDATE jobs SET state = 'running', lease_owner = 'me', lease_until_ms = 99, finished_ms = NULL WHERE kind = 'voicemail'"
finished="UPDATE jobs SET state = 'done', lease_owner = NULL, lease_until_ms = NULL, finished_ms"
second="INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url, twilio_url, created_ms)
    VALUES('CA6', 1, 'voicemail', 'd', 'https://t/4', 'https://t/4', 9)"
is "done, and there is a second one: again" "$(sql "UPDATE messages SET recording_url = 'https://m/3.wav', fetched_ms = 6;
    $finished = 6 WHERE kind = 'voicemail'; SELECT state FROM jobs WHERE kind = 'voicemail'; $second;
    SELECT state, run_ms, fence FROM jobs WHERE kind = 'voicemail'")" $'done\nready|9|1'
is "and one that comes while the job is done for the last time" "$(sql "UPDATE messages SET fetched_ms = 10; $running;
    ${second//\'d\'/\'e\'}; $finished = 12 WHERE kind = 'voicemail'; SELECT state, run_ms FROM jobs WHERE kind = 'voicemail';
    UPDATE messages SET fetched_ms = 13; $running; $finished = 14 WHERE kind = 'voicemail';
    SELECT state, finished_ms FROM jobs WHERE kind = 'voicemail'")" $'ready|12\ndone|14'
finish
