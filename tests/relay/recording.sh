#!/bin/bash
# Recordings, with a small disk of their own: mounted where nobody else sees it.
share=(unshare --mount)
[ "$(id -u)" = 0 ] || share=(unshare --map-root-user --mount)
exec "${share[@]}" /usr/bin/python3 -B "${srcdir:=.}/tests/relay/recording.py"
