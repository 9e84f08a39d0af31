"""A Grok that says what it is asked to, until a script has it do otherwise; and ways for it to be lost."""
import socket
import threading
import time

from lab import Grok

BACK = "Sorry, the line was interrupted. Please go on."
MOMENT = "One moment, please."
GREETING, HERE, VOICE = b"\x55" * 4000, b"\x66" * 1600, b"\x33" * 1600


def words(message):
    """What a message wants to be said, or None."""
    item = message.get("item", {})
    if message["type"] == "conversation.item.create" and item.get("type") == "force_message":
        return item["content"][0]["text"]
    return None


class Line:
    """A Grok whose every connection plays the next of `acts`, the last one again and again."""

    def __init__(self, *acts, dialect="xai"):
        self.acts, self.count, self.dialect = list(acts), 0, dialect
        self.lock = threading.Lock()
        self.grok = Grok(self.play)
        self.port = self.grok.port

    def play(self, session):
        with self.lock:
            act = self.acts[min(self.count, len(self.acts) - 1)]
            self.count += 1
        act(session)

    @property
    def sessions(self):
        return self.grok.sessions


def talk(on_say=None, greet=True, conversation="c1", name=""):
    """Ready at once; says what it is asked to. on_say(session, number, words) may do otherwise: returns True."""
    def act(session):
        session.response = 0
        session.prefix = name
        number = 0
        session.say("session.created", session={"id": "s", "model": "m"})
        session.say("conversation.created", conversation={"id": conversation})
        if f"conversation_id={conversation}" in session.head:
            for n in range(3):
                session.say("conversation.item.added", item={"id": f"old{n}", "type": "message", "role": "assistant",
                            "replayed": True, "content": [{"type": "text", "text": "Said before."}]})
        for message in session.messages():
            if message["type"] == "session.update":
                session.updated()
            elif words(message) is not None or message["type"] == "response.create":
                number += 1
                if not (on_say and on_say(session, number, words(message))):
                    reply(session, GREETING if number == 1 and greet and not resumed(session) else HERE)
    return act


def resumed(session):
    return "conversation_id=" in session.head


def reply(session, audio, text="Here I am."):
    name = f"{session.head.count('conversation_id')}-{id(session) % 1000}-{session.response}"
    session.response += 1
    session.say("response.created", response={"id": name, "status": "in_progress"})
    session.delta(audio, response=name)
    session.text(text, response=name)
    session.done(response=name)
    return name


def tone(audio):
    """Only what is neither the stub's voice nor silence: the tone."""
    return bytes(b for b in audio if b not in (0x55, 0x66, 0x33, 0xFF, 0x7F))


def cut(session, *_):
    session.ws.sock.shutdown(socket.SHUT_RDWR)
    session.ws.sock.close()


def reset(session, *_):
    session.ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    session.ws.sock.close()


def close(session, *_):
    session.ws.send(b"\x03\xf3", 8)     # 1011


def stall(session, *_):
    """Half-open: nothing is read any more, nothing comes."""
    time.sleep(20)


def max_duration(session, *_):
    session.say("error", error={"type": "max_duration", "message": "over"})


def garbage(session, *_):
    session.ws.send("{}", masked=True)
