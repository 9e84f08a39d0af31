"""Every fault of the simulated Grok against the table in grok_faults.table: the relay as it is, between both
simulators. Rows run side by side; nothing is judged by time.

grok_faults.py [FAULT]...     only these; without: all, and the table must know every fault"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, SRCDIR, Relay, SECRET, Tap, wait_for  # noqa: E402

SIDE_BY_SIDE = 32
MERCHANT = [
    "UPDATE merchants SET instructions = 'Our hours are nine to five. Our address is Main Street.', "
    "transfer_number = '+15550199'",
    "INSERT INTO merchant_tools(merchant_id, name, kind, url) VALUES(1, 'docs', 'mcp', 'https://mcp.example.com/')",
    "INSERT INTO merchant_tools(merchant_id, name, kind) VALUES(1, 'web', 'web_search')",
    "INSERT INTO merchant_tools(merchant_id, name, kind) VALUES(1, 'posts', 'x_search')",
]
QUICK = {"GROK_CONNECT_MS": 3000, "GROK_READY_MS": 1500, "RELAY_THREADS": 1, "CALLER_SILENCE_S": 0}
DISCLOSED = ["UPDATE merchants SET disclosure = 'This call may be recorded.', greeting = NULL"]
# What the caller does, what is understood of it, and a piece of what he then is told.
CALLERS = {
    "asks": (["--say", "What time do you open?"], ["what time do you open"], "nine to five"),
    "waits": (["--say", "What time do you open?", "--pause", "8000"], ["what time do you open"], "nine to five"),
    "insists": (["--say", "What time do you open?"] * 4, ["what time do you open"], "nine to five"),
    "cuts": (["--say", "What time do you open?", "--interrupt", "Where are you located?@900"],
             ["what time do you open", "where are you located"], "Main Street"),
    "leaves": (["--say", "Thank you, goodbye."], ["thank you goodbye"], "Goodbye"),
}
REFUSALS = ("error-on-update", "error-on-create", "truncate-error")     # faults that refuse what is right
LONG = ("insists", "waits")
COLUMNS = ("fault", "setup", "caller", "end", "heard", "grok", "fallback")


def rows():
    with open(SRCDIR + "/tests/relay/grok_faults.table", encoding="utf-8") as f:
        lines = [line.split() for line in f if line.strip() and not line.startswith("#")]
    for line in lines:
        setup = line[1:-5]
        yield dict(zip(COLUMNS, [line[0], setup, *line[-5:]]))


class Sim:
    """receptionai-sim-grok, its log in a file."""

    def __init__(self, work, name, *options):
        self.path = f"{work}/{name}.log"
        with open(self.path, "wb") as log:
            self.process = subprocess.Popen([BUILDDIR + "/receptionai-sim-grok", "--log", "text", *options],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={"PATH": os.environ["PATH"], "RECEPTIONAI_CONF": "/dev/null"})
        self.url = wait_for(lambda: re.search(r"listening on (\S+)", self.log())).group(1)

    def log(self):
        with open(self.path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def sessions(self):
        return len(re.findall(r"session began", self.log()))

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)


def settings_of(row, fallback):
    settings = dict(QUICK)
    for word in row["setup"]:
        name, equals, value = word.partition("=")
        if equals and name.isupper():
            settings[name] = value
    if fallback:
        settings.update(FALLBACK_URL=fallback.url, FALLBACK_API_KEY="key")
    return settings


def options_of(row, hears):
    options = [o for words in hears for o in ("--hears", words)] + ["--fault", row["fault"]]
    for word in row["setup"]:
        if word == "once":
            options += ["--fault-calls", "1"]
        elif word.startswith("after="):
            options += ["--fault-after", word[6:]]
        elif word.startswith("with="):
            options += ["--fault", word[5:]]
    return options


def call(relay, says):
    """The phone's own report."""
    done = subprocess.run(
        [BUILDDIR + "/receptionai-sim-phone", "--stream", f"ws://127.0.0.1:{relay.port}/media-stream", "--json",
         "--quiet", "--allow-ws", "--quick", "--merchant", "1", "--token-secret", SECRET, "--answer-wait", "20000",
         "--hangup-silence", "1200", *says], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100,
        check=False, env={"PATH": os.environ["PATH"], "RECEPTIONAI_CONF": "/dev/null"})
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"error": done.stderr[-300:], "violations": -1}


def turns(relay, role):
    return [text for (text,) in relay.sql("SELECT text FROM turns WHERE role = ? ORDER BY position", role)]


def heard(report, relay, told):
    """The phone knows if there was a voice, the transcript whose words those were."""
    if not report.get("voiced_ms"):
        return "nothing"
    was_told = any(told in text for text in turns(relay, "receptionist"))
    return "answers" if report["utterances"] > 1 and was_told else "words"


def written_out(words):
    return words[0].upper() + words[1:] + ("?" if words.startswith(("what", "where")) else ".")


def play(row):
    """What happened, in the table's columns, and what else there is to say."""
    says, hears, told = CALLERS[row["caller"]]
    with tempfile.TemporaryDirectory(prefix="receptionai-faults.") as work:
        grok = Sim(work, "grok", *options_of(row, hears))
        fallback = None
        if "fallback" in row["setup"]:
            words = [o for text in hears for o in ("--hears", text)]
            fallback = Sim(work, "fallback", "--dialect", "openai", *words)
        relay = Relay(**{"GROK_URL": grok.url, **settings_of(row, fallback)})
        for statement in MERCHANT + (DISCLOSED if "disclosed" in row["setup"] else []):
            relay.sql(statement)
        report = call(relay, says)
        relay.logged("call ended")
        end = re.search(r"call ended call=\S+ reason=(\S+)", relay.log())
        relay_code = relay.stop()
        codes = [grok.stop()] + ([fallback.stop()] if fallback else [])
        losses = re.findall(r"loss=(\S+)", relay.log())
        got = {"end": end.group(1) if end else "none", "heard": heard(report, relay, told), "grok": grok.sessions(),
               "fallback": fallback.sessions() if fallback else 0}
        logs = grok.log() + (fallback.log() if fallback else "")
        bad = []
        committed = set(re.findall(r"[a-z0-9-]+", " ".join(re.findall(r"faults=(\S+)", grok.log()))))
        if (row["fault"].split(":")[0] in committed) == ("never" in row["setup"]):
            bad.append("the fault was not committed" if "never" not in row["setup"] else "the fault was provoked")
        if relay_code != 0 or "bug:" in relay.log():
            bad.append(f"the relay ended with {relay_code}")
        if any(codes):
            bad.append("rules of function calls were broken: " + " ".join(
                re.findall(r'"violation".*', logs)))
        if report["violations"]:
            bad.append(f"Twilio would object: {report.get('verdicts', report)}")
        if row["caller"] == "cuts" and not report.get("clears"):
            bad.append("the answer was not cut")
        # Whatever Grok repeats, rewords or mixes up: each turn stands there once, in its last words.
        said = turns(relay, "caller")
        if got["heard"] == "answers" and not losses and said != [written_out(words) for words in hears]:
            bad.append(f"the caller's turns are {said}")
        note = "lost: " + ", ".join(losses) if losses else ""
        refused = sum(int(n) for n in re.findall(r"session ended.*client_faults=(\d+)", logs))
        note += f" refused: {refused}" if refused else ""
        if refused and row["fault"].split(":")[0] not in REFUSALS:
            bad.append("the model refused something: " + " ".join(re.findall(r"grok error .*", relay.log())))
        detail = "\n".join(relay.log().splitlines()[-12:]) + "\n" + "\n".join(grok.log().splitlines()[-12:]) + \
            "\n" + json.dumps(report)
    return got, bad, note, detail


def fits(wanted, got):
    if wanted.endswith("+"):
        return int(got) >= int(wanted[:-1])
    return str(got) in wanted.split("|")


def known_faults():
    out = subprocess.run([BUILDDIR + "/receptionai-sim-grok", "--help"], capture_output=True, text=True, check=True)
    return re.findall(r"^    ([a-z][a-z0-9-]*)", out.stdout.split("Faults")[1].split("Settings")[0], re.M)


def main():
    tap = Tap()
    table = [row for row in rows() if len(sys.argv) < 2 or row["fault"].split(":")[0] in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:       # the long ones first
        played = {id(row): pool.submit(play, row) for row in sorted(table, key=lambda r: r["caller"] not in LONG)}
        results = [played[id(row)].result() for row in table]
    print(f"# {'fault':<28} {'setup':<34} {'caller':<7} {'end':<18} {'heard':<8} grok fallback")
    for row, (got, bad, note, detail) in zip(table, results):
        setup = " ".join(row["setup"])
        print(f"# {row['fault']:<28} {setup:<34} {row['caller']:<7} {got['end']:<18} {got['heard']:<8} "
              f"{got['grok']:<4} {got['fallback']}   {note}")
        wrong = [f"{k}: {got[k]}, not {row[k]}" for k in COLUMNS[3:] if not fits(row[k], got[k])]
        name = f"{row['fault']} ({setup}), the caller {row['caller']}: {row['end']}, {row['heard']} heard"
        tap.ok(name, not wrong and not bad, "\n".join(wrong + bad + [detail]))
    if len(sys.argv) < 2:
        tap.equal("the table has every fault of --help", sorted({row["fault"].split(":")[0] for row in table}),
                  sorted(known_faults()))
    tap.finish()


main()
