#!/bin/bash
# receptionai-webhook --check and receptionai-relay --check, over set-ups that are right and set-ups that are wrong.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/doctor/check.py"
