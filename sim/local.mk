# sim: the simulators. Knows proto and base.

# --- what both simulators share --------------------------------------------------------------------
TEST_LIBS += libsim.a
libsim_a_SOURCES = \
	sim/net.c sim/net.h \
	sim/speech_hear.c sim/speech_hear.h \
	sim/speech_say.c sim/speech_say.h \
	sim/wav.c sim/wav.h \
	sim/wsconn.c sim/wsconn.h
libsim_a_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS) $(POCKETSPHINX_CFLAGS)
FLITE_LIBS = -lflite_cmu_us_slt -lflite_cmu_us_rms -lflite_cmu_us_awb -lflite_cmu_us_kal16 -lflite_usenglish \
	-lflite_cmulex -lflite
SIM_LIBS = libsim.a $(PROTO_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(FLITE_LIBS) $(POCKETSPHINX_LIBS) -lm -lpthread

UNIT_TESTS += tests/unit/wav_test tests/unit/speech_test tests/unit/net_test tests/unit/wsconn_test
tests_unit_wav_test_SOURCES = tests/unit/wav_test.c tests/unit/unit.h
tests_unit_wav_test_LDADD = $(SIM_LIBS) $(CMOCKA_LIBS)
tests_unit_speech_test_SOURCES = tests/unit/speech_test.c tests/unit/unit.h
tests_unit_speech_test_LDADD = $(SIM_LIBS) $(CMOCKA_LIBS)
tests_unit_wsconn_test_SOURCES = tests/unit/wsconn_test.c tests/unit/unit.h
tests_unit_wsconn_test_LDADD = $(SIM_LIBS) $(CMOCKA_LIBS)
tests_unit_net_test_SOURCES = tests/unit/net_test.c tests/unit/unit.h
tests_unit_net_test_LDADD = $(SIM_LIBS) $(CMOCKA_LIBS)

# --- receptionai-sim-grok --------------------------------------------------------------------------
# The session without any I/O of its own.
TEST_LIBS += libfakegrok.a
libfakegrok_a_SOURCES = \
	sim/fake_audio.c sim/fake_audio.h \
	sim/fake_command.c sim/fake_command.h \
	sim/fake_grok.c sim/fake_grok.h \
	sim/fake_load.c sim/fake_load.h \
	sim/fake_notice.c sim/fake_notice.h \
	sim/fake_reply.c sim/fake_reply.h \
	sim/fake_settings.c sim/fake_settings.h \
	sim/fake_store.c sim/fake_store.h \
	sim/fake_tools.c sim/fake_tools.h \
	sim/fake_turn.c sim/fake_turn.h \
	sim/fake_wire.c sim/fake_wire.h \
	sim/fault.c sim/fault.h \
	sim/listener.c sim/listener.h \
	sim/receptionist.c sim/receptionist.h sim/receptionist_grammar.c \
	sim/spoken.c sim/spoken.h \
	sim/tool_offer.c sim/tool_offer.h \
	sim/vad.c sim/vad.h
libfakegrok_a_CFLAGS = $(AM_CFLAGS)
FAKEGROK_LIBS = libfakegrok.a $(SIM_LIBS)

UNIT_TESTS += tests/unit/fake_fault_test tests/unit/fake_grok_test tests/unit/receptionist_test tests/unit/vad_test
tests_unit_fake_fault_test_SOURCES = tests/unit/fake_fault_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_fault_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/fake_load_test tests/unit/fake_truncate_test
tests_unit_fake_truncate_test_SOURCES = tests/unit/fake_truncate_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_truncate_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
tests_unit_fake_load_test_SOURCES = tests/unit/fake_load_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_load_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/fake_openai_test tests/unit/fake_resume_test tests/unit/fake_tools_test
tests_unit_fake_openai_test_SOURCES = tests/unit/fake_openai_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_openai_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
tests_unit_fake_resume_test_SOURCES = tests/unit/fake_resume_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_resume_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
tests_unit_fake_tools_test_SOURCES = tests/unit/fake_tools_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_tools_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
tests_unit_fake_grok_test_SOURCES = tests/unit/fake_grok_test.c tests/unit/fake_world.h tests/unit/unit.h
tests_unit_fake_grok_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
tests_unit_receptionist_test_SOURCES = tests/unit/receptionist_test.c tests/unit/unit.h
tests_unit_receptionist_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)
tests_unit_vad_test_SOURCES = tests/unit/vad_test.c tests/unit/unit.h
tests_unit_vad_test_LDADD = $(FAKEGROK_LIBS) $(CMOCKA_LIBS)


if SIMULATORS
bin_PROGRAMS += receptionai-sim-grok
dist_man_MANS += man/receptionai-sim-grok.1
endif
receptionai_sim_grok_SOURCES = \
	sim/grok_client.c sim/grok_client.h \
	sim/grok_options.c sim/grok_options.h \
	sim/sim_grok.c \
	sim/speech_desk.c sim/speech_desk.h
receptionai_sim_grok_LDADD = $(FAKEGROK_LIBS)
TEST_PROGS += tests/sim/grok_load
tests_sim_grok_load_SOURCES = tests/sim/grok_load.c
tests_sim_grok_load_LDADD = $(SIM_LIBS)
dist_check_SCRIPTS += tests/sim/grok.sh
SYSTEM_TESTS += tests/system/sim_grok.sh
EXTRA_DIST += tests/sim/grok_talk.py tests/sim/grok_rules.py

# --- receptionai-sim-phone -------------------------------------------------------------------------
# What plays Twilio and the caller without any I/O of its own.
TEST_LIBS += libphone.a
libphone_a_SOURCES = \
	sim/caller.c sim/caller.h \
	sim/dialled.c sim/dialled.h \
	sim/ear.c sim/ear.h \
	sim/histogram.c sim/histogram.h \
	sim/http_body.c sim/http_body.h \
	sim/identity.c sim/identity.h \
	sim/load_message.c sim/load_message.h \
	sim/pacing.h \
	sim/pattern.c sim/pattern.h \
	sim/playback.c sim/playback.h \
	sim/recording.c sim/recording.h \
	sim/script.c sim/script.h \
	sim/story.c sim/story.h \
	sim/twiml_read.c sim/twiml_read.h \
	sim/verdict.c sim/verdict.h \
	sim/webhook_rules.c sim/webhook_rules.h
libphone_a_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
PHONE_LIBS = libphone.a $(PROTO_LIBS) $(EXPAT_LIBS)

UNIT_TESTS += tests/unit/caller_test tests/unit/histogram_test tests/unit/http_body_test \
	tests/unit/load_message_test tests/unit/pacing_test tests/unit/pattern_test \
	tests/unit/playback_test tests/unit/recording_test tests/unit/script_test tests/unit/twiml_read_test \
	tests/unit/webhook_rules_test tests/unit/story_test tests/unit/dialled_test
tests_unit_story_test_SOURCES = tests/unit/story_test.c tests/unit/unit.h
tests_unit_story_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_dialled_test_SOURCES = tests/unit/dialled_test.c tests/unit/unit.h
tests_unit_dialled_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_caller_test_SOURCES = tests/unit/caller_test.c tests/unit/unit.h
tests_unit_caller_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_histogram_test_SOURCES = tests/unit/histogram_test.c tests/unit/unit.h
tests_unit_histogram_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_http_body_test_SOURCES = tests/unit/http_body_test.c tests/unit/unit.h
tests_unit_http_body_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_load_message_test_SOURCES = tests/unit/load_message_test.c tests/unit/unit.h
tests_unit_load_message_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_pacing_test_SOURCES = tests/unit/pacing_test.c tests/unit/unit.h
tests_unit_pacing_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_pattern_test_SOURCES = tests/unit/pattern_test.c tests/unit/unit.h
tests_unit_pattern_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_playback_test_SOURCES = tests/unit/playback_test.c tests/unit/unit.h
tests_unit_playback_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_recording_test_SOURCES = tests/unit/recording_test.c tests/unit/unit.h
tests_unit_recording_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_script_test_SOURCES = tests/unit/script_test.c tests/unit/unit.h
tests_unit_script_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_twiml_read_test_SOURCES = tests/unit/twiml_read_test.c tests/unit/unit.h
tests_unit_twiml_read_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_webhook_rules_test_SOURCES = tests/unit/webhook_rules_test.c tests/unit/unit.h
tests_unit_webhook_rules_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)

# The phone itself: sockets and clock.
if SIMULATORS
bin_PROGRAMS += receptionai-sim-phone
dist_man_MANS += man/receptionai-sim-phone.1 man/receptionai-frames.5
endif
receptionai_sim_phone_SOURCES = \
	sim/errands.c sim/errands.h \
	sim/fal_http.c sim/fal_http.h \
	sim/fetch.c sim/fetch.h \
	sim/kept.c sim/kept.h \
	sim/load.c sim/load.h \
	sim/load_call.c sim/load_call.h \
	sim/load_report.c sim/load_report.h \
	sim/phone.c \
	sim/phone_call.c sim/phone_call.h \
	sim/phone_fault.c sim/phone_fault.h \
	sim/phone_options.c sim/phone_options.h \
	sim/phone_report.c sim/phone_report.h \
	sim/phone_stream.c sim/phone_stream.h \
	sim/phone_verbs.c sim/phone_verbs.h \
	sim/stream_callback.c sim/stream_callback.h \
	sim/stream_dial.c sim/stream_dial.h \
	sim/stream_in.c sim/stream_in.h \
	sim/stream_fault.c sim/stream_fault.h \
	sim/stream_out.c sim/stream_out.h \
	sim/stream_replay.c sim/stream_replay.h \
	sim/timeline.c sim/timeline.h \
	sim/track.c sim/track.h \
	sim/verb.c sim/verb.h \
	sim/verb_dial.c \
	sim/verb_record.c \
	sim/webhook.c sim/webhook.h
receptionai_sim_phone_LDADD = libphone.a $(SIM_LIBS) $(EXPAT_LIBS)
EXTRA_DIST += tests/sim/phone_answers.py tests/sim/phone_stub.py
TEST_PROGS += tests/sim/echo_relay
tests_sim_echo_relay_SOURCES = tests/sim/echo_relay.c
tests_sim_echo_relay_LDADD = $(SIM_LIBS)
dist_check_SCRIPTS += tests/sim/phone.sh tests/sim/phone_load.sh
FUZZ_TARGETS += tests/fuzz/fuzz_twiml_read
tests_fuzz_fuzz_twiml_read_SOURCES = tests/fuzz/fuzz_twiml_read.c $(FUZZ_MAIN)
tests_fuzz_fuzz_twiml_read_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_twiml_read_LDADD = $(PHONE_LIBS)

# --- receptionai-sim-fal ---------------------------------------------------------------------------
if SIMULATORS
bin_PROGRAMS += receptionai-sim-fal
dist_man_MANS += man/receptionai-sim-fal.1
endif
receptionai_sim_fal_SOURCES = \
	sim/fal_fault.c sim/fal_fault.h \
	sim/fal_files.c \
	sim/fal_hook.c sim/fal_hook.h \
	sim/fal_house.c sim/fal_house.h \
	sim/fal_http.c sim/fal_http.h \
	sim/fal_orders.c \
	sim/fal_reach.c sim/fal_reach.h \
	sim/fal_sign.c sim/fal_sign.h \
	sim/sim_fal.c
receptionai_sim_fal_LDADD = $(SIM_LIBS)
