#!/bin/bash
# Connections that go dead without a word.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/half_open.py"
