#include "sim/load_report.h"

#include "base/check.h"
#include "proto/json_write.h"

#include <sys/resource.h>

static double cpu_seconds(void)
{
	struct rusage usage;

	check(getrusage(RUSAGE_SELF, &usage) == 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void load_sum(struct load_sum *sum, const struct load *load, const struct load_call *calls, uint64_t now_us)
{
	*sum = (struct load_sum){ 0 };
	for (uint32_t i = 0; i < load->options->call_count; i++) {
		const struct tally *t = &calls[i].tally;

		sum->reordered_count += t->reordered_count;
		sum->duplicate_count += t->duplicate_count;
		sum->unsent_count += t->unsent_count;
		sum->lost_count += load->options->profile == PHONE_PROFILE_ECHO ? tally_lost(t) : 0;
	}
	sum->wall_s = (double)(now_us - load->plan.start_us) / 1e6;
	sum->cpu_s = cpu_seconds();
	sum->late = histogram_at(&load->late_us, 99) > LOAD_LATE_US;
	sum->good = load->ok_count == load->options->call_count && !verdict_is_bad(&load->verdict) &&
		    sum->lost_count == 0 && sum->reordered_count == 0 && sum->duplicate_count == 0 &&
		    sum->unsent_count == 0 && load->corrupted_count == 0;
}

static void put_histogram(struct json_writer *w, const char *key, const struct histogram *h)
{
	json_open(w, key, '{');
	json_put_int(w, "count", (int64_t)h->count);
	json_put_int(w, "p50", (int64_t)histogram_at(h, 50));
	json_put_int(w, "p90", (int64_t)histogram_at(h, 90));
	json_put_int(w, "p99", (int64_t)histogram_at(h, 99));
	json_put_int(w, "p99_9", (int64_t)histogram_at(h, 99.9));
	json_put_int(w, "max", (int64_t)h->most);
	json_put_double(w, "mean", histogram_mean(h));
	json_close(w, '}');
}

static void put_verdicts(struct json_writer *w, const struct verdict *v)
{
	json_open(w, "verdicts", '[');
	for (int code = 0; code < VERDICT_COUNT; code++) {
		if (!v->counts[code])
			continue;
		json_open(w, NULL, '{');
		json_put_int(w, "code", verdict_number((enum verdict_code)code));
		json_put_int(w, "count", v->counts[code]);
		json_put(w, "first", slice_of(v->first[code]));
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void put_counts(struct json_writer *w, const struct load_sum *sum, const struct load *load)
{
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
		{ "calls", load->options->call_count },
		{ "calls_ok", load->ok_count },
		{ "calls_failed", load->failed_count },
		{ "seconds", load->options->seconds },
		{ "frames_sent", load->sent_count },
		{ "frames_back", load->back_count },
		{ "lost", sum->lost_count },
		{ "reordered", sum->reordered_count },
		{ "duplicated", sum->duplicate_count },
		{ "unsent", sum->unsent_count },
		{ "corrupted", load->corrupted_count },
		{ "padding", load->padding_count },
		{ "ragged", load->ragged_count },
		{ "messages", load->messages },
		{ "marks", load->marks },
		{ "marks_at_once", load->marks_at_once },
		{ "clears", load->clears },
		{ "audio_bytes", load->audio_bytes },
	};

	for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
		json_put_int(w, counts[i].name, (int64_t)counts[i].value);
}

static void report_json(const struct load_sum *sum, const struct load *load, FILE *out)
{
	static uint8_t bytes[32 * 1024];
	struct json_writer w;
	struct buf b;

	buf_init_fixed(&b, bytes, sizeof bytes);
	json_begin(&w, &b);
	json_open(&w, NULL, '{');
	json_put_bool(&w, "ok", sum->good);
	json_put_bool(&w, "generator_late", sum->late);
	put_counts(&w, sum, load);
	put_histogram(&w, "rtt_us", &load->rtt_us);
	put_histogram(&w, "steady_rtt_us", &load->steady_rtt_us);
	put_histogram(&w, "late_us", &load->late_us);
	put_histogram(&w, "webhook_us", &load->webhook_us);
	put_histogram(&w, "upgrade_us", &load->upgrade_us);
	json_put_double(&w, "wall_s", sum->wall_s);
	json_put_double(&w, "cpu_s", sum->cpu_s);
	put_verdicts(&w, &load->verdict);
	json_close(&w, '}');
	check(json_end(&w));
	fwrite(buf_data(&b), 1, buf_len(&b), out);
	fputc('\n', out);
}

static void line(FILE *out, const char *name, const struct histogram *h)
{
	if (h->count)
		fprintf(out, "  %-12s p50 %llu  p90 %llu  p99 %llu  p99.9 %llu  max %llu us\n", name,
			(unsigned long long)histogram_at(h, 50), (unsigned long long)histogram_at(h, 90),
			(unsigned long long)histogram_at(h, 99), (unsigned long long)histogram_at(h, 99.9),
			(unsigned long long)h->most);
}

static void report_text(const struct load_sum *sum, const struct load *load, FILE *out)
{
	fprintf(out, "\n%u calls, %u well, %u failed; %.1f s, %.2f s of processor (%.0f %% of a core)\n",
		load->options->call_count, load->ok_count, load->failed_count, sum->wall_s, sum->cpu_s,
		100 * sum->cpu_s / (sum->wall_s > 0 ? sum->wall_s : 1));
	fprintf(out,
		"  frames       %llu sent, %llu back, %llu lost, %llu reordered, %llu duplicated, %llu "
		"corrupted\n",
		(unsigned long long)load->sent_count, (unsigned long long)load->back_count,
		(unsigned long long)sum->lost_count, (unsigned long long)sum->reordered_count,
		(unsigned long long)sum->duplicate_count, (unsigned long long)load->corrupted_count);
	line(out, "round trip", &load->rtt_us);
	line(out, "steady", &load->steady_rtt_us);
	line(out, "own lateness", &load->late_us);
	line(out, "webhook", &load->webhook_us);
	line(out, "upgrade", &load->upgrade_us);
	if (sum->late)
		fprintf(out, "  the generator itself was late: do not trust these times\n");
	for (int code = 0; code < VERDICT_COUNT; code++) {
		if (load->verdict.counts[code])
			fprintf(out, "  %s %d x%u: %s\n",
				verdict_code_is_bad((enum verdict_code)code) ? "VIOLATION" : "note",
				verdict_number((enum verdict_code)code), load->verdict.counts[code],
				load->verdict.first[code]);
	}
}

bool load_report(const struct load_sum *sum, const struct load *load, FILE *out)
{
	if (load->options->json)
		report_json(sum, load, out);
	else
		report_text(sum, load, out);
	return sum->good;
}
