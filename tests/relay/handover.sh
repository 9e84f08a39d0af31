#!/bin/bash
# Spoken calls through webhook, relay and both simulators: handed over, come back, a message, goodbye.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/handover.py"
