#!/bin/bash
# The relay on sockets that systemd opened.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/inherit.py"
