"""A worker that has its videos made at a simulated fal.ai, and the webhook that fal.ai calls back."""
import http.server
import os
import random
import re
import subprocess
import threading
import urllib.request

from worker_lab import BUILDDIR, PATIENCE_S, SRCDIR, Lab, wait_for

FACE = b"\x89PNG\r\n\x1a\nno real face"
SECONDS = 2
KEY = "id:secret-of-the-test"


def make_video(path, seconds=SECONDS):
    """What every order ends with: a small picture, and a tone that must not be heard in the end."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc=d={seconds}:r=15:s=160x120",
                    "-f", "lavfi", "-i", f"sine=f=1000:d={seconds}", "-pix_fmt", "yuv420p", path], check=True,
                   stdin=subprocess.DEVNULL)


def probe(path):
    """Width, sound tracks and length in seconds of a video; None: none."""
    got = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type,width:format=duration", "-of",
                          "default=nw=1", path], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    width = re.search(r"width=(\d+)", got.stdout)
    length = re.search(r"duration=([\d.]+)", got.stdout)
    return (int(width[1]), got.stdout.count("codec_type=audio"), float(length[1])) if width and length else None


class Webhook:
    """receptionai-webhook as a plain CGI program behind a small web server."""

    def __init__(self, environment):
        environment = {**environment, "RECEPTIONAI_CONF": "/dev/null", "TWILIO_AUTH_TOKEN": "12345",
                       "PUBLIC_URL": "https://voice.example.com", "RELAY_URL": "wss://relay.example.com/media-stream"}
        statuses = self.statuses = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                variables = {**environment, "REQUEST_METHOD": "POST", "REQUEST_URI": self.path, "GATEWAY_INTERFACE":
                             "CGI/1.1", "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": self.headers.get_content_type()}
                for name, value in self.headers.items():
                    variables["HTTP_" + name.upper().replace("-", "_")] = value
                done = subprocess.run([BUILDDIR + "/receptionai-webhook"], env=variables, input=body, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE_S)
                status = int(re.search(rb"Status: (\d+)", done.stdout)[1])
                statuses.append(status)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class FalLab(Lab):
    """One merchant whose videos fal.ai makes, one call, one simulated fal.ai with its faults."""

    def __init__(self, video, faults=(), sim=(), hooks=True, bucket=False, user="", **settings):
        super().__init__()
        self.bucket = ""
        self.ledger_path = self.folder + "/ledger"
        face = self.folder + "/face.png"
        with open(face, "wb") as file:
            file.write(FACE)
        self.ask("UPDATE merchants SET video = 'fal'")
        self.webhook = Webhook({**self.environment, "FAL_USER_ID": user})
        arguments = ["--video", video, "--ledger", self.ledger_path, "--key", KEY, "--queue-ms", "50", "--work-ms", "100",
                     "--hook-via", self.webhook.url, "--hook-retry-ms", "100", *sim]
        for fault in faults:
            arguments += ["--fault", fault]
        self.sim = subprocess.Popen([BUILDDIR + "/receptionai-sim-fal", *arguments], stdout=subprocess.PIPE, text=True,
                                    stdin=subprocess.DEVNULL)
        self.daemons.append(self.sim)
        self.origin = self.sim.stdout.readline().split()[-1]
        self.environment.update({
            "FAL_KEY": KEY, "FAL_URL": self.origin, "FAL_REST_URL": self.origin, "FAL_API_URL": self.origin + "/v1",
            "FAL_MODELS": os.path.join(SRCDIR, "deploy/fal-models.conf"), "FAL_IMAGE": face, "FAL_POLL_MS": "50",
            "FAL_WAIT_S": "60", "LOG_LEVEL": "info", **{name: str(value) for name, value in settings.items()}})
        if hooks:
            self.environment["PUBLIC_URL"] = "https://voice.example.com/"

        if bucket:
            self.start_bucket()

    def start_bucket(self):
        """A strict S3, as what the voice is put into for fal.ai to fetch."""
        port = self.folder + "/s3.port"
        self.daemons.append(subprocess.Popen(["/usr/bin/python3", os.path.join(SRCDIR, "tests/media/s3_stub.py"), port],
                                             stdin=subprocess.DEVNULL))
        wait_for(lambda: os.path.exists(port) and os.path.getsize(port))
        with open(port, encoding="ascii") as file:
            self.bucket = "http://127.0.0.1:" + file.read().strip()
        self.environment.update({"BUCKET_NAME": "calls", "AWS_ENDPOINT_URL_S3": self.bucket, "AWS_REGION": "eu-test-1",
                                 "AWS_ACCESS_KEY_ID": "AK:ID", "AWS_SECRET_ACCESS_KEY": "secret/+="})

    def bucket_log(self):
        with urllib.request.urlopen(self.bucket + "/-/log", timeout=PATIENCE_S) as answer:
            return [line for line in answer.read().decode().splitlines() if "voice16" in line]

    def call(self, sid="CAfal", seconds=SECONDS):
        """A call in which the receptionist speaks all the time, in a voice that no other call has."""
        self.row(sid)
        self.record(sid, frames=seconds * 50)
        stream = f"{self.spool}/{sid}/1/"
        voice = random.Random(sid).randbytes(seconds * 8000)
        with open(stream + "voice.ulaw", "wb") as file:
            file.write(voice)
        with open(stream + "events.log", encoding="ascii") as file:
            lines = [line for line in file if not re.search(" (out|mark) ", line)]
        with open(stream + "events.log", "w", encoding="ascii") as file:
            file.writelines([lines[0], f"1 out gen=1 at=0 bytes={len(voice)}\n", *lines[1:]])
        return sid

    def finish(self, sid="CAfal", tries=10, **settings):
        """Runs the worker until the call is complete; everything it said."""
        said = ""
        for _ in range(tries):
            done = self.run("--call", sid, **settings)
            said += done.stderr
            if self.one("SELECT status FROM calls WHERE call_sid = ?", sid) == "complete":
                break
        return said

    def ledger(self):
        try:
            with open(self.ledger_path, encoding="utf-8") as text:
                return text.read().splitlines()
        except FileNotFoundError:
            return []

    def count(self, word):
        return sum(line.split()[0] == word for line in self.ledger())

    def paid_twice(self):
        voices = [re.search(r"sha=(\S+)", line)[1] for line in self.ledger() if line.startswith("order ")]
        return len(voices) - len(set(voices))

    def width(self, sid="CAfal"):
        got = probe(f"{self.spool}/{sid}/made/video.mp4")
        return got[0] if got else 0

    def end(self):
        """The simulator's verdict: 0, or 3 if a rule was broken."""
        self.sim.terminate()
        self.sim.stdout.close()
        code = self.sim.wait(PATIENCE_S)
        self.webhook.close()
        self.close()
        return code


__all__ = ["FACE", "FalLab", "KEY", "SECONDS", "make_video", "probe", "wait_for"]
