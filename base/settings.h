/*
 * settings - every setting of every program: one table. The enum, the bounds, --help, --check-config and the
 * man pages come out of it.
 *
 * SETTING(name, kind, default, least, most, readers, help)
 *   kind     TEXT (least..most bytes), INT (least..most), FILE (a readable file, or empty), CHOICE (one of the
 *            words separated by | in `choices`, given as default "first|second"; the first is the default),
 *            SECRET (TEXT that is never printed; NAME_FILE names a file that holds it)
 *   readers  which programs read it: W webhook, R relay, K worker, C ctl, O call, P sim-phone, G sim-grok
 */
#pragma once

#define SETTINGS(SETTING) \
	SETTING(RECEPTIONAI_DB, TEXT, LOCALSTATE_DIR "/lib/receptionai/receptionai.db", 1, 4000, "WRKO", \
		"the SQLite database file, on a local disk") \
	SETTING(RECEPTIONAI_SPOOL, TEXT, LOCALSTATE_DIR "/spool/receptionai", 0, 1000, "RK", \
		"folder for recordings of calls, on a local disk; empty: nothing is recorded") \
	SETTING(SPOOL_FREE_MB, INT, "256", 0, 1000000, "R", \
		"room that recordings leave on their disk, MB: with less they end, and calls go on") \
	SETTING(LOG_LEVEL, CHOICE, "info|debug|warn|error", 0, 0, "WRKO", "least important level that is logged") \
	SETTING(TWILIO_ACCOUNT_SID, TEXT, "", 0, 64, "WRKO", \
		"only requests of this account are answered; empty: any account whose signature is right") \
	SETTING(TWILIO_AUTH_TOKEN, SECRET, "", 0, 1000, "WRKPO", \
		"Twilio's auth token that signs requests; several, comma separated, during rotation") \
	SETTING(TWILIO_API_URL, TEXT, "https://api.twilio.com/2010-04-01", 1, 1000, "WKO", \
		"Twilio's REST API, version included; other regions have other hosts") \
	SETTING(TWILIO_RECORDINGS, CHOICE, "keep|delete", 0, 0, "K", \
		"what becomes of a voicemail at Twilio once it is in the store") \
	SETTING(PUBLIC_URL, TEXT, "", 0, 1000, "WKO", \
		"origin under which Twilio reaches the webhook, as configured at Twilio: https://voice.example.com") \
	SETTING(RELAY_URL, TEXT, "", 0, 1000, "WR", \
		"URL under which Twilio reaches the relay: wss://voice.example.com/media-stream") \
	SETTING(STREAM_TOKEN_SECRET, SECRET, "", 0, 1000, "WRP", \
		"key of the tokens in stream URLs, 16 bytes or more; empty: derived from TWILIO_AUTH_TOKEN") \
	SETTING(STREAM_TOKEN_TTL_S, INT, "60", 5, 3600, "W", "seconds for which a stream token is good") \
	SETTING(RELAY_LISTEN, TEXT, "127.0.0.1:8080", 1, 200, "R", "HOST:PORT on which media streams are accepted") \
	SETTING(RELAY_ADMIN_LISTEN, TEXT, "127.0.0.1:9090", 0, 200, "R", \
		"HOST:PORT of /healthz, /readyz and /metrics; empty: none") \
	SETTING(METRICS_MERCHANTS, INT, "20", 0, 100, "R", \
		"merchants whose calls' quality /metrics tells apart; those of all others are counted together") \
	SETTING(RELAY_CONTROL, TEXT, "", 0, 100, "RC", \
		"path of the UNIX socket on which receptionai-ctl acts on calls; empty: none") \
	SETTING(RELAY_TLS_CERT, FILE, "", 0, 4000, "R", "PEM certificate chain; empty: plain, behind a TLS proxy") \
	SETTING(RELAY_TLS_KEY, FILE, "", 0, 4000, "R", "PEM private key of RELAY_TLS_CERT") \
	SETTING(RELAY_AUTH, CHOICE, "token|signature|off", 0, 0, "R", \
		"how a media stream proves that it is Twilio's; off is for development only") \
	SETTING(RELAY_SOCKET, TEXT, "", 0, 100, "WRK", \
		"path of the UNIX socket on which the webhook tells the relay of calls to come; empty: none") \
	SETTING(RELAY_SOCKET_MS, INT, "50", 10, 5000, "W", \
		"longest that a caller waits for the relay's answer there; after it the relay counts as absent") \
	SETTING(RELAY_WARM_MAX, INT, "50", 0, 1024, "R", \
		"sessions that are opened for calls to come, at a time; 0: none") \
	SETTING(RELAY_WARM_MS, INT, "15000", 1000, 60000, "R", "time for which such a session waits for its call") \
	SETTING(RELAY_THREADS, INT, "0", 0, 64, "R", "ring threads; 0: one a processor") \
	SETTING(RELAY_MAX_CALLS, INT, "1000", 1, 4096, "R", "calls at a time, all threads together") \
	SETTING(RELAY_MAX_PENDING, INT, "256", 1, 4096, "R", "sockets at a time that have not proved themselves yet") \
	SETTING(RELAY_HANDSHAKE_MS, INT, "5000", 100, 60000, "R", "time for a new socket's TLS and upgrade") \
	SETTING(RELAY_START_MS, INT, "10000", 100, 60000, "R", "time from the upgrade to Twilio's start message") \
	SETTING(RELAY_IDLE_MS, INT, "30000", 1000, 600000, "R", "silence of a socket after which the call ends") \
	SETTING(RELAY_DRAIN_S, INT, "3600", 0, 86400, "R", "seconds for which SIGTERM lets calls finish") \
	SETTING(RELAY_CALL_MAX_S, INT, "7200", 1, 86400, "R", "longest call") \
	SETTING(RELAY_IO, CHOICE, "auto|uring|epoll", 0, 0, "R", \
		"how sockets are driven; auto: io_uring, or epoll where that is refused") \
	SETTING(RELAY_BATCH_US, INT, "200", 0, 5000, "R", "most that a busy loop waits for more work, microseconds") \
	SETTING(XAI_API_KEY, SECRET, "", 0, 1000, "RKG", "xAI API key") \
	SETTING(GROK_URL, TEXT, "wss://api.x.ai/v1/realtime", 1, 1000, "R", "Grok's realtime endpoint (ws: or wss:)") \
	SETTING(GROK_MODEL, TEXT, "grok-voice-think-fast-2.0", 0, 100, "R", "model asked for in the URL") \
	SETTING(GROK_VOICE, TEXT, "eve", 1, 64, "R", "voice of merchants that chose none") \
	SETTING(GROK_CA_FILE, FILE, "", 0, 4000, "R", "PEM roots for Grok's certificate; empty: the system's") \
	SETTING(GROK_CONNECT_MS, INT, "5000", 100, 60000, "R", "time for DNS, TCP, TLS and upgrade towards Grok") \
	SETTING(GROK_READY_MS, INT, "3000", 100, 60000, "R", \
		"time for session.updated; after it the update is sent once more, then the connection is given up") \
	SETTING(GROK_ANSWER_MS, INT, "8000", 500, 60000, "R", \
		"silence after the caller's words in which Grok must begin to answer; then it is asked again") \
	SETTING(GROK_AUDIO_MS, INT, "4000", 500, 60000, "R", \
		"time from the beginning of an answer to its first audio; then the caller hears filler words") \
	SETTING(GROK_SESSION_MAX_S, INT, "6600", 0, 86400, "R", \
		"age of a session with Grok at which the call moves to a new one; 0: never") \
	SETTING(GROK_SESSIONS_MAX, INT, "0", 0, 4096, "R", \
		"sessions with Grok at a time, as the account allows; more callers get the fallback; 0: no cap") \
	SETTING(GROK_AUDIO_PRICE, INT, "80000", 0, 100000000, "R", \
		"price of a minute of audio sent or received, millionths of a dollar") \
	SETTING(GROK_TEXT_PRICE, INT, "4000", 0, 100000000, "R", \
		"price of a line of text told to Grok, millionths of a dollar") \
	SETTING(FALLBACK_AUDIO_PRICE, INT, "300000", 0, 100000000, "R", \
		"price of a minute of audio at the second provider, millionths of a dollar") \
	SETTING(FALLBACK_URL, TEXT, "", 0, 1000, "R", \
		"endpoint of a second provider that speaks OpenAI's realtime protocol (ws: or wss:); empty: none") \
	SETTING(FALLBACK_API_KEY, SECRET, "", 0, 1000, "R", "API key of the second provider") \
	SETTING(FALLBACK_MODEL, TEXT, "gpt-realtime", 0, 100, "R", "model asked for at the second provider") \
	SETTING(WORKER_JOBS, INT, "2", 1, 32, "K", "jobs at a time, each in a process of its own") \
	SETTING(WORKER_RETRY_MS, INT, "15000", 10, 3600000, "K", \
		"pause after a job's first failure; it doubles with each further one, up to an hour") \
	SETTING(WORKER_LOST_S, INT, "60", 2, 86400, "K", \
		"age of the last sound of a call that nobody ended or records any more; then it counts as over") \
	SETTING(SPOOL_KEEP_DAYS, INT, "7", 0, 3650, "K", \
		"days for which the raw sound of a call stays in the spool once the call is complete") \
	SETTING(FFMPEG, TEXT, "ffmpeg", 1, 4000, "K", \
		"the program that encodes videos: a path, or a name found by PATH") \
	SETTING(VIDEO_FONT, TEXT, "Inter", 1, 100, "K", \
		"font of the words in videos; what it lacks comes from other fonts") \
	SETTING(SUMMARY_URL, TEXT, "https://api.x.ai/v1/chat/completions", 0, 1000, "K", \
		"chat completions endpoint that sums calls up, with XAI_API_KEY; empty: none are") \
	SETTING(SUMMARY_MODEL, TEXT, "grok-4.3", 1, 100, "K", "model that is asked there") \
	SETTING(NOTIFY_WAIT_S, INT, "900", 0, 86400, "K", \
		"longest that a merchant waits to be told of a call; after it he is told without its video") \
	SETTING(NOTIFY_LINK_S, INT, "604800", 60, 604800, "K", \
		"seconds for which the links in what he is told are good, where the store signs links") \
	SETTING(NOTIFY_PRIVATE, CHOICE, "no|yes", 0, 0, "K", \
		"whether a merchant's notify_url may lead into a private network") \
	SETTING(SENDMAIL, TEXT, "/usr/sbin/sendmail", 1, 4000, "K", "program that takes e-mail, as sendmail does") \
	SETTING(MAIL_FROM, TEXT, "", 0, 254, "K", "address that e-mail to merchants comes from; empty: none is sent") \
	SETTING(BUCKET_NAME, TEXT, "", 0, 63, "K", \
		"S3 bucket for recordings and videos; empty: they are kept in MEDIA_DIR") \
	SETTING(AWS_ENDPOINT_URL_S3, TEXT, "", 0, 1000, "K", \
		"URL of an S3-compatible service: https://fly.storage.tigris.dev; empty: Amazon's in AWS_REGION") \
	SETTING(AWS_REGION, TEXT, "us-east-1", 1, 64, "K", "the bucket's region; Tigris and R2: auto") \
	SETTING(AWS_ACCESS_KEY_ID, TEXT, "", 0, 200, "K", "the bucket's access key") \
	SETTING(AWS_SECRET_ACCESS_KEY, SECRET, "", 0, 1000, "K", "the secret of AWS_ACCESS_KEY_ID") \
	SETTING(AWS_SESSION_TOKEN, SECRET, "", 0, 4000, "K", "session token of temporary credentials") \
	SETTING(AWS_CA_BUNDLE, FILE, "", 0, 4000, "K", \
		"PEM roots for the S3 service's certificate; empty: the system's") \
	SETTING(S3_ADDRESSING, CHOICE, "auto|path|virtual", 0, 0, "K", \
		"where the bucket's name stands: in the path, or in front of the host; auto: as the service wants it") \
	SETTING(MEDIA_DIR, TEXT, LOCALSTATE_DIR "/lib/receptionai/media", 1, 4000, "K", \
		"folder for recordings and videos without S3, shown by the web server as MEDIA_URL") \
	SETTING(MEDIA_URL, TEXT, "", 0, 500, "K", \
		"URL under which the web server shows MEDIA_DIR; empty: PUBLIC_URL and /media") \
	SETTING(FAL_KEY, SECRET, "", 0, 1000, "K", "API key of fal.ai; empty: every video is made here") \
	SETTING(FAL_MODEL, TEXT, "fal-ai/flashtalk", 1, 200, "K", "the model that makes videos at fal.ai") \
	SETTING(FAL_MODELS, TEXT, PKG_DATADIR "/fal-models.conf", 1, 4000, "K", \
		"file with the models of fal.ai: their prices, limits and inputs") \
	SETTING(FAL_IMAGE, TEXT, "", 0, 4000, "K", \
		"the receptionist's face, which speaks in those videos: a PNG or JPEG file, or an https: URL") \
	SETTING(FAL_MAX_DOLLARS_CALL, TEXT, "1.00", 1, 10, "K", "most that the video of a call may cost, dollars") \
	SETTING(FAL_WAIT_S, INT, "7200", 1, 86400, "K", \
		"longest wait for fal.ai; after it the video is made here") \
	SETTING(FAL_POLL_MS, INT, "5000", 50, 60000, "K", \
		"time to the first look at an order; later looks are up to six times as far apart") \
	SETTING(FAL_USER_ID, TEXT, "", 0, 128, "W", \
		"our user id at fal.ai: webhooks that name another one are refused; empty: any") \
	SETTING(FAL_URL, TEXT, "https://queue.fal.run", 1, 1000, "K", "fal.ai's queue") \
	SETTING(FAL_REST_URL, TEXT, "https://rest.fal.ai", 1, 1000, "K", \
		"fal.ai's storage and the keys of its webhooks") \
	SETTING(FAL_API_URL, TEXT, "https://api.fal.ai/v1", 1, 1000, "K", \
		"fal.ai's platform API, where payloads are deleted") \
	SETTING(CALLER_SILENCE_S, INT, "15", 0, 600, "R", \
		"a caller's silence after which he is asked if he is there; twice, then the call ends; 0: never")
