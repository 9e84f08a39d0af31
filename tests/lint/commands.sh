#!/bin/bash
# Every command in a document is shown to work: by tests/system/documents.sh, by the test that the document names, or it
# says that it needs somebody's account. tests/documents/commands.py knows how documents say so.
. "${srcdir:=.}/tests/lib.sh"
cd "$srcdir" || exit 1
commands() { /usr/bin/python3 tests/documents/commands.py "$@"; }

documents=()
for document in *.md */*.md */*/*.md man/*.[158]; do
    case $document in build/* | node_modules/*) ;; *) [ -e "$document" ] && documents+=("$document") ;; esac
done
for document in "${documents[@]}"; do
    is "every command of $document is shown to work" "$(commands faults "$document")" ""
done

# That the check can fail.
printf 'A\n\n    receptionai-sql --create\n\n```sh by tests/none.sh\nmake\n```\n\n```sh by tests/lib.sh\nreceptionai-ctl list\n```\n' \
    >"$work/wrong.md"
has "a command outside a block is found" "$(commands faults "$work/wrong.md")" "outside a"
has "and a test that is not there" "$(commands faults "$work/wrong.md")" "there is no tests/none.sh"
has "and one that runs something else" "$(commands faults "$work/wrong.md")" "does not run receptionai-ctl"
finish
