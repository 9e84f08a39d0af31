#include "relay/relay.h"

#include <unistd.h>

static bool open_providers(struct relay *r, const struct conf *conf, char *why, size_t why_bytes)
{
	for (int i = 0; i < PROVIDER_COUNT; i++)
		if (!provider_open(&r->providers[i], (enum upstream_provider)i, conf, why, why_bytes))
			return false;
	return true;
}

static uint32_t processors(const struct conf *conf)
{
	long count = conf_int(conf, RELAY_THREADS);

	if (count == 0)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	return count < 1 ? 1 : count > RELAY_THREADS_MAX ? RELAY_THREADS_MAX : (uint32_t)count;
}

bool relay_open(struct relay *r, const struct conf *conf, char *why, size_t why_bytes)
{
	*r = (struct relay){
		.conf = conf,
		.account_sid = conf_text(conf, TWILIO_ACCOUNT_SID),
		.voice = conf_text(conf, GROK_VOICE),
		.calls_max = (uint32_t)conf_int(conf, RELAY_MAX_CALLS),
		.sessions_max = (uint32_t)conf_int(conf, GROK_SESSIONS_MAX),
		.pending_max = (uint32_t)conf_int(conf, RELAY_MAX_PENDING),
		.thread_count = processors(conf),
		.handshake_ms = (uint32_t)conf_int(conf, RELAY_HANDSHAKE_MS),
		.start_ms = (uint32_t)conf_int(conf, RELAY_START_MS),
		.idle_ms = (uint32_t)conf_int(conf, RELAY_IDLE_MS),
		.call_ms_max = (uint32_t)conf_int(conf, RELAY_CALL_MAX_S) * 1000,
		.grok_connect_ms = (uint32_t)conf_int(conf, GROK_CONNECT_MS),
		.patience = {
			.ready_ms = (uint32_t)conf_int(conf, GROK_READY_MS),
			.answer_ms = (uint32_t)conf_int(conf, GROK_ANSWER_MS),
			.audio_ms = (uint32_t)conf_int(conf, GROK_AUDIO_MS),
			.silence_ms = (uint32_t)conf_int(conf, CALLER_SILENCE_S) * 1000,
			.goodbye_ms = PATIENCE_GOODBYE_MS,
		},
	};
	roll_open(&r->roll);
	return open_providers(r, conf, why, why_bytes) &&
		door_open(&r->door, conf_text(conf, RELAY_AUTH), conf_text(conf, STREAM_TOKEN_SECRET),
			conf_text(conf, TWILIO_AUTH_TOKEN), conf_text(conf, RELAY_URL), why, why_bytes);
}

void relay_close(struct relay *r)
{
	door_close(&r->door);
}

bool relay_dials_tls(const struct relay *r)
{
	for (int i = 0; i < PROVIDER_COUNT; i++)
		if (r->providers[i].is_there && r->providers[i].is_tls)
			return true;
	return false;
}
