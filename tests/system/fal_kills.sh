#!/bin/bash
# Workers are killed with -9 while a simulated fal.ai makes videos: nothing is paid twice, nothing is lost.
exec /usr/bin/python3 "${srcdir:=.}/tests/media/fal_kills.py" "${1:-7}"
