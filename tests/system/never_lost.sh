#!/bin/bash
# Nobody who calls is lost: ten failures, three kinds of merchants, and what the caller heard from the first ring to the
# end, printed as a table. The real webhook (FastCGI, one process) and relay; Grok, Twilio and the caller are simulated.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/system/never_lost.py"
