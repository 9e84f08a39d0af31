"""Nothing comes: no answer, no audio, no word of the caller's. Each wait ends with its own consequence."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Phone, Relay, Tap, wait_for  # noqa: E402
from line import GREETING, HERE, MOMENT, VOICE, Line, reply, resumed, talk, words  # noqa: E402

tap = Tap()


def patience(name, act, check, **settings):
    line = Line(act)
    relay = Relay(line, RELAY_THREADS=1, **settings)
    phone = Phone(relay, "CA7").start()
    check(line, relay, phone)
    if phone.closed is None:
        phone.stop()
    phone.wait_closed()
    tap.equal(f"{name}: the relay ends cleanly", relay.stop(), 0)


def dead_air(session, number, text):
    if number == 1:
        reply(session, GREETING)
        session.caller("u1", "Hello?")
        session.say("input_audio_buffer.committed", item_id="u1")
        return True
    return False


def asked_again(line, relay, phone):
    tap.ok("no answer to the caller's words: it is asked for again", wait_for(lambda: HERE in phone.heard))
    tap.equal("once", [relay.metric("answer_retries_total"), line.count], [1, 1])


patience("dead air", talk(dead_air), asked_again, GROK_ANSWER_MS=600)


def never_answers(session, number, text):
    if number == 1:
        return dead_air(session, number, text)
    return not resumed(session)


def given_up(line, relay, phone):
    tap.ok("still no answer: the connection is given up, and another goes on",
           wait_for(lambda: phone.play_marks() or relay.metric("model_back_total") == 1), relay.log()[-800:])
    tap.ok("named in the log", "loss=stalled" in relay.log())


patience("no answer at all", talk(never_answers), given_up, GROK_ANSWER_MS=600, GROK_AUDIO_MS=600)


def slow_audio(session, number, text):
    """A response that begins and says nothing; filler words beside it; then it speaks after all."""
    if number == 1:
        reply(session, GREETING)
        session.caller("u1", "Hello?")
        session.say("input_audio_buffer.committed", item_id="u1")
        session.say("response.created", response={"id": "slow", "status": "in_progress"})
        return True
    if text == MOMENT:
        reply(session, VOICE)
        time.sleep(0.2)
        session.delta(HERE, response="slow")
        session.done(response="slow")
        return True
    return False


def filled(line, relay, phone):
    tap.ok("an answer that begins and does not speak: filler words first, then the answer",
           wait_for(lambda: phone.heard == GREETING + VOICE + HERE), len(phone.heard))
    tap.equal("nothing was asked for twice", [relay.metric("fillers_total"), relay.metric("answer_retries_total")],
              [1, 0])


patience("slow audio", talk(slow_audio), filled, GROK_AUDIO_MS=600)


def cancelled_audio(session, number, text):
    """The same, but the filler cancels the answer."""
    if text == MOMENT:
        session.say("response.done", response_id="slow", response={"id": "slow", "status": "cancelled"})
        reply(session, VOICE)
        return True
    return slow_audio(session, number, text)


def asked_anew(line, relay, phone):
    tap.ok("a filler that ends the answer: it is asked for once more",
           wait_for(lambda: phone.heard == GREETING + VOICE + HERE), len(phone.heard))
    tap.equal("once more only", [relay.metric("fillers_total"), relay.metric("answer_retries_total")], [1, 1])


patience("cancelled audio", talk(cancelled_audio), asked_anew, GROK_AUDIO_MS=600)


def silence(line, relay, phone):
    tap.ok("a silent caller is parted from", wait_for(lambda: phone.play_marks() or phone.closed), relay.log()[-800:])
    tap.equal("politely", [phone.closed, phone.ended_in_database], [1000, "caller-silent"])
    said = [words(m) for m in line.sessions[0].got if words(m)]
    tap.equal("after two questions", said, ["Good evening, this is Bella's.", "Are you still there?",
                                           "Are you still there?",
                                           "I cannot hear you, so I will hang up now. Goodbye!"])
    tap.equal("and heard it all", phone.heard, GREETING + HERE * 3)


patience("silence", talk(), silence, CALLER_SILENCE_S=1)


def speaks_again(session, number, text):
    if number == 2:
        reply(session, HERE)
        session.caller("u1", "Yes, yes.")
        session.say("input_audio_buffer.committed", item_id="u1")
        reply(session, VOICE)
        return True
    return False


def begun_anew(line, relay, phone):
    began = time.monotonic()
    tap.ok("a caller who speaks is asked twice again", wait_for(
        lambda: phone.play_marks() or relay.metric("silence_prompts_total") == 3))
    tap.ok("and is not parted from", phone.closed is None and time.monotonic() - began >= 3)


patience("a word between", talk(speaks_again), begun_anew, CALLER_SILENCE_S=1)
tap.finish()
