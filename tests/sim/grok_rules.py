#!/usr/bin/python3
"""A client of receptionai-sim-grok that answers a function call nobody made, and one that goes on with a conversation.

grok_rules.py PORT break      the first
grok_rules.py PORT resume     the second: prints how many items were played back and whether the conversation is the same
"""
import json
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "relay"))
from wire import TEXT, Ws, http_head  # noqa: E402

UPDATE = {"type": "session.update", "session": {"resumption": {"enabled": True}, "turn_detection": {
    "type": "server_vad"}, "audio": {d: {"format": {"type": "audio/pcmu"}} for d in ("input", "output")}}}


def item(**members):
    return {"type": "conversation.item.create", "item": members}


class Client:
    def __init__(self, query=""):
        sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
        sock.sendall((f"GET /v1/realtime?model=m{query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer x\r\n\r\n").encode())
        self.ws = Ws(sock, True)
        _, self.ws.buffer = http_head(sock)
        self.seen = []

    def say(self, message):
        self.ws.send(message)

    def until(self, kind):
        while True:
            opcode, payload = self.ws.read()
            if opcode == TEXT:
                self.seen.append(json.loads(payload))
                if self.seen[-1]["type"] == kind:
                    return self.seen[-1]


def ready(query=""):
    client = Client(query)
    client.say(UPDATE)
    client.until("session.updated")
    return client


client = ready()
if sys.argv[2] == "break":
    client.say(item(type="function_call_output", call_id="nobodys", output="{}"))
    print(client.until("error")["error"]["code"])
else:
    client.say(item(type="message", role="user", content=[{"type": "input_text", "text": "We spoke."}]))
    client.until("conversation.item.added")
    first = [e for e in client.seen if e["type"] == "conversation.created"][0]["conversation"]["id"]
    client.ws.sock.close()
    again = ready("&conversation_id=" + first)
    kinds = [e["type"] for e in again.seen if e["type"] != "ping"]
    print(kinds.count("conversation.item.added"), kinds[-1],
          again.seen[[e["type"] for e in again.seen].index("conversation.created")]["conversation"]["id"] == first)
