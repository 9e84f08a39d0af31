/*
 * speech_hear - the words of the grammar are copied out of the model's dictionary into a file in memory, so that the
 * decoder loads dozens of words instead of 134 thousand; an utterance is stuffed with zeros and decoded whole.
 */
#include "sim/speech_hear.h"

#include "base/limits.h"
#include "proto/ulaw.h"

#include <ctype.h>
#include <errno.h>
#include <pocketsphinx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MODEL_PATH "/usr/share/pocketsphinx/model/en-us"

#ifdef __has_feature                     /* clang's way to say it */
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
/* sphinxbase never frees the grammar that it has parsed. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libsphinxbase";
}
#endif

enum { WORD_BYTES_MAX = 40, WORD_COUNT_MAX = 2000, PATH_BYTES_MAX = 1024 };

struct speech_hear {
	ps_decoder_t *decoder;
	cmd_ln_t *config;
	int16_t *samples;               /* SPEECH_HEAR_MS_MAX of 16 kHz */
};

struct words {
	char text[WORD_COUNT_MAX][WORD_BYTES_MAX];
	size_t count;
};

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '\'' || c == '-' || c == '.';
}

/* Every word of the grammar, rule names left out; JSGF's own few keywords do no harm among them. */
static void collect_words(const char *jsgf, struct words *words)
{
	while (*jsgf && words->count < WORD_COUNT_MAX) {
		size_t len = 0;

		if (*jsgf == '<') {
			jsgf += strcspn(jsgf, ">");
			continue;
		}
		while (is_word_char(jsgf[len]))
			len++;
		if (len > 0 && len < WORD_BYTES_MAX)
			snprintf(words->text[words->count++], WORD_BYTES_MAX, "%.*s", (int)len, jsgf);
		jsgf += len ? len : 1;
	}
	qsort(words->text, words->count, WORD_BYTES_MAX, compare_words);
}

/* "the(2) DH IY" is another way to say "the". */
static bool is_wanted(const char *line, const struct words *words)
{
	char key[WORD_BYTES_MAX];
	size_t len = strcspn(line, " (\t");

	if (len >= sizeof key)
		return false;
	snprintf(key, sizeof key, "%.*s", (int)len, line);
	return bsearch(key, words->text, words->count, WORD_BYTES_MAX, compare_words) != NULL;
}

/* A file descriptor of a dictionary with these words only; -errno. */
static int make_dictionary(const char *path, const struct words *words)
{
	char line[256];
	FILE *in = fopen(path, "re");
	int fd = in ? memfd_create("dictionary", MFD_CLOEXEC) : -1;
	int rc = fd;

	if (fd < 0)
		rc = -errno;
	while (fd >= 0 && fgets(line, sizeof line, in))
		if (is_wanted(line, words) && write(fd, line, strlen(line)) < 0)
			rc = -errno;
	if (fd >= 0 && rc < 0)
		close(fd);
	if (in)
		fclose(in);
	return rc;
}

static bool open_decoder(struct speech_hear *hear, const char *jsgf, const char *model_path, int dictionary)
{
	char model[PATH_BYTES_MAX], dict[64];

	snprintf(model, sizeof model, "%s/en-us", model_path);
	snprintf(dict, sizeof dict, "/proc/self/fd/%d", dictionary);
	/* Wider beams than usual and cheaper words: a grammar is small, and short answers got lost. */
	hear->config = cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", model, "-dict", dict, "-samprate", "16000",
		"-beam", "1e-70", "-wbeam", "1e-50", "-pbeam", "1e-70", "-wip", "0.2", "-logfn", "/dev/null", NULL);
	hear->decoder = hear->config ? ps_init(hear->config) : NULL;
	return hear->decoder && ps_set_jsgf_string(hear->decoder, "grammar", jsgf) == 0
		&& ps_set_search(hear->decoder, "grammar") == 0;
}

struct speech_hear *speech_hear_open(const char *jsgf, const char *model_path, char *why, size_t why_bytes)
{
	struct speech_hear *hear = calloc(1, sizeof *hear);
	struct words *words = calloc(1, sizeof *words);
	char path[PATH_BYTES_MAX];
	int dictionary = -ENOMEM;
	bool ok;

	if (!model_path[0])
		model_path = MODEL_PATH;
	snprintf(path, sizeof path, "%s/cmudict-en-us.dict", model_path);
	if (words) {
		collect_words(jsgf, words);
		dictionary = make_dictionary(path, words);
		free(words);
	}
	if (dictionary < 0 || !hear) {
		snprintf(why, why_bytes, "%s: %s (apt-get install pocketsphinx-en-us)", path, strerror(-dictionary));
		free(hear);
		return NULL;
	}
	hear->samples = calloc(SPEECH_HEAR_MS_MAX * ULAW_BYTES_PER_MS * 2, sizeof *hear->samples);
	ok = hear->samples && open_decoder(hear, jsgf, model_path, dictionary);
	close(dictionary);
	if (!ok) {
		snprintf(why, why_bytes, "pocketsphinx refuses the model in %s or the grammar", model_path);
		speech_hear_close(hear);
		return NULL;
	}
	return hear;
}

void speech_hear_close(struct speech_hear *hear)
{
	if (!hear)
		return;
	if (hear->decoder)
		ps_free(hear->decoder);
	if (hear->config)
		cmd_ln_free_r(hear->config);
	free(hear->samples);
	free(hear);
}

void speech_hear_utterance(struct speech_hear *hear, const uint8_t *ulaw, size_t bytes, char *out_text,
	size_t text_bytes)
{
	int32 score;
	const char *text;

	if (bytes > SPEECH_HEAR_MS_MAX * ULAW_BYTES_PER_MS)
		bytes = SPEECH_HEAR_MS_MAX * ULAW_BYTES_PER_MS;
	for (size_t i = 0; i < bytes; i++)
		hear->samples[2 * i] = ulaw_decode(ulaw[i]);
	out_text[0] = '\0';
	if (ps_start_stream(hear->decoder) < 0 || ps_start_utt(hear->decoder) < 0)
		return;
	ps_process_raw(hear->decoder, hear->samples, 2 * bytes, FALSE, TRUE);
	ps_end_utt(hear->decoder);
	text = ps_get_hyp(hear->decoder, &score);
	snprintf(out_text, text_bytes, "%s", text ? text : "");
}
