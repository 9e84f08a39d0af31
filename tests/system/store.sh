#!/bin/bash
# The S3 stub that our store is tested with, itself tested with Amazon's client; and the folder on a disk that is full.
. "${srcdir:=.}/tests/lib.sh"
. "$srcdir/tests/own_mounts.sh"
unset "${!AWS_@}" "${!MEDIA_@}" BUCKET_NAME S3_ADDRESSING PUBLIC_URL
export RECEPTIONAI_CONF=/dev/null PYTHONDONTWRITEBYTECODE=1 AWS_EC2_METADATA_DISABLED=true

boto() { # NAME STUB-OPTION…
    local name=$1
    shift
    spawn "$name" /usr/bin/python3 "$srcdir/tests/media/s3_stub.py" "$work/$name.port" "$@"
    wait_for 20 test -s "$work/$name.port" || { echo "Bail out! the stub did not start"; exit 1; }
    /usr/bin/python3 "$srcdir/tests/system/s3_boto3.py" "$(cat "$work/$name.port")" >"$work/$name" 2>"$work/$name.err.log"
}
boto right
is "Amazon's client: what is right is accepted, what is wrong refused for its reason (a wrong region it learns)" "$(cat "$work/right")" "put 200
head 2__3
get 4995
list 200
virtual 200
no-key 404 NoSuchKey
no-bucket 404 NoSuchBucket
secret 403 SignatureDoesNotMatch
key 403 InvalidAccessKeyId
region 200
token 400 InvalidToken
body 400 XAmzContentSHA256Mismatch
unsigned 403 AccessDenied
type 403 SignatureDoesNotMatch
date 403 AccessDenied
unsigned-payload 403 SignatureDoesNotMatch
link 200
longer-link 403
delete 204
deleted 404"
boto late --skew 1200
is "a clock that is 20 minutes off is refused" "$(head -n 1 "$work/late")" "put 403 RequestTimeTooSkewed"

# A disk of 64 KB of our own.
cat >"$work/full.sh" <<'SH'
set -u
mount -t tmpfs -o size=64k,mode=755 none "$work/small"
trap 'umount "$work/small"' EXIT
head -c 100000 /dev/zero >"$work/large"
head -c 20000 /dev/zero >"$work/little"
export MEDIA_DIR=$work/small MEDIA_URL=https://voice.example.com/media
put() { "$builddir/tests/media/store_tool" put "$work/$1" "calls/1/$1.mp4" video/mp4; }
put large
find "$work/small" -type f | wc -l
put little
put large
rm "$work/small/calls/1/little.mp4"
head -c 50000 /dev/zero >"$work/large"
put large
SH
mkdir "$work/small"
full=$(env "work=$work" "builddir=$builddir" "${own_mounts[@]}" bash "$work/full.sh" 2>"$work/full.log")
is "a full disk: tried again later; nothing is left of it; what fits is kept; with room again it goes on" "$full" \
    "again cannot write into $work/small: No space left on device
0
ok https://voice.example.com/media/calls/1/little.mp4
again cannot write into $work/small: No space left on device
ok https://voice.example.com/media/calls/1/large.mp4"

# Killed at any moment, or by several hands at once: under its name a file is whole or not there.
mkdir "$work/media"
export MEDIA_DIR=$work/media MEDIA_URL=https://voice.example.com/media
head -c 10000000 /dev/urandom >"$work/big.mp4"
put() { "$builddir/tests/media/store_tool" put "$work/big.mp4" calls/1/big.mp4 video/mp4; }
kept=$work/media/calls/1/big.mp4
begun=$(date +%s%N)
put >/dev/null 2>&1
took_ms=$((($(date +%s%N) - begun) / 1000000 + 1))
whole=0
cut_short=0
for _ in $(seq 40); do
    rm -f "$kept"
    "$builddir/tests/media/store_tool" put "$work/big.mp4" calls/1/big.mp4 video/mp4 >/dev/null 2>&1 &
    victim=$!
    sleep "$(printf '%d.%03d' $((after = RANDOM % (took_ms * 5 / 4 + 1), after / 1000)) $((after % 1000)))"
    kill -9 "$victim" 2>/dev/null
    wait "$victim" 2>/dev/null
    [ -e "$kept" ] || cut_short=$((cut_short + 1))
    [ ! -e "$kept" ] || { cmp -s "$work/big.mp4" "$kept" && whole=$((whole + 1)); }
done
echo "# killed 40 times: $cut_short times before it was there, $whole times behind it"
is "a copy that is killed leaves no half file under its name" "$((whole + cut_short))" 40
rm -f "$kept"
hands=()
for n in 1 2 3 4 5 6; do
    put >"$work/hand.$n" 2>&1 &
    hands+=($!)
done
wait "${hands[@]}"
is "six at once: each has put it, or waits for who does" "$(grep -vc -e '^ok https' -e '^again somebody else' "$work"/hand.* |
    grep -v ':0$')" ""
ok "and it is whole" cmp "$work/big.mp4" "$kept"
ok "with nothing left beside it" bash -c '[ "$(ls "$1")" = big.mp4 ]' _ "${kept%/*}"
finish
