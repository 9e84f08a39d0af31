# ctl: the operator's hand on a running relay. Knows proto and base.
sbin_PROGRAMS += receptionai-ctl
noinst_LIBRARIES += libctl.a
libctl_a_SOURCES = ctl/link.c ctl/link.h ctl/listen.c ctl/listen.h ctl/stereo.c ctl/stereo.h
receptionai_ctl_SOURCES = ctl/main.c
receptionai_ctl_LDADD = libctl.a $(PROTO_LIBS)
dist_man_MANS += man/receptionai-ctl.8

UNIT_TESTS += tests/unit/stereo_test tests/unit/testimony_test
tests_unit_stereo_test_SOURCES = tests/unit/stereo_test.c tests/unit/unit.h
tests_unit_stereo_test_LDADD = libctl.a $(PROTO_LIBS) $(CMOCKA_LIBS)
tests_unit_testimony_test_SOURCES = tests/unit/testimony_test.c tests/unit/unit.h
tests_unit_testimony_test_LDADD = $(PROTO_LIBS) $(CMOCKA_LIBS)
