#!/bin/bash
# Every way in which the simulated fal.ai can misbehave, and every setting that keeps a video from being ordered.
exec /usr/bin/python3 "${srcdir:=.}/tests/media/fal.py" all
