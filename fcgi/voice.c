#include "fcgi/voice.h"

#include "base/check.h"
#include "fcgi/answer.h"
#include "proto/twiml.h"

#include <stdio.h>

enum { URL_BYTES_MAX = 2048 };

static void begin(struct answer *a, struct twiml *t)
{
	a->status = 200;
	a->content_type = "text/xml; charset=utf-8";
	buf_clear(&a->body);
	twiml_begin(t, &a->body);
}

static void end(struct twiml *t)
{
	bool fits = twiml_end(t);

	check(fits);
}

static void url_attribute(struct twiml *t, const char *name, struct slice base, const char *path,
	struct slice rest)
{
	char url[URL_BYTES_MAX];
	int len = snprintf(url, sizeof url, "%.*s%s%.*s", (int)base.len, base.data, path, (int)rest.len,
		rest.data);

	check(len > 0 && (size_t)len < sizeof url);
	twiml_attribute(t, name, (struct slice){ url, (size_t)len });
}

static void parameter(struct twiml *t, const char *name, struct slice value)
{
	check(strlen(name) + value.len <= PARAMETER_BYTES_MAX);
	twiml_open(t, "Parameter");
	twiml_attribute(t, "name", slice_of(name));
	twiml_attribute(t, "value", value);
	twiml_close(t);
}

void voice_connect(struct answer *a, const struct voice_stream *stream)
{
	char id[24];
	struct twiml t;

	snprintf(id, sizeof id, "%lld", (long long)stream->merchant_id);
	begin(a, &t);
	twiml_open(&t, "Connect");
	url_attribute(&t, "action", stream->public_origin, "/api/twilio/after", SLICE(""));
	twiml_open(&t, "Stream");
	url_attribute(&t, "url", stream->relay_url, "/", stream->token);
	url_attribute(&t, "statusCallback", stream->public_origin, "/api/twilio/stream-status", SLICE(""));
	parameter(&t, "merchantId", slice_of(id));
	parameter(&t, "callerPhone", stream->caller_phone);
	parameter(&t, "calledNumber", stream->called_number);
	if (stream->opening.len)
		parameter(&t, "opening", stream->opening);
	if (stream->resume.len)
		parameter(&t, "resume", stream->resume);
	twiml_close(&t);
	twiml_close(&t);
	end(&t);
}

void voice_say(struct answer *a, const char *sentence)
{
	struct twiml t;

	begin(a, &t);
	twiml_element(&t, "Say", slice_of(sentence));
	twiml_element(&t, "Hangup", SLICE(""));
	end(&t);
}

static void number_attribute(struct twiml *t, const char *name, int number)
{
	char digits[12];

	snprintf(digits, sizeof digits, "%d", number);
	twiml_attribute(t, name, slice_of(digits));
}

void voice_dial(struct answer *a, struct slice public_origin, struct slice number, struct slice caller_id)
{
	struct twiml t;

	begin(a, &t);
	twiml_open(&t, "Dial");
	url_attribute(&t, "action", public_origin, "/api/twilio/after", SLICE(""));
	number_attribute(&t, "timeout", DIAL_TIMEOUT_S);
	if (caller_id.len)
		twiml_attribute(&t, "callerId", caller_id);
	twiml_attribute(&t, "answerOnBridge", SLICE("true"));
	twiml_element(&t, "Number", number);
	twiml_close(&t);
	end(&t);
}

void voice_voicemail(struct answer *a, struct slice public_origin)
{
	struct twiml t;

	begin(a, &t);
	twiml_element(&t, "Say", slice_of(VOICE_LEAVE_MESSAGE));
	twiml_open(&t, "Record");
	url_attribute(&t, "action", public_origin, "/api/twilio/voicemail", SLICE(""));
	url_attribute(&t, "recordingStatusCallback", public_origin, "/api/twilio/voicemail", SLICE(""));
	number_attribute(&t, "maxLength", VOICEMAIL_MAX_S);
	number_attribute(&t, "timeout", VOICEMAIL_SILENCE_S);
	twiml_attribute(&t, "finishOnKey", SLICE("#"));
	twiml_attribute(&t, "playBeep", SLICE("true"));
	twiml_close(&t);
	twiml_element(&t, "Say", slice_of(VOICE_NO_MESSAGE));
	twiml_element(&t, "Hangup", SLICE(""));
	end(&t);
}

void voice_hang_up(struct answer *a)
{
	struct twiml t;

	begin(a, &t);
	twiml_element(&t, "Hangup", SLICE(""));
	end(&t);
}

void voice_reject(struct answer *a, struct slice reason)
{
	struct twiml t;

	begin(a, &t);
	twiml_open(&t, "Reject");
	twiml_attribute(&t, "reason", reason);
	twiml_close(&t);
	end(&t);
}
