# sim: the simulators. Knows proto and base.

# --- what both simulators share --------------------------------------------------------------------
EXTRA_DIST += sim/net.h sim/speech_hear.h sim/speech_say.h sim/ulaw.h sim/wav.h sim/wsconn.h
FLITE_LIBS = -lflite_cmu_us_slt -lflite_cmu_us_rms -lflite_cmu_us_awb -lflite_cmu_us_kal16 -lflite_usenglish \
	-lflite_cmulex -lflite

# --- receptionai-sim-grok --------------------------------------------------------------------------

# --- receptionai-sim-phone -------------------------------------------------------------------------
# What plays Twilio and the caller without any I/O of its own.
noinst_LIBRARIES += libphone.a
libphone_a_SOURCES = \
	sim/playback.c sim/playback.h \
	sim/twiml_read.c sim/twiml_read.h
libphone_a_CFLAGS = $(AM_CFLAGS) $(EXPAT_CFLAGS)
PHONE_LIBS = libphone.a $(PROTO_LIBS) $(EXPAT_LIBS) -lm

UNIT_TESTS += tests/unit/playback_test tests/unit/twiml_read_test
tests_unit_playback_test_SOURCES = tests/unit/playback_test.c tests/unit/unit.h
tests_unit_playback_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
tests_unit_twiml_read_test_SOURCES = tests/unit/twiml_read_test.c tests/unit/unit.h
tests_unit_twiml_read_test_LDADD = $(PHONE_LIBS) $(CMOCKA_LIBS)
