#!/bin/bash
# What receptionai-replay makes of real calls' spools is what the caller heard, by the simulated phone's own record.
. "${srcdir:=.}/tests/lib.sh"
exec /usr/bin/python3 -B "$srcdir/tests/system/heard.py"
