#!/bin/bash
# Recorded calls are replayed through the relay: their sound is the same, bit for bit, each time and by either way of I/O.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/recordings.py"
