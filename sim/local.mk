# sim: the simulators. Knows proto and base.

# --- what both simulators share --------------------------------------------------------------------
EXTRA_DIST += sim/net.h sim/speech_hear.h sim/speech_say.h sim/ulaw.h sim/wav.h sim/wsconn.h
FLITE_LIBS = -lflite_cmu_us_slt -lflite_cmu_us_rms -lflite_cmu_us_awb -lflite_cmu_us_kal16 -lflite_usenglish \
	-lflite_cmulex -lflite

# --- receptionai-sim-grok --------------------------------------------------------------------------

# --- receptionai-sim-phone -------------------------------------------------------------------------
