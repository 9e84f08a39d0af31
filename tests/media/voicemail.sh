#!/bin/bash
# Voicemails come home from Twilio; calls that nobody ends are ended.
exec /usr/bin/python3 -B "${srcdir:=.}/tests/media/voicemail.py"
