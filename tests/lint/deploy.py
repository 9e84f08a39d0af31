#!/usr/bin/python3
"""What is wrong with deploy/fly/fly.toml and deploy/container/Containerfile: a line each, nothing if all is well.

  deploy.py fly TOP [FILE]            the fields that Fly documents, with their types, and what calls need of them
  deploy.py container TOP [FILE]      stages, what they copy, who they run as
  deploy.py linked TOP PROGRAM...     Debian packages of libraries that a program links and no package of "run" brings
"""
import os
import re
import subprocess
import sys
import tomllib

# fly.io/docs/reference/configuration, as far as it is used here: a type, a set of words, or a table of the same.
DURATION = re.compile(r"\d+(ms|s|m|h)")
CHECK = {"method": {"GET", "HEAD"}, "path": str, "grace_period": DURATION, "interval": DURATION, "timeout": DURATION,
         "protocol": {"http", "https"}, "headers": dict}
FIELDS = {
    "app": str, "primary_region": re.compile("[a-z]{3}"), "kill_timeout": int, "swap_size_mb": int,
    "kill_signal": {"SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGSTOP"},
    "build": {"dockerfile": str, "ignorefile": str, "build-target": str, "image": str, "args": dict},
    "deploy": {"strategy": {"rolling", "immediate", "canary", "bluegreen"}, "release_command": str, "wait_timeout": DURATION,
               "max_unavailable": (int, float)},
    "env": dict,
    "mounts": [{"source": str, "destination": str, "initial_size": re.compile(r"\d+(gb|GB)"), "snapshot_retention": int,
                "processes": list}],
    "http_service": {
        "internal_port": int, "force_https": bool, "auto_stop_machines": {"off", "stop", "suspend"},
        "auto_start_machines": bool, "min_machines_running": int, "processes": list,
        "concurrency": {"type": {"connections", "requests"}, "soft_limit": int, "hard_limit": int},
        "tls_options": {"alpn": list, "versions": list, "default_self_signed": bool},
        "checks": [CHECK]},
    "metrics": {"port": int, "path": str},
    "restart": [{"policy": {"always", "never", "on-failure"}, "retries": int, "processes": list}],
    "vm": [{"size": str, "memory": re.compile(r"\d+(mb|gb)"), "cpus": int, "cpu_kind": {"shared", "performance"},
            "processes": list}],
}


def misfits(value, wanted, where):
    if isinstance(wanted, dict):
        if not isinstance(value, dict):
            return [f"{where}: a table is wanted"]
        return [line for name, part in value.items() for line in (
            misfits(part, wanted[name], f"{where}.{name}") if name in wanted
            else [f"{where}.{name}: Fly knows no such field"])]
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return [f"{where}: [[{where.strip('.')}]] is wanted"]
        return [line for part in value for line in misfits(part, wanted[0], where)]
    if isinstance(wanted, set):
        return [] if value in wanted else [f"{where}: {value!r} is none of {sorted(wanted)}"]
    if isinstance(wanted, re.Pattern):
        return [] if isinstance(value, str) and wanted.fullmatch(value) else [f"{where}: {value!r} has another form"]
    right = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
    return [] if right else [f"{where}: {value!r} has another type"]


def settings(top):
    return set(re.findall(r"SETTING\(([A-Z][A-Z0-9_]+),", open(f"{top}/base/settings.h", encoding="utf-8").read()))


def box_variables(top):
    return set(re.findall(r"^#   ([A-Z_]+) ", open(f"{top}/deploy/container/receptionai-box", encoding="utf-8").read(), re.M))


def stages(text):
    return re.findall(r"^FROM +(\S+)(?: +AS +(\S+))?", text, re.M)


def fly(top, file=None):
    file = file or f"{top}/deploy/fly/fly.toml"
    config = tomllib.load(open(file, "rb"))
    faults = misfits(config, FIELDS, "")
    env, build, service = (config.get(name, {}) for name in ("env", "build", "http_service"))
    folder = f"{top}/deploy/fly"
    container = open(f"{top}/deploy/container/Containerfile", encoding="utf-8").read()

    def want(right, sentence):
        if not right:
            faults.append(sentence)
    for name, value in env.items():
        want(name in settings(top) | box_variables(top), f"env.{name}: nobody reads it")
        want(isinstance(value, str), f"env.{name}: a string is wanted")
        want(not re.search("TOKEN|SECRET|KEY", name), f"env.{name}: a secret does not belong into the file")
    for name in ("BUCKET_NAME", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        want(name in settings(top), f"{name}, which fly storage create sets, is no setting")
        want(name not in env, f"env.{name} is set by fly storage create")
    want(config.get("kill_signal") == "SIGTERM", "kill_signal: the relay drains at SIGTERM")
    want(60 <= config.get("kill_timeout", 5) <= 300, "kill_timeout: Fly allows 300 seconds, and calls want them")
    want(int(env.get("RELAY_DRAIN_S", 3600)) + 10 <= config.get("kill_timeout", 5),
         "RELAY_DRAIN_S: the relay must have ended before it is killed")
    want(service.get("auto_stop_machines") == "off", "auto_stop_machines: a stopped machine answers no caller")
    want(service.get("min_machines_running", 0) >= 1, "min_machines_running: 1")
    want(str(service.get("internal_port")) == env.get("PORT", "8080"), "internal_port: it is not the box's PORT")
    want(service.get("tls_options", {}).get("alpn") == ["http/1.1"], "tls_options.alpn: WebSockets need HTTP/1.1")
    want(any(check.get("path") == "/healthz" for check in service.get("checks", [])), "checks: none asks /healthz")
    want([mount["destination"] for mount in config.get("mounts", [])] == [env.get("DATA", "/data")],
         "mounts: DATA must be the volume")
    want(str(config.get("metrics", {}).get("port")) == env.get("RELAY_ADMIN_LISTEN", ":").rsplit(":", 1)[1],
         "metrics.port: the relay serves them elsewhere")
    for name in ("dockerfile", "ignorefile"):
        want(os.path.isfile(f"{folder}/{build.get(name)}"), f"build.{name}: there is no such file beside fly.toml")
    want(build.get("build-target") in [name for _, name in stages(container)], "build.build-target: no such stage")
    want("processes" not in config, "processes: groups run in machines of their own, and would share no database")
    return faults


def container(top, file=None):
    text = open(file or f"{top}/deploy/container/Containerfile", encoding="utf-8").read()
    text = re.sub(r"\\\n", " ", text)
    faults, known, users = [], {"${DEBIAN}"}, {}
    for image, name in stages(text):
        if image not in known:
            faults.append(f"FROM {image}: neither the base nor a stage above")
        known.add(name)
    stage = None
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            image, name = stages(line)[0]
            stage, users[name] = name, users.get(image, "root")
        elif word == "USER":
            users[stage] = rest
        elif word == "COPY":
            sources = [part for part in rest.split()[:-1] if not part.startswith("--")]
            source_stage = re.search(r"--from=(\S+)", rest)
            if source_stage and source_stage[1] not in known:
                faults.append(f"{line}: no such stage")
            faults += [f"{line}: no {s}" for s in sources if not source_stage and not os.path.exists(f"{top}/{s}")]
        elif word == "ADD":
            faults.append(f"{line}: COPY is enough")
        elif word == "RUN" and re.search(r"curl|wget|apt-get", rest):
            faults.append(f"{line}: packages come from deploy/packages alone")
        elif word and not word.startswith("#") and word not in (
                "ARG", "WORKDIR", "RUN", "ENV", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "VOLUME"):
            faults.append(f"{line}: what is {word}?")
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users.get(stage, "root")):
        faults.append(f"the last stage runs as {users.get(stage)}; a number of nobody in particular is wanted")
    for wanted in ("ENTRYPOINT [", "STOPSIGNAL SIGTERM", "--disable-simulators"):
        if wanted not in text:
            faults.append(f"{wanted} is missing")
    return faults


def group(top, name):
    lines = (line.split() for line in open(f"{top}/deploy/packages", encoding="utf-8"))
    return {words[1] for words in lines if words[:1] == [name]}


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def linked(top, *programs):
    """Directly linked libraries only: what those need comes with their packages."""
    faults = []
    for program in programs:
        needed = re.findall(r"\(NEEDED\).*\[(\S+)\]", said("readelf", "-dW", program))
        paths = dict(re.findall(r"(\S+) => (/\S+)", said("ldd", program)))
        for library in needed:
            path = paths.get(library)
            owner = path and (said("dpkg", "-S", path) or said("dpkg", "-S", os.path.realpath(path)) or
                              said("dpkg", "-S", "/usr" + path))
            package = owner.split(":")[0] if owner else None
            if not package:
                faults.append(f"{program}: whose is {library}?")
            elif package not in group(top, "run") | {"libc6"}:
                faults.append(f"{program} links {library} of {package}, which is not in the group run")
    return faults


if __name__ == "__main__":
    print("\n".join({"fly": fly, "container": container, "linked": linked}[sys.argv[1]](*sys.argv[2:])), end="")
