# proto: pure protocol machines, both roles each. No I/O, no clock, no chance. Knows base.
noinst_LIBRARIES += libproto.a
libproto_a_SOURCES =
libproto_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
PROTO_LIBS = libproto.a $(BASE_LIBS) $(JSONC_LIBS)

# --- WebSocket and HTTP upgrade -------------------------------------------------------------------
libproto_a_SOURCES += proto/http.h proto/upgrade.h proto/utf8.h proto/ws.h proto/ws_mask.h proto/ws_write.h

# --- messages: JSON, base64, Twilio Media Streams, Grok realtime -----------------------------------
libproto_a_SOURCES += \
	proto/base64.h \
	proto/grok.h \
	proto/grok_event.h \
	proto/grok_kind.h \
	proto/json.h \
	proto/twilio.h

# --- webhook: form, signature, TwiML, stream token -------------------------------------------------
libproto_a_SOURCES += \
	proto/form.h \
	proto/signature.h \
	proto/token.h \
	proto/twiml.h
