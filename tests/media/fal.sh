#!/bin/bash
# A call's video made by a simulated fal.ai, which misbehaves: what happens, who makes it, what is paid. The whole table:
# tests/system/fal_faults.sh
exec /usr/bin/python3 "${srcdir:=.}/tests/media/fal.py" few
