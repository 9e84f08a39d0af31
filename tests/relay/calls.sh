#!/bin/bash
# Whole calls through the running relay.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/calls.py"
