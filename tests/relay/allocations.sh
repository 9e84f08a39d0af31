#!/bin/bash
# The audio path allocates nothing. For plain builds: sanitizers bring an allocator of their own.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/relay/allocations.py"
