#!/bin/bash
# The documents speak of what is there: every file that README, ARCHITECTURE, CONTRIBUTING, SECURITY and the folders' READMEs name exists.
. "${srcdir:=.}/tests/lib.sh"
cd "$srcdir" || exit 1

# Words in backticks or link targets that look like files of ours.
named_files() {
    grep -oE '`[a-z]+/[A-Za-z0-9_./-]+`|\]\([A-Za-z][A-Za-z0-9_./-]+\)' "$1" | tr -d '`()]' |
        grep -E '^(base|proto|db|doctor|fcgi|relay|media|ctl|outbound|sim|tests|deploy|man)/|\.md$|^LICENSE$' | sort -u
}
# missing DOCUMENT BASE…: names that exist neither below the top nor beside the document.
missing() {
    local name
    for name in $(named_files "$1"); do
        [ -e "$name" ] || [ -e "$(dirname "$1")/$name" ] || [ -e "${name%/}" ] || echo "$1 names $name"
    done
}
for document in README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md */README.md */*/README.md deploy/TUNNEL.md; do
    [ -e "$document" ] || continue
    is "every file that $document names exists" "$(missing "$document")" ""
done
has "ARCHITECTURE.md names files at all" "$(named_files ARCHITECTURE.md)" relay/
for program in receptionai-webhook receptionai-relay receptionai-worker receptionai-sim-phone receptionai-sim-grok \
    receptionai-sim-fal receptionai-sql receptionai-ctl receptionai-call receptionai-replay; do
    ok "$program has a man page" ls man/"$program".[18]
done
settings() {
    grep -oE 'SETTING\([A-Z][A-Z0-9_]+,' base/settings.h | tr -dc 'A-Z0-9_\n' | sed 's/^SETTING//' | sort -u
}
missing_settings() {
    local name
    for name in $(settings); do grep -qx "\.It Ev $name" man/receptionai.conf.5 || echo "$name"; done
}
is "receptionai.conf(5) names every setting" "$(missing_settings)" ""
has "and there are settings at all" "$(settings)" RELAY_LISTEN
# misread: settings of which receptionai.conf(5) names other readers, bounds or defaults than the table.
misread() {
    /usr/bin/python3 - base/settings.h man/receptionai.conf.5 <<'PYTHON'
import re
import sys

table, page = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
programs = dict(W="webhook", R="relay", K="worker", C="ctl", O="call", P="sim-phone", G="sim-grok")
said = re.split(r"^\.It Ev ([A-Z0-9_]+)\n", page, flags=re.M)
said = {name: " ".join(text.split()) for name, text in zip(said[1::2], said[2::2])}
row = r'SETTING\(([A-Z0-9_]{2,}), (\w+), (?:[A-Z_]+ )?"([^"]*)", (\d+), (\d+), "(\w+)"'
for name, kind, standard, least, most, letters in re.findall(row, table.replace("\\\n", "")):
    text = said.get(name, "")
    readers = re.search(r"Read by ([a-z, -]+)\.", text)
    if not readers or set(readers[1].split(", ")) != {programs[letter] for letter in letters}:
        print(name, "is read by", ", ".join(programs[letter] for letter in letters))
    if kind == "INT" and (f"From {least} to {most}, default {standard}" not in text.replace(";", ",") and
                          f"from {least} to {most}, default {standard}" not in text.replace(";", ",")):
        print(name, "goes from", least, "to", most, "and is", standard)
    if kind == "SECRET" and "A secret." not in text:
        print(name, "is a secret")
PYTHON
}
is "and says truly who reads it, and what is allowed" "$(misread)" ""
# The conversation in README is one that deploy/demo can have: her sentences stand in the simulated model, among the relay's phrases or in the demo.
foreign_sentences() {
    sed -nE 's/^ *[0-9.]+ s  receptionist: *([^.?!]*[.?!]?).*/\1/p' README.md | while IFS= read -r sentence; do
        grep -qF -- "$sentence" sim/receptionist.c relay/phrases.h deploy/demo || grep -qF -- "${sentence//\'/\'\'}" deploy/demo || echo "$sentence"
    done
}
is "README's conversation is the demo's" "$(foreign_sentences)" ""
ok "and there is one" grep -qE '^ +[0-9.]+ s  receptionist: ' README.md
finish
