#!/bin/bash
# proto/ may call what computes, and nothing that reads, writes, waits, tells the time or draws lots: the linker's
# own list of symbols is held against a white list.
. "${srcdir:=.}/tests/lib.sh"

libc='mem(cpy|move|cmp|set|chr|rchr|mem)|__mem[a-z]+_chk|str(n?len|n?cmp|n?casecmp|chr|rchr|spn|cspn|pbrk|tol|toul|toll|toull|tod)|__isoc[0-9]+_strto[a-z]+'
libc="$libc|qsort|bsearch|v?snprintf|__v?snprintf_chk|__ctype_[a-z_]+|__errno_location|timegm|explicit_bzero|__explicit_bzero_chk|isnan|isinf"
base='buf_[a-z_]+|pool_[a-z_]+|digest_[a-z0-9_]+|ed25519_verify|end_reason_(word|parse)|check_failed'
json='json_(object|tokener|util|c)_[a-z0-9_]+|json_type_to_name|array_list_[a-z_]+|lh_[a-z_]+'
tools='__stack_chk_fail|__cpu_model|__(asan|ubsan|tsan|lsan|msan|sanitizer|sancov|gcov)_[A-Za-z0-9_]+|_GLOBAL_OFFSET_TABLE_'

foreign_symbols() {
    local nm_all="$work/nm"
    nm "$builddir/libproto.a" >"$nm_all" 2>/dev/null || return 2
    comm -23 <(awk '$1 == "U" { print $2 }' "$nm_all" | sort -u) \
        <(awk '$2 ~ /^[TDBRVWSi]$/ { print $3 }' "$nm_all" | sort -u) |
        grep -vxE "$libc|$base|$json|$tools"
}

foreign=$(foreign_symbols)
is "proto calls nothing outside the white list" "$foreign" ""
has "the list of symbols is not empty (libproto.a was read)" "$(awk '$1 == "U"' "$work/nm")" memcpy

# What a media message passes on its way, in either direction: json-c never sees it, and no allocator.
audio='ws|ws_mask|ws_write|utf8|base64|base64_wide|twilio_scan|grok_scan|batch|leg_in|leg_flush|loop|held|caller|energy|voice|phone_out|model_out|spool|recorder'
audio_symbols() {
    nm -A "$builddir"/lib{proto,transport,bridge}.a 2>/dev/null |
        sed -nE "s/^[^:]*:(lib[a-z]+_a-)?($audio)\.o: *[0-9a-f]* ([A-Za-z]) (.*)/\2 \3 \4/p"
}
audio_symbols >"$work/audio"
is "the audio path calls no JSON and no allocator" \
    "$(grep -E ' U (json_|(m|c|re)alloc|(posix_)?memalign|aligned_alloc|free$|strn?dup|v?asprintf|buf_grow)' "$work/audio")" ""
is "every object of it was read" "$(cut -d ' ' -f 1 "$work/audio" | sort -u | wc -l)" "$(tr '|' '\n' <<<"$audio" | wc -l)"

base_foreign() {
    nm "$builddir/libbase.a" 2>/dev/null | awk '$1 == "U" { print $2 }' | grep -xE 'socket|connect|accept4?|bind|listen|pthread_create|fork|execv.*|system|popen'
}
is "base opens no sockets, starts no threads or processes" "$(base_foreign)" ""
finish
