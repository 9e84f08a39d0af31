#!/bin/bash
# What a merchant is told of a call, and the summary in it: the real worker, strict stubs around it.
. "${srcdir:=.}/tests/lib.sh"
/usr/bin/python3 "$srcdir/tests/media/told.py" "$builddir/receptionai-worker" "$srcdir/db/schema.sql" "$work"
