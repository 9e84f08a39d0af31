#!/bin/bash
# Every fault of the simulated Grok, and what becomes of the call.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/grok_faults.py"
