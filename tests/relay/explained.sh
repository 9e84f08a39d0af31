#!/bin/bash
# For each reason of an end: the log's lines and the row name it.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/explained.py"
