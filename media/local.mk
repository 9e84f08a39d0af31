# media: the post-call worker.
sbin_PROGRAMS += receptionai-worker
receptionai_worker_SOURCES = media/main.c
dist_man_MANS += man/receptionai-worker.8
