#!/bin/bash
# How the relay is run.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/operation.py"
