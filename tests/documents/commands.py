#!/usr/bin/python3
"""The commands that our documents show: read out of Markdown and manual pages.

  commands.py list DOCUMENT...       every block: "DOCUMENT:LINE HOW", then its text, indented
  commands.py write FOLDER DOCUMENT  each block that is to be run as FOLDER/NN.sh, in the document's order
  commands.py of TEST DOCUMENT       the blocks of DOCUMENT that are shown by TEST, one behind the other
  commands.py faults DOCUMENT...     what is wrong with them, a line each; nothing if all is well
  commands.py options DOCUMENT...    "PROGRAM --OPTION" for each option of a program of ours that is named anywhere

In Markdown a block of commands is fenced with ```sh. In a manual page it is what EXAMPLES displays (.Dl, .Bd).
HOW a block is shown to work:
  run        as it stands, by tests/system/documents.sh
  by TEST    ```sh by tests/..., or in a manual page the comment .\\" by tests/...: that test runs it; the name of each
             of the block's programs stands in it, unless it asks this program for the very block (commands.py of)
  account    its first line, or the end of its only one, says in a comment "needs an account": only its reader can
  hand       the same with "by hand": what takes a whole machine for long, a benchmark
"""
import os
import re
import sys

EVERYWHERE = ("cmp", "cp", "rm", "cd", "echo", "cat", "tail", "grep", "sed", "awk", "mkdir", "install", "cmp")
COMMANDS = ("receptionai-", "./configure", "./bootstrap", "make ", "sudo ", "sqlite3 ", "deploy/", "tests/", "curl ",
            "systemctl ", "apt", "awk ", "sox ", "ffmpeg ", "fly ", "podman ", "docker ", "install ", "cp ", "cmp ",
            "journalctl ", "promtool ", "nginx ", "lighttpd ", "haproxy ", "certbot ", "git ", "twilio ", "ngrok ",
            "cloudflared ", "usermod ")
ACCOUNT = re.compile(r"#.*\bneeds an? .*account", re.I)
HAND = re.compile(r"#.*\bby hand\b", re.I)


class Block:
    def __init__(self, document, line, by):
        self.document, self.line, self.by, self.text = document, line, by, []

    def how(self):
        if self.text and ACCOUNT.search(self.text[0]):
            return "account"
        if self.text and HAND.search(self.text[0]):
            return "hand"
        return "by " + self.by if self.by else "run"

    def programs(self):
        """The first words of the commands, without what continues a line or stands in quotes."""
        words, goes_on = [], False
        for line in self.text:
            if not goes_on and re.match(r"[A-Za-z./]", line):
                words += [re.split(r"[ =]", part.replace("sudo ", ""), maxsplit=1)[0]
                          for part in re.split(r" && |; ", line) if re.match(r"[A-Za-z./]", part)]
            goes_on = line.endswith("\\") or (goes_on and line.count("'") % 2 == 0) != (line.count("'") % 2 == 1)
        return words


def markdown(path):
    block = None
    loose = []                      # commands outside a ```sh block
    fence = None
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        opening = re.match(r" *```(\w*) *(.*)$", line)
        if opening and fence is None:
            fence = opening[1]
            if fence == "sh":
                by = re.fullmatch(r"by (\S+)", opening[2])
                block = Block(path, number, by and by[1])
                if opening[2] and not by:
                    loose.append((number, "```sh " + opening[2]))
        elif opening:
            if block:
                yield block
            block = fence = None
        elif block:
            block.text.append(re.sub("^ {0,%d}" % indent_of(block, line), "", line))
        elif (fence is not None or line.startswith("    ")) and line.strip().startswith(COMMANDS) \
                and not re.match(r" *\S+/  ", line):
            loose.append((number, line.strip()))
    for number, line in loose:
        yield Block(path, number, "?" + line)


def indent_of(block, line):
    if not block.text:
        block.indent = len(line) - len(line.lstrip())
    return block.indent


ESCAPES = (("\\e", "\\"), ("\\(dq", '"'), ("\\(aq", "'"), ("\\-", "-"), ("\\&", ""))


def plain(text):
    for escape, character in ESCAPES:
        text = text.replace(escape, character)
    return text


def manual(path):
    inside, by, block, display = False, None, None, False
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if line.startswith(".Sh"):
            inside = line == ".Sh EXAMPLES"
        elif line.startswith('.\\" by '):
            by = line[7:]
        elif not inside:
            continue
        elif line.startswith(".Bd -literal"):
            block, display = Block(path, number, by), True
        elif line.startswith(".Ed") and block:
            yield block
            block, by, display = None, None, False
        elif display:
            block.text.append(plain(line))
        elif line.startswith(".Dl "):
            block = block or Block(path, number, by)
            block.text.append(plain(line[4:]))
        elif block:
            yield block
            block, by = None, None
    if block:
        yield block


def blocks(path):
    return markdown(path) if path.endswith(".md") else manual(path)


def faults(path):
    for block in blocks(path):
        where = "%s:%d" % (block.document, block.line)
        if block.by and block.by.startswith("?"):
            yield "%s shows a command outside a ```sh block: %s" % (where, block.by[1:])
        elif block.how().startswith("by "):
            if not os.path.exists(block.by):
                yield "%s: there is no %s" % (where, block.by)
                continue
            shown = open(block.by, encoding="utf-8").read()
            if "commands.py\" of %s \"$srcdir/%s\"" % (block.by, path) in shown:
                continue
            for program in block.programs():
                if program not in EVERYWHERE and os.path.basename(program) not in shown:
                    yield "%s: %s does not run %s" % (where, block.by, program)


def options(path):
    text = plain(open(path, encoding="utf-8").read()).replace("\\\n", " ")
    for command in re.findall(r"\b(receptionai-[a-z-]+(?: [^\n`|;&)]*)?)", text):
        words = command.split()
        for word in words[1:]:
            option = re.match(r"--[a-z][a-z-]*", word)
            if option and word[:3] != "---":
                yield "%s %s" % (words[0], option[0])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "list":
        for path in rest:
            for block in blocks(path):
                print("%s:%d %s" % (path, block.line, block.how()))
                print("".join("    %s\n" % line for line in block.text), end="")
    elif what == "write":
        for count, block in enumerate(b for b in blocks(rest[1]) if b.how() == "run"):
            with open("%s/%02d.sh" % (rest[0], count), "w", encoding="utf-8") as out:
                out.write("# %s:%d\n%s\n" % (block.document, block.line, "\n".join(block.text)))
    elif what == "options":
        for path in rest:
            print("".join(option + "\n" for option in options(path)), end="")
    elif what == "of":
        for block in blocks(rest[1]):
            if block.by == rest[0]:
                print("\n".join(block.text))
    elif what == "faults":
        for path in rest:
            for fault in faults(path):
                print(fault)
    else:
        sys.exit(__doc__)


main()
