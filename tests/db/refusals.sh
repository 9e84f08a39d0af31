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
    before=$(sqlite3 "$db" .dump | cksum)
    got=$(sqlite3 "$db" "$1" 2>&1)
    status=$?
    has "refused: ${1:0:110}" "$got" "$2"
    if [ "$status" -eq 0 ] || [ "$(sqlite3 "$db" .dump | cksum)" != "$before" ]; then
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
ok "a merchant without calls can be deleted" sqlite3 "$db" 'DELETE FROM merchants WHERE id = 2'
ok "a call takes its turns with it, without foreign keys too" sqlite3 "$db" \
    "INSERT INTO turns VALUES('CA1', 0, 'caller', 'hi', 0, 1, 1, 0, NULL); DELETE FROM calls"
is "nothing of it is left" "$(sqlite3 "$db" 'SELECT (SELECT count(*) FROM turns), (SELECT count(*) FROM messages)')" "0|0"
is "nor of the merchant who went" "$(sqlite3 "$db" 'SELECT (SELECT count(*) FROM merchant_keys),
    (SELECT count(*) FROM merchant_hours WHERE merchant_id = 2), (SELECT count(*) FROM merchant_tools WHERE merchant_id = 2)')" "0|0|0"
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
