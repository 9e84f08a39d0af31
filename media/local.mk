# media: the post-call worker.
sbin_PROGRAMS += receptionai-worker
receptionai_worker_SOURCES = media/main.c
dist_man_MANS += man/receptionai-worker.8

# --- video -----------------------------------------------------------------------------------------
EXTRA_DIST += media/captions.h media/child.h media/mp4.h media/picture.h media/plain.h
