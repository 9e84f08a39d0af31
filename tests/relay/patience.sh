#!/bin/bash
# What is waited for does not come.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/patience.py"
