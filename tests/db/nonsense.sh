#!/bin/bash
# A hundred kinds of nonsense, as people type it, into receptionai-sql and into the plain sqlite3 shell: each is refused
# in words, or does no harm; and a webhook that serves all the while connects a call after whatever was taken.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
export RECEPTIONAI_DB=$db
unset RECEPTIONAI_SCHEMA
sql "PRAGMA journal_mode = WAL; UPDATE merchants SET greeting = 'Ciao!', voice = 'luna', time_zone = 'Europe/Rome',
        caller_calls_hour_max = NULL WHERE id = 1;
    INSERT INTO merchant_hours VALUES(1, 0, '00:00', '24:00'), (1, 1, '00:00', '24:00'), (1, 2, '00:00', '24:00'),
        (1, 3, '00:00', '24:00'), (1, 4, '00:00', '24:00'), (1, 5, '00:00', '24:00'), (1, 6, '00:00', '24:00');
    INSERT INTO merchant_faq(merchant_id, question, answer) VALUES(1, 'Dogs?', 'Yes.');
    INSERT INTO merchant_staff(merchant_id, name, number) VALUES(1, 'Ann', '+15550144')" >"$work/setup"
spawn webhook "$webhook" --socket "$work/webhook.sock"
service=$pid
via=fcgi:$work/webhook.sock
wait_for 60 test -S "$work/webhook.sock"
sid=100
connected() {
    sid=$((sid + 1))
    incoming "CA$sid"
    [[ $(masked) == *"$connect"* ]] || { echo "$answer" && false; }
}
ok "a call is connected" connected
typed=0
before=

# What every row says. Not the bytes of the file: plain sqlite3 moves the log into it.
state() { sqlite3 -readonly "$db" "SELECT * FROM merchants; SELECT * FROM merchant_hours; SELECT * FROM merchant_days;
    SELECT * FROM merchant_faq; SELECT * FROM merchant_staff; SELECT * FROM merchant_numbers; SELECT * FROM caller_rules;
    SELECT * FROM caller_notes; SELECT count(*) FROM calls; SELECT count(*) FROM time_zones; SELECT count(*) FROM voices;
    SELECT count(*), max(rootpage) FROM sqlite_schema" | cksum; }
plain() { sqlite3 -batch -init /dev/null "$db"; }
careful() { "$builddir/receptionai-sql"; }

# no TYPED WORDS: both say the words (a part of what they say), and change nothing.
no() {
    local shell got
    for shell in careful plain; do
        got=$(printf '%s\n' "$1" | $shell 2>&1)
        [[ $got == *"$2"* ]] && continue
        tap_line 'not ok' "$shell refuses: ${1:0:90}"
        printf '# got:    %s\n# wanted: %s\n' "$got" "$2"
    done
    is "refused: ${1:0:90}" "$(state)" "$before"
    typed=$((typed + 1))
}
# harmless TYPED: whatever they say, a call is connected afterwards.
harmless() {
    printf '%s\n' "$1" | careful >/dev/null 2>&1
    printf '%s\n' "$1" | plain >/dev/null 2>&1
    ok "harmless: ${1:0:90}" connected
    typed=$((typed + 1))
    before=$(state)
}
before=$(state)

# --- not SQL, or nearly ----------------------------------------------------------------------------------------
no 'help' 'syntax error'
no 'show merchants;' 'syntax error'
no 'hello? how do i add a business' 'syntax error'
no 'selct * from merchants;' 'syntax error'
no 'SELECT * FROM merchant;' 'no such table: merchant'
no 'SELECT * FROM Kunden;' 'no such table: Kunden'
no 'UPDATE merchant SET name = 1;' 'no such table: merchant'
no 'UPDATE merchants SET greting = '"'Hi'"';' 'no such column: greting'
no 'UPDATE merchants SET hours = '"'9-17'"';' 'no such column: hours'
no "UPDATE merchants SET name = 'Bella's';" 'syntax error'
no "UPDATE merchants SET greeting = 'Hello;" 'unrecognized token'
no 'UPDATE merchants SET greeting = “Hello”;' 'no such column: “Hello”'
no "UPDATE merchants SET greeting = ‘Hello’;" "no such column: ‘Hello’"
no "UPDATE merchants WHERE id = 1 SET greeting = 'Hi';" 'syntax error'
no "INSERT INTO merchants VALUES('Bella', '+15550155');" 'columns but 2 values were supplied'
no "INSERT merchants SET name = 'Bella';" 'syntax error'
no "ADD merchants('Bella', '+15550155');" 'syntax error'
no 'delete merchants where id = 1;' 'syntax error'
no 'DELETE * FROM merchants;' 'syntax error'
no 'DROP merchants;' 'syntax error'
no 'CREATE DATABASE receptionai;' 'syntax error'
no 'USE receptionai;' 'syntax error'
no 'GRANT ALL ON merchants TO bella;' 'syntax error'
no '.import nothing.csv merchants' 'cannot open "nothing.csv"'
no '.hlep' 'unknown command'
no 'UPDATE merchants SET active = true false;' 'syntax error'
no 'rm -rf /;' 'syntax error'
no '); DROP TABLE calls; --' 'syntax error'

# --- the wrong value -------------------------------------------------------------------------------------------
number='phone_number must be in E.164 form: + and 7 to 15 digits, the first not 0, like +15550100'
others='fallback_number and transfer_number must be NULL or in E.164 form, like +15550100'
no "INSERT INTO merchants(name, phone_number) VALUES('Carl', '(415) 555-0155');" "$number"
no "INSERT INTO merchants(name, phone_number) VALUES('Carl', '0049 30 123456');" "$number"
no "INSERT INTO merchants(name, phone_number) VALUES('Carl', 4155550155);" "$number"
no "INSERT INTO merchants(name, phone_number) VALUES('Carl', +4155550155);" "$number"
no "INSERT INTO merchants(name, phone_number) VALUES('+15550155', 'Carl');" "$number"
no "INSERT INTO merchants(name) VALUES('Carl');" "$number"
no "INSERT INTO merchants(phone_number) VALUES('+15550155');" 'name must be given'
no "INSERT INTO merchants DEFAULT VALUES;" "$number"
no "INSERT INTO merchants(name, phone_number) VALUES('Bella again', '+15550100');" 'phone_number belongs to another merchant already'
no "INSERT INTO merchants(id, name, phone_number) VALUES(1, 'Bella', '+15550155');" 'there is a merchant with this id'
no "REPLACE INTO merchants(id, name, phone_number) VALUES(1, 'Bella', '+15550155');" 'there is a merchant with this id'
no "INSERT INTO merchants(id, name, phone_number) VALUES('bella', 'Bella', '+15550155');" 'datatype mismatch'
no "UPDATE merchants SET phone_number = '+15550155';" 'phone_number belongs to another merchant already'
no "UPDATE merchants SET id = 5 WHERE id = 1;" 'the id of a merchant cannot be changed'
no "UPDATE merchants SET active = 'no';" 'cannot store TEXT value in INTEGER column merchants.active'
no "UPDATE merchants SET active = -1;" 'active must be 1 (calls are answered) or 0 (paused)'
no "UPDATE merchants SET active = NULL;" 'active must be 1 (calls are answered) or 0 (paused)'
no "UPDATE merchants SET voice = 'Morgan Freeman';" 'voice must be NULL or a name from the table voices, like eve'
no "UPDATE merchants SET language = 'german';" 'language must be NULL or a language tag like en, de or pt-BR'
no "UPDATE merchants SET time_zone = 'Rome';" 'time_zone must be a name from the table time_zones, like Europe/Berlin'
no "UPDATE merchants SET time_zone = 'GMT+1 (Rome)';" 'time_zone must be a name from the table time_zones'
no "UPDATE merchants SET time_zone = '../../etc/passwd';" 'time_zone must be a name from the table time_zones'
no "UPDATE merchants SET fallback_number = 'my mobile';" "$others"
no "UPDATE merchants SET fallback_number = '911';" "$others"
no "UPDATE merchants SET fallback_number = '';" "$others"
no "UPDATE merchants SET transfer_number = phone_number;" 'the call would go in circles'
no "UPDATE merchants SET instructions = readfile('/dev/null');" 'cannot store BLOB value in TEXT column merchants.instructions'
no "UPDATE merchants SET greeting = randomblob(100);" 'cannot store BLOB value in TEXT column merchants.greeting'
no "UPDATE merchants SET greeting = CAST(x'fffefdfc' AS TEXT);" 'must be UTF-8'
no "UPDATE merchants SET greeting = 'Hi' || char(27) || '[31m';" 'must hold no control characters'
no "UPDATE merchants SET name = 'a' || char(10) || 'b';" 'name must be one line without control characters'
no "UPDATE merchants SET calls_max = 0;" 'to take no calls set active = 0'
no "UPDATE merchants SET dollars_month_max = '50\$';" 'cannot store TEXT value in REAL column merchants.dollars_month_max'
no "UPDATE merchants SET minutes_month_max = -1;" 'minutes_month_max must be NULL (no limit) or 1 to 10000000'
no "UPDATE merchants SET vad_threshold = 85;" 'vad_threshold must be 0.1 to 0.9'
no "UPDATE merchants SET notify_url = 'bellas.example.com';" 'notify_url must be NULL or an https:// or http:// URL'
no "UPDATE merchants SET notify_email = 'Bella <b@bellas.example.com>';" 'notify_email must be NULL or one address'
no "UPDATE merchants SET after_hours = 'off';" 'after_hours must be ai'
no "UPDATE merchants SET after_hours = 'forward';" "after_hours = 'forward' needs an after_hours_number: set both at once"
no "UPDATE merchants SET after_hours_number = '+15550100' WHERE id = 1;" 'the call would go in circles'
no "UPDATE merchants SET anonymous = 'no';" 'anonymous must be accept, reject or voicemail'
no "UPDATE merchants SET attestation = 'full';" 'attestation must be any, not-failed'
no "UPDATE merchants SET caller_calls_hour_max = 0;" 'caller_calls_hour_max must be NULL (no limit) or 1 to 10000'
no "UPDATE merchants SET memory = 'on';" 'cannot store TEXT value in INTEGER column merchants.memory'
no "UPDATE merchants SET retention_days = -30;" 'retention_days must be NULL (calls are kept for ever) or 1 to 36500'
no "UPDATE merchants SET memory_days = 1e9;" 'memory_days must be 1 to 3650'
no "INSERT INTO merchant_hours VALUES(1, 'Monday', '9:00', '17:00');" 'cannot store TEXT value in INTEGER column merchant_hours.weekday'
no "INSERT INTO merchant_hours VALUES(1, 7, '09:00', '17:00');" 'weekday must be 0 (Monday) to 6 (Sunday)'
no "INSERT INTO merchant_hours VALUES(1, 0, '9:00', '17:00');" 'opens must be a time like 09:00'
no "INSERT INTO merchant_hours VALUES(1, 0, '09:00', '5pm');" 'closes must be a time like 17:30'
no "INSERT INTO merchant_hours VALUES(77, 0, '09:00', '17:00');" 'merchant_id must be the id of a merchant'
no "INSERT INTO merchant_days VALUES(1, '24.12.', NULL, NULL, NULL);" 'day must be a date like 2026-12-24, or 12-25 for every year'
no "INSERT INTO merchant_days VALUES(1, '2026-02-30', NULL, NULL, NULL);" 'day must be a date like 2026-12-24'
no "INSERT INTO merchant_days VALUES(1, '12-24', 'closed', NULL, NULL);" 'opens must be NULL (closed all day) or a time'
no "INSERT INTO merchant_numbers VALUES('+15550100', 1, NULL);" 'phone_number belongs to a merchant already'
no "INSERT INTO merchant_numbers VALUES('+15550101', 1, NULL);" 'phone_number belongs to a merchant already'
no "INSERT INTO merchant_staff(merchant_id, name, number) VALUES(1, 'Bob', 'extension 12');" 'number must be in E.164 form'
no "INSERT INTO merchant_staff(merchant_id, name, number) VALUES(1, 'Bob', '+15550100');" 'the call would go in circles'
no "INSERT INTO merchant_staff(merchant_id, name, number) VALUES(1, 'ann', '+15550145');" 'UNIQUE constraint failed: merchant_staff'
no "INSERT INTO merchant_faq(merchant_id, question, answer) VALUES(1, 'Dogs?', 'No.');" 'UNIQUE constraint failed: merchant_faq'
no "INSERT INTO merchant_faq(merchant_id, question, answer) VALUES(1, 'Menu?', printf('%.*c', 10000, 'm'));" 'answer must be 1 to 1500 bytes long'
no "INSERT INTO caller_rules(number) VALUES('*');" 'number must be like +14155550123'
no "INSERT INTO caller_rules(number) VALUES('+');" 'number must be like +14155550123'
no "INSERT INTO caller_rules(number) VALUES('anonymous');" 'number must be like +14155550123'
no "INSERT INTO caller_rules(number, until_ms) VALUES('+1900*', '2027-01-01');" 'cannot store TEXT value in INTEGER column'
no "INSERT INTO caller_notes VALUES(1, 'Ann', 'Ann', 'nice');" 'number must be in E.164 form'
no "INSERT INTO merchant_tools(merchant_id, name, description, url) VALUES(1, 'book', 'Books.', 'bellas.example.com');" \
    'url must begin with https:// or http://'

# --- everything at once ----------------------------------------------------------------------------------------
no 'DELETE FROM merchants;' 'a merchant with calls cannot be deleted: delete the calls first, or set active = 0'
no 'PRAGMA foreign_keys = OFF; DELETE FROM merchants WHERE id = 1;' 'a merchant with calls cannot be deleted'
no 'DELETE FROM voices;' 'a merchant has this voice: change that first'
no 'DELETE FROM time_zones;' 'a merchant has this time zone, or may have: UTC stays'
no 'DELETE FROM end_reasons;' 'end_reasons belongs to the programs and cannot be changed'
no 'UPDATE calls SET merchant_id = 77;' 'call_sid and merchant_id of a call cannot be changed'
no "UPDATE calls SET status = 'deleted';" 'status is ringing, live, transferring, ended or complete'
no "UPDATE calls SET created_ms = 'yesterday';" 'cannot store TEXT value in INTEGER column calls.created_ms'
no 'DELETE FROM call_log;' 'cannot modify call_log because it is a view'
no "UPDATE config_warnings SET warning = '';" 'cannot modify config_warnings because it is a view'
no 'BEGIN; DELETE FROM merchant_hours; UPDATE merchants SET active = 0;' ''
no 'UPDATE sqlite_schema SET sql = NULL;' 'may not be modified'
no 'INSERT INTO merchant_rules SELECT NULL, * FROM merchants;' 'belongs to another merchant already'

# --- taken, and the calls go on --------------------------------------------------------------------------------
harmless 'UPDATE merchants SET voice = "eve" WHERE id = 1;'
harmless "UPDATE merchants SET greeting = '' WHERE id = 1;"
harmless "UPDATE merchants SET greeting = '<Say>Hi</Say>]]>&amp;', instructions = '</Response>' WHERE id = 1;"
harmless "UPDATE merchants SET name = '\"); DROP TABLE merchants; --' WHERE id = 1;"
harmless "UPDATE merchants SET instructions = printf('%.*c', 16000, 'x'), greeting = printf('%.*c', 2000, 'y') WHERE id = 1;"
harmless "UPDATE merchants SET name = '🍕🍕🍕', language = 'xx' WHERE id = 1;"
harmless "UPDATE merchants SET phone_number = '+15550100', id = 1 WHERE id = 1;"
harmless "UPDATE merchants SET fallback_number = '+15550101', transfer_number = '+15550101' WHERE id = 1;"
harmless "INSERT INTO merchant_days VALUES(1, '02-29', '00:00', '00:01', NULL), (1, '2001-01-01', NULL, NULL, NULL);"
harmless "INSERT OR IGNORE INTO merchant_hours VALUES(1, 0, '12:00', '11:59'), (1, 0, '12:01', '12:02');"
harmless "INSERT INTO caller_rules(merchant_id, number, rule) VALUES(1, '+9*', 'allow'), (NULL, '+999*', 'block');"
harmless "INSERT INTO time_zones VALUES('Moon/Base'); UPDATE merchants SET time_zone = 'Moon/Base' WHERE id = 1;"
harmless "INSERT INTO voices VALUES('nobody'); UPDATE merchants SET voice = 'nobody' WHERE id = 1;"
harmless 'CREATE TABLE merchant(id); INSERT INTO merchant VALUES(1);'
harmless 'CREATE INDEX faster ON calls(caller_number); ANALYZE; REINDEX; VACUUM;'
harmless 'PRAGMA journal_mode = DELETE;'
harmless 'PRAGMA auto_vacuum = NONE; PRAGMA page_size = 512; PRAGMA encoding = "UTF-16"; PRAGMA locking_mode = EXCLUSIVE;'
harmless 'DELETE FROM jobs; DELETE FROM turns; DELETE FROM messages; DELETE FROM forgotten_calls;'
harmless 'DELETE FROM calls;'
harmless 'DELETE FROM merchant_staff; DELETE FROM merchant_faq; DELETE FROM merchant_hours; DELETE FROM merchants WHERE id > 1;'
harmless 'ALTER TABLE merchants ADD COLUMN nickname TEXT;'
ok "the webhook that was there before is there still" kill -0 "$service"
via=cgi:$webhook
ok "and one that starts now connects a call" connected
ok "more than a hundred kinds of nonsense were typed" test "$typed" -gt 100
is "the file is sound" "$(sqlite3 "$db" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok
is "and every warning can be asked for" "$(sql 'SELECT count(*) > 0 FROM config_warnings')" 1
finish
