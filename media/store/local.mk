# media/store: where files go: an S3 bucket, or a folder.
libmedia_a_SOURCES += \
	media/store/s3_place.c media/store/s3_place.h \
	media/store/s3_verdict.c media/store/s3_verdict.h \
	media/store/store.c media/store/store.h media/store/store_folder.c media/store/store_s3.c

# The store alone, for tests.
TEST_PROGS += tests/media/store_tool
tests_media_store_tool_SOURCES = tests/media/store_tool.c
tests_media_store_tool_LDADD = $(STORE_LIBS)
dist_check_SCRIPTS += tests/media/store.sh tests/media/upload.sh
SYSTEM_TESTS += tests/system/store.sh
EXTRA_DIST += tests/media/s3_stub.py tests/slow/swift.sh tests/system/s3_boto3.py

UNIT_TESTS += tests/unit/s3_place_test tests/unit/s3_verdict_test tests/unit/store_folder_test
tests_unit_s3_place_test_SOURCES = tests/unit/s3_place_test.c tests/unit/unit.h
tests_unit_s3_place_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_s3_verdict_test_SOURCES = tests/unit/s3_verdict_test.c tests/unit/unit.h
tests_unit_s3_verdict_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
tests_unit_store_folder_test_SOURCES = tests/unit/store_folder_test.c tests/unit/unit.h
tests_unit_store_folder_test_LDADD = $(STORE_LIBS) $(CMOCKA_LIBS)
