"""Spoken calls through webhook, relay and both simulators: a caller asks for a person, who answers or does not; what is
left behind is a message; the receptionist hangs up when the goodbye was heard."""
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Tap, wait_for  # noqa: E402
from spoken import spoken  # noqa: E402
from webhook_lab import Site  # noqa: E402

tap = Tap()
relay, grok = spoken("--api-key", "test-key")
site = Site(relay)
relay.sql("UPDATE merchants SET transfer_number='+15550199' WHERE id=1")
relay.sql("INSERT INTO merchants(id, name, phone_number, greeting) VALUES(2, 'Alone', '+15550101', 'Good day.')")


class Spoken(threading.Thread):
    def __init__(self, sid, *arguments):
        super().__init__(daemon=True)
        self.sid, self.arguments = sid, arguments
        self.start()

    def run(self):
        self.code, self.summary, self.timeline = site.call("--call-sid", self.sid, *self.arguments)

    def turns(self, role):
        return [text for (text,) in relay.sql("SELECT text FROM turns WHERE call_sid=? AND role=? ORDER BY position",
                                              self.sid, role)]

    def note(self):
        return "\n".join([self.timeline[-3000:], str(self.turns("caller")), str(self.turns("receptionist")),
                          grok.text()[-1500:]])


def row(call, columns):
    rows = relay.sql(f"SELECT {columns} FROM calls WHERE call_sid=?", call.sid)
    return rows[0] if rows else None


PERSON = "Connect me to a person please."
answered = Spoken("CA8001", "--to", "+15550100", "--say", PERSON, "--dial-status", "completed")
unanswered = Spoken("CA8002", "--to", "+15550100", "--say", PERSON, "--say", "I would like to leave a message.",
                    "--say", "Please call me back tomorrow.", "--say", "My name is Mary Miller.", "--say", "Goodbye.", "--dial-status", "no-answer")
relay.sql("INSERT INTO merchants(id, name, phone_number, greeting, transfer_number, transfer_fallback) "
          "VALUES(3, 'Recorded', '+15550102', 'Good day.', '+15550198', 'voicemail')")
recorded = Spoken("CA8004", "--to", "+15550102", "--say", PERSON, "--say", "Please call me back tomorrow.",
                  "--dial-status", "busy")
alone = Spoken("CA8003", "--to", "+15550101", "--say", "Goodbye.", "--stay")

answered.join()
tap.equal("a caller who is connected was handed over", row(answered, "status, end_reason, transfer_number, "
                                                          "transfer_result"),
          ("ended", "transferred", "+15550199", "completed"))
said = answered.turns("receptionist")
tap.ok("and heard that before", any("connect" in text for text in said), answered.note())
unanswered.join()
for who, words in relay.sql("SELECT role, text FROM turns WHERE call_sid=? ORDER BY position", unanswered.sid):
    print(f"# {who + ':':14}{words}", flush=True)
said = unanswered.turns("receptionist")
tap.ok("a caller whom nobody answered comes back and hears it", "I am sorry, nobody could be reached. May I take a "
       "message?" in said, unanswered.note())
message = relay.sql("SELECT kind, caller_name, callback_number, text FROM messages WHERE call_sid=?", unanswered.sid)
tap.ok("the message is written down, with name and number", len(message) == 1 and message[0][:3] == (
    "spoken", "Mary Miller", "+14155550123") and "call me back" in message[0][3].lower(),
    str(message) + unanswered.note())
tap.equal("the call is one call, and ended by the receptionist", row(unanswered, "status, end_reason, transfer_result"),
          ("ended", "receptionist-hung-up", "no-answer"))
tap.equal("its tools are on record", relay.sql("SELECT name, status FROM tool_calls WHERE call_sid=? ORDER BY name",
                                              unanswered.sid),
          [("end_call", "ok"), ("take_message", "ok"), ("transfer_call", "ok")])
tap.ok("its turns go on where they were", len(unanswered.turns("caller")) >= 3, unanswered.note())
recorded.join()
tap.equal("a merchant with voicemail takes one when the person is busy", row(recorded, "status, end_reason, "
                                                                             "transfer_result"),
          ("ended", "transferred", "busy"))
voicemail = relay.sql("SELECT kind, merchant_id, recording_url LIKE 'http%', recording_ms >= 1500 FROM messages "
                      "WHERE call_sid=?", recorded.sid)
tap.equal("and it is in the messages", voicemail, [("voicemail", 3, 1, 1)])
alone.join()
tap.equal("who says goodbye is hung up on", row(alone, "status, end_reason"), ("ended", "receptionist-hung-up"))
tap.ok("after the goodbye was heard", any("bye" in text.lower() for text in alone.turns("receptionist")), alone.note())
tap.equal("Grok had nothing to complain of", [line for line in grok.text().splitlines() if "error" in line.lower()], [])
relay.stop()
tap.finish()
