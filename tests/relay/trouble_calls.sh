#!/bin/bash
# Every way to lose the model, with the real programs.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/trouble_calls.py"
