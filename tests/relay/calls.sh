#!/bin/bash
# Whole calls through the running relay.
exec /usr/bin/python3 "${srcdir:=.}/tests/relay/calls.py"
