# relay

# --- transport: ring, loop, TLS, legs ---------------------------------------------------------------
noinst_LIBRARIES += libtransport.a
libtransport_a_SOURCES = \
	relay/aes_gcm.c relay/aes_gcm.h \
	relay/batch.c relay/batch.h \
	relay/count.h \
	relay/leg.c relay/leg.h relay/leg_parts.h \
	relay/leg_dial.c \
	relay/leg_flush.c \
	relay/leg_in.c \
	relay/leg_move.c \
	relay/leg_server.c \
	relay/listen.c relay/listen.h \
	relay/listener.c relay/listener.h \
	relay/loop.c relay/loop.h \
	relay/ring.c relay/ring.h relay/ring_backend.h \
	relay/ring_epoll.c \
	relay/ring_files.c relay/ring_files.h \
	relay/ring_list.h \
	relay/ring_probe.c relay/ring_probe.h \
	relay/ring_uring.c \
	relay/timers.c relay/timers.h \
	relay/tls.c relay/tls.h relay/tls_parts.h \
	relay/tls_accel.c relay/tls_accel.h \
	relay/tls_context.c \
	relay/tls_look.c relay/tls_look.h \
	relay/tls_memory.c \
	relay/tls_prove.c
libtransport_a_CFLAGS = $(AM_CFLAGS) $(URING_CFLAGS) $(WOLFSSL_CFLAGS) $(CRYPTO_CFLAGS)
TRANSPORT_LIBS = libtransport.a $(PROTO_LIBS) $(URING_LIBS) $(CRYPTO_LIBS) -lpthread

UNIT_TESTS += tests/unit/aes_gcm_test tests/unit/leg_test tests/unit/leg_peer_test tests/unit/loop_test tests/unit/ring_test tests/unit/ring_io_test tests/unit/tls_test
tests_unit_aes_gcm_test_SOURCES = tests/unit/aes_gcm_test.c tests/unit/unit.h
tests_unit_aes_gcm_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_ring_io_test_SOURCES = tests/unit/ring_io_test.c tests/unit/unit.h
tests_unit_ring_io_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_ring_test_SOURCES = tests/unit/ring_test.c tests/unit/unit.h
tests_unit_ring_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_loop_test_SOURCES = tests/unit/loop_test.c tests/unit/unit.h
tests_unit_loop_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_leg_test_SOURCES = tests/unit/leg_test.c tests/unit/leg_fixture.h tests/unit/unit.h
tests_unit_leg_peer_test_SOURCES = tests/unit/leg_peer_test.c tests/unit/leg_fixture.h tests/unit/unit.h
tests_unit_leg_peer_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_leg_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
tests_unit_tls_test_SOURCES = tests/unit/tls_test.c tests/unit/unit.h
tests_unit_tls_test_LDADD = $(TRANSPORT_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/certs
SYSTEM_TESTS += tests/system/tls_interop.sh

# Measures the transport alone, and the floor beneath it.
TEST_PROGS += tests/bench/leg_echo tests/bench/leg_load
tests_bench_leg_echo_SOURCES = tests/bench/leg_echo.c
tests_bench_leg_echo_LDADD = $(TRANSPORT_LIBS)
tests_bench_leg_load_SOURCES = tests/bench/leg_load.c
tests_bench_leg_load_LDADD = $(PROTO_LIBS)

# --- the conversation: pure ------------------------------------------------------------------------
noinst_LIBRARIES += libbridge.a
libbridge_a_SOURCES = \
	relay/account.c relay/account.h \
	relay/bridge.c relay/bridge.h relay/bridge_parts.h \
	relay/bridge_interrupt.c \
	relay/bridge_keys.c \
	relay/bridge_model.c \
	relay/bridge_phone.c \
	relay/bridge_say.c \
	relay/bridge_setup.c \
	relay/bridge_words.c \
	relay/bridge_tools.c \
	relay/bridge_patience.c \
	relay/bridge_upstream.c \
	relay/budget.c relay/budget.h \
	relay/caller.c relay/caller.h \
	relay/comfort.c relay/comfort.h \
	relay/energy.c relay/energy.h \
	relay/held.c relay/held.h \
	relay/history.c relay/history.h \
	relay/interrupt.c relay/interrupt.h \
	relay/keypad.c relay/keypad.h \
	relay/leave.c relay/leave.h \
	relay/ledger.c relay/ledger.h \
	relay/metrics.c relay/metrics.h \
	relay/model_out.c relay/model_out.h \
	relay/nonces.c relay/nonces.h \
	relay/patience.c relay/patience.h \
	relay/phone_out.c relay/phone_out.h \
	relay/quality.c relay/quality.h \
	relay/ratings.c relay/ratings.h \
	relay/recorder.c relay/recorder.h \
	relay/phrases.c relay/phrases.h \
	relay/playhead.c relay/playhead.h \
	relay/say.c relay/say.h \
	relay/tool_arguments.c relay/tool_arguments.h \
	relay/tool_list.c relay/tool_list.h \
	relay/tool_request.c relay/tool_request.h \
	relay/tools.c relay/tools.h \
	relay/transcode.c relay/transcode.h \
	relay/transcript.c relay/transcript.h \
	relay/upstream.c relay/upstream.h \
	relay/utterance.c relay/utterance.h \
	relay/voice.c relay/voice.h relay/voice_id.h \
	relay/witness.c relay/witness.h
BRIDGE_LIBS = libbridge.a $(PROTO_LIBS) -lpthread -lm

# --- the program -----------------------------------------------------------------------------------
noinst_LIBRARIES += libcall.a
libcall_a_SOURCES = \
	relay/admin.c relay/admin.h \
	relay/briefing.c relay/briefing.h \
	relay/call.c relay/call.h \
	relay/call_end.c relay/call_end.h \
	relay/call_model.c \
	relay/call_money.c \
	relay/call_parts.h \
	relay/call_phone.c \
	relay/call_wait.c \
	relay/call_record.c relay/call_record.h \
	relay/call_time.c relay/call_time.h \
	relay/call_watch.c relay/call_watch.h \
	relay/control.c relay/control.h \
	relay/call_offer.c \
	relay/call_tools.c relay/call_tools.h \
	relay/desk.c relay/desk.h relay/desk_parts.h \
	relay/desk_late.c \
	relay/diagnosis.c relay/diagnosis.h \
	relay/directory.c relay/directory.h \
	relay/door.c relay/door.h \
	relay/foyer.c relay/foyer.h \
	relay/roll.c relay/roll.h \
	relay/herald.c relay/herald.h \
	relay/inherit.c relay/inherit.h \
	relay/errand.c relay/errand.h \
	relay/lane.c relay/lane.h \
	relay/names.c relay/names.h \
	relay/reel.c relay/reel.h relay/reel_parts.h \
	relay/reel_open.c \
	relay/provider.c relay/provider.h \
	relay/relay.c relay/relay.h \
	relay/room.c relay/room.h \
	relay/tap.c relay/tap.h \
	relay/tool_hours.c relay/tool_hours.h \
	relay/visit.c relay/visit.h
libcall_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS)
CALL_LIBS = libcall.a libbridge.a $(DOCTOR_LIBS) $(TRANSPORT_LIBS) $(CURL_LIBS) -lm

sbin_PROGRAMS += receptionai-relay
dist_man_MANS += man/receptionai-relay.8 man/receptionai-spool.5
receptionai_relay_SOURCES = relay/main.c
receptionai_relay_LDADD = libcrew.a $(CALL_LIBS)

# A bridge on the bench: JSON in, one readable line out for every message.
TEST_LIBS += libkit.a
libkit_a_SOURCES = tests/relay/kit.c tests/relay/kit.h
KIT_LIBS = libkit.a $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/bridge_test tests/unit/voice_test
tests_unit_bridge_test_SOURCES = tests/unit/bridge_test.c tests/unit/unit.h
tests_unit_bridge_test_LDADD = $(KIT_LIBS)
tests_unit_voice_test_SOURCES = tests/unit/voice_test.c tests/unit/unit.h
tests_unit_voice_test_LDADD = $(KIT_LIBS)
UNIT_TESTS += tests/unit/foyer_test tests/unit/bridge_early_test tests/unit/roll_test tests/unit/desk_test
tests_unit_desk_test_SOURCES = tests/unit/desk_test.c tests/unit/db_fixture.h tests/unit/unit.h
tests_unit_desk_test_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
tests_unit_desk_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
tests_unit_bridge_early_test_SOURCES = tests/unit/bridge_early_test.c tests/unit/unit.h
tests_unit_bridge_early_test_LDADD = $(KIT_LIBS)
tests_unit_foyer_test_SOURCES = tests/unit/foyer_test.c tests/unit/unit.h
tests_unit_foyer_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
tests_unit_roll_test_SOURCES = tests/unit/roll_test.c tests/unit/unit.h
tests_unit_roll_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/bridge_quality_test tests/unit/quality_test tests/unit/ratings_test
tests_unit_bridge_quality_test_SOURCES = tests/unit/bridge_quality_test.c tests/unit/unit.h
tests_unit_bridge_quality_test_LDADD = $(KIT_LIBS)
tests_unit_quality_test_SOURCES = tests/unit/quality_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_quality_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_ratings_test_SOURCES = tests/unit/ratings_test.c tests/unit/unit.h
tests_unit_ratings_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/door_test tests/unit/ledger_test tests/unit/metrics_test tests/unit/transcript_test
tests_unit_door_test_SOURCES = tests/unit/door_test.c tests/unit/unit.h
tests_unit_door_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
tests_unit_ledger_test_SOURCES = tests/unit/ledger_test.c tests/unit/unit.h
tests_unit_ledger_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/heard_test
tests_unit_heard_test_SOURCES = tests/unit/heard_test.c tests/unit/unit.h tests/unit/way.h
tests_unit_heard_test_LDADD = $(BRIDGE_LIBS) $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_metrics_test_SOURCES = tests/unit/metrics_test.c tests/unit/unit.h
tests_unit_metrics_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_transcript_test_SOURCES = tests/unit/transcript_test.c tests/unit/unit.h
tests_unit_transcript_test_LDADD = $(KIT_LIBS)
UNIT_TESTS += tests/unit/history_test tests/unit/lost_test tests/unit/patience_test tests/unit/transcode_test tests/unit/upstream_test
tests_unit_history_test_SOURCES = tests/unit/history_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_history_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_lost_test_SOURCES = tests/unit/lost_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_lost_test_LDADD = $(KIT_LIBS)
tests_unit_patience_test_SOURCES = tests/unit/patience_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_patience_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_transcode_test_SOURCES = tests/unit/transcode_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_transcode_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_upstream_test_SOURCES = tests/unit/upstream_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_upstream_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/budget_test
tests_unit_budget_test_SOURCES = tests/unit/budget_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_budget_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/bridge_interrupt_test tests/unit/energy_test tests/unit/interrupt_test tests/unit/say_test
tests_unit_bridge_interrupt_test_SOURCES = tests/unit/bridge_interrupt_test.c tests/unit/unit.h
tests_unit_bridge_interrupt_test_LDADD = $(KIT_LIBS)
tests_unit_energy_test_SOURCES = tests/unit/energy_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_energy_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_interrupt_test_SOURCES = tests/unit/interrupt_test.c tests/unit/unit.h
tests_unit_interrupt_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_say_test_SOURCES = tests/unit/say_test.c tests/unit/unit.h
tests_unit_say_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/said_test
tests_unit_said_test_SOURCES = tests/unit/said_test.c tests/unit/unit.h tests/unit/way.h
tests_unit_said_test_LDADD = $(KIT_LIBS) $(PHONE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/talk_test
tests_unit_talk_test_SOURCES = tests/unit/talk_test.c tests/unit/talk_grok.c tests/unit/talk_phone.c tests/unit/talk_tools.c \
	tests/unit/talk_world.h tests/unit/unit.h
tests_unit_talk_test_LDADD = $(KIT_LIBS)
UNIT_TESTS += tests/unit/sim_calls_test
tests_unit_sim_calls_test_SOURCES = tests/unit/sim_calls_test.c tests/unit/unit.h
tests_unit_sim_calls_test_LDADD = $(KIT_LIBS)

# The whole program between a stub of Twilio and a stub of Grok.
PLAIN_TESTS += tests/relay/grok_faults.sh
EXTRA_DIST += tests/relay/grok_faults.py tests/relay/grok_faults.table
dist_check_SCRIPTS += tests/relay/calls.sh tests/relay/bad_input.sh tests/relay/bad_grok.sh tests/relay/operation.sh \
	tests/relay/control.sh
EXTRA_DIST += tests/relay/control.py
dist_check_SCRIPTS += tests/relay/warm.sh tests/relay/warm_calls.sh
EXTRA_DIST += tests/relay/warm.py tests/relay/warm_calls.py
dist_check_SCRIPTS += tests/relay/money.sh tests/relay/half_open.sh tests/relay/patience.sh tests/relay/trouble.sh \
	tests/relay/inherit.sh
EXTRA_DIST += tests/relay/money.py tests/relay/inherit.py
EXTRA_DIST += tests/relay/wire.py tests/relay/lab.py tests/relay/calls.py tests/relay/bad_input.py tests/relay/bad_grok.py \
	tests/relay/operation.py tests/relay/half_open.py tests/relay/line.py tests/relay/patience.py tests/relay/trouble.py \
	tests/relay/trouble_calls.py
PLAIN_TESTS += tests/relay/allocations.sh tests/relay/trouble_calls.sh tests/relay/interruptions.sh tests/relay/tls_calls.sh
EXTRA_DIST += tests/relay/interruptions.py tests/relay/said.py tests/relay/spoken.py
EXTRA_DIST += tests/relay/tls_calls.py tests/relay/allocations.py tests/relay/count_malloc.c
SYSTEM_TESTS += tests/relay/explained.sh
EXTRA_DIST += tests/relay/explained.py
SYSTEM_TESTS += tests/system/relay_metrics.sh tests/relay/phone_faults.sh
EXTRA_DIST += tests/relay/phone_faults.py tests/relay/phone_faults.txt tests/relay/said.sh
check_DATA += tests/relay/count_malloc.so
CLEANFILES += tests/relay/count_malloc.so
tests/relay/count_malloc.so: tests/relay/count_malloc.c
	$(AM_V_GEN)$(MKDIR_P) tests/relay && $(CC) -O2 -Wall -Wextra -shared -fPIC -o $@ $(top_srcdir)/tests/relay/count_malloc.c
UNIT_TESTS += tests/unit/golden_transcript_test
tests_unit_golden_transcript_test_SOURCES = tests/unit/golden_transcript_test.c tests/unit/unit.h
tests_unit_golden_transcript_test_LDADD = $(KIT_LIBS)
UNIT_TESTS += tests/unit/golden_call_test
tests_unit_golden_call_test_SOURCES = tests/unit/golden_call_test.c tests/unit/unit.h
tests_unit_golden_call_test_LDADD = $(KIT_LIBS)

# --- tools -----------------------------------------------------------------------------------------
dist_check_SCRIPTS += tests/relay/tools.sh tests/relay/briefed.sh
PLAIN_TESTS += tests/relay/handover.sh
SYSTEM_TESTS += tests/relay/again.sh
EXTRA_DIST += tests/relay/again.py tests/relay/briefed.py tests/relay/tools.py tests/relay/tool_lab.py tests/relay/handover.py tests/relay/webhook_lab.py
UNIT_TESTS += tests/unit/bridge_tools_test tests/unit/tool_request_test
tests_unit_bridge_tools_test_SOURCES = tests/unit/bridge_tools_test.c tests/unit/unit.h
tests_unit_bridge_tools_test_LDADD = $(KIT_LIBS)
tests_unit_tool_request_test_SOURCES = tests/unit/tool_request_test.c tests/unit/unit.h
tests_unit_tool_request_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/tool_list_test tests/unit/tools_test tests/unit/sim_tools_test
tests_unit_sim_tools_test_SOURCES = tests/unit/sim_tools_test.c tests/unit/unit.h
tests_unit_sim_tools_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_tools_test_SOURCES = tests/unit/tools_test.c tests/unit/unit.h
tests_unit_tools_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_tool_list_test_SOURCES = tests/unit/tool_list_test.c tests/unit/unit.h
tests_unit_tool_list_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/briefing_test tests/unit/directory_test
tests_unit_briefing_test_SOURCES = tests/unit/briefing_test.c tests/unit/chance.h tests/unit/unit.h
tests_unit_briefing_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
tests_unit_directory_test_SOURCES = tests/unit/directory_test.c tests/unit/unit.h
tests_unit_directory_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/tool_hours_test tests/unit/keypad_test tests/unit/leave_test
tests_unit_tool_hours_test_SOURCES = tests/unit/tool_hours_test.c tests/unit/unit.h
tests_unit_tool_hours_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
tests_unit_keypad_test_SOURCES = tests/unit/keypad_test.c tests/unit/unit.h
tests_unit_keypad_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
tests_unit_leave_test_SOURCES = tests/unit/leave_test.c tests/unit/unit.h
tests_unit_leave_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/errand_test tests/unit/tap_test
tests_unit_tap_test_SOURCES = tests/unit/tap_test.c tests/unit/unit.h
tests_unit_tap_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
tests_unit_errand_test_SOURCES = tests/unit/errand_test.c tests/unit/unit.h
tests_unit_errand_test_LDADD = $(CALL_LIBS) $(CMOCKA_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_tools
tests_fuzz_fuzz_tools_SOURCES = tests/fuzz/fuzz_tools.c $(FUZZ_MAIN)
tests_fuzz_fuzz_tools_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_tools_LDADD = $(BRIDGE_LIBS)
FUZZ_TARGETS += tests/fuzz/fuzz_bridge
tests_fuzz_fuzz_bridge_SOURCES = tests/fuzz/fuzz_bridge.c $(FUZZ_MAIN)
tests_fuzz_fuzz_bridge_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_bridge_LDADD = $(KIT_LIBS)

# --- recordings ------------------------------------------------------------------------------------
UNIT_TESTS += tests/unit/recorder_test
tests_unit_recorder_test_SOURCES = tests/unit/recorder_test.c tests/unit/unit.h
tests_unit_recorder_test_LDADD = $(BRIDGE_LIBS) $(CMOCKA_LIBS)
PLAIN_TESTS += tests/relay/recording.sh
EXTRA_DIST += tests/relay/recording.py tests/relay/slow_disk.c tests/relay/frozen_disk.sh tests/relay/frozen_disk.py
check_DATA += tests/relay/slow_disk.so
CLEANFILES += tests/relay/slow_disk.so
tests/relay/slow_disk.so: tests/relay/slow_disk.c
	$(AM_V_GEN)$(MKDIR_P) tests/relay && $(CC) -O2 -Wall -Wextra -shared -fPIC -o $@ $(top_srcdir)/tests/relay/slow_disk.c
UNIT_TESTS += tests/unit/consent_test
tests_unit_consent_test_SOURCES = tests/unit/consent_test.c tests/unit/unit.h
tests_unit_consent_test_LDADD = $(KIT_LIBS)
