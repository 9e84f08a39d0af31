#!/bin/bash
# Calls with TLS on both legs.
exec /usr/bin/python3 -B -W ignore::DeprecationWarning "${srcdir:=.}/tests/relay/tls_calls.py"
