# media: the post-call worker. Knows db, proto and base.
sbin_PROGRAMS += receptionai-worker
noinst_LIBRARIES += libmedia.a
libmedia_a_SOURCES = \
	media/made.c media/made.h \
	media/step.h
receptionai_worker_SOURCES = media/main.c
receptionai_worker_LDADD = libmedia.a $(DB_LIBS) $(PROTO_LIBS)
dist_man_MANS += man/receptionai-worker.8

# --- video -----------------------------------------------------------------------------------------
libmedia_a_SOURCES += \
	media/canvas.c media/canvas.h \
	media/captions.c media/captions_ass.c media/captions_vtt.c media/captions.h \
	media/picture.c media/picture.h \
	media/plain.c media/plain.h
EXTRA_DIST += media/child.h media/mp4.h media/video.h

# --- requests and where files go -------------------------------------------------------------------
EXTRA_DIST += media/http.h

# --- fal.ai ----------------------------------------------------------------------------------------
EXTRA_DIST += media/video_fal.h
