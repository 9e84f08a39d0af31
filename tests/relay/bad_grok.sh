#!/bin/bash
# A Grok that misbehaves.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/bad_grok.py"
