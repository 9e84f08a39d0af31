#!/bin/bash
# What /metrics says is what Prometheus' own tool accepts, before, during and after a call.
. "${srcdir:=.}/tests/lib.sh"
ok "promtool is installed (apt-get install prometheus)" command -v promtool
cat >"$work/pages.py" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
from lab import Grok, Phone, Relay, wait_for
grok = Grok()
relay = Relay(grok)
def page(name):
    open(sys.argv[2] + "/" + name, "w").write(relay.get("/metrics")[1])
page("before")
phone = Phone(relay, "CA1").start()
wait_for(lambda: len(phone.heard) == 4000)
wait_for(lambda: relay.metric("calls") == 1)
page("during")
phone.stop()
phone.wait_closed()
wait_for(lambda: relay.metric("calls") == 0)
page("after")
sys.exit(relay.stop())
PYTHON
ok "a call runs" /usr/bin/python3 -B "$work/pages.py" "$srcdir/tests/relay" "$work"
for page in before during after; do
    ok "promtool has nothing to say about the page $page the call" \
        bash -c 'promtool check metrics <"$1" 2>&1 | tee /dev/stderr | { ! grep -q .; }' _ "$work/$page"
done
finish
