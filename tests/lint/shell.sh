#!/bin/bash
# Every shell script passes shellcheck.
. "${srcdir:=.}/tests/lib.sh"
cd "$srcdir" || exit 1
mapfile -t scripts < <(
    find . \( -path ./build-aux -o -path "./configure*" -o -path ./.git -o -path ./build -o -name node_modules -o -name '*.build' \) -prune -o -type f -print |
        while read -r f; do
            case $f in
            *.sh) echo "$f" ;;
            *.[cho] | *.am | *.mk | */configure | */config.* | */aclocal.m4 | */autom4te.cache/*) ;;
            *) head -c 64 "$f" 2>/dev/null | head -n 1 | grep -qaE '^#! ?/(usr/)?bin/(env )?(ba)?sh' && echo "$f" ;;
            esac
        done | sort
)
ok "shellcheck is installed (apt-get install shellcheck)" command -v shellcheck
for script in "${scripts[@]}"; do
    ok "$script" shellcheck -x -P "$srcdir" "$script"
done
finish
