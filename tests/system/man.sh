#!/bin/bash
# The man pages are well formed and installed; each program's --help works and names its settings.
. "${srcdir:=.}/tests/lib.sh"
for page in "$srcdir"/man/*.[158]; do
    ok "${page##*/} passes mandoc's lint" mandoc -T lint -W warning "$page"
done
ok "make install puts everything below DESTDIR" make -C "$builddir" -s install DESTDIR="$work/root"
prefix=$(sed -n 's/^prefix = //p' "$builddir/Makefile")
root=$work/root$prefix
for program in sbin/receptionai-webhook sbin/receptionai-relay sbin/receptionai-worker sbin/receptionai-ctl \
    bin/receptionai-call bin/receptionai-replay bin/receptionai-sim-phone bin/receptionai-sim-grok bin/receptionai-sql; do
    ok "$program --help explains itself" bash -c '"$1" --help | grep -qi "usage: "' _ "$root/$program"
    ok "$program --version answers" bash -c '"$1" --version | grep -q "[0-9]\.[0-9]"' _ "$root/$program"
    ok "$program refuses an unknown option with exit code 2 and a hint" bash -c '
        "$1" --no-such-option >"$2" 2>&1 </dev/null; [ $? -eq 2 ] && grep -q -- "--help" "$2"' _ "$root/$program" "$work/out"
done
for file in share/receptionai/schema.sql share/receptionai/lighttpd.conf share/receptionai/apache.conf \
    share/receptionai/nginx.conf share/man/man8/receptionai-relay.8 share/man/man8/receptionai-webhook.8 \
    share/man/man8/receptionai-worker.8 share/man/man8/receptionai-ctl.8 share/man/man1/receptionai-call.1 \
    share/man/man1/receptionai-replay.1 share/man/man1/receptionai-sim-phone.1 share/man/man1/receptionai-sim-grok.1 \
    share/man/man1/receptionai-sql.1 share/man/man5/receptionai-db.5; do
    ok "$file is installed" test -s "$root/$file"
done
finish
