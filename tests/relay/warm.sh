#!/bin/bash
# Sessions that are opened before their call.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/warm.py"
