"""A stub of Twilio's REST API for placing calls: strict about what it is asked, answers as its argument says.

  rest_stub.py PORTFILE LOGFILE      the account's SID chooses the answer: see ANSWERS
"""
import base64
import http.server
import json
import sys
import urllib.parse

KNOWN = {"To", "From", "Url", "Method", "StatusCallback", "StatusCallbackMethod", "Timeout", "MachineDetection"}
ANSWERS = {
    "ACrefused": (400, {"code": 21211, "message": "The 'To' number is not a valid phone number.", "status": 400}),
    "ACbusy": (429, {"code": 20429, "message": "Too Many Requests", "status": 429}),
    "ACbroken": (500, {"code": 20500, "message": "Internal Server Error", "status": 500}),
    "ACgarbage": (201, None),
    "ACredirect": (302, None),
}
count = 0


class Stub(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def fault(self, form):
        if self.headers["Content-Type"] != "application/x-www-form-urlencoded":
            return "content type"
        if set(form) - KNOWN:
            return f"unknown fields {set(form) - KNOWN}"
        if any(len(v) != 1 for v in form.values()) or not {"To", "From", "Url"} <= set(form):
            return "a field is missing or twice there"
        return None

    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = urllib.parse.parse_qs(body, keep_blank_values=True, strict_parsing=True)
        user, _, password = base64.b64decode(self.headers.get("Authorization", "Basic ").split()[1]).decode().partition(":")
        with open(sys.argv[2], "a") as log:
            json.dump({"path": self.path, "form": {k: v[0] for k, v in form.items()}, "user": user,
                       "fault": self.fault(form)}, log)
            log.write("\n")
        if user == "ACgone":
            self.connection.close()     # after it was read: the caller cannot know
            return
        if password != "12345" or self.path != f"/2010-04-01/Accounts/{user}/Calls.json":
            status, answer = 401, {"code": 20003, "message": "Authenticate", "status": 401}
        elif user in ANSWERS:
            status, answer = ANSWERS[user]
        else:
            count += 1
            status, answer = 201, {"sid": f"CA{count:032x}", "status": "queued", "direction": "outbound-api"}
        data = json.dumps(answer).encode() if answer else b"<html>"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
with open(sys.argv[1] + ".new", "w") as f:
    f.write(str(server.server_port))
import os  # noqa: E402
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
