"""What becomes of a video that fal.ai is to make: a table of faults, and what has to have happened in the end.

    fal.py few|all      few: what `make check` has time for

A case: NAME, faults, who made the video (fal or here), orders that were taken, what it cost in millionths of a dollar,
and what else is asked for. Whatever happens: the call is complete, no voice was ordered twice, no rule of fal.ai was
broken."""
import concurrent.futures
import os
import re
import sys
import tempfile
import urllib.error
import urllib.request

from fal_lab import FalLab, make_video, probe
from worker_lab import Tap

PRICE = 40000                   # two seconds of fal-ai/flashtalk
QUICK = {"FAL_WAIT_S": 2}       # where there is nothing to wait for
LOCAL, FAL = "here", "fal"

SERVICE = """request-timeout startup-timeout runner-scheduling-failure runner-connection-timeout
    runner-connection-refused runner-connection-error runner-disconnected runner-incomplete-response
    runner-server-error internal-error client-disconnected client-cancelled generation-timeout
    downstream-service-error""".split()
INPUT = """bad-request audio-duration-too-long audio-duration-too-short unsupported-audio-format
    unsupported-image-format file-download-error face-detection-error content-policy-violation""".split()


def hooks(*wanted):
    """The webhook answered so at least once each, and nothing else."""
    return lambda lab, said: (set(lab.webhook.statuses) == set(wanted), lab.webhook.statuses)


def ledger(word, count):
    return lambda lab, said: (lab.count(word) == count, lab.ledger())


def says(words):
    return lambda lab, said: (words in said, said)


def lent(lab, _):
    """The voice was put into the bucket, fetched by a signed link alone, and deleted."""
    log = lab.bucket_log()
    deeds = [line.split()[0] + " " + line.split()[2] for line in log]
    return [d for d in deeds if not d.startswith("HEAD")] == ["PUT 200", "GET 200", "DELETE 204"], log


def case(name, faults, maker, orders, cost, *facts, once=False, hooked=True, bucket=False, user="", sql=None, **settings):
    return {"name": name, "faults": faults.split(), "maker": maker, "orders": orders, "cost": cost, "facts": facts,
            "sim": ["--fault-orders", "1"] if once else [], "hooks": hooked, "bucket": bucket, "user": user, "sql": sql,
            "settings": settings}


FEW = [
    case("nothing goes wrong", "", FAL, 1, PRICE, hooks(200), ledger("deleted", 1), ledger("upload", 2)),
    case("no webhook: it is looked at", "", FAL, 1, PRICE, hooks(), ledger("keys", 0), hooked=False),
    case("the voice goes by our bucket", "", FAL, 1, PRICE, ledger("upload", 1), lent, bucket=True),
    case("the order is refused", "submit-422", LOCAL, 0, 0, says("missing at image_url")),
    case("the key is wrong", "submit-401", LOCAL, 0, 0, says("No user found")),
    case("the queue is full, once", "submit-429:0", FAL, 1, PRICE, ledger("refused", 1), once=True),
    case("the order is taken, the connection breaks", "submit-crash", FAL, 1, PRICE, hooks(200)),
    case("the same, and the webhook never comes", "submit-crash hook-none", LOCAL, 1, PRICE, **QUICK),
    case("URLs at another host", "foreign-urls", FAL, 1, PRICE, ledger("status", 0)),
    case("forged webhooks", "hook-forged", FAL, 1, PRICE, hooks(403)),
    case("it fails at fal.ai", "fail-runner-server-error", LOCAL, 1, 0, says("runner_server_error")),
    case("it never ends", "stuck-in-progress", LOCAL, 1, PRICE, ledger("cancelled", 1), **QUICK),
    case("what is sent is no video", "cdn-garbage", LOCAL, 1, PRICE),
    case("too dear", "", LOCAL, 0, 0, says("it would cost 0.040000 dollars, and 0.039999 are allowed"),
         FAL_MAX_DOLLARS_CALL="0.039999"),
    case("the merchant wants it made here", "", LOCAL, 0, 0, ledger("upload", 0),
         sql="UPDATE merchants SET video = 'local'"),
]

MORE = [
    case("a voice in our bucket is deleted after failures too", "fail-face-detection-error", LOCAL, 1, PRICE, lent,
         bucket=True),
    case("submit-400", "submit-400", LOCAL, 0, 0, says("bad_request")),
    case("submit-403", "submit-403", LOCAL, 0, 0, says("Exhausted balance")),
    case("submit-404", "submit-404", LOCAL, 0, 0),
    case("submit-429, for ever", "submit-429:0", LOCAL, 0, 0),
    case("submit-503, once", "submit-503", FAL, 1, PRICE, ledger("refused", 1), once=True),
    case("submit-500", "submit-500", FAL, 1, PRICE),
    case("submit-502", "submit-502", FAL, 1, PRICE),
    case("submit-504", "submit-504", FAL, 1, PRICE),
    case("submit-500, no webhook", "submit-500 hook-none", LOCAL, 1, PRICE, **QUICK),
    case("submit-garbage", "submit-garbage", FAL, 1, PRICE),
    case("submit-late", "submit-late:1500", FAL, 1, PRICE),
    case("submit-reset", "submit-reset", LOCAL, 0, PRICE, ledger("refused", 1), **QUICK),
    case("submit-lost", "submit-lost", LOCAL, 1, PRICE, **QUICK),
    case("foreign-urls, no webhook", "foreign-urls hook-none", LOCAL, 1, PRICE, **QUICK),
    case("status-404, the webhook tells", "status-404", FAL, 1, PRICE),
    case("status-404, no webhook", "status-404 hook-none", LOCAL, 1, PRICE, **QUICK),
    case("status-500", "status-500:3", FAL, 1, PRICE),
    case("status-garbage", "status-garbage:3", FAL, 1, PRICE),
    case("stuck-in-queue", "stuck-in-queue", LOCAL, 1, PRICE, ledger("cancelled", 1), **QUICK),
    case("stuck, and it cannot be cancelled", "stuck-in-queue cancel-400", LOCAL, 1, PRICE, **QUICK),
    case("result-404, the webhook tells", "result-404", FAL, 1, PRICE, FAL_POLL_MS=1000),
    case("result-404, no webhook", "result-404 hook-none", LOCAL, 1, PRICE),
    case("result-500", "result-500:2", FAL, 1, PRICE),
    case("result-no-video", "result-no-video hook-none", LOCAL, 1, PRICE),
    case("result-file-url", "result-file-url hook-none", LOCAL, 1, PRICE, says("neither https")),
    case("cdn-404", "cdn-404", LOCAL, 1, PRICE),
    case("cdn-500", "cdn-500:2", FAL, 1, PRICE, ledger("video", 3)),
    case("cdn-cut", "cdn-cut:2", FAL, 1, PRICE, ledger("video", 3)),
    case("upload-500", "upload-500:1", FAL, 1, PRICE),
    case("hook-twice", "hook-twice", FAL, 1, PRICE, hooks(200)),
    case("hook-stale", "hook-stale", FAL, 1, PRICE, hooks(403)),
    case("hook-unsigned", "hook-unsigned", FAL, 1, PRICE, hooks(403)),
    case("hook-changed-body", "hook-changed-body", FAL, 1, PRICE, hooks(403)),
    case("hook-other-id", "hook-other-id", FAL, 1, PRICE, hooks(404)),
    case("hook-two-ids", "hook-two-ids", FAL, 1, PRICE, hooks(403)),
    case("hook-other-user", "hook-other-user", FAL, 1, PRICE, hooks(403), user="github|1001"),
    case("our own user", "", FAL, 1, PRICE, hooks(200), user="github|1001"),
    case("hook-other-user, any user is ours", "hook-other-user", FAL, 1, PRICE, hooks(200)),
    case("hook-payload-null, and nothing else is known", "hook-payload-null submit-crash", LOCAL, 1, PRICE),
    case("hook-payload-null", "hook-payload-null", FAL, 1, PRICE, hooks(200)),
    case("keys-500, then the webhook is all there is", "keys-500:2 submit-crash", FAL, 1, PRICE, hooks(200, 403)),
    case("keys-old", "keys-old:99", FAL, 1, PRICE, hooks(403)),
    case("delete-500 beside another trouble", "delete-500 cdn-404", LOCAL, 1, PRICE, says("made by fal call=CAfal why=\"fal"
         " video: 404")),
    case("delete-500", "delete-500", FAL, 1, PRICE, says("payloads were not deleted")),
    case("a failed order told by webhook alone", "submit-crash fail-face-detection-error", LOCAL, 1, PRICE,
         says("face_detection_error")),
    case("no key", "", LOCAL, 0, 0, FAL_KEY=""),
    case("no face", "", LOCAL, 0, 0, says("FAL_IMAGE"), FAL_IMAGE=""),
    case("a face that is not there", "", LOCAL, 0, 0, says("no such file"), FAL_IMAGE="/nowhere.png"),
    case("a model that the table lacks", "", LOCAL, 0, 0, says("there is no line for"), FAL_MODEL="fal-ai/tomorrow"),
    case("a call that is too short for the model", "", LOCAL, 0, 0, says("makes 4 to 5 s"), FAL_MODELS="models"),
    case("nobody at fal.ai", "", LOCAL, 0, 0, FAL_URL="http://127.0.0.1:1", FAL_REST_URL="http://127.0.0.1:1"),
    case("the merchant's own limit", "", LOCAL, 0, 0, says("0.010000 are allowed"),
         sql="UPDATE merchants SET fal_dollars_call_max = 0.01"),
    *(case(f"fail-{name}", f"fail-{name}", LOCAL, 1, 0, says(name.replace("-", "_"))) for name in SERVICE),
    *(case(f"fail-{name}", f"fail-{name}", LOCAL, 1, PRICE, says(name.replace("-", "_"))) for name in INPUT),
]


def play(one, video):
    """(fact, sentence, hint) of a case."""
    settings = dict(one["settings"])
    lab = FalLab(video, one["faults"], one["sim"], one["hooks"], one["bucket"], one["user"])
    if settings.get("FAL_MODELS") == "models":
        settings["FAL_MODELS"] = lab.folder + "/models"
        with open(settings["FAL_MODELS"], "w", encoding="ascii") as file:
            file.write('fal-ai/flashtalk 0.02 0 4 5 {"image_url":"$image","audio_url":"$audio"}\n')
    if one["sql"]:
        lab.ask(one["sql"])
    said = lab.finish(lab.call(), **settings)
    made = probe(f"{lab.spool}/CAfal/made/video.mp4")
    maker = {160: FAL, 1280: LOCAL}.get(made[0] if made else 0, "nobody")
    got = {"status": lab.one("SELECT status FROM calls"), "maker": maker, "orders": lab.count("order"),
           "cost": lab.one("SELECT media_cost_micro_dollars FROM calls"), "twice": lab.paid_twice(), "leftover":
           [name for name in os.listdir(f"{lab.spool}/CAfal/made") if "fal" in name or name.endswith(".part")],
           "sound": bool(made) and made[1] == 1 and abs(made[2] - 2) < 0.2}
    wanted = {"status": "complete", "maker": one["maker"], "orders": one["orders"], "cost": one["cost"], "twice": 0,
              "leftover": [], "sound": True}
    hint = "" if got == wanted else f"got:    {got}\nwanted: {wanted}\n{said}\n" + "\n".join(lab.ledger())
    for fact in one["facts"]:
        holds, why = fact(lab, said)
        hint += "" if holds else f"\n{why}"
    code = lab.end()
    hint += "" if code == 0 else f"\nthe simulator ended with {code}\n" + "\n".join(lab.ledger())
    row = f"{one['name']:<48} {'+'.join(one['faults']) or '-':<34} {maker:<5} orders={got['orders']} cost={got['cost']}"
    return not hint, f"{one['name']}: made {'by fal.ai' if one['maker'] == FAL else 'here'}", hint, row


def strangers(tap, video):
    """Whoever is not fal.ai, or speaks of nothing that we know."""
    lab = FalLab(video)
    for path, wanted in (("/api/fal/", 404), ("/api/fal/1", 404), ("/api/fal/x/y", 404), ("/api/fal/-1/y", 404),
                         ("/api/fal/1/", 404), ("/api/fal/1/" + "a" * 65, 404), ("/api/fal", 404),
                         ("/api/fal/1/" + "a" * 32, 403), ("/api/fal/99999999999999999999/a", 404)):
        request = urllib.request.Request(lab.webhook.url + path, data=b'{"request_id":"r","status":"OK"}')
        try:
            got = urllib.request.urlopen(request, timeout=60).status
        except urllib.error.HTTPError as error:
            got = error.code
        tap.equal(got, wanted, f"a stranger at {path[:30]}")
    tap.equal(lab.one("SELECT count(*) FROM fal_told"), 0, "and nothing was written")
    lab.end()


def again(tap, video):
    """A worker died behind the last rename, when fal.ai keeps nothing any more."""
    lab = FalLab(video)
    lab.finish(lab.call())
    lab.ask("UPDATE jobs SET state = 'ready', finished_ms = NULL, run_ms = 0 WHERE kind = 'video'")
    before = lab.count("video"), lab.count("order")
    lab.run("--call", "CAfal")
    tap.equal(lab.one("SELECT state FROM jobs WHERE kind = 'video'"), "done", "a video that is here is not made again")
    tap.equal((lab.count("video"), lab.count("order"), lab.width()), (*before, 160), "nor fetched again, nor ordered")
    tap.equal(lab.end(), 0, "and no rule was broken")


def settings(tap, video):
    """--check-config says what is wrong before anything is ordered."""
    lab = FalLab(video)
    for change, words in (({}, ""), ({"FAL_IMAGE": ""}, "FAL_IMAGE is empty"), ({"FAL_IMAGE": "/nowhere"}, "No such file"),
                          ({"FAL_MAX_DOLLARS_CALL": "one"}, "one is no number of dollars"),
                          ({"FAL_MODELS": "/nowhere"}, "FAL_MODELS: /nowhere: No such file"),
                          ({"FAL_MODEL": "a/b"}, "there is no line for a/b"), ({"FAL_KEY": "", "FAL_IMAGE": ""}, "")):
        done = lab.run("--check-config", **change)
        tap.equal((done.returncode, words in done.stderr), (78 if words else 0, True), f"--check-config: {words or 'well'}")
    lab.end()


def main():
    tap = Tap()
    cases = FEW if sys.argv[1:] == ["few"] else FEW + MORE
    wanted = re.compile(os.environ.get("ONLY", ""))
    with tempfile.TemporaryDirectory() as folder:
        video = folder + "/face.mp4"
        make_video(video)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for fact, sentence, hint, row in pool.map(lambda one: play(one, video),
                                                      [one for one in cases if wanted.search(one["name"])]):
                print("# " + row)
                tap.ok(fact, sentence, hint)
        strangers(tap, video)
        again(tap, video)
        settings(tap, video)
    tap.finish()


main()
