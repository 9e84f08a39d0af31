#!/bin/bash
# By hand, as root: needs a loop device, which a container seldom has. Half a minute.
. "${srcdir:=.}/tests/own_mounts.sh"
exec "${own_mounts[@]}" /usr/bin/python3 -B "$srcdir/tests/relay/frozen_disk.py"
