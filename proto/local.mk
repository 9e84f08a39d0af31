# proto: pure protocol machines, both roles each. No I/O, no clock, no chance. Knows base.
noinst_LIBRARIES += libproto.a
libproto_a_SOURCES =
libproto_a_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
PROTO_LIBS = libproto.a $(BASE_LIBS) $(JSONC_LIBS)

# --- WebSocket and HTTP upgrade -------------------------------------------------------------------
libproto_a_SOURCES += \
	proto/http.c proto/http.h \
	proto/upgrade.c proto/upgrade.h \
	proto/utf8.c proto/utf8.h \
	proto/ws.c proto/ws.h \
	proto/ws_mask.c proto/ws_mask.h \
	proto/ws_write.c proto/ws_write.h

WS_FEED = tests/ws_feed.c tests/ws_feed.h
UNIT_TESTS += tests/unit/caller_id_test
tests_unit_caller_id_test_SOURCES = tests/unit/caller_id_test.c tests/unit/unit.h
tests_unit_caller_id_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/http_test tests/unit/upgrade_test tests/unit/utf8_test tests/unit/ws_test \
	tests/unit/ws_mask_test tests/unit/ws_write_test
tests_unit_http_test_SOURCES = tests/unit/http_test.c tests/unit/unit.h
tests_unit_http_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_upgrade_test_SOURCES = tests/unit/upgrade_test.c tests/unit/unit.h
tests_unit_upgrade_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_utf8_test_SOURCES = tests/unit/utf8_test.c tests/unit/unit.h
tests_unit_utf8_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_ws_test_SOURCES = tests/unit/ws_test.c tests/unit/unit.h $(WS_FEED)
tests_unit_ws_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_ws_mask_test_SOURCES = tests/unit/ws_mask_test.c tests/unit/unit.h
tests_unit_ws_mask_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_ws_write_test_SOURCES = tests/unit/ws_write_test.c tests/unit/unit.h $(WS_FEED)
tests_unit_ws_write_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_http tests/fuzz/fuzz_ws tests/fuzz/fuzz_ws_wslay
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(FUZZ_MAIN)
tests_fuzz_fuzz_http_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_http_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ws_SOURCES = tests/fuzz/fuzz_ws.c $(WS_FEED) $(FUZZ_MAIN)
tests_fuzz_fuzz_ws_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_ws_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_ws_wslay_SOURCES = tests/fuzz/fuzz_ws_wslay.c $(WS_FEED) $(FUZZ_MAIN)
tests_fuzz_fuzz_ws_wslay_LDADD = $(PROTO_LIBS) -lwslay
tests_fuzz_fuzz_ws_wslay_LDFLAGS = $(FUZZ_LINK)

# --- messages: JSON, base64, Twilio Media Streams, Grok realtime -----------------------------------
libproto_a_SOURCES += \
	proto/base64.c proto/base64.h proto/base64_wide.c proto/base64_wide.h \
	proto/caller_id.c proto/caller_id.h \
	proto/grok.h proto/grok_client.c \
	proto/grok_dialect.c proto/grok_dialect.h \
	proto/grok_event.c proto/grok_event.h proto/grok_kind.h \
	proto/grok_item.c proto/grok_parts.h \
	proto/grok_session.c proto/grok_session_nested.c proto/grok_session_top.c \
	proto/grok_read.c \
	proto/grok_scan.c proto/grok_scan.h \
	proto/grok_write.c \
	proto/json.c proto/json.h proto/json_valid.c \
	proto/json_write.c proto/json_write.h \
	proto/scan.h \
	proto/twilio.h \
	proto/twilio_read.c \
	proto/twilio_scan.c proto/twilio_scan.h \
	proto/twilio_time.c \
	proto/twilio_write.c

UNIT_TESTS += tests/unit/base64_test tests/unit/json_test tests/unit/twilio_test tests/unit/grok_test \
	tests/unit/grok_mirror_test tests/unit/twilio_mirror_test
MESSAGE_TEST = tests/message_equal.c tests/message_equal.h tests/unit/chance.h tests/unit/golden.h tests/unit/unit.h
tests_unit_base64_test_SOURCES = tests/unit/base64_test.c tests/unit/unit.h
tests_unit_base64_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_json_test_SOURCES = tests/unit/json_test.c tests/unit/unit.h
tests_unit_json_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_twilio_test_SOURCES = tests/unit/twilio_test.c $(MESSAGE_TEST)
tests_unit_twilio_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_twilio_mirror_test_SOURCES = tests/unit/twilio_mirror_test.c $(MESSAGE_TEST)
tests_unit_twilio_mirror_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_grok_test_SOURCES = tests/unit/grok_test.c $(MESSAGE_TEST)
tests_unit_grok_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_grok_mirror_test_SOURCES = tests/unit/grok_mirror_test.c $(MESSAGE_TEST)
tests_unit_grok_mirror_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/grok_dialect_test
tests_unit_grok_dialect_test_SOURCES = tests/unit/grok_dialect_test.c $(MESSAGE_TEST)
tests_unit_grok_dialect_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/golden

TEST_PROGS += tests/bench/scan_bench
tests_bench_scan_bench_SOURCES = tests/bench/scan_bench.c
tests_bench_scan_bench_LDADD = $(PROTO_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_base64 tests/fuzz/fuzz_json_string tests/fuzz/fuzz_twilio_agree tests/fuzz/fuzz_grok_agree
tests_fuzz_fuzz_base64_SOURCES = tests/fuzz/fuzz_base64.c $(FUZZ_MAIN)
tests_fuzz_fuzz_base64_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_base64_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_json_string_SOURCES = tests/fuzz/fuzz_json_string.c $(FUZZ_MAIN)
tests_fuzz_fuzz_json_string_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_json_string_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_twilio_agree_SOURCES = tests/fuzz/fuzz_twilio_agree.c tests/message_equal.c tests/message_equal.h $(FUZZ_MAIN)
tests_fuzz_fuzz_twilio_agree_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_twilio_agree_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_grok_agree_SOURCES = tests/fuzz/fuzz_grok_agree.c tests/message_equal.c tests/message_equal.h $(FUZZ_MAIN)
tests_fuzz_fuzz_grok_agree_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_grok_agree_LDADD = $(PROTO_LIBS)

# --- webhook: form, signature, TwiML, stream token -------------------------------------------------
libproto_a_SOURCES += \
	proto/form.c proto/form.h \
	proto/signature.c proto/signature.h \
	proto/testimony.c proto/testimony.h \
	proto/token.c proto/token.h \
	proto/twiml.c proto/twiml.h

UNIT_TESTS += tests/unit/form_test tests/unit/signature_test tests/unit/token_test tests/unit/twiml_test
tests_unit_form_test_SOURCES = tests/unit/form_test.c tests/unit/unit.h
tests_unit_form_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_signature_test_SOURCES = tests/unit/signature_test.c tests/unit/unit.h
tests_unit_signature_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_token_test_SOURCES = tests/unit/token_test.c tests/unit/unit.h
tests_unit_token_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_twiml_test_SOURCES = tests/unit/twiml_test.c tests/unit/unit.h
tests_unit_twiml_test_LDADD = $(PROTO_LIBS) $(EXPAT_LIBS) $(CMOCKA_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_form tests/fuzz/fuzz_token tests/fuzz/fuzz_twiml
tests_fuzz_fuzz_form_SOURCES = tests/fuzz/fuzz_form.c $(FUZZ_MAIN)
tests_fuzz_fuzz_form_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_form_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_token_SOURCES = tests/fuzz/fuzz_token.c $(FUZZ_MAIN)
tests_fuzz_fuzz_token_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_token_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_twiml_SOURCES = tests/fuzz/fuzz_twiml.c $(FUZZ_MAIN)
tests_fuzz_fuzz_twiml_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_twiml_LDADD = $(PROTO_LIBS) $(EXPAT_LIBS)

# --- URLs ------------------------------------------------------------------------------------------
libproto_a_SOURCES += proto/url.c proto/url.h
UNIT_TESTS += tests/unit/url_test
tests_unit_url_test_SOURCES = tests/unit/url_test.c tests/unit/unit.h
tests_unit_url_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)

# --- what webhook and relay tell each other --------------------------------------------------------
libproto_a_SOURCES += proto/notice.c proto/notice.h
UNIT_TESTS += tests/unit/notice_test
tests_unit_notice_test_SOURCES = tests/unit/notice_test.c tests/unit/unit.h
tests_unit_notice_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_caller_id
tests_fuzz_fuzz_caller_id_SOURCES = tests/fuzz/fuzz_caller_id.c $(FUZZ_MAIN)
tests_fuzz_fuzz_caller_id_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_caller_id_LDADD = $(PROTO_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_notice
tests_fuzz_fuzz_notice_SOURCES = tests/fuzz/fuzz_notice.c $(FUZZ_MAIN)
tests_fuzz_fuzz_notice_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_notice_LDADD = $(PROTO_LIBS)

# --- the event log of a recorded call --------------------------------------------------------------
libproto_a_SOURCES += proto/spool.c proto/spool.h
UNIT_TESTS += tests/unit/spool_test
tests_unit_spool_test_SOURCES = tests/unit/spool_test.c tests/unit/unit.h
tests_unit_spool_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_spool
tests_fuzz_fuzz_spool_SOURCES = tests/fuzz/fuzz_spool.c $(FUZZ_MAIN)
tests_fuzz_fuzz_spool_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_spool_LDADD = $(PROTO_LIBS)

# --- fal.ai: what its queue answers, what its webhook tells -----------------------------------------
libproto_a_SOURCES += proto/fal.c proto/fal.h proto/fal_error.c proto/fal_hook.c proto/fal_parts.h
UNIT_TESTS += tests/unit/fal_test
tests_unit_fal_test_SOURCES = tests/unit/fal_test.c tests/unit/unit.h
tests_unit_fal_test_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_fal_test_LDADD = $(PROTO_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_fal
tests_fuzz_fuzz_fal_SOURCES = tests/fuzz/fuzz_fal.c $(FUZZ_MAIN)
tests_fuzz_fuzz_fal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_fal_LDADD = $(PROTO_LIBS)

# --- what merchants' services are sent -------------------------------------------------------------
libproto_a_SOURCES += proto/hook.c proto/hook.h
UNIT_TESTS += tests/unit/hook_test
tests_unit_hook_test_SOURCES = tests/unit/hook_test.c tests/unit/unit.h
tests_unit_hook_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)

# --- sound: one sample of μ-law, the head of a WAV file --------------------------------------------
libproto_a_SOURCES += proto/ulaw.h proto/wav_head.c proto/wav_head.h
UNIT_TESTS += tests/unit/wav_head_test
tests_unit_wav_head_test_SOURCES = tests/unit/wav_head_test.c tests/unit/unit.h
tests_unit_wav_head_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)

# --- what calls are summed up with -----------------------------------------------------------------
libproto_a_SOURCES += proto/chat.c proto/chat.h
UNIT_TESTS += tests/unit/chat_test
tests_unit_chat_test_SOURCES = tests/unit/chat_test.c tests/unit/unit.h
tests_unit_chat_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
# --- S3's signature, and what S3 says when it refuses -----------------------------------------------
libproto_a_SOURCES += proto/sigv4.c proto/sigv4.h proto/s3_error.c proto/s3_error.h
UNIT_TESTS += tests/unit/sigv4_test tests/unit/s3_error_test
tests_unit_sigv4_test_SOURCES = tests/unit/sigv4_test.c tests/unit/unit.h
tests_unit_sigv4_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_s3_error_test_SOURCES = tests/unit/s3_error_test.c tests/unit/unit.h
tests_unit_s3_error_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_sigv4 tests/fuzz/fuzz_s3_error
tests_fuzz_fuzz_sigv4_SOURCES = tests/fuzz/fuzz_sigv4.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sigv4_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_sigv4_LDADD = $(PROTO_LIBS)
tests_fuzz_fuzz_s3_error_SOURCES = tests/fuzz/fuzz_s3_error.c $(FUZZ_MAIN)
tests_fuzz_fuzz_s3_error_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_s3_error_LDADD = $(PROTO_LIBS)


# --- e-mail ----------------------------------------------------------------------------------------
libproto_a_SOURCES += proto/letter.c proto/letter.h
UNIT_TESTS += tests/unit/letter_test
tests_unit_letter_test_SOURCES = tests/unit/letter_test.c tests/unit/unit.h
tests_unit_letter_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_letter
tests_fuzz_fuzz_letter_SOURCES = tests/fuzz/fuzz_letter.c $(FUZZ_MAIN)
tests_fuzz_fuzz_letter_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_letter_LDADD = $(PROTO_LIBS)
