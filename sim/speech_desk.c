/* speech_desk - two lists under one lock: questions towards the thread, answers back; an eventfd rings. */
#include "sim/speech_desk.h"

#include "base/check.h"
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct job {
	struct job *next;
	enum speech_voice voice;
	double speed;
	uint8_t *data;                  /* owned: μ-law, or text with its NUL */
	size_t bytes;
	struct desk_answer answer;
};

struct job_list {
	struct job *first, **end;
	size_t count;
};

struct speech_desk {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job_list asked, answered;
	bool closing;
	int fd;
	struct speech_hear *hear;
};

static void put_job(struct job_list *list, struct job *job)
{
	if (!list->first)
		list->end = &list->first;
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
	list->count++;
}

static struct job *take_job(struct job_list *list)
{
	struct job *job = list->first;

	if (job) {
		list->first = job->next;
		list->count--;
	}
	return job;
}

static void free_job(struct job *job)
{
	speech_release(&job->answer.speech);
	free(job->data);
	free(job);
}

static void free_jobs(struct job_list *list)
{
	for (struct job *job; (job = take_job(list));)
		free_job(job);
}

static void do_job(struct speech_desk *desk, struct job *job)
{
	if (job->answer.kind == DESK_HEARD)
		speech_hear_utterance(desk->hear, job->data, job->bytes, job->answer.text, sizeof job->answer.text);
	else if (!speech_say(job->voice, (const char *)job->data, job->speed, &job->answer.speech))
		log_warn("desk has nothing to say bytes=%zu", job->bytes);
}

static void ring(const struct speech_desk *desk)
{
	uint64_t one = 1;

	check(write(desk->fd, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

static void *work(void *context)
{
	struct speech_desk *desk = context;
	struct job *job;

	pthread_mutex_lock(&desk->lock);
	for (;;) {
		while (!desk->closing && !desk->asked.first)
			pthread_cond_wait(&desk->work, &desk->lock);
		if (desk->closing)
			break;
		job = take_job(&desk->asked);
		pthread_mutex_unlock(&desk->lock);
		do_job(desk, job);
		pthread_mutex_lock(&desk->lock);
		put_job(&desk->answered, job);
		ring(desk);
	}
	pthread_mutex_unlock(&desk->lock);
	return NULL;
}

struct speech_desk *speech_desk_open(const char *grammar, char *why, size_t why_bytes)
{
	struct speech_desk *desk = calloc(1, sizeof *desk);

	check(desk);
	desk->hear = speech_hear_open(grammar, "", why, why_bytes);
	if (!desk->hear) {
		free(desk);
		return NULL;
	}
	desk->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	check(desk->fd >= 0);
	pthread_mutex_init(&desk->lock, NULL);
	pthread_cond_init(&desk->work, NULL);
	check(pthread_create(&desk->thread, NULL, work, desk) == 0);
	return desk;
}

void speech_desk_close(struct speech_desk *desk)
{
	if (!desk)
		return;
	pthread_mutex_lock(&desk->lock);
	desk->closing = true;
	pthread_cond_signal(&desk->work);
	pthread_mutex_unlock(&desk->lock);
	pthread_join(desk->thread, NULL);
	free_jobs(&desk->asked);
	free_jobs(&desk->answered);
	pthread_cond_destroy(&desk->work);
	pthread_mutex_destroy(&desk->lock);
	speech_hear_close(desk->hear);
	close(desk->fd);
	free(desk);
}

static struct job *new_job(enum desk_kind kind, uint64_t owner, uint32_t number, struct slice data)
{
	struct job *job = calloc(1, sizeof *job);

	check(job);
	job->answer.kind = kind;
	job->answer.owner = owner;
	job->answer.number = number;
	job->data = malloc(data.len + 1);
	check(job->data);
	if (data.len)
		memcpy(job->data, data.data, data.len);
	job->data[data.len] = '\0';
	job->bytes = data.len;
	return job;
}

static void ask(struct speech_desk *desk, struct job *job)
{
	pthread_mutex_lock(&desk->lock);
	if (desk->asked.count < DESK_JOB_COUNT_MAX) {
		put_job(&desk->asked, job);
		pthread_cond_signal(&desk->work);
	} else {
		put_job(&desk->answered, job);
		ring(desk);
		log_warn("desk is busy waiting=%zu", desk->asked.count);
	}
	pthread_mutex_unlock(&desk->lock);
}

void speech_desk_hear(struct speech_desk *desk, uint64_t owner, uint32_t number, struct slice ulaw)
{
	ask(desk, new_job(DESK_HEARD, owner, number, ulaw));
}

void speech_desk_say(struct speech_desk *desk, uint64_t owner, uint32_t number, enum speech_voice voice, double speed,
	struct slice text)
{
	struct job *job = new_job(DESK_SAID, owner, number, text);

	job->voice = voice;
	job->speed = speed;
	ask(desk, job);
}

int speech_desk_fd(const struct speech_desk *desk)
{
	return desk->fd;
}

bool speech_desk_fetch(struct speech_desk *desk, struct desk_answer *out)
{
	struct job *job;
	uint64_t rings;

	pthread_mutex_lock(&desk->lock);
	job = take_job(&desk->answered);
	if (!job && read(desk->fd, &rings, sizeof rings) < 0)
		check(errno == EAGAIN);
	pthread_mutex_unlock(&desk->lock);
	if (!job)
		return false;
	*out = job->answer;
	job->answer.speech = (struct speech){ 0 };
	free_job(job);
	return true;
}
