#!/bin/bash
# What is written with receptionai-sql counts from the next call on: a webhook that runs all the while is not restarted.
# shellcheck source-path=SCRIPTDIR
. "${srcdir:=.}/tests/fcgi/lib.sh"
make_settings
export RECEPTIONAI_DB=$db
change() { "$builddir/receptionai-sql" "$1" || echo "not taken: $1"; }
spawn webhook "$webhook" --socket "$work/webhook.sock"
via=fcgi:$work/webhook.sock
wait_for 60 test -S "$work/webhook.sock"
sid=100
# answers "SENTENCE" NUMBER TWIML-PART: what a call to the number gets.
answers() {
    sid=$((sid + 1))
    ask /api/twilio/incoming "CallSid=CA$sid" "From=${from:-$caller}" "To=$2" CallStatus=ringing
    has "$1" "$(masked)" "$3"
}
answers "a number of nobody is not configured" +15550105 "$not_configured"
change "INSERT INTO merchants(name, phone_number) VALUES('Dora', '+15550105')"
answers "a business that was added is answered" +15550105 '<Connect '
change "INSERT INTO merchant_numbers(phone_number, merchant_id) SELECT '+15550106', id FROM merchants WHERE name = 'Dora'"
answers "a further number too, as the same business" +15550106 "<Parameter name=\"merchantId\" value=\"4\"/>"
change "UPDATE merchants SET active = 0 WHERE name = 'Dora'"
answers "paused, it is not" +15550106 "$not_configured"
change "UPDATE merchants SET active = 1 WHERE name = 'Dora'; DELETE FROM merchant_numbers"
answers "awake, it is" +15550105 '<Connect '
answers "but no more by the number that was taken away" +15550106 "$not_configured"
change "UPDATE merchants SET phone_number = '+15550107' WHERE name = 'Dora'"
answers "its number can change" +15550107 '<Connect '
change "INSERT INTO caller_rules(number) VALUES('+1900*')"
from=+19005550123 answers "who is blocked is turned away" "$bella" '<Reject'
change "INSERT INTO caller_rules(merchant_id, number, rule) VALUES(1, '+19005550123', 'allow')"
from=+19005550123 answers "who is allowed gets through" "$bella" '<Connect '
change "DELETE FROM caller_rules; UPDATE merchants SET caller_calls_hour_max = 2 WHERE id = 1"
from=+14155550177 answers "a first call" "$bella" '<Connect '
from=+14155550177 answers "a second" "$bella" '<Connect '
from=+14155550177 answers "a third is one too many" "$bella" '<Reject'
change "UPDATE merchants SET caller_calls_hour_max = NULL, anonymous = 'reject' WHERE id = 1"
from=+14155550177 answers "but not without that limit" "$bella" '<Connect '
from=anonymous answers "who does not say who he is is turned away" "$bella" '<Reject'
change "UPDATE merchants SET anonymous = 'accept' WHERE id = 1"
from=anonymous answers "or is not" "$bella" '<Connect '
change "UPDATE merchants SET after_hours = 'closed', after_hours_notice = 'Bella sleeps.' WHERE id = 1"
answers "after hours is never without hours" "$bella" '<Connect '
change "INSERT INTO merchant_hours(merchant_id, weekday, opens, closes) SELECT 1, column1, '00:00', '24:00'
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6))"
answers "nor by day" "$bella" '<Connect '
change "INSERT INTO merchant_days(merchant_id, day) VALUES(1, date('now')), (1, date('now', '+1 day'))"
answers "but on a holiday callers hear the notice" "$bella" '>Bella sleeps.</Say><Hangup/>'
change "UPDATE merchants SET after_hours = 'forward', after_hours_number = '+15550166' WHERE id = 1"
answers "or are forwarded" "$bella" '<Number>+15550166</Number>'
change "UPDATE merchants SET after_hours = 'voicemail' WHERE id = 1"
answers "or leave a message after the tone" "$bella" '<Record '
change "UPDATE merchants SET after_hours = 'message' WHERE id = 1"
answers "or with the receptionist" "$bella" '<Connect '
change "UPDATE merchants SET after_hours = 'closed'; DELETE FROM merchant_days"
answers "the holiday is over" "$bella" '<Connect '
change "DELETE FROM calls; DELETE FROM merchants WHERE name = 'Dora'"
answers "a business that is gone is not configured" +15550107 "$not_configured"
finish
