#!/bin/bash
# Twilio and the caller misbehave in every way that the simulator knows.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/phone_faults.py" "$@"
