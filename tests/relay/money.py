"""Limits and costs: who is over a limit is not let in, who reaches one is told and dismissed, and the provider's account
is kept with the call, over all of its streams."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Grok, Phone, Relay, Tap, keep_alive, wait_for  # noqa: E402
from spoken import Call, SimGrok  # noqa: E402

tap = Tap()
WARNING = "I am sorry, this call has to end soon."
VOICE = b"\x33" * 4000


def words(message):
    item = message.get("item", {})
    if message["type"] == "conversation.item.create" and item.get("type") == "force_message":
        return item["content"][0]["text"]
    return None


class Talker:
    """A Grok that says what it is told to and tells `account` (seconds, both of all its answers) with each answer."""

    def __init__(self, account=(5, 0.5)):
        self.account, self.said = account, []
        self.grok = Grok(self.play)

    def play(self, session):
        billable = 0
        session.hello()
        for message in session.messages():
            if message["type"] == "session.update":
                session.updated()
            elif words(message) is not None or message["type"] == "response.create":
                self.said.append((time.monotonic(), words(message) or ""))
                billable += self.account[0]
                response = session.begin()
                session.delta(VOICE)
                session.text(words(message) or "Well.")
                session.say("response.output_audio.done", response_id=response, item_id="i" + response)
                session.say("response.done", response_id=response, response={"id": response, "status": "completed"},
                            usage={"output_audio_seconds": self.account[1], "billable_audio_seconds": billable})

    def when(self, part):
        return next((at for at, text in self.said if part in text), None)


def open_call(relay, grok, sid, **parameters):
    """A call that plays its marks, as one that is heard does."""
    phone = Phone(relay, sid).start(merchantId="1", callerPhone="+14155550123", **parameters)
    session = grok.next() if grok else None
    if session:
        keep_alive(phone, session)
    return phone


def listen(phone, seconds=None):
    """Until it is closed; what was played is said to have been."""
    def closed():
        if phone.marks and not phone.closed:
            try:
                phone.play_marks()
            except OSError:
                pass
        return phone.closed
    return wait_for(closed, seconds)


def row(relay, sid, columns):
    rows = relay.sql(f"SELECT {columns} FROM calls WHERE call_sid=?", sid)
    return rows[0] if rows else None


def past(relay, sid, heard_ms, micro_dollars):
    now = int(time.time() * 1000)
    relay.sql("INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, started_ms, ended_ms,"
              " heard_ms, cost_micro_dollars, status, end_reason) VALUES(?, 1, 'x', 'y', ?, ?, ?, ?, ?, 'ended',"
              " 'caller-hung-up')", sid, now, now, now, heard_ms, micro_dollars)


# --- who is over a limit and comes without the webhook -------------------------------------------------
talker = Talker()
relay = Relay(talker.grok, CALLER_SILENCE_S=0)
relay.sql("UPDATE merchants SET calls_max = 1")
first = open_call(relay, talker.grok, "CA1")
tap.ok("the first call talks", wait_for(lambda: row(relay, "CA1", "answered_ms")) and wait_for(lambda: first.heard))
second = open_call(relay, None, "CA2")
listen(second)
tap.equal("the second is not let in", row(relay, "CA2", "end_reason, answered_ms"), ("over-limit", None))
tap.equal("its socket is closed normally, when the database knows", (second.closed, second.ended_in_database),
          (1000, "over-limit"))
tap.ok("the log names the limit", relay.logged(r"call over limit call=CA2 merchant=1 limit=calls"))
tap.equal("and nothing was said to it", second.heard, b"")
tap.ok("the first goes on", first.closed is None)

def heard_out(relay, phone, sid, count=1):
    """The caller has heard that many answers, so that they are in the record."""
    def there():
        if phone.marks:
            phone.play_marks()
        return relay.row("SELECT count(*) FROM turns WHERE call_sid=?", sid) >= count
    return wait_for(there)


# --- what a call costs ---------------------------------------------------------------------------------
tap.ok("its greeting is in the record", heard_out(relay, first, "CA1"))
first.stop()
listen(first)
tap.equal("Grok's own account is kept, and what it costs",
          row(relay, "CA1", "provider, output_audio_ms, cost_micro_dollars, resumed_count"),
          ("grok", 500, 5 * 80000 // 60 + 4000, 0))
tap.equal("the month has it", relay.sql("SELECT dollars FROM merchant_usage WHERE merchant_id = 1"), [(0.01,)])

# --- a call of two streams: the caller came back from a transfer ---------------------------------------
relay.sql("UPDATE merchants SET calls_max = NULL")
relay.sql("UPDATE calls SET status='transferring', end_reason=NULL, ended_ms=NULL, transfer_number='+15550177',"
          " transfer_result='no-answer' WHERE call_sid='CA1'")
turns = relay.row("SELECT count(*) FROM turns WHERE call_sid='CA1'")
clock = relay.row("SELECT max(end_ms) FROM turns WHERE call_sid='CA1'")
cost = relay.row("SELECT cost_micro_dollars FROM calls WHERE call_sid='CA1'")
time.sleep(1)
talker.grok.skip()
back = open_call(relay, talker.grok, "CA1", resume="no-answer")
tap.ok("the caller is back", wait_for(lambda: row(relay, "CA1", "status") == ("live",)) and wait_for(lambda: back.heard))
heard_out(relay, back, "CA1", turns + 1)
back.stop()
listen(back)
tap.ok("its turns follow those of the first stream",
       wait_for(lambda: relay.row("SELECT count(*) FROM turns WHERE call_sid='CA1'") > turns))
tap.ok("on the same clock", relay.row("SELECT start_ms FROM turns WHERE call_sid='CA1' ORDER BY position DESC") >
       clock + 900)
tap.ok("and its costs are added", row(relay, "CA1", "cost_micro_dollars")[0] > cost)
tap.equal("the call has ended once more", row(relay, "CA1", "status, end_reason"), ("ended", "caller-hung-up"))
relay.stop()


# --- limits that are reached ---------------------------------------------------------------------------
def reach(name, reason, prepare="", merchant="", **settings):
    """A limit some seconds ahead: a warning, a goodbye, an end."""
    mine = Talker((0.1, 0.5))
    house = Relay(mine.grok, **settings)
    house.sql("UPDATE merchants SET greeting = 'Hello.', farewell = 'That is all. Bye.'" + merchant)
    if prepare:
        past(house, "CA0", *prepare)
    phone = open_call(house, mine.grok, "CA1")
    tap.ok(f"{name}: the call ends", listen(phone))
    tap.equal(f"{name}: with its reason", row(house, "CA1", "end_reason"), (reason,))
    warned, parted = mine.when(WARNING), mine.when("That is all. Bye.")
    tap.ok(f"{name}: first a warning, then a goodbye", warned and parted and warned < parted, mine.said)
    tap.equal(f"{name}: one each", len(mine.said), 3)
    tap.equal(f"{name}: the warning is counted", house.metric("limit_warnings_total"), 1)
    tap.equal(f"{name}: all of it was heard", len(phone.heard), 3 * len(VOICE))
    house.stop()


reach("the longest call", "call-too-long", RELAY_CALL_MAX_S=10)
reach("the month's minutes", "over-limit", (50000, 0), ", minutes_month_max = 1")
reach("the month's dollars", "over-limit", (1000, 986000), ", dollars_month_max = 1", GROK_TEXT_PRICE=0)

# --- sessions ------------------------------------------------------------------------------------------
talker = Talker()
relay = Relay(talker.grok, GROK_SESSIONS_MAX=1)
first = open_call(relay, talker.grok, "CA1")
tap.ok("one session is one session", wait_for(lambda: first.heard))
second = open_call(relay, None, "CA2")
listen(second)
tap.equal("the second caller is over the limit", row(relay, "CA2", "end_reason, answered_ms"), ("over-limit", None))
tap.ok("the metrics show the one", wait_for(lambda: relay.metric("grok_sessions") == 1))
tap.equal("Grok was not asked", len(talker.grok.sessions), 1)
first.stop()
listen(first)
tap.ok("when the first has gone", relay.logged("call ended call=CA1"))
third = None


def let_in():
    """The slot is given back when both sockets are closed."""
    global third
    third = open_call(relay, None, f"CA3{time.monotonic_ns()}")
    return wait_for(lambda: third.heard or third.closed) and bool(third.heard)


tap.ok("the third is let in", wait_for(let_in))
third.stop()
listen(third)
relay.stop()

other = Talker()
relay = Relay(talker.grok, GROK_SESSIONS_MAX=1, FALLBACK_URL=f"ws://127.0.0.1:{other.grok.port}/v1/realtime",
              FALLBACK_API_KEY="k", FALLBACK_AUDIO_PRICE=600000)
talker.grok.skip()
first = open_call(relay, talker.grok, "CA1")
tap.ok("with a second provider, the first call is Grok's", wait_for(lambda: first.heard))
second = open_call(relay, other.grok, "CA2")
tap.ok("and the second one's is the other's", wait_for(lambda: other.grok.sessions))
second.stop()
listen(second)
tap.equal("its record says so", row(relay, "CA2", "provider"), ("fallback",))
first.stop()
listen(first)
relay.stop()

# --- as a caller hears it ------------------------------------------------------------------------------
sim = SimGrok()
relay = Relay(sim, RELAY_CALL_MAX_S=14)
call = Call(relay, {"greeting": "Good day, this is Bella's.", "farewell": "Thank you, goodbye."}, "--stay")
facts = call.facts()
spoken = [text for role, text, cut in facts["turns"] if role == "receptionist"]
tap.equal("a spoken call: the limit ended it", row(relay, call.sid, "end_reason"), ("call-too-long",))
tap.ok("a spoken call: the caller was warned", any(WARNING in text for text in spoken), spoken)
tap.ok("a spoken call: and said goodbye to", spoken and "goodbye" in spoken[-1], spoken)
tap.ok("a spoken call: it cost something", row(relay, call.sid, "cost_micro_dollars")[0] > 0)
tap.finish()
