# The benchmark's peers. `make bench-programs` builds what tests/bench/run needs.
EXTRA_PROGRAMS = tests/bench/floor_proxy tests/bench/byte_load
tests_bench_floor_proxy_SOURCES = tests/bench/floor_proxy.c
tests_bench_floor_proxy_LDADD = libtransport.a $(BASE_LIBS) $(URING_LIBS)
tests_bench_byte_load_SOURCES = tests/bench/byte_load.c
tests_bench_byte_load_LDADD = libphone.a $(BASE_LIBS)
bench-programs: all $(EXTRA_PROGRAMS) tests/media/sounds_tool
.PHONY: bench-programs
CLEANFILES += $(EXTRA_PROGRAMS)
SYSTEM_TESTS += tests/system/bench.sh
EXTRA_DIST += tests/bench/README.md tests/bench/audio tests/bench/run tests/bench/first_word tests/bench/video \
	tests/bench/watched tests/bench/recorded tests/bench/node-relay/package.json \
	tests/bench/node-relay/package-lock.json tests/bench/node-relay/relay.js
