#!/bin/bash
# The model is lost in the midst of a call.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/trouble.py"
