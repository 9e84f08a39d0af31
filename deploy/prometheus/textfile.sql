-- What webhook and worker have done, as text for node-exporter's textfile collector. From cron, once a minute:
--   receptionai-sql --readonly --list </usr/local/share/receptionai/prometheus/textfile.sql \
--     >/var/lib/prometheus/node-exporter/receptionai.tmp &&
--   mv /var/lib/prometheus/node-exporter/receptionai.tmp /var/lib/prometheus/node-exporter/receptionai.prom
-- Each series is always there, with 0 where nothing is, so that an alert on it can be told from one that has no data.
SELECT '# HELP receptionai_calls_recent Calls of the last hour that are over, by what the caller got.
# TYPE receptionai_calls_recent gauge';
SELECT printf('receptionai_calls_recent{handled="%s"} %d', column1, (SELECT count(*) FROM calls
	WHERE handled = column1 AND created_ms > (unixepoch() - 3600) * 1000 AND status IN ('ended', 'complete')))
FROM (VALUES ('receptionist'), ('person'), ('voicemail'), ('message'), ('notice'), ('apology'), ('rejected'), ('nobody'));

SELECT '# HELP receptionai_calls_open Calls that are not over.
# TYPE receptionai_calls_open gauge';
SELECT printf('receptionai_calls_open{status="%s"} %d', column1, (SELECT count(*) FROM calls WHERE status = column1))
FROM (VALUES ('ringing'), ('live'), ('transferring'));

SELECT '# HELP receptionai_calls_screened_recent Calls of the last hour that the shield turned away, by its reason.
# TYPE receptionai_calls_screened_recent gauge';
SELECT printf('receptionai_calls_screened_recent{reason="%s"} %d', column1, (SELECT count(*) FROM screenings
	WHERE reason = column1 AND verdict <> 'accept' AND at_ms > (unixepoch() - 3600) * 1000))
FROM (VALUES ('blocked'), ('anonymous'), ('attestation'), ('caller-velocity'), ('merchant-velocity'));

SELECT '# HELP receptionai_jobs Jobs of the worker, by kind and state.
# TYPE receptionai_jobs gauge';
SELECT printf('receptionai_jobs{kind="%s",state="%s"} %d', kinds.column1, states.column1, (SELECT count(*) FROM jobs
	WHERE kind = kinds.column1 AND state = states.column1))
FROM (VALUES ('assemble'), ('summary'), ('video'), ('upload'), ('notify'), ('voicemail')) AS kinds,
	(VALUES ('ready'), ('running'), ('waiting'), ('dead')) AS states;

SELECT '# HELP receptionai_job_waits_seconds How long the job that is due longest has been due.
# TYPE receptionai_job_waits_seconds gauge';
SELECT 'receptionai_job_waits_seconds ' || coalesce(max(0, unixepoch() - min(run_ms) / 1000), 0)
FROM jobs WHERE state = 'ready';

SELECT '# HELP receptionai_messages_unseen Messages that nobody has marked as seen.
# TYPE receptionai_messages_unseen gauge';
SELECT 'receptionai_messages_unseen ' || count(*) FROM messages WHERE NOT seen;

SELECT '# HELP receptionai_config_warnings Findings about merchants; the view config_warnings has the sentences.
# TYPE receptionai_config_warnings gauge';
SELECT 'receptionai_config_warnings ' || count(*) FROM config_warnings;
