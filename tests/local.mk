# tests: may see everything. Unit tests and fuzz targets are listed beside the code that they test, in each
# folder's local.mk:
#   UNIT_TESTS   += tests/unit/NAME_test      cmocka, TAP on stdout
#   FUZZ_TARGETS += tests/fuzz/fuzz_NAME      SOURCES = tests/fuzz/fuzz_NAME.c $(FUZZ_MAIN), LDFLAGS = $(FUZZ_LINK);
#                                             its corpus is tests/fuzz/corpus/NAME/
#   dist_check_SCRIPTS += tests/…/NAME.sh     TAP, needs nothing but what the build needs: runs in `make check`
#   PLAIN_TESTS += tests/…/NAME.sh            the same, where sanitizers have nothing to add or are in the way
#   SYSTEM_TESTS += tests/system/NAME.sh      TAP, needs web servers, npm, autobahn …: runs in `make check-system`
if FUZZING
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/run tests/fuzz/corpus tests/lib.sh tests/own_mounts.sh $(SYSTEM_TESTS) $(PLAIN_TESTS)

PLAIN_TESTS += tests/lint/layers.sh tests/lint/purity.sh tests/lint/tidy.sh \
	tests/lint/shell.sh tests/lint/headers.sh tests/lint/tables.sh tests/lint/words.sh tests/lint/commands.sh
SYSTEM_TESTS += tests/system/never_lost.sh
EXTRA_DIST += tests/system/never_lost.py
SYSTEM_TESTS += tests/system/hardening.sh tests/system/man.sh tests/system/documents.sh tests/system/quick_start.sh
EXTRA_DIST += tests/documents/commands.py tests/system/machine_lib.sh

# Echo programs of the relay's own objects, for conformance suites.
TEST_PROGS += tests/ws-echo-client tests/ws-echo-server
tests_ws_echo_client_SOURCES = tests/ws-echo-client.c tests/ws_echo.c tests/ws_echo.h
tests_ws_echo_client_LDADD = $(TRANSPORT_LIBS)
tests_ws_echo_server_SOURCES = tests/ws-echo-server.c tests/ws_echo.c tests/ws_echo.h
tests_ws_echo_server_LDADD = $(TRANSPORT_LIBS)
SYSTEM_TESTS += tests/system/ws_conformance.sh
EXTRA_DIST += tests/system/ws_cases.py tests/system/ws_cases_text.py tests/system/ws_drive.py

check-system: all $(TEST_PROGS)
	$(MAKE) check TESTS='$(SYSTEM_TESTS)'
fuzz-targets: $(FUZZ_TARGETS)
.PHONY: check-system fuzz-targets
