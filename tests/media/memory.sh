#!/bin/bash
# What is remembered of a call for the next one: the real worker, a strict stub of the chat endpoint.
. "${srcdir:=.}/tests/lib.sh"
/usr/bin/python3 -B "$srcdir/tests/media/memory.py" "$builddir/receptionai-worker" "$srcdir/db/schema.sql" "$work"
