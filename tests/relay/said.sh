#!/bin/bash
# Whole calls between the two simulators: the turns in the database are what the caller's ear piece played.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/said.py"
