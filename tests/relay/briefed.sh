#!/bin/bash
# What Grok is told of the merchant and the caller, and what it can do after hours, through the running relay.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/briefed.py"
