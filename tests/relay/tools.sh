#!/bin/bash
# Function calls through the running relay: the built-in tools, a merchant's own, the keypad.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/tools.py"
