#!/usr/bin/python3
"""A sendmail that checks what it is given and keeps it: sendmail_stub.py -i -f FROM TO, the letter at stdin.

SENDMAIL_BOX is beside this script's own copy: box/. A file box/codes holds exit codes, one a line, for runs to come;
what was taken lies in box/N.eml, what was wrong in box/faults."""
import os
import re
import sys

box = os.path.join(os.path.dirname(os.path.abspath(__file__)), "box")


def fault(sentence):
    with open(os.path.join(box, "faults"), "a") as out:
        out.write(sentence + "\n")
    sys.exit(64)


def next_code():
    path = os.path.join(box, "codes")
    lines = open(path).read().split() if os.path.exists(path) else []
    with open(path, "w") as out:
        out.write("\n".join(lines[1:]))
    return int(lines[0]) if lines else 0


letter = sys.stdin.buffer.read()
address = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*@[A-Za-z0-9.-]+")
arguments = sys.argv[1:]
if len(arguments) != 4 or arguments[:2] != ["-i", "-f"]:
    fault("arguments: %r" % arguments)
if not all(address.fullmatch(a) for a in arguments[2:]):
    fault("addresses: %r" % arguments)
secrets = [n for n in os.environ if re.search("KEY|SECRET|TOKEN|PASS", n)]
if secrets:
    fault("secrets in the environment: %r" % secrets)
head, blank, body = letter.partition(b"\n\n")
if not blank or b"\r" in letter or b"\0" in letter:
    fault("line ends")
names = []
for line in head.split(b"\n"):
    if len(line) > 76 + 250 or not all(32 <= c < 127 for c in line):
        fault("a line of the head: %r" % line)
    if not line.startswith(b" "):
        names.append(line.split(b":")[0])
wanted = [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"X-ReceptionAI-Event", b"Auto-Submitted",
          b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"]
if names != wanted:
    fault("headers: %r" % names)
if not re.fullmatch(rb"([A-Za-z0-9+/=]{1,76}\n)+", body):
    fault("the body")
number = len([n for n in os.listdir(box) if n.endswith(".eml")])
with open(os.path.join(box, "%d.eml" % number), "wb") as out:
    out.write(letter)
sys.exit(next_code())
