#!/bin/bash
# Recordings, with a small disk of their own: mounted where nobody else sees it.
. "${srcdir:=.}/tests/own_mounts.sh"
exec "${own_mounts[@]}" /usr/bin/python3 -B "$srcdir/tests/relay/recording.py"
