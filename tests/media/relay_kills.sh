#!/bin/bash
# The relay dies in the midst of calls, the worker's processes meanwhile.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/media/relay_kills.py"
