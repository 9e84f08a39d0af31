"""The webhook as Twilio reaches it: receptionai-webhook behind a web server of ours, for one running relay."""
import http.server
import json
import os
import subprocess
import threading

from lab import BUILDDIR, SRCDIR

TOKEN = "12345"


class Bridge(http.server.BaseHTTPRequestHandler):
    """A web server that runs the webhook as a CGI program."""

    def do_POST(self):  # noqa: N802
        self.run(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_GET(self):  # noqa: N802
        self.run(b"")

    def run(self, body):
        variables = {"REQUEST_METHOD": self.command, "REQUEST_URI": self.path, "SCRIPT_NAME": self.path.partition("?")[0],
                     "QUERY_STRING": self.path.partition("?")[2], "CONTENT_LENGTH": str(len(body)),
                     "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                     "HTTP_X_TWILIO_SIGNATURE": self.headers.get("X-Twilio-Signature", "")}
        head, _, answer = self.ask(variables, body).partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(lines.pop("Status", "200").split()[0]))
        for name, value in lines.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def ask(self, variables, body):
        return subprocess.run([BUILDDIR + "/receptionai-webhook"], input=body, stdout=subprocess.PIPE, timeout=30,
                              stderr=self.server.log, env={**self.server.settings, **variables}, check=False).stdout

    def log_message(self, *arguments):
        pass


class Site:
    """The webhook behind a web server, for one relay."""

    def __init__(self, relay, **settings):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bridge)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.log_path = f"{relay.work}/webhook.log"
        self.server.log = open(self.log_path, "ab")
        self.server.settings = {**relay.environment(), "PUBLIC_URL": self.origin, "TWILIO_AUTH_TOKEN": TOKEN,
                                "RELAY_URL": f"ws://127.0.0.1:{relay.port}/media-stream", **settings}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def ask(self, route, *fields):
        """One question of Twilio's; the TwiML, or the status of an answer without."""
        done = subprocess.run(["/usr/bin/python3", SRCDIR + "/tests/twilio_client.py", "--via", self.origin, "--origin",
                               self.origin, "--token", TOKEN, route, *fields], stdout=subprocess.PIPE, text=True,
                              timeout=60, check=False)
        return done.stdout.strip().split("\n")[-1]

    def incoming(self, sid, called="+15550100"):
        return self.ask("/api/twilio/incoming", "CallSid=" + sid, "AccountSid=AC1", "From=+14155550123", "To=" + called,
                        "CallStatus=ringing")

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def call(self, *arguments):
        """A call of receptionai-sim-phone; exit code, summary, timeline."""
        done = subprocess.run(
            [BUILDDIR + "/receptionai-sim-phone", "--webhook", self.origin + "/api/twilio/incoming", "--status-callback",
             self.origin + "/api/twilio/status", "--from", "+14155550123", "--token", TOKEN, "--allow-ws", "--json",
             "--quick", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=240, check=False,
            env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr
