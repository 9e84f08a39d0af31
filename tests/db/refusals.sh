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
refused "UPDATE calls SET status = 'over'" 'status is ringing, live, transferring or ended'
refused "UPDATE calls SET status = 'live'" 'a call that is live has started'
refused "UPDATE calls SET status = 'ended'" \
    'a call has ended_ms and end_reason when its status is ended, and not before'
refused "UPDATE calls SET status = 'ended', ended_ms = 1, end_reason = 'tired'" \
    'end_reason must be a word from the table end_reasons'
refused "DELETE FROM end_reasons" 'end_reasons belongs to the programs and cannot be changed'
refused "UPDATE end_reasons SET word = 'x'" 'end_reasons belongs to the programs and cannot be changed'
refused "INSERT INTO turns VALUES('CA1', 0, 'robot', 'hi', 0, 1, 1, 0, NULL)" 'role is caller or receptionist'
refused "INSERT INTO turns VALUES('CA1', 0, 'caller', 'hi', 2, 1, 1, 0, NULL)" \
    'a turn starts at 0 or later and does not end before it starts'

for good in "phone_number = '+1234567'" "phone_number = '+123456789012345'" "name = printf('%.*c', 200, 'n')" \
    "name = 'Café Zürich «7»'" "greeting = printf('%.*c', 2000, 'g')" \
    "instructions = printf('%.*c', 16000, 'i')" "instructions = 'Be kind.' || char(13, 10, 9) || '日本語 🙂'" \
    "voice = 'EVE'" "voice = NULL" "time_zone = 'Europe/Berlin'" "time_zone = 'US/Eastern'" "language = 'pt-BR'" \
    "active = '0'" "fallback_number = '+15550100'" "greeting = NULL"; do
    ok "taken: $good" sqlite3 "$db" "UPDATE merchants SET $good WHERE id = 2"
done
ok "an operator's own voice can be chosen" \
    sqlite3 "$db" "INSERT INTO voices(name) VALUES('mine'); UPDATE merchants SET voice = 'mine'"
ok "a merchant without calls can be deleted" sqlite3 "$db" 'DELETE FROM merchants WHERE id = 2'
ok "a call takes its turns with it, without foreign keys too" sqlite3 "$db" \
    "INSERT INTO turns VALUES('CA1', 0, 'caller', 'hi', 0, 1, 1, 0, NULL); DELETE FROM calls"
is "nothing of it is left" "$(sqlite3 "$db" 'SELECT count(*) FROM turns')" 0
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
