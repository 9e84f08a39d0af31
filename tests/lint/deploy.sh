#!/bin/bash
# deploy/fly/fly.toml has fields that Fly documents, with what calls need; the Containerfile is sound; the packages that it
# installs bring what the programs link.
. "${srcdir:=.}/tests/lib.sh"
faults() { /usr/bin/python3 "$srcdir/tests/lint/deploy.py" "$1" "$srcdir" "${@:2}"; }
fly=$srcdir/deploy/fly/fly.toml
container=$srcdir/deploy/container/Containerfile

is "fly.toml: Fly's fields, and what calls need" "$(faults fly)" ""
is "Containerfile: stages, copies, user" "$(faults container)" ""
is "the packages of the group run bring all that is linked" "$(faults linked "$builddir"/receptionai-{webhook,relay,worker,ctl,call,replay})" ""

# That the checks can fail: each line changes one thing.
while IFS='|' read -r what change fault; do
    sed -e "$change" "$fly" >"$work/fly.toml"
    has "fly.toml with $what is refused" "$(faults fly "$work/fly.toml")" "$fault"
done <<'TXT'
another signal|s/SIGTERM"/SIGINT"/|kill_signal
five seconds to end|s/^kill_timeout.*/kill_timeout = 5/|kill_timeout
ten minutes to end|s/^kill_timeout.*/kill_timeout = 600/|kill_timeout
a drain that is killed|s/"280"/"300"/|RELAY_DRAIN_S
autostop|s/"off"/"stop"/|auto_stop_machines
autostop as it was written once|s/"off"/false/|is none of
a field that nobody knows|s/force_https/force_tls/|no such field
a setting that nobody reads|s/WORKER_JOBS/WORKER_THREADS/|nobody reads it
a secret in it|s/GROK_SESSIONS_MAX/XAI_API_KEY/|does not belong
another port|s/internal_port = 8080/internal_port = 80/|internal_port
another stage|s/"fly"/"flies"/|build-target
HTTP/2|s/"http.1.1"/"h2"/|HTTP/1.1
a volume elsewhere|s/destination = .*/destination = "\/var"/|DATA must be
process groups|s/^\[metrics\]/[processes]\nrelay = "x"\n[metrics]/|processes
TXT
while IFS='|' read -r what change fault; do
    sed -e "$change" "$container" >"$work/Containerfile"
    has "a Containerfile with $what is refused" "$(faults container "$work/Containerfile")" "$fault"
done <<'TXT'
root at last|s/^USER 10001.*/USER root/|runs as root
a user without a number|s/^USER 10001.*/USER receptionai/|runs as receptionai
a stage that is not there|s/--from=build/--from=builder/|no such stage
a file that is not there|s/install-packages deploy/install-package deploy/|no deploy/install-package
something from the network|s/make -j/curl x; make -j/|deploy/packages alone
no signal|/^STOPSIGNAL/d|STOPSIGNAL
TXT
finish
