#!/bin/bash
# The worker as operators meet it.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/media/worker.py"
