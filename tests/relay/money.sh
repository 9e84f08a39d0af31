#!/bin/bash
# What a call may cost and what it has cost: the running relay between stubs, then a call that is spoken.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/money.py"
