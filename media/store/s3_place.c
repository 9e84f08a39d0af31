/* The endpoint in parts, then host and path with the bucket in one of them. */
#include "media/store/s3_place.h"

#include "proto/url.h"

#include <stdio.h>

/* Amazon's rules, a little wider: others allow capitals and '_'. */
static bool is_bucket(const char *name)
{
	size_t len = strlen(name);

	if (len < 3 || len > 63)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_plain = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
			(name[i] >= '0' && name[i] <= '9');

		if (!is_plain && (i == 0 || !strchr("-._", name[i])))
			return false;
	}
	return true;
}

static bool is_label(const char *name)
{
	for (; *name; name++)
		if ((*name < 'a' || *name > 'z') && (*name < '0' || *name > '9') && *name != '-')
			return false;
	return true;
}

static bool ends_with(struct slice host, const char *end)
{
	size_t len = strlen(end);

	return host.len >= len && strncasecmp(host.data + host.len - len, end, len) == 0;
}

static bool wants_virtual(struct slice host)
{
	return ends_with(host, ".amazonaws.com") || ends_with(host, ".amazonaws.com.cn") ||
		ends_with(host, ".tigris.dev") || ends_with(host, ".storage.dev");
}

static bool choose(const struct s3_settings *settings, const struct url *url)
{
	switch (settings->addressing) {
	case S3_PATH:
		return false;
	case S3_VIRTUAL:
		return true;
	case S3_AUTO:
		break;
	}
	return wants_virtual(url->host) && is_label(settings->bucket);
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

/* libcurl leaves the scheme's own port out of Host, and so must the signature. */
static struct slice authority_of(const struct url *url)
{
	struct slice authority = url->authority;
	bool is_own = slice_equal(url->port, url->is_tls ? SLICE("443") : SLICE("80"));

	if (is_own)
		authority.len -= url->port.len + 1;
	return authority;
}

static bool write_place(struct s3_place *place, const struct s3_settings *settings, const struct url *url)
{
	struct slice authority = authority_of(url), target = url->target;
	const char *bucket = settings->bucket;

	while (target.len && target.data[target.len - 1] == '/')
		target.len--;
	place->is_virtual = choose(settings, url);
	int host_len = snprintf(place->host, sizeof place->host, "%s%s%.*s", place->is_virtual ? bucket : "",
		place->is_virtual ? "." : "", (int)authority.len, authority.data);
	int path_len = snprintf(place->path, sizeof place->path, "%.*s/%s%s", (int)target.len, target.data,
		place->is_virtual ? "" : bucket, place->is_virtual ? "" : "/");

	lower(place->host);
	snprintf(place->base, sizeof place->base, "%s://%s%s", url->is_tls ? "https" : "http", place->host,
		place->path);
	return host_len > 0 && (size_t)host_len < sizeof place->host && path_len > 0 &&
		(size_t)path_len < sizeof place->path;
}

bool s3_place_find(struct s3_place *place, const struct s3_settings *settings, char *why, size_t why_bytes)
{
	char amazon[160];
	const char *endpoint = settings->endpoint;
	struct url url;

	if (!*endpoint) {
		snprintf(amazon, sizeof amazon, "https://s3.%.64s.amazonaws.com", settings->region);
		endpoint = amazon;
	}
	if (!*settings->region || !is_label(settings->region) ||
		(!*settings->endpoint && strcmp(settings->region, "auto") == 0)) {
		snprintf(why, why_bytes, "AWS_REGION=%.64s is no region of %s", settings->region,
			*settings->endpoint ? "anybody" : "Amazon, and AWS_ENDPOINT_URL_S3 is empty");
		return false;
	}
	if (!is_bucket(settings->bucket)) {
		snprintf(why, why_bytes, "BUCKET_NAME=%.64s is no bucket's name", settings->bucket);
		return false;
	}
	if (!url_split(slice_of(endpoint), &url) || url.is_socket || url.userinfo.data || url.fragment.data ||
		memchr(endpoint, '?', strlen(endpoint)) || memchr(endpoint, '%', strlen(endpoint))) {
		snprintf(why, why_bytes, "AWS_ENDPOINT_URL_S3=%.200s must be like https://host or http://host:port",
			endpoint);
		return false;
	}
	if (write_place(place, settings, &url))
		return true;
	snprintf(why, why_bytes, "AWS_ENDPOINT_URL_S3 is too long");
	return false;
}
