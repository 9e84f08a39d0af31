#!/usr/bin/python3
"""Writes receptionai.json, the Grafana dashboard: dashboard.py >receptionai.json. A test holds the two together, and
every metric against those that the relay and textfile.sql really export."""
import json

RELAY = "receptionai_relay_"
SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH = 24


def quantiles(metric, by, window="$__rate_interval", *levels):
    """Targets for quantiles of a histogram of the relay."""
    labels = f"{by}, le" if by else "le"
    legend = (f"{{{{{by}}}}} " if by else "") + "p{}"
    return [(f"histogram_quantile({level}, sum by ({labels}) (rate({RELAY}{metric}_bucket{pick(metric)}[{window}])))",
             legend.format(round(level * 100))) for level in levels or (0.5, 0.95)]


def pick(metric):
    """Figures of calls are of merchants; all others of instances."""
    of_calls = metric.startswith(("call_dead", "call_talk", "call_under", "call_loop", "response_gap"))
    return '{instance=~"$instance", merchant=~"$merchant"}' if of_calls else '{instance=~"$instance"}'


def rate(metric, legend, by="", filters=""):
    inner = f'sum {f"by ({by}) " if by else ""}(rate({RELAY}{metric}{{instance=~"$instance"{filters}}}[$__rate_interval]))'
    return (inner, legend)


def gauge(metric, legend):
    return (f'sum({RELAY}{metric}{{instance=~"$instance"}})', legend)


# Rows of panels: (title, unit, width, description, targets)
ROWS = [
    ("Now", [
        ("Calls", "short", 6, "In progress, and sessions that wait for theirs.",
         [gauge("calls", "calls"), gauge("warm_sessions", "waiting"), gauge("calls_max", "allowed")]),
        ("Share of calls that fail", "percentunit", 6, "Ends by a fault, of all ends in five minutes.",
         [("receptionai:calls_failed:ratio5m", "failed")]),
        ("Response gap, p95", "s", 6, "From the caller's last sound to the first audio of the answer.",
         [('max(receptionai:response_gap_seconds:p95_15m{merchant=~"$merchant"})', "worst merchant")]),
        ("Database, disk, desk", "short", 6, "1: can be used.",
         [gauge("database_up", "database"), gauge("recording_folder_up", "recordings"),
          gauge("desk_queue_length", "orders waiting"), gauge("desk_kept_orders", "orders refused")]),
    ]),
    ("Calls", [
        ("Calls end, by reason", "cps", 12, "The words are those of the table end_reasons.",
         [rate("calls_ended_total", "{{reason}}", "reason")]),
        ("Callers turned away", "cps", 6, "By what the webhook is told, and at the relay's door.",
         [rate("notices_full_total", "full"), rate("notices_draining_total", "draining"),
          rate("sockets_refused_full_total", "full, at the door"),
          rate("sockets_refused_draining_total", "draining, at the door"),
          rate("sockets_refused_auth_total", "no token")]),
        ("Length of calls", "s", 6, "", quantiles("call_duration_seconds", "", "$__rate_interval", 0.5, 0.9)),
        ("What callers of the last hour got", "short", 12, "From the database, by textfile.sql.",
         [("receptionai_calls_recent", "{{handled}}")]),
        ("Turned away by the shield in the last hour", "short", 6, "",
         [("receptionai_calls_screened_recent", "{{reason}}")]),
        ("Open calls in the database", "short", 6, "Ringing or live for hours: nobody closed them.",
         [("receptionai_calls_open", "{{status}}")]),
    ]),
    ("How calls go", [
        ("Response gap", "s", 12, "What a caller waits for an answer.", quantiles("response_gap_seconds", "merchant")),
        ("Grok's share of it", "s", 6, "From speech_stopped to the first audio.", quantiles("model_answer_seconds", "")),
        ("First words", "s", 6, "From Twilio's start to the first audio.", quantiles("first_audio_seconds", "")),
        ("Dead air a call", "s", 8, "Stretches of silence longer than two seconds, added up.",
         quantiles("call_dead_air_seconds", "merchant", "1h", 0.5, 0.9)),
        ("Talk-over a call", "s", 8, "Both speak.", quantiles("call_talk_over_seconds", "merchant", "1h", 0.5, 0.9)),
        ("Underruns a call", "short", 8, "The voice ran dry in the midst of a sentence.",
         [(f'sum by (merchant) (rate({RELAY}call_underruns_sum{pick("call_underruns")}[1h])) / '
           f'sum by (merchant) (rate({RELAY}call_underruns_count{pick("call_underruns")}[1h]))', "{{merchant}}")]),
        ("Interruptions", "cps", 8, "", [rate("barge_ins_total", "all"), rate("barge_ins_by_ear_total", "heard by us first")]),
        ("Waiting that came to nothing", "cps", 8, "",
         [rate("patience_ends_total", "waits"), rate("fillers_total", "fillers"), rate("answer_retries_total", "retries"),
          rate("silence_prompts_total", "is anybody there?")]),
        ("Audio that was dropped", "cps", 8, "", [rate("caller_frames_dropped_total", "of callers"),
                                                  rate("phone_pauses_total", "Twilio slow")]),
    ]),
    ("Grok and tools", [
        ("Connections", "cps", 8, "", [rate("model_dials_total", "dialled"), rate("model_lost_total", "lost"),
                                       rate("model_back_total", "went on"), rate("model_fallbacks_total", "second provider"),
                                       rate("model_skipped_total", "skipped")]),
        ("Until a session is ready", "s", 8, "", quantiles("model_ready_seconds", "")),
        ("Errors and oddities", "cps", 8, "", [rate("model_errors_total", "errors"),
                                               rate("model_bad_messages_total", "unreadable"),
                                               rate("voice_deltas_bad_total", "bad audio")]),
        ("Tools", "s", 12, "", quantiles("tool_duration_seconds", "") + quantiles("errand_duration_seconds", "")),
        ("Tools that fail", "cps", 12, "", [rate("tool_failed_total", "failed"), rate("tool_late_total", "late"),
                                            rate("errands_failed_total", "merchants' services")]),
    ]),
    ("The machine", [
        ("Turns of the ring threads", "s", 8, "", quantiles("turn_duration_seconds", "", "$__rate_interval", 0.5, 0.99)),
        ("Longest wait of a call", "s", 8, "", quantiles("call_loop_lag_seconds", "instance", "15m", 0.5, 0.99)),
        ("Memory", "bytes", 8, "", [gauge("pool_used_bytes", "pools"), gauge("tls_heap_bytes", "TLS")]),
        ("The desk", "s", 8, "From an order to the database until it is done.", quantiles("desk_order_seconds", "")),
        ("Orders that went wrong", "cps", 8, "", [rate("desk_refused_total", "refused"), rate("desk_failed_total", "failed"),
                                                  rate("desk_late_total", "late")]),
        ("Recordings", "cps", 8, "", [rate("recordings_total", "begun"), rate("recordings_stopped_total", "stopped by the disk"),
                                      rate("recordings_refused_total", "refused")]),
    ]),
    ("After the calls", [
        ("Jobs", "short", 12, "", [("sum by (kind, state) (receptionai_jobs)", "{{kind}} {{state}}")]),
        ("The job that is due longest", "s", 6, "", [("receptionai_job_waits_seconds", "due for")]),
        ("To be looked at", "short", 6, "", [("receptionai_messages_unseen", "messages"),
                                             ("receptionai_config_warnings", "config_warnings")]),
    ]),
]


def panel(number, at, title, unit, width, description, targets):
    return {
        "id": number, "type": "timeseries", "title": title, "description": description, "datasource": SOURCE,
        "gridPos": {"x": at[0], "y": at[1], "w": width, "h": 7},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 8, "showPoints": "never"}},
                        "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"refId": chr(65 + i), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
                    for i, (expr, legend) in enumerate(targets)]}


def panels():
    made, y = [], 0
    for title, row in ROWS:
        made.append({"id": len(made) + 1, "type": "row", "title": title, "collapsed": False, "panels": [],
                     "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1}})
        x, y = 0, y + 1
        for one in row:
            if x + one[2] > WIDTH:
                x, y = 0, y + 7
            made.append(panel(len(made) + 1, (x, y), *one))
            x += one[2]
        y += 7
    return made


def variable(name, label, metric):
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE, "refresh": 2, "sort": 1,
            "query": {"query": f"label_values({metric}, {name})", "refId": name}, "definition":
            f"label_values({metric}, {name})", "includeAll": True, "multi": True, "allValue": ".*",
            "current": {"text": "All", "value": "$__all"}}


print(json.dumps({
    "title": "ReceptionAI", "uid": "receptionai", "tags": ["receptionai"], "schemaVersion": 39, "version": 1,
    "editable": True, "graphTooltip": 1, "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timezone": "browser",
    "templating": {"list": [
        {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus", "current": {}, "hide": 0},
        variable("instance", "Relay", RELAY + "calls"),
        variable("merchant", "Merchant", RELAY + "call_underruns_count")]},
    "annotations": {"list": [{
        "name": "Alerts", "enable": True, "datasource": SOURCE, "iconColor": "red", "titleFormat": "{{alertname}}",
        "expr": 'ALERTS{alertstate="firing"}'}]},
    "panels": panels()}, indent=1))
