#!/bin/bash
# The webhook asks the relay: announced calls, and what callers hear when it cannot.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/warm_calls.py"
