#!/bin/bash
# What comes to the relay that should not.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/bad_input.py"
