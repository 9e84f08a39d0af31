#!/bin/bash
# Every header compiles alone.
. "${srcdir:=.}/tests/lib.sh"
compiler=${CC:-cc}
flags=$(sed -n 's/^\(FCGI\|URING\|WOLFSSL\|CURL\|JSONC\|SQLITE\|CRYPTO\|EXPAT\|POCKETSPHINX\)_CFLAGS = //p' "$builddir/Makefile" | tr '\n' ' ')
for header in "$srcdir"/{base,proto,db,fcgi,relay,media,media/*,ctl,outbound,sim}/*.h; do
    [ -e "$header" ] || continue
    # shellcheck disable=SC2086 # flags are words
    ok "${header#"$srcdir"/} compiles alone" $compiler -std=gnu11 -Wall -Werror -fsyntax-only \
        -include "$builddir/config.h" -I"$srcdir" -I"$builddir" \
        -DPKG_DATADIR='""' -DSYSCONF_DIR='""' -DLOCALSTATE_DIR='""' $flags -include "$header" -x c /dev/null
done
finish
