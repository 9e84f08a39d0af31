#!/bin/bash
# Nonsense typed into the sqlite3 shell: each is refused with its own sentence, and nothing changes.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/lib.sh"
db=$work/r.db

number='phone_number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100'
taken='phone_number belongs to another merchant already'
others='fallback_number and transfer_number must be NULL or in E.164 form, like +15550100'
circles='fallback_number and transfer_number must not be phone_number: the call would go in circles'
controls='greeting, disclosure, farewell and instructions must hold no control characters but tabs and line ends'
encoding='name, greeting, disclosure, farewell and instructions must be UTF-8: check the terminal or file they come from'
voice='voice must be NULL or a name from the table voices, like eve'
zone='time_zone must be a name from the table time_zones, like Europe/Berlin'
language='language must be NULL or a language tag like en, de or pt-BR'

refused() {
    local before got status
    before=$(cksum "$db")
    got=$(sqlite3 "$db" "$1" 2>&1)
    status=$?
    has "refused: ${1:0:110}" "$got" "$2"
    if [ "$status" -eq 0 ] || [ "$(cksum "$db")" != "$before" ]; then
        tap_line 'not ok' "it fails and leaves everything as it was: $1"
    fi
}
# add NUMBER-EXPRESSION SENTENCE; with COLUMN VALUE SENTENCE: in an INSERT and in an UPDATE.
add() {
    refused "INSERT INTO merchants(name, phone_number) VALUES('Carl', $1)" "$2"
    refused "UPDATE merchants SET phone_number = $1 WHERE id = 2" "$2"
}
with() {
    refused "INSERT INTO merchants(name, phone_number, $1) VALUES('Carl', '+15550199', $2)" "$3"
    refused "UPDATE merchants SET $1 = $2 WHERE id = 2" "$3"
}

ok "the schema loads into an empty file" bash -c 'sqlite3 -bail "$1" <"$2"' _ "$db" "$srcdir/db/schema.sql"
is "and says nothing" "$(cat "$work/ok.out")" ""
ok "a name and a number make a merchant" \
    sqlite3 "$db" "INSERT INTO merchants(name, phone_number) VALUES('Bella''s','+15550100')"
ok "and another one" sqlite3 "$db" "INSERT INTO merchants(name, phone_number) VALUES('Ann', '+15550101')"
is "ids are whole numbers from 1 on" "$(sqlite3 "$db" 'SELECT group_concat(id) FROM merchants')" 1,2
ok "a call refers to the first" sqlite3 "$db" \
    "INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms) VALUES('CA1', 1, '+1', '+2', 3)"

add "'15550199'" "$number"
add "'+05550199'" "$number"
add "'+155501'" "$number"
add "'+1555019955501995'" "$number"
add "'+1 (555) 0199'" "$number"
add "'+1555019x'" "$number"
add "'+1555-0199'" "$number"
add "' +15550199'" "$number"
add "'+15550199 '" "$number"
add "'++15550199'" "$number"
add "'0049301234567'" "$number"
add "'tel:+15550199'" "$number"
add "''" "$number"
add NULL "$number"
add 15550199 "$number"
add "'+1555٠١٩٩'" "$number"
add "'+15550199' || char(0) || 'x'" "$number"
add "'+15550199' || char(10)" "$number"
add "x'2b3135353530313939'" 'cannot store BLOB value in TEXT column merchants.phone_number'
add "'+15550100'" "$taken"
refused "INSERT OR REPLACE INTO merchants(name, phone_number) VALUES('Carl', '+15550100')" "$taken"
refused "INSERT OR IGNORE INTO merchants(name, phone_number) VALUES('Carl', '0')" "$number"
refused "INSERT INTO merchants(name) VALUES('Carl')" "$number"
refused "INSERT INTO merchants(phone_number) VALUES('+15550199')" 'name must be given'
refused "UPDATE merchants SET name = NULL" 'name must be given'
refused "UPDATE merchants SET name = ''" 'name must be given'
refused "UPDATE merchants SET name = '  ' || char(9)" 'name must be given'
refused "UPDATE merchants SET name = printf('%.*c', 201, 'n')" 'name must be at most 200 bytes long'
refused "UPDATE merchants SET name = replace(hex(zeroblob(51)), '0', 'ü')" 'name must be at most 200 bytes long'
refused "UPDATE merchants SET name = 'Bella' || char(10) || 's'" 'name must be one line without control characters'
refused "UPDATE merchants SET name = 'Bella' || char(0)" 'name must be one line without control characters'
refused "UPDATE merchants SET name = 'Caf' || CAST(x'e9' AS TEXT)" "$encoding"
with greeting "printf('%.*c', 2001, 'g')" 'greeting must be at most 2000 bytes long'
with disclosure "printf('%.*c', 2001, 'd')" 'disclosure must be at most 2000 bytes long'
with instructions "printf('%.*c', 16001, 'i')" 'instructions must be at most 16000 bytes long'
with greeting "'Hi' || char(27) || '[2J'" "$controls"
with instructions "'Be ' || char(0) || 'kind'" "$controls"
with disclosure "'recorded' || char(127)" "$controls"
with greeting "CAST(x'48e96c6c6f' AS TEXT)" "$encoding"
with instructions "CAST(x'9341929420' AS TEXT)" "$encoding"
with instructions "CAST(x'eda080' AS TEXT)" "$encoding"
with instructions "CAST(x'f0828080' AS TEXT)" "$encoding"
with voice "'alice'" "$voice"
with voice "''" "$voice"
with voice "'eve '" "$voice"
with time_zone "'Berlin'" "$zone"
with time_zone "'europe/berlin'" "$zone"
with time_zone "'CEST'" "$zone"
with time_zone "'UTC+1'" "$zone"
with time_zone NULL "$zone"
with language "'English'" "$language"
with language "'EN'" "$language"
with language "'en_US'" "$language"
with language "''" "$language"
with fallback_number "'5550199'" "$others"
with fallback_number "''" "$others"
with transfer_number "'+1555'" "$others"
refused "UPDATE merchants SET fallback_number = phone_number" "$circles"
refused "UPDATE merchants SET transfer_number = phone_number" "$circles"
with active 2 'active must be 1 (calls are answered) or 0 (paused)'
with active NULL 'active must be 1 (calls are answered) or 0 (paused)'
with active "'yes'" 'cannot store TEXT value in INTEGER column merchants.active'
with recording -1 'recording must be 1 (calls are recorded) or 0 (nothing is kept of the sound)'
refused "UPDATE merchants SET hours = '9-17'" 'no such column: hours'
refused "INSERT INTO merchants(id, name, phone_number) VALUES('one', 'Carl', '+15550199')" 'datatype mismatch'
refused "INSERT INTO merchants(id, name, phone_number) VALUES(0, 'Carl', '+15550199')" \
    'id must be a whole number from 1 on'
refused "UPDATE merchants SET id = 7 WHERE id = 1" 'the id of a merchant cannot be changed'
refused "DELETE FROM merchants" \
    'a merchant with calls cannot be deleted: delete the calls first, or set active = 0'
refused "INSERT INTO voices(name) VALUES('a voice')" "a voice's name is 1 to 64 letters, digits, - and _"
refused "INSERT INTO time_zones(name) VALUES('')" \
    "a time zone's name is 1 to 64 characters like those of Europe/Berlin"
refused "UPDATE calls SET status = 'over'" 'status is ringing, live, transferring, ended or complete'
refused "UPDATE calls SET status = 'live'" 'a call that is live has started'
refused "UPDATE calls SET status = 'ended'" \
    'a call has ended_ms and end_reason when its status is ended or complete, and not before'
refused "UPDATE calls SET status = 'complete', ended_ms = 9, end_reason = 'caller-hung-up', video_url = 'x'" \
    'a call that is complete has a recording_url and a video_url'
refused "UPDATE calls SET status = 'ended', ended_ms = 1, end_reason = 'tired'" \
    'end_reason must be a word from the table end_reasons'
refused "UPDATE calls SET merchant_id = 99" 'call_sid and merchant_id of a call cannot be changed'
refused "UPDATE calls SET call_sid = 'CA2'" 'call_sid and merchant_id of a call cannot be changed'
refused "UPDATE calls SET handled = 'well'" \
    'handled is receptionist, person, voicemail, message, notice, apology, rejected or nobody'
refused "UPDATE calls SET attestation = 'TN-Validation-Passed-A'" 'attestation is a word of at most 32 letters'
refused "INSERT OR REPLACE INTO merchants(id, name, phone_number) VALUES(1, 'Carl', '+15550199')" \
    'there is a merchant with this id: UPDATE it, or leave the id out'
refused "INSERT INTO end_reasons VALUES('tired', 0, 'Tired.')" 'end_reasons belongs to the programs and cannot be changed'
ok "somebody has a voice" sqlite3 "$db" "UPDATE merchants SET voice = 'eve'"
refused "DELETE FROM voices WHERE name = 'EVE'" 'a merchant has this voice: change that first'
refused "UPDATE voices SET name = 'evelyn' WHERE name = 'eve'" 'a merchant has this voice: change that first'
refused "DELETE FROM time_zones" 'a merchant has this time zone, or may have: UTC stays'
refused "UPDATE time_zones SET name = 'Mars/Base' WHERE name = 'UTC'" 'a time zone cannot be changed: insert another'
refused "DELETE FROM end_reasons" 'end_reasons belongs to the programs and cannot be changed'
refused "UPDATE end_reasons SET word = 'x'" 'end_reasons belongs to the programs and cannot be changed'
refused "INSERT INTO turns VALUES('CA1', 0, 'robot', 'hi', 0, 1, 1, 0, NULL)" 'role is caller or receptionist'
refused "INSERT INTO turns VALUES('CA1', 0, 'caller', 'hi', 2, 1, 1, 0, NULL)" \
    'a turn starts at 0 or later and does not end before it starts'

# --- how it is interrupted, limits --------------------------------------------------------------------
yes_no='protect_disclosure, protect_greeting and local_vad must be 1 (yes) or 0 (no)'
with farewell "printf('%.*c', 2001, 'f')" 'farewell must be at most 2000 bytes long'
with farewell "'Bye' || char(7)" "$controls"
with farewell "CAST(x'e9' AS TEXT)" "$encoding"
with hold_off_ms -1 'hold_off_ms must be 0 to 1000, milliseconds'
with hold_off_ms 1001 'hold_off_ms must be 0 to 1000, milliseconds'
with hold_off_ms "'soon'" 'cannot store TEXT value in INTEGER column merchants.hold_off_ms'
with protect_disclosure 2 "$yes_no"
with protect_greeting NULL "$yes_no"
with local_vad -1 "$yes_no"
with vad_threshold 0.05 'vad_threshold must be 0.1 to 0.9'
with vad_threshold 1 'vad_threshold must be 0.1 to 0.9'
with vad_silence_ms 199 'vad_silence_ms must be 200 to 3000, milliseconds'
with vad_silence_ms 3001 'vad_silence_ms must be 200 to 3000, milliseconds'
with keypad "'loud'" 'keypad must be text (Grok is told the digits), secret (only tools learn them) or off (ignored)'
with transfer_fallback "'human'" 'transfer_fallback must be ai (the receptionist returns), voicemail or apology'
with calls_max 0 'calls_max must be NULL (no limit) or 1 to 10000: to take no calls set active = 0'
with calls_max 10001 'calls_max must be NULL (no limit) or 1 to 10000: to take no calls set active = 0'
with minutes_month_max 0 'minutes_month_max must be NULL (no limit) or 1 to 10000000'
with dollars_month_max 0 'dollars_month_max must be NULL (no limit) or 0.01 to 1000000'
with dollars_month_max 9e999 'dollars_month_max must be NULL (no limit) or 0.01 to 1000000'
with dollars_month_max "'ten'" 'cannot store TEXT value in REAL column merchants.dollars_month_max'
with call_s_max 29 'call_s_max must be NULL (no limit) or 30 to 86400, seconds'

# --- keys, hours, tools ------------------------------------------------------------------------------
key() { refused "INSERT INTO merchant_keys(merchant_id, digit, action, number) VALUES($1)" "$2"; }
a_number="number must be NULL or in E.164 form, like +15550100, and is for action = 'transfer' only"
key "1, 'A', 'end', NULL" 'digit must be one of 0 to 9, * and #'
key "1, '10', 'end', NULL" 'digit must be one of 0 to 9, * and #'
key "1, '', 'end', NULL" 'digit must be one of 0 to 9, * and #'
key "1, '1', 'sing', NULL" 'action must be transfer (to a person), message (one is taken) or end (the call)'
key "1, '1', 'transfer', '555'" "$a_number"
key "1, '1', 'message', '+15550100'" "$a_number"
key "99, '1', 'end', NULL" 'merchant_id must be the id of a merchant'
hour() { refused "INSERT INTO merchant_hours(merchant_id, weekday, opens, closes) VALUES($1)" "$2"; }
hour "1, 7, '09:00', '17:00'" 'weekday must be 0 (Monday) to 6 (Sunday)'
hour "1, 'Monday', '09:00', '17:00'" 'cannot store TEXT value in INTEGER column merchant_hours.weekday'
hour "1, 0, '9:00', '17:00'" 'opens must be a time like 09:00, from 00:00 to 23:59'
hour "1, 0, '24:00', '17:00'" 'opens must be a time like 09:00, from 00:00 to 23:59'
hour "1, 0, '09:60', '17:00'" 'opens must be a time like 09:00, from 00:00 to 23:59'
hour "1, 0, '09:00', '24:01'" 'closes must be a time like 17:30, from 00:01 to 24:00'
hour "1, 0, '09:00', '5 pm'" 'closes must be a time like 17:30, from 00:01 to 24:00'
hour "1, 0, '09:00', '09:00'" 'opens and closes must differ: 00:00 to 24:00 is the whole day'
hour "99, 0, '09:00', '17:00'" 'merchant_id must be the id of a merchant'
ok "four opening times fit a day" sqlite3 "$db" "INSERT INTO merchant_hours VALUES(1, 0, '01:00', '02:00'),
    (1, 0, '03:00', '04:00'), (1, 0, '05:00', '06:00'), (1, 0, '07:00', '08:00')"
hour "1, 0, '09:00', '17:00'" 'a day has at most 4 opening times'
refused "UPDATE merchant_hours SET weekday = 1" 'merchant_id and weekday cannot be changed: delete the row and insert another'
# tool COLUMN VALUE SENTENCE: a tool that is right but for one thing.
ok "a tool" sqlite3 "$db" "INSERT INTO merchant_tools(merchant_id, name, description, url) VALUES(1, 'book', 'Books.', 'https://x/')"
tool() {
    refused "UPDATE merchant_tools SET $1 = $2" "$3"
    refused "INSERT INTO merchant_tools(merchant_id, name, kind, description, parameters, url, secret, timeout_ms, retry,
        allow_private, digits, options, active) SELECT a.* FROM (SELECT merchant_id, $([ "$1" = name ] && echo "$2" || echo "'b'"),
        $(for column in kind description parameters url secret timeout_ms retry allow_private digits options active; do
            [ "$column" = "$1" ] && echo "$2," || echo "$column,"
        done | tr -d '\n' | sed 's/,$//') FROM merchant_tools) AS a" "$3"
}
schema='parameters must be a JSON Schema of at most 4000 bytes with "type":"object", and are for kind http only'
url="url must begin with https:// or http://, hold no spaces and have at most 1000 bytes; it is for kind = 'http' and 'mcp'"
tool name "'2go'" 'name must be 1 to 64 letters, digits, - and _, the first no digit and no -'
tool name "'a b'" 'name must be 1 to 64 letters, digits, - and _, the first no digit and no -'
tool name "''" 'name must be 1 to 64 letters, digits, - and _, the first no digit and no -'
tool name "'end_call'" "name must not be end_call, transfer_call, take_message, business_hours or stop_recording: the relay's"
tool name "'stop_recording'" 'name must not be end_call'
tool kind "'soap'" 'kind must be http, mcp, web_search or x_search'
tool kind "'web_search'" "$url"
tool description NULL "description must be 1 to 1000 bytes long; kind = 'http' needs one"
tool description "printf('%.*c', 1001, 'd')" "description must be 1 to 1000 bytes long; kind = 'http' needs one"
tool description "'Books' || char(27)" 'description must hold no control characters but tabs and line ends'
tool description "CAST(x'e9' AS TEXT)" 'description, parameters and options must be UTF-8: check the terminal or file they come from'
tool parameters "'{}'" "$schema"
tool parameters "'[]'" "$schema"
tool parameters "'{\"type\":\"object\"'" "$schema"
tool parameters "'{\"type\":\"object\",\"x\":\"' || printf('%.*c', 4000, 'x') || '\"}'" "$schema"
tool url NULL "$url"
tool url "'ftp://x/'" "$url"
tool url "'https://x/ y'" "$url"
tool url "'https://'" "$url"
tool secret "'short'" "secret must be 16 to 200 printable characters without spaces, and is for kind = 'http' and 'mcp' only"
tool timeout_ms 99 'timeout_ms must be 100 to 30000, milliseconds'
tool timeout_ms 30001 'timeout_ms must be 100 to 30000, milliseconds'
tool retry 2 'retry, allow_private, digits and active must be 1 (yes) or 0 (no)'
tool active NULL 'NOT NULL constraint failed: merchant_tools.active'
tool options "'{}'" 'options must be a JSON object of at most 2000 bytes, and are not for kind http'
refused "INSERT INTO merchant_tools(merchant_id, name, kind, options) VALUES(1, 'w', 'web_search', 'no')" \
    'options must be a JSON object of at most 2000 bytes, and are not for kind http'
refused "INSERT INTO merchant_tools(merchant_id, name, kind) VALUES(99, 'w', 'web_search')" \
    'merchant_id must be the id of a merchant'
refused "UPDATE merchant_tools SET merchant_id = 2" 'merchant_id cannot be changed: delete the row and insert another'
ok "sixteen tools fit a merchant" sqlite3 "$db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15)
    INSERT INTO merchant_tools(merchant_id, name, kind) SELECT 1, 'w' || i, 'web_search' FROM n"
refused "INSERT INTO merchant_tools(merchant_id, name, kind) VALUES(1, 'w16', 'web_search')" 'a merchant has at most 16 tools'
big="'{\"type\":\"object\",\"x\":\"' || printf('%.*c', 3900, 'x') || '\"}'"
refused "UPDATE merchant_tools SET kind = 'http', description = printf('%.*c', 900, 'd'), url = 'http://x/', parameters = $big" \
    'all tools of a merchant together must have at most 24000 bytes of text'
ok "a merchant takes keys, hours and tools along" sqlite3 "$db" "INSERT INTO merchant_keys VALUES(2, '0', 'transfer', NULL);
    INSERT INTO merchant_hours VALUES(2, 6, '10:00', '02:00');
    INSERT INTO merchant_tools(merchant_id, name, kind) VALUES(2, 'w', 'web_search')"

# --- after hours, keeping, who gets through --------------------------------------------------------------
hours='after_hours must be ai (answered as always), message (one is taken), voicemail, forward (to after_hours_number) or closed (the notice, no more)'
texts='a text must hold no control characters but tabs and line ends'
line='a name, role, note or question must be one line without control characters'
utf8='a text must be UTF-8: check the terminal or file it comes from'
with after_hours "'night'" "$hours"
with after_hours NULL "$hours"
with after_hours "'AI'" "$hours"
with after_hours "'forward'" "after_hours = 'forward' needs an after_hours_number: set both at once"
with after_hours_number "'555'" 'after_hours_number must be NULL or in E.164 form, like +15550100'
refused "UPDATE merchants SET after_hours_number = phone_number" 'after_hours_number must not be phone_number: the call would go in circles'
with after_hours_instructions "printf('%.*c', 16001, 'i')" 'after_hours_instructions must be at most 16000 bytes long'
with after_hours_notice "printf('%.*c', 2001, 'i')" 'after_hours_notice must be at most 2000 bytes long'
with after_hours_instructions "'a' || char(27)" "$texts"
with after_hours_notice "'a' || char(0)" "$texts"
with after_hours_notice "CAST(x'e9' AS TEXT)" "$utf8"
with memory 2 'memory must be 1 (callers are remembered) or 0 (they are not)'
with memory_days 0 'memory_days must be 1 to 3650: to remember nobody set memory = 0'
with memory_days 3651 'memory_days must be 1 to 3650: to remember nobody set memory = 0'
with memory_days NULL 'memory_days must be 1 to 3650: to remember nobody set memory = 0'
with retention_days 0 'retention_days must be NULL (calls are kept for ever) or 1 to 36500'
with retention_days "'a year'" 'cannot store TEXT value in INTEGER column merchants.retention_days'
with anonymous "'block'" 'anonymous must be accept, reject or voicemail: what callers without a number get'
with attestation "'A'" 'attestation must be any, not-failed (a number found to be forged is rejected) or passed (only numbers that were verified)'
with caller_calls_hour_max 0 'caller_calls_hour_max must be NULL (no limit) or 1 to 10000'
with calls_hour_max 100001 'calls_hour_max must be NULL (no limit) or 1 to 100000: to take no calls set active = 0'

# --- numbers, days, questions, staff ---------------------------------------------------------------------
more() { refused "INSERT INTO merchant_numbers(phone_number, merchant_id, note) VALUES($1)" "$2"; }
more "'555', 1, NULL" "$number"
more "'+15550199' || char(0), 1, NULL" "$number"
more "'+1555٠١٩٩', 1, NULL" "$number"
more "'+15550199', 99, NULL" 'merchant_id must be the id of a merchant'
more "'+15550101', 1, NULL" 'phone_number belongs to a merchant already'
more "'+15550199', 1, printf('%.*c', 301, 'n')" 'note must be at most 300 bytes long'
more "'+15550199', 1, 'a' || char(10)" "$line"
ok "a second number" sqlite3 "$db" "INSERT INTO merchant_numbers VALUES('+15550110', 1, 'bar'); UPDATE merchants
    SET transfer_number = '+15550120' WHERE id = 1; INSERT INTO merchant_keys VALUES(1, '9', 'transfer', '+15550121');
    INSERT INTO merchant_staff(merchant_id, name, number) VALUES(1, 'Ann', '+15550122')"
add "'+15550110'" 'phone_number is in merchant_numbers already'
more "'+15550110', 2, NULL" 'phone_number belongs to a merchant already'
refused "INSERT OR REPLACE INTO merchant_numbers VALUES('+15550110', 2, 'mine')" 'phone_number belongs to a merchant already'
for taken_number in +15550120 +15550121 +15550122; do
    more "'$taken_number', 1, NULL" "phone_number must not be a number that the merchant's calls are passed on to: the call would go in circles"
done
for number_of in 21 22; do
    refused "UPDATE merchants SET phone_number = '+155501$number_of' WHERE id = 1" \
        'phone_number must not be one that merchant_staff or merchant_keys hands callers over to: the call would go in circles'
done
own="number must not be one that the merchant's callers dial: the call would go in circles"
key "1, '8', 'transfer', '+15550100'" "$own"
refused "UPDATE merchant_keys SET number = '+15550110' WHERE digit = '9'" "$own"
own="fallback_number, transfer_number and after_hours_number must not be one of the merchant's own in merchant_numbers: the call would go in circles"
refused "UPDATE merchants SET fallback_number = '+15550110' WHERE id = 1" "$own"
refused "UPDATE merchants SET after_hours_number = '+15550110' WHERE id = 1" "$own"
ok "another merchant may pass calls on to it" sqlite3 "$db" "UPDATE merchants SET fallback_number = '+15550110' WHERE id = 2"
refused "UPDATE merchant_numbers SET phone_number = '+15550100'" 'phone_number belongs to a merchant already'
ok "a chain of merchants: 3 falls back to 2, and 2 to 1" sqlite3 "$db" "INSERT INTO merchants(id, name, phone_number,
    fallback_number) VALUES(3, 'Third', '+15550103', '+15550101')"
chain='fallback_number or after_hours_number leads to a merchant who passes calls on to this one: the call would go in circles'
refused "UPDATE merchants SET fallback_number = '+15550103' WHERE id = 1" "$chain"
refused "UPDATE merchants SET fallback_number = '+15550101' WHERE id = 1" "$chain"
refused "UPDATE merchants SET after_hours = 'forward', after_hours_number = '+15550103' WHERE id = 1" "$chain"
ok "… and a fourth" sqlite3 "$db" "INSERT INTO merchants(name, phone_number, fallback_number)
    VALUES('Fourth', '+15550104', '+15550103')"
refused "UPDATE merchants SET fallback_number = '+15550104' WHERE id = 1" "$chain"
ok "… and with somebody who is not ours there is no circle" sqlite3 "$db" "DELETE FROM merchants WHERE name = 'Fourth';
    UPDATE merchants SET fallback_number = '+15550177' WHERE id = 1; UPDATE merchants SET fallback_number = NULL WHERE id = 1;
    UPDATE merchants SET fallback_number = '+15550199' WHERE id = 3"
more "'+15550199', 3, NULL" "phone_number must not be a number that the merchant's calls are passed on to"
ok "3 to 2, 2 to a number that is nobody's" sqlite3 "$db" "UPDATE merchants SET fallback_number = '+15550101' WHERE id = 3;
    UPDATE merchants SET fallback_number = '+15550198' WHERE id = 2"
more "'+15550198', 3, NULL" 'phone_number is where a merchant ends up to whom this one passes calls on: the call would go in circles'
ok "which is another's then" sqlite3 "$db" "INSERT INTO merchant_numbers VALUES('+15550198', 1, NULL);
    DELETE FROM merchant_numbers WHERE phone_number = '+15550198'; DELETE FROM merchants WHERE id = 3"
ok "fifty further numbers fit a merchant" sqlite3 "$db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
    WHERE i < 49) INSERT INTO merchant_numbers SELECT '+1555020' || printf('%02d', i), 1, NULL FROM n"
more "'+15550199', 1, NULL" 'a merchant has at most 50 further numbers'

day() { refused "INSERT INTO merchant_days(merchant_id, day, opens, closes, note) VALUES($1)" "$2"; }
a_day='day must be a date like 2026-12-24, or 12-25 for every year'
for wrong in 2026-02-29 02-30 2026-13-01 24.12.2026 12/24/2026 Christmas today now 1924-12-24 2026-1-1 "" " 12-25"; do
    day "1, '$wrong', NULL, NULL, NULL" "$a_day"
done
day "1, 20261224, NULL, NULL, NULL" "$a_day"
day "1, '12-24', '9', '10:00', NULL" 'opens must be NULL (closed all day) or a time like 09:00, from 00:00 to 23:59'
day "1, '12-24', '09:00', '25:00', NULL" 'closes must be NULL (closed all day) or a time like 17:30, from 00:01 to 24:00'
day "1, '12-24', '09:00', NULL, NULL" 'opens and closes are both given, or both NULL: closed all day'
day "1, '12-24', '09:00', '09:00', NULL" 'opens and closes must differ: 00:00 to 24:00 is the whole day'
day "99, '12-24', NULL, NULL, NULL" 'merchant_id must be the id of a merchant'
day "1, '12-24', NULL, NULL, printf('%.*c', 301, 'n')" 'note must be at most 300 bytes long'
day "1, '12-24', NULL, NULL, 'a' || char(13)" "$line"
ok "days open and closed" sqlite3 "$db" "INSERT INTO merchant_days VALUES(1, '12-25', NULL, NULL, NULL),
    (1, '2028-02-29', '09:00', '12:00', 'Leap'), (1, '02-29', '22:00', '02:00', 'Leap')"
day "1, '12-25', NULL, NULL, NULL" 'this day is closed already'
day "1, '12-25', '09:00', '10:00', NULL" 'a day is closed or has opening times: it is here already as the other, delete that first'
day "1, '02-29', NULL, NULL, NULL" 'a day is closed or has opening times: it is here already as the other, delete that first'
day "1, '02-29', '22:00', '03:00', NULL" 'UNIQUE constraint failed: merchant_days.merchant_id, merchant_days.day, merchant_days.opens'
refused "UPDATE merchant_days SET day = '01-01'" 'merchant_id and day cannot be changed, nor a closed day opened: delete the row and insert another'
refused "UPDATE merchant_days SET opens = NULL, closes = NULL" 'nor a closed day opened: delete the row and insert another'
ok "three more times on a day" sqlite3 "$db" "INSERT INTO merchant_days VALUES(1, '02-29', '01:00', '02:00', NULL),
    (1, '02-29', '03:00', '04:00', NULL), (1, '02-29', '05:00', '06:00', NULL)"
day "1, '02-29', '07:00', '08:00', NULL" 'a day has at most 4 opening times'
ok "a thousand days" sqlite3 "$db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 994)
    INSERT INTO merchant_days SELECT 1, date('2030-01-01', '+' || i || ' days'), NULL, NULL, NULL FROM n"
day "1, '01-01', NULL, NULL, NULL" 'a merchant has at most 1000 rows in merchant_days: delete those of years gone by'

faq() { refused "INSERT INTO merchant_faq(merchant_id, question, answer, active) VALUES($1)" "$2"; }
faq "1, '', 'a', 1" 'question must be 1 to 300 bytes long'
faq "1, printf('%.*c', 301, 'q'), 'a', 1" 'question must be 1 to 300 bytes long'
faq "1, 'q', '', 1" 'answer must be 1 to 1500 bytes long'
faq "1, 'q', printf('%.*c', 1501, 'q'), 1" 'answer must be 1 to 1500 bytes long'
faq "1, 'q', NULL, 1" 'NOT NULL constraint failed: merchant_faq.answer'
faq "1, 'q', 'a', 2" 'active must be 1 (yes) or 0 (no)'
faq "1, 'q' || char(10), 'a', 1" "$line"
faq "1, 'q', 'a' || char(7), 1" "$texts"
faq "1, 'q', CAST(x'c3' AS TEXT), 1" "$utf8"
faq "99, 'q', 'a', 1" 'merchant_id must be the id of a merchant'
ok "a hundred questions" sqlite3 "$db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
    INSERT INTO merchant_faq(merchant_id, question, answer, active) SELECT 1, 'q' || i, printf('%.*c', 1500, 'a'), i < 16 FROM n"
faq "1, 'q', 'a', 0" 'a merchant has at most 100 questions'
refused "UPDATE merchant_faq SET active = 1 WHERE question = 'q50'" 'must have at most 24000 bytes: the receptionist is told all of them'
refused "UPDATE merchant_faq SET merchant_id = 2" 'id and merchant_id cannot be changed: delete the row and insert another'
ok "an answer can be replaced, full as it is" sqlite3 "$db" "INSERT INTO merchant_faq(merchant_id, question, answer)
    VALUES(1, 'q1', 'b') ON CONFLICT(merchant_id, question) DO UPDATE SET answer = excluded.answer"

staff() { refused "INSERT INTO merchant_staff(merchant_id, name, role, number) VALUES($1)" "$2"; }
staff "1, '', NULL, '+15550140'" 'name must be 1 to 100 bytes long'
staff "1, '   ', NULL, '+15550140'" 'name must be 1 to 100 bytes long'
staff "1, printf('%.*c', 101, 'n'), NULL, '+15550140'" 'name must be 1 to 100 bytes long'
staff "1, 'Ann' || char(10), NULL, '+15550140'" "$line"
staff "1, 'ANN', NULL, '+15550140'" 'UNIQUE constraint failed: merchant_staff.merchant_id, merchant_staff.name'
staff "1, 'Bob', printf('%.*c', 201, 'r'), '+15550140'" 'role must be at most 200 bytes long'
staff "1, 'Bob', NULL, 'extension 7'" 'number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100'
staff "1, 'Bob', NULL, '+15550100'" "number must not be one that the merchant's callers dial: the call would go in circles"
staff "1, 'Bob', NULL, '+15550110'" "number must not be one that the merchant's callers dial: the call would go in circles"
staff "99, 'Bob', NULL, '+15550140'" 'merchant_id must be the id of a merchant'
duty() { refused "INSERT INTO staff_hours(staff_id, weekday, opens, closes) VALUES($1)" "$2"; }
duty "99, 0, '09:00', '17:00'" 'staff_id must be the id of a row in merchant_staff'
duty "1, 7, '09:00', '17:00'" 'weekday must be 0 (Monday) to 6 (Sunday)'
duty "1, 0, '9am', '17:00'" 'opens must be a time like 09:00, from 00:00 to 23:59'
duty "1, 0, '09:00', '00:00'" 'closes must be a time like 17:30, from 00:01 to 24:00'
duty "1, 0, '09:00', '09:00'" 'opens and closes must differ: 00:00 to 24:00 is the whole day'
ok "hours of staff, and fifty people" sqlite3 "$db" "INSERT INTO staff_hours VALUES(1, 0, '01:00', '02:00'), (1, 0, '03:00', '04:00'),
    (1, 0, '05:00', '06:00'), (1, 0, '07:00', '08:00'); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
    WHERE i < 49) INSERT INTO merchant_staff(merchant_id, name, number) SELECT 1, 'n' || i, '+15550122' FROM n"
duty "1, 0, '09:00', '10:00'" 'a day has at most 4 times'
refused "UPDATE staff_hours SET weekday = 3" 'staff_id and weekday cannot be changed: delete the row and insert another'
staff "1, 'Bob', NULL, '+15550140'" 'a merchant has at most 50 people in merchant_staff'
refused "UPDATE merchant_staff SET id = id + 100" 'id and merchant_id cannot be changed: delete the row and insert another'

# --- callers ---------------------------------------------------------------------------------------------
rule() { refused "INSERT INTO caller_rules(merchant_id, number, rule, note, until_ms) VALUES($1)" "$2"; }
a_rule='number must be like +14155550123, or the first digits and a star: +1900*'
for wrong in 14155550123 +1 '*' '+*' '+0900*' '+19*00*' '+1900**' '+1900' +1900% anonymous '+1 900 *' '+1234567890123456*' ''; do
    rule "1, '$wrong', 'block', NULL, NULL" "$a_rule"
done
rule "1, '+14155550123' || char(0), 'block', NULL, NULL" "$a_rule"
rule "1, '+14155550123', 'deny', NULL, NULL" 'rule must be block or allow'
rule "99, '+14155550123', 'block', NULL, NULL" 'merchant_id must be the id of a merchant, or NULL: for all'
rule "1, '+14155550123', 'block', printf('%.*c', 301, 'n'), NULL" 'note must be at most 300 bytes long'
rule "1, '+14155550123', 'block', 'a' || char(10), NULL" "$line"
until="until_ms must be NULL (for ever) or milliseconds since 1970, like unixepoch('2027-01-31') * 1000"
rule "1, '+14155550123', 'block', NULL, unixepoch('2027-01-31')" "$until"
rule "1, '+14155550123', 'block', NULL, 30" "$until"
rule "1, '+14155550123', 'block', NULL, '2027-01-31'" 'cannot store TEXT value in INTEGER column caller_rules.until_ms'
ok "a rule, and one for all" sqlite3 "$db" "INSERT INTO caller_rules(merchant_id, number) VALUES(1, '+1900*'), (NULL, '+1900*')"
rule "1, '+1900*', 'allow', NULL, NULL" 'a number has one rule: UPDATE it, or DELETE it first'
rule "NULL, '+1900*', 'allow', NULL, NULL" 'a number has one rule: UPDATE it, or DELETE it first'
refused "UPDATE caller_rules SET merchant_id = 2" 'id and merchant_id cannot be changed: delete the row and insert another'
note() { refused "INSERT INTO caller_notes(merchant_id, number, name, note) VALUES($1)" "$2"; }
note "1, 'Ann', 'Ann', NULL" 'number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100'
note "1, '+14155550123', NULL, NULL" 'a name or a note must be given'
note "1, '+14155550123', printf('%.*c', 101, 'n'), NULL" 'name must be at most 100, note at most 1000 bytes long'
note "1, '+14155550123', 'Ann', printf('%.*c', 1001, 'n')" 'name must be at most 100, note at most 1000 bytes long'
note "1, '+14155550123', 'Ann' || char(9), NULL" "$line"
note "1, '+14155550123', NULL, 'x' || char(8)" "$texts"
note "99, '+14155550123', 'Ann', NULL" 'merchant_id must be the id of a merchant'
many="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
ok "twenty thousand rules and notes fit a merchant, in a moment" timeout 60 sqlite3 "$db" "$many
    INSERT INTO caller_rules(merchant_id, number) SELECT 2, '+1415' || printf('%07d', i) FROM n; $many
    INSERT INTO caller_notes(merchant_id, number, name) SELECT 2, '+1415' || printf('%07d', i), 'Ann' FROM n"
rule "2, '+15553333333', 'block', NULL, NULL" 'there are at most 20000 rules of a merchant, and 20000 for all'
note "2, '+15553333333', 'Ann', NULL" 'a merchant has at most 20000 rows in caller_notes'
ok "what is there can be written again, and others have room" sqlite3 "$db" "INSERT OR IGNORE INTO caller_rules(merchant_id, number)
    VALUES(2, '+14150000001'); INSERT INTO caller_notes(merchant_id, number, name) VALUES(2, '+14150000001', 'Bob')
    ON CONFLICT DO UPDATE SET name = excluded.name; INSERT INTO caller_rules(number) VALUES('+15553333333');
    DELETE FROM caller_rules WHERE merchant_id = 2; DELETE FROM caller_notes; VACUUM"
refused "INSERT INTO caller_memory VALUES(1, 'anonymous', 'CA1', 1, 1, 'x')" 'number is + and 7 to 15 digits, like +14155550123'
refused "INSERT INTO caller_memory VALUES(99, '+14155550123', 'CA1', 1, 1, 'x')" 'merchant_id must be the id of a merchant'
refused "INSERT INTO caller_memory VALUES(1, '+14155550123', 'CA1', 1, 0, 'x')" 'calls is at least 1'
refused "INSERT INTO caller_memory VALUES(1, '+14155550123', 'CA1', 1, 1, CAST(x'e9' AS TEXT))" "$utf8"
screened() { refused "INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason) VALUES($1)" "$2"; }
screened "'CA1', 1, '', '', 1, 'maybe', 'blocked'" 'verdict is reject, voicemail or accept'
screened "'CA1', 1, '', '', 1, 'reject', 'ugly'" \
    'reason is blocked, anonymous, attestation, caller-velocity, merchant-velocity or allowed'

# --- what the programs write --------------------------------------------------------------------------
refused "UPDATE calls SET status = 'transferring'" 'a call that is transferring has a transfer_number'
refused "UPDATE calls SET direction = 'up'" 'direction is inbound or outbound'
refused "UPDATE calls SET provider = 'me'" 'provider is grok or fallback'
refused "UPDATE calls SET cost_micro_dollars = -1" \
    'resumed_count, input_audio_ms, output_audio_ms and cost_micro_dollars are not negative'
message() { refused "INSERT INTO messages(call_sid, merchant_id, kind, source_id, text, created_ms) VALUES('CA1', 1, $1, 5)" "$2"; }
message "'letter', 'a', 'x'" 'kind is spoken or voicemail'
message "'spoken', 'a', NULL" 'a spoken message has a text, a voicemail a recording_url of at most 1000 bytes'
message "'voicemail', 'a', 'x'" 'a spoken message has a text, a voicemail a recording_url of at most 1000 bytes'
message "'spoken', '', 'x'" 'source_id is 1 to 64 bytes long'
ok "a message" sqlite3 "$db" "INSERT INTO messages(call_sid, merchant_id, kind, source_id, text, created_ms)
    VALUES('CA1', 1, 'spoken', 'a', 'x', 5)"
refused "UPDATE messages SET seen = 2" 'urgent and seen must be 1 (yes) or 0 (no)'
refused "INSERT INTO tool_calls VALUES('CA1', 't', 'book', 'OK!', 0, 0)" 'status is a word of at most 32 letters'

for good in "phone_number = '+1234567'" "phone_number = '+123456789012345'" "name = printf('%.*c', 200, 'n')" \
    "name = 'Café Zürich «7»'" "greeting = printf('%.*c', 2000, 'g')" \
    "instructions = printf('%.*c', 16000, 'i')" "instructions = 'Be kind.' || char(13, 10, 9) || '日本語 🙂'" \
    "voice = 'EVE'" "voice = NULL" "time_zone = 'Europe/Berlin'" "time_zone = 'US/Eastern'" "language = 'pt-BR'" \
    "calls_max = 1" "dollars_month_max = 0.01" \
    "dollars_month_max = 25" "vad_threshold = 0.9" "transfer_fallback = 'voicemail'" "active = '0'" "fallback_number = '+15550100'" "greeting = NULL"; do
    ok "taken: $good" sqlite3 "$db" "UPDATE merchants SET $good WHERE id = 2"
done
ok "an operator's own voice can be chosen" \
    sqlite3 "$db" "INSERT INTO voices(name) VALUES('mine'); UPDATE merchants SET voice = 'mine'"
ok "it takes along what else belongs to it" sqlite3 "$db" "INSERT INTO merchant_numbers VALUES('+15550310', 2, NULL);
    INSERT INTO merchant_days VALUES(2, '12-25', NULL, NULL, NULL);
    INSERT INTO merchant_faq(merchant_id, question, answer) VALUES(2, 'q', 'a');
    INSERT INTO merchant_staff(id, merchant_id, name, number) VALUES(200, 2, 'Ann', '+15550311');
    INSERT INTO staff_hours VALUES(200, 0, '09:00', '17:00'); INSERT INTO caller_rules(merchant_id, number) VALUES(2, '+1901*');
    INSERT INTO caller_notes VALUES(2, '+14155550123', 'Ann', NULL);
    INSERT INTO caller_memory VALUES(2, '+14155550123', 'CA9', 1, 1, 'x');
    INSERT INTO outgoing_calls(id, merchant_id, number, created_ms) VALUES(printf('%032x', 1), 2, '+14155550123', 1);
    INSERT INTO screenings(call_sid, merchant_id, caller_number, called_number, at_ms, verdict, reason)
        VALUES('CA9', 2, '+14155550123', '+15550310', 1, 'reject', 'blocked')"
ok "a merchant without calls can be deleted" sqlite3 "$db" 'DELETE FROM merchants WHERE id = 2'
ok "a call takes its turns with it, without foreign keys too" sqlite3 "$db" \
    "INSERT INTO turns VALUES('CA1', 0, 'caller', 'hi', 0, 1, 1, 0, NULL); DELETE FROM calls"
is "nothing of it is left" "$(sqlite3 "$db" 'SELECT (SELECT count(*) FROM turns), (SELECT count(*) FROM messages)')" "0|0"
is "nor of the merchant who went" "$(sqlite3 "$db" 'SELECT (SELECT count(*) FROM merchant_keys WHERE merchant_id = 2),
    (SELECT count(*) FROM merchant_hours WHERE merchant_id = 2), (SELECT count(*) FROM merchant_tools WHERE merchant_id = 2)')" "0|0|0"
left=
for table in numbers days faq staff; do left+="SELECT '$table' FROM merchant_$table WHERE merchant_id = 2 UNION ALL "; done
for table in rules notes memory; do left+="SELECT '$table' FROM caller_$table WHERE merchant_id = 2 UNION ALL "; done
is "nor of what else belonged to it" "$(sqlite3 "$db" "$left SELECT 'hours' FROM staff_hours WHERE staff_id = 200
    UNION ALL SELECT 'screenings' FROM screenings WHERE merchant_id = 2 UNION ALL SELECT 'outgoing' FROM outgoing_calls")" ""
ok "the IANA names that the system's Python knows are in time_zones, but for a few that may be newer" /usr/bin/python3 - "$db" <<'END'
import sqlite3, sys, zoneinfo
mine = {name for (name,) in sqlite3.connect(sys.argv[1]).execute("SELECT name FROM time_zones")}
system = {n for n in zoneinfo.available_timezones() if n not in ("localtime", "Factory", "posixrules")}
missing = sorted(system - mine)
print("missing:", missing)
sys.exit(len(missing) > 8 or len(mine) < 400)
END
is "the file is sound" "$(sqlite3 "$db" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok
finish
