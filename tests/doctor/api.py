"""Stubs of what --ask asks: Twilio's REST API for an account and its numbers, and the pages about API keys."""
import base64
import http.server
import json
import threading
import urllib.parse


class Api:
    """`account`: what Twilio says of it; `numbers`: by number, as IncomingPhoneNumbers has them; `keys`: by API key."""

    def __init__(self):
        self.account, self.numbers, self.keys, self.asked = {"status": "active", "type": "Full"}, {}, {}, []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = api.answer(self.path, self.headers.get("Authorization", ""))
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, target, authorization):
        path, _, query = target.partition("?")
        kind, _, secret = authorization.partition(" ")
        self.asked.append(path)
        if kind == "Bearer":
            return self.keys.get(secret, (400, {"code": "invalid-argument", "error": "Incorrect API key provided"}))
        if base64.b64decode(secret or "").decode() != "ACgood:12345":
            return (404 if "ACgood" not in path else 401), {"code": 20003, "message": "Authenticate"}
        if path == "/2010-04-01/Accounts/ACgood.json":
            return 200, {"sid": "ACgood", **self.account}
        wanted = urllib.parse.parse_qs(query)["PhoneNumber"][0]
        found = [self.numbers[wanted]] if wanted in self.numbers else []
        return 200, {"incoming_phone_numbers": found, "page": 0}
