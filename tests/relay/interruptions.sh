#!/bin/bash
# Who interrupts whom, in spoken calls between the simulated caller and the simulated Grok.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/interruptions.py"
