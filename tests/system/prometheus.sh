#!/bin/bash
# Rules, alerts and dashboard: promtool accepts and tries them, and every metric that they name is really exported.
. "${srcdir:=.}/tests/lib.sh"
rules="$srcdir/deploy/prometheus"
ok "promtool is installed (apt-get install prometheus)" command -v promtool
ok "promtool accepts the rules" promtool check rules "$rules/recording.yml" "$rules/alerts.yml"
ok "and the configuration that loads them" promtool check config --syntax-only "$rules/prometheus.yml"
cp "$rules"/*.yml "$work"
ok "each alert rings when it should, and not otherwise" promtool test rules "$work/alerts_test.yml"
alerts() { sed -n 's/^ *- alert: //p' "$rules/alerts.yml" | sort; }
tested() { sed -n "s/^  - name: \\([A-Za-z]*\\) $1\$/\\1/p" "$rules/alerts_test.yml" | sort; }
is "each alert is tried when it should ring" "$(tested rings)" "$(alerts)"
is "and when it should not" "$(tested 'is silent')" "$(alerts)"

# Reasons that count as no fault: those that the program's own table calls ok.
is "the rules know which ends are no fault" \
    "$(sed -n 's/.*reason!~"\([^"]*\)".*/\1/p' "$rules/recording.yml" | tr '|' '\n' | sort)" \
    "$(sed -n 's/.*END([A-Z_]*, ok, "\([a-z-]*\)".*/\1/p' "$srcdir/base/end_reason.h" | sort)"

is "the dashboard is what its generator writes" "$(/usr/bin/python3 "$srcdir/deploy/grafana/dashboard.py" | sha256sum)" \
    "$(sha256sum <"$srcdir/deploy/grafana/receptionai.json")"

# --- what is really exported ---
cat >"$work/page.py" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
from lab import Grok, Phone, Relay, wait_for
relay = Relay(Grok())
phone = Phone(relay, "CA1").start()
wait_for(lambda: len(phone.heard) == 4000)
phone.stop()
phone.wait_closed()
wait_for(lambda: relay.metric("calls") == 0)
open(sys.argv[2], "w").write(relay.get("/metrics")[1])
PYTHON
ok "a call runs, and the relay's page is kept" /usr/bin/python3 -B "$work/page.py" "$srcdir/tests/relay" "$work/page"
has "with the quality of the call's merchant" "$(cat "$work/page")" 'receptionai_relay_call_dead_air_seconds_count{merchant="1"} 1'
sqlite3 "$work/db" <"$srcdir/db/schema.sql" >"$work/schema.log" 2>&1
sqlite3 "$work/db" "INSERT INTO merchants(name, phone_number) VALUES('A', '+15550100');
    INSERT INTO calls(call_sid, merchant_id, caller_number, called_number, created_ms, status, end_reason, ended_ms, handled)
    VALUES('CA1', 1, '+14155550123', '+15550100', unixepoch() * 1000, 'ended', 'caller-hung-up', unixepoch() * 1000, 'receptionist')"
RECEPTIONAI_DB="$work/db" "$builddir/receptionai-sql" --readonly --list <"$rules/textfile.sql" >"$work/text" 2>"$work/text.log"
is "textfile.sql runs without a word" "$(cat "$work/text.log")" ""
has "and counts what callers got" "$(cat "$work/text")" 'receptionai_calls_recent{handled="receptionist"} 1'
ok "promtool has nothing to say about what it writes" \
    bash -c 'promtool check metrics <"$1" 2>&1 | tee /dev/stderr | { ! grep -q .; }' _ "$work/text"
cat >"$work/names.py" <<'PYTHON'
"""Each metric that rules and dashboard name is exported; each expression of the dashboard, as a rule for promtool."""
import json
import re
import sys

work, top = sys.argv[1:]
text = open(work + "/page").read() + open(work + "/text").read()
exported = set(re.findall(r"^([a-z_]+)[{ ]", text, re.M)) | {"up", "ALERTS"}
exported |= {name[:-len("_bucket")] for name in exported if name.endswith("_bucket")}
recorded = set(re.findall(r"record: (\S+)", open(top + "/deploy/prometheus/recording.yml").read()))
board = json.load(open(top + "/deploy/grafana/receptionai.json"))
expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
rules = "".join(open(f"{top}/deploy/prometheus/{name}.yml").read() for name in ("recording", "alerts"))
wanted = set(re.findall(r"\breceptionai_[a-z_0-9]+", rules + " ".join(expressions) + json.dumps(board["templating"])))
wanted -= {"receptionai_recording", "receptionai_alerts"}        # names of groups
missing = sorted(name for name in wanted if name not in exported)
missing += sorted(set(re.findall(r"\breceptionai:[a-z_:0-9]+", rules + " ".join(expressions))) - recorded)
labels = {"reason", "merchant", "le", "handled", "kind", "state", "status"}
missing += sorted(name for name in labels if f'{name}="' not in text)
print("missing:", missing, "of", len(wanted))
with open(work + "/board.yml", "w") as out:
    out.write("groups:\n  - name: board\n    rules:\n")
    for i, expr in enumerate(expressions):
        expr = expr.replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$merchant", ".*")
        out.write(f"      - {{record: 'board:{i}', expr: {json.dumps(expr)}}}\n")
sys.exit(bool(missing) or len(wanted) < 40 or len(expressions) < 60)
PYTHON
ok "every metric that rules and dashboard name is exported" /usr/bin/python3 "$work/names.py" "$work" "$srcdir"
ok "every expression of the dashboard is one" promtool check rules "$work/board.yml"
ok "prometheus is installed (apt-get install prometheus)" command -v prometheus
ok "Prometheus itself asks, evaluates and answers" /usr/bin/python3 -B "$srcdir/tests/system/prometheus.py" "$work" "$work/text"
finish
