#include "relay/ring_files.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t carry_out(const struct ring_file *f)
{
	if (f->op.kind == RING_FILE_MKDIR)
		return mkdir(f->path, f->mode);
	if (f->op.kind == RING_FILE_OPEN)
		return open(f->path, f->flags, f->mode);
	if (f->op.kind == RING_FILE_WRITE)
		return pwrite(f->fd, f->data, f->len, (off_t)f->offset);
	return close(f->fd);
}

static void append(struct ring_file ***last, struct ring_file *file)
{
	file->next = NULL;
	**last = file;
	*last = &file->next;
}

static struct ring_file *wait_for_work(struct ring_files *r)
{
	pthread_mutex_lock(&r->lock);
	while (!r->todo && !r->stop)
		pthread_cond_wait(&r->news, &r->lock);
	struct ring_file *file = r->todo;

	if (file) {
		r->todo = file->next;
		if (!r->todo)
			r->todo_last = &r->todo;
	}
	pthread_mutex_unlock(&r->lock);
	return file;
}

static void *files_thread(void *argument)
{
	struct ring_files *r = argument;
	struct ring_file *file;

	pthread_setname_np(pthread_self(), "files");
	while ((file = wait_for_work(r))) {
		ssize_t n = carry_out(file);

		file->res = n < 0 ? -errno : (int)n;
		pthread_mutex_lock(&r->lock);
		append(&r->done_last, file);
		pthread_mutex_unlock(&r->lock);
		eventfd_write(r->bell_fd, 1);
	}
	return NULL;
}

bool ring_files_open(struct ring_files *r)
{
	*r = (struct ring_files){ .bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	r->todo_last = &r->todo;
	r->done_last = &r->done;
	if (r->bell_fd < 0)
		return false;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->news, NULL);
	r->is_open = true;
	return true;
}

void ring_files_close(struct ring_files *r)
{
	if (!r->is_open)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->news);
	pthread_mutex_unlock(&r->lock);
	if (r->runs)
		pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->news);
	pthread_mutex_destroy(&r->lock);
	close(r->bell_fd);
	r->is_open = r->runs = false;
}

void ring_files_put(struct ring_files *r, struct ring_file *file)
{
	if (!r->runs)
		r->runs = pthread_create(&r->thread, NULL, files_thread, r) == 0;
	pthread_mutex_lock(&r->lock);
	if (r->runs) {
		append(&r->todo_last, file);
		pthread_cond_signal(&r->news);
	} else {
		file->res = -EAGAIN;
		append(&r->done_last, file);
		eventfd_write(r->bell_fd, 1);
	}
	pthread_mutex_unlock(&r->lock);
}

struct ring_file *ring_files_take(struct ring_files *r)
{
	pthread_mutex_lock(&r->lock);
	struct ring_file *first = r->done;

	r->done = NULL;
	r->done_last = &r->done;
	pthread_mutex_unlock(&r->lock);
	return first;
}
