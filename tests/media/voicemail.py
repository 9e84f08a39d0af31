"""The worker's voicemail step against Twilio's REST API as receptionai-sim-phone --serve plays it, and its sweeper
against a relay that says which calls it has."""
import email
import email.policy
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import wave

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from worker_lab import BUILDDIR, Lab, Tap, tone, wait_for  # noqa: E402

tap = Tap()
ACCOUNT, TOKEN = "AC" + "0" * 32, "12345"
NEVER_ASKED = "http://127.0.0.1:1/2010-04-01/Accounts/" + ACCOUNT + "/Recordings/"


class Twilio:
    """Its REST API, with what callers have left."""

    def __init__(self, lab, not_ready=0, token=TOKEN):
        self.folder = lab.folder + "/kept"
        os.makedirs(self.folder, exist_ok=True)
        self.log_path = lab.folder + "/twilio.log"
        with open(self.log_path, "w", encoding="ascii") as log:
            self.process = subprocess.Popen(
                [BUILDDIR + "/receptionai-sim-phone", "--serve", "127.0.0.1:0", "--recordings", self.folder,
                 "--not-ready", str(not_ready), "--token", token], stdout=log, stdin=subprocess.DEVNULL,
                env={**os.environ, "RECEPTIONAI_CONF": "/dev/null"})
        lab.daemons.append(self.process)
        wait_for(lambda: "listening" in self.log())
        self.url = re.search(r"http://\S+", self.log()).group(0) + "/2010-04-01"
        lab.environment.update(TWILIO_API_URL=self.url, TWILIO_AUTH_TOKEN=TOKEN)

    def log(self):
        with open(self.log_path, encoding="ascii") as log:
            return log.read()

    def asked(self, method):
        return [line.split()[-1] for line in self.log().splitlines() if line.startswith(method)]

    def keep(self, name, seconds=2):
        """A recording; its samples."""
        sid = "RE" + name.encode().hex().rjust(32, "0")
        samples = struct.pack(f"<{8000 * seconds}h", *((b - 128) * 64 for b in tone(name, 50 * seconds)))
        with wave.open(f"{self.folder}/{sid}.wav", "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(samples)
        return sid, samples

    def stop(self):
        self.process.terminate()
        self.process.wait()


def left(lab, call, sid, age_s=0, status="ended"):
    """The message as the webhook writes it down."""
    if not lab.one("SELECT 1 FROM calls WHERE call_sid = ?", call):
        lab.row(call, status=status)
    lab.ask("INSERT INTO messages(call_sid, merchant_id, kind, source_id, recording_url, twilio_url, recording_ms,"
            " created_ms) VALUES(?, 1, 'voicemail', ?, ?, ?, 2000, ?)", call, sid, NEVER_ASKED + sid, NEVER_ASKED + sid,
            int(time.time() * 1000) - age_s * 1000)


def job(lab, call, column="state"):
    return lab.one(f"SELECT {column} FROM jobs WHERE call_sid = ? AND kind = 'voicemail'", call)


def stored(lab, url):
    prefix = "https://media.example.com/media/"
    with wave.open(lab.media + "/" + url[len(prefix):]) as file:
        return file.readframes(file.getnframes())


def fetched():
    lab = Lab()
    twilio = Twilio(lab, not_ready=1)
    one, first = twilio.keep("first")
    two, second = twilio.keep("second", 3)
    left(lab, "CAboth", one)
    left(lab, "CAboth", two)
    said = lab.run("--once")
    rows = lab.ask("SELECT recording_url, recording_ms, fetched_ms IS NOT NULL, twilio_url FROM messages ORDER BY id")
    tap.equal((said.returncode, [r[1:3] for r in rows], job(lab, "CAboth")), (0, [(2000, 1), (3000, 1)], "done"),
              "two voicemails of a call are fetched once Twilio hands them out")
    tap.equal([stored(lab, r[0]) for r in rows], [first, second], "and lie in the store as they were spoken")
    tap.equal([r[3] for r in rows], [NEVER_ASKED + one, NEVER_ASKED + two], "where they came from stays known")
    tap.equal((twilio.asked("GET"), twilio.asked("DELETE")), (["404", "200", "404", "200"], []),
              "Twilio was asked for each until it was there, and keeps them")
    tap.equal((os.listdir(lab.spool), lab.one("SELECT count(*) FROM job_errors")), ([], 0),
              "nothing is left in the spool, and waiting was no failure")
    three, _ = twilio.keep("third")
    left(lab, "CAboth", three)
    lab.run("--once")
    tap.equal((lab.one("SELECT count(*) FROM messages WHERE fetched_ms IS NOT NULL"), job(lab, "CAboth")), (3, "done"),
              "one that is left later is fetched as well")
    files = [stored(lab, r[0]) for r in lab.ask("SELECT recording_url FROM messages")]
    lab.ask("DELETE FROM calls")
    daemon = lab.start()
    tap.ok(len(files) == 3 and wait_for(lambda: not any(names for _, _, names in os.walk(lab.media))),
           "a call that is deleted takes all of its voicemails along", lab.log())
    daemon.terminate()
    daemon.wait()
    twilio.stop()


def deleted_there():
    lab = Lab(TWILIO_RECORDINGS="delete", TWILIO_ACCOUNT_SID=ACCOUNT)
    twilio = Twilio(lab)
    sid, samples = twilio.keep("gone")
    left(lab, "CAgone", sid, status="live")
    said = lab.run("--once")
    url = lab.one("SELECT recording_url FROM messages")
    tap.equal((said.returncode, stored(lab, url) == samples, os.listdir(twilio.folder), twilio.asked("DELETE")),
              (0, True, [], ["204"]), "where the operator wants it, Twilio's own is deleted, once it is ours")
    lab.ask("UPDATE messages SET fetched_ms = NULL")
    lab.run("--once")
    tap.equal((lab.one("SELECT fetched_ms IS NOT NULL FROM messages"), lab.one("SELECT recording_url FROM messages"),
               twilio.asked("GET")), (1, url, ["200"]), "a worker that died in between does not ask for it again")
    twilio.stop()


def refused():
    lab = Lab()
    twilio = Twilio(lab, token="another")
    sid, samples = twilio.keep("locked")
    left(lab, "CAlocked", sid)
    said = lab.run("--once")
    parked = lab.one("SELECT error FROM parked_kinds WHERE kind = 'voicemail'")
    tap.ok(said.returncode == 1 and job(lab, "CAlocked") == "ready" and "TWILIO_AUTH_TOKEN" in (parked or ""),
           "a wrong password parks them all, and says which setting it is", (said.stderr, parked))
    said = lab.run("--once", TWILIO_AUTH_TOKEN="old,another")
    tap.equal((said.returncode, stored(lab, lab.one("SELECT recording_url FROM messages")) == samples), (0, True),
              "during a rotation the other token is tried")
    left(lab, "CAnone", sid)
    said = lab.run("--once", TWILIO_AUTH_TOKEN="")
    tap.ok("TWILIO_AUTH_TOKEN is empty" in (lab.one("SELECT error FROM parked_kinds") or ""),
           "without any, nothing is asked", said.stderr)
    lab.ask("DELETE FROM calls")
    left(lab, "CAold", "RE" + "f" * 32, age_s=3600)
    lab.run("--once", TWILIO_AUTH_TOKEN="another")
    tap.equal((job(lab, "CAold"), job(lab, "CAold", "error"), lab.one("SELECT recording_url LIKE 'http://%' FROM messages")),
              ("dead", "Twilio does not have the recording", 1), "one that Twilio does not have any more is given up")
    with open(f"{twilio.folder}/RE{'e' * 32}.wav", "wb") as file:
        file.write(b"<html>an error page</html>")
    left(lab, "CAjunk", "RE" + "e" * 32)
    lab.ask("UPDATE jobs SET attempts_max = 2 WHERE call_sid = 'CAjunk'")
    lab.run("--once", TWILIO_AUTH_TOKEN="another")
    tap.equal((job(lab, "CAjunk"), job(lab, "CAjunk", "error")), ("dead", "what Twilio handed out is no WAV file"),
              "what is no sound is not kept")
    left(lab, "CAodd", "../../secret")
    lab.run("--once", TWILIO_AUTH_TOKEN="another")
    tap.equal((job(lab, "CAodd"), [line for line in twilio.log().splitlines() if "secret" in line]), ("dead", []),
              "a recording without a name of Twilio's is not asked for")
    twilio.stop()
    left(lab, "CAdown", sid)
    lab.ask("UPDATE jobs SET attempts_max = 2 WHERE call_sid = 'CAdown'")
    said = lab.run("--once", TWILIO_AUTH_TOKEN="another")
    tap.ok(job(lab, "CAdown") == "dead" and lab.one("SELECT count(*) FROM job_errors WHERE attempt = 1") > 0,
           "nobody there: tried again, then given up, and --retry begins anew", said.stderr)
    again = Twilio(lab)
    lab.environment["TWILIO_AUTH_TOKEN"] = TOKEN
    lab.run("--retry=CAdown")
    lab.run("--call", "CAdown")
    tap.equal(job(lab, "CAdown"), "done", "which works once Twilio does")
    again.stop()


def told():
    """After hours a call's row ends as it comes, and the caller speaks afterwards."""
    lab = Lab(MAIL_FROM="desk@example.com")
    twilio = Twilio(lab)
    mail = lab.folder + "/mail"
    lab.environment["SENDMAIL"] = lab.folder + "/sendmail"
    with open(lab.environment["SENDMAIL"], "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\ncat >{mail}.part && mv {mail}.part {mail}\n")
    os.chmod(lab.environment["SENDMAIL"], 0o755)
    lab.ask("UPDATE merchants SET notify_email = 'anna@example.com', summary = 0")
    lab.row("CAnight", status="live", created_ms=int(time.time() * 1000) - 30000)
    lab.ask("UPDATE calls SET status = 'ended', end_reason = 'after-hours', ended_ms = created_ms")
    daemon = lab.start()

    def state(kind):
        return lab.one("SELECT state FROM jobs WHERE kind = ?", kind)
    tap.ok(wait_for(lambda: state("notify") in ("waiting", "done")) and state("notify") == "waiting",
           "while a caller may still be speaking nobody is told of his call", lab.log())
    sid, _ = twilio.keep("night")
    left(lab, "CAnight", sid)
    lab.ask("UPDATE calls SET handled = 'voicemail', twilio_status = 'completed'")
    tap.ok(wait_for(lambda: os.path.exists(mail)) and state("voicemail") == "done", "then he is", lab.log())
    with open(mail, "rb") as file:
        letter = email.message_from_binary_file(file, policy=email.policy.default).get_content()
    tap.ok("https://media.example.com/media/calls/1/" in letter and NEVER_ASKED not in letter,
           "with a link to what was said, at our store", letter)
    daemon.terminate()
    daemon.wait()
    twilio.stop()


class Relay:
    """Says of each call whether it has it."""

    def __init__(self, path, here=(), answer=None):
        self.here, self.answer, self.asked = set(here), answer, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(path)
        self.socket.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer = self.socket.accept()[0]
            except OSError:
                return
            text = peer.recv(512).decode()
            sid = re.fullmatch(r"receptionai 1 find\ncall=(.*)\n", text).group(1)
            self.asked.append(sid)
            place = "here" if sid in self.here else "gone"
            peer.send(self.answer if self.answer is not None else f"receptionai 1 {place}\n".encode())
            peer.close()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def swept():
    lab = Lab(WORKER_LOST_S=60)
    path = lab.folder + "/relay.sock"
    old = int(time.time() * 1000) - 600000
    for sid in ("CAhere", "CAlost", "CAspoken"):
        lab.row(sid, status="live", created_ms=old)
    lab.row("CAfresh", status="live")
    lab.row("CAperson", status="live", created_ms=old)
    lab.ask("UPDATE calls SET status = 'transferring', transfer_number = '+15550123' WHERE call_sid = 'CAperson'")
    lab.row("CAover", created_ms=old)
    lab.ask("INSERT INTO turns(call_sid, position, role, text, start_ms, end_ms, final, cut)"
            " VALUES('CAspoken', 0, 'caller', 'Hello?', 1000, 42000, 1, 0)")

    def statuses():
        return dict(lab.ask("SELECT call_sid, status || ' ' || coalesce(end_reason, '-') FROM calls"))
    before = statuses()
    lab.run("--once", RELAY_SOCKET=path)
    tap.equal(statuses(), before, "a relay that is not there ends no call")
    for nonsense in (b"receptionai 1 up\n", b"", b"receptionai 2 gone\n"):
        relay = Relay(path, answer=nonsense)
        lab.run("--once", RELAY_SOCKET=path)
        relay.stop()
        os.unlink(path)
    tap.equal(statuses(), before, "nor does one whose answer is none")
    lab.run("--once")
    tap.equal(statuses(), before, "nor a worker that knows of no relay")
    relay = Relay(path, here=["CAhere"])
    said = lab.run("--once", RELAY_SOCKET=path)
    tap.equal(statuses(), {**before, "CAlost": "ended unreported", "CAspoken": "ended unreported"},
              "calls that say they are live and that the relay does not have are ended, and no others")
    tap.equal(sorted(set(relay.asked)), ["CAhere", "CAlost", "CAspoken"], "it was asked of the old ones only")
    tap.equal(lab.one("SELECT ended_ms - started_ms FROM calls WHERE call_sid = 'CAspoken'"), 42000,
              "a call ends with its last words")
    tap.ok("call swept call=CAlost" in said.stderr, "the log says so", said.stderr)
    relay.here.clear()
    daemon = lab.start(RELAY_SOCKET=path)
    tap.ok(wait_for(lambda: statuses()["CAhere"] == "ended unreported"), "a daemon does it all the time", lab.log())
    daemon.terminate()
    daemon.wait()
    relay.stop()


fetched()
deleted_there()
refused()
told()
swept()
tap.finish()
