#!/bin/bash
# What an operator can do to calls.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/control.py"
