#!/bin/bash
# How the relay is run.
exec /usr/bin/python3 "${srcdir:=.}/tests/relay/operation.py"
