#!/bin/bash
# The small form of the kill test, on a disk that fails; the large ones are run by hand:
#   tests/media/kills.py --calls 300 --seconds 900, with --disk sqlite, --disk libfiu, --store s3
exec /usr/bin/python3 -B "${srcdir:=.}/tests/media/kills.py" --calls 20 --disk sqlite --seconds 120
