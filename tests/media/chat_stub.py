"""What the worker asks and tells, played strictly on one loopback port: a chat completions endpoint, and a merchant's
service that takes notifications. Whatever is not exactly as the documents say is refused with 400 and remembered as a
fault.

    stub = Stub(key="xai-test", secret="whsec-test-0123456789"); stub.url("/v1/chat/completions"); stub.close()
    stub.chat = function(transcript) -> (status, body)      stub.hook = function(n) -> status
    stub.chats, stub.hooks: what came, in order             stub.faults: sentences
"""
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIELDS = {"summary", "intent", "caller_name", "callback_needed", "action_items"}


def answer(content, ticks=12345678, finish="stop", refusal=None):
    """What api.x.ai answers; the content is JSON as a string."""
    text = content if isinstance(content, (str, type(None))) else json.dumps(content)
    return json.dumps({
        "id": "x", "object": "chat.completion", "created": 1, "model": "grok-4.3-0901",
        "choices": [{"index": 0, "finish_reason": finish,
                     "message": {"role": "assistant", "content": text, "refusal": refusal}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost_in_usd_ticks": ticks}})


class Fault(Exception):
    pass


def need(truth, sentence):
    if not truth:
        raise Fault(sentence)


def check_schema(wanted):
    need(set(wanted) == {"type", "json_schema"} and wanted["type"] == "json_schema", "response_format")
    schema = wanted["json_schema"]
    need(set(schema) == {"name", "strict", "schema"} and schema["strict"] is True, "json_schema's members")
    schema = schema["schema"]
    need(schema["type"] == "object" and schema["additionalProperties"] is False, "an open schema")
    need(set(schema["required"]) == FIELDS == set(schema["properties"]), "schema's members")
    # What structured outputs do not know would be refused with 400.
    known = {"type", "enum", "anyOf", "items", "properties", "required", "additionalProperties"}

    def walk(node):
        need(set(node) <= known, "a keyword that structured outputs do not know: %s" % node)
        for child in list(node.get("properties", {}).values()) + node.get("anyOf", []):
            walk(child)
        if "items" in node:
            walk(node["items"])
    walk(schema)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        stub = self.server.stub
        try:
            need(self.headers.get("Transfer-Encoding") is None, "chunked")
            need(self.headers.get("Expect") is None, "Expect")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            need(self.headers.get("Content-Type") == "application/json", "Content-Type")
            if self.path == "/v1/chat/completions":
                status, text = self.take_chat(stub, body)
            elif self.path == "/hook":
                status, text = self.take_hook(stub, body)
            else:
                raise Fault("path " + self.path)
        except (Fault, KeyError, ValueError, TypeError) as error:
            stub.faults.append("%s: %r" % (self.path, error))
            status, text = 400, json.dumps({"error": str(error)})
        if isinstance(status, tuple):
            status, extra = status
        else:
            extra = {}
        data = text.encode()
        self.send_response(status)
        for name, value in extra.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def take_chat(self, stub, body):
        if self.headers.get("Authorization") != "Bearer " + stub.key:
            return 400, json.dumps({"code": "Client specified an invalid argument",
                                    "error": "Incorrect API key provided: xa***st."})
        request = json.loads(body.decode("utf-8"))
        need(set(request) == {"model", "messages", "max_completion_tokens", "response_format"}, "members of the request")
        need([m["role"] for m in request["messages"]] == ["system", "user"], "roles")
        need(all(set(m) == {"role", "content"} for m in request["messages"]), "members of a message")
        check_schema(request["response_format"])
        shown = json.loads(request["messages"][1]["content"])
        need(set(shown) <= {"business", "answer_language", "transcript", "turns_left_out_of_the_middle"}, "the document")
        need(all(len(t) == 1 and set(t) <= {"caller", "receptionist"} for t in shown["transcript"]), "a turn")
        stub.chats.append((request, shown))
        return stub.chat(shown)

    def take_hook(self, stub, body):
        event = self.headers["X-ReceptionAI-Event"]
        stamp = self.headers["X-ReceptionAI-Timestamp"]
        need(abs(int(stamp) - time.time()) < 300, "a stale timestamp")
        wanted = "v1=" + hmac.new(stub.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        need(hmac.compare_digest(self.headers["X-ReceptionAI-Signature"], wanted), "the signature")
        told = json.loads(body.decode("utf-8"))
        need(told["event_id"] == event, "the event's id")
        stub.hooks.append(told)
        return stub.hook(len(stub.hooks)), ""

    def log_message(self, *_):
        pass


class Stub:
    def __init__(self, key, secret):
        self.key, self.secret = key, secret
        self.chats, self.hooks, self.faults = [], [], []
        self.chat = lambda shown: (500, "")
        self.hook = lambda n: 204
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.stub = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path):
        return "http://127.0.0.1:%d%s" % (self.server.server_address[1], path)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
