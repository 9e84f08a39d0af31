#!/bin/bash
# Both stores, by the program tests/media/store_tool: the S3 one against a stub that verifies every signature and fails
# as S3 and networks do, the folder one with a folder that is not there.
. "${srcdir:=.}/tests/lib.sh"
unset "${!AWS_@}" "${!MEDIA_@}" BUCKET_NAME S3_ADDRESSING PUBLIC_URL
export RECEPTIONAI_CONF=/dev/null
key=calls/7/2026/11/24/CA00000000000000000000000000000001/video-0123456789abcdef0123456789abcdef.mp4

# stub NAME option…: starts one, $endpoint is its URL.
stub() {
    local name=$1
    shift
    spawn "$name" /usr/bin/python3 "$srcdir/tests/media/s3_stub.py" "$work/$name.port" "$@"
    wait_for 20 test -s "$work/$name.port" || { echo "Bail out! the stub $name did not start"; exit 1; }
    endpoint=http://127.0.0.1:$(cat "$work/$name.port")
}
store() { timeout 120 "$builddir/tests/media/store_tool" "$@" 2>>"$work/tool.log"; }
put() { store put "$work/video.mp4" "$key" video/mp4 "$@"; }
faults() { printf '%s\n' "$@" | curl -sf --data-binary @- "$endpoint/-/faults"; }
asked() { curl -sf "$endpoint/-/log" | cut -d' ' -f "${1:-1,3,4}" | tr '\n' ',' | sed 's/ ,/,/g'; }
forget() { store delete "$endpoint/calls/$key" >/dev/null; }

head -c 300000 /dev/urandom >"$work/video.mp4"
stub main
export BUCKET_NAME=calls AWS_ENDPOINT_URL_S3=$endpoint AWS_REGION=eu-test-1 AWS_ACCESS_KEY_ID=AK:ID \
    AWS_SECRET_ACCESS_KEY=secret/+=

faults
is "a file is put, and its URL is the object's" "$(put)" "ok $endpoint/calls/$key"
is "by one HEAD and one PUT" "$(asked)" "HEAD 404 NoSuchKey,PUT 200,"
faults
is "again it is there already" "$(put)" "ok $endpoint/calls/$key there"
is "and only looked for" "$(asked)" "HEAD 200,"
link=$(store link "$endpoint/calls/$key" 60)
curl -sf -D "$work/head" -o "$work/got.mp4" "$link"
ok "a link fetches it without a key" cmp "$work/video.mp4" "$work/got.mp4"
has "with its type" "$(tr -d '\r' <"$work/head")" "content-type: video/mp4"
has "for private caches" "$(tr -d '\r' <"$work/head")" "cache-control: private"
is "and not with another expiry" "$(curl -s -o /dev/null -w '%{http_code}' "${link/Expires=60/Expires=61}")" 403
is "nor for another object" "$(curl -s -o /dev/null -w '%{http_code}' "${link/video-0/video-1}")" 403
is "nor without its signature" "$(curl -s -o /dev/null -w '%{http_code}' "$endpoint/calls/$key")" 403
has "no link for more than a week" "$(store link "$endpoint/calls/$key" 604801)" "1 to 604800 seconds"
has "nor to what is not ours" "$(store link "http://example.com/x" 60)" "is not below"
is "it can be deleted" "$(store delete "$endpoint/calls/$key")" "ok "
faults "DELETE 500"
has "a server that fails is asked once" "$(store delete "$endpoint/calls/$key") $(asked)" "again S3 answered 500"
is "twice" "$(store delete "$endpoint/calls/$key")" "ok "
: >"$work/empty"
is "an empty file is one" "$(store put "$work/empty" "${key/.mp4/.vtt}" text/vtt)" "ok $endpoint/calls/${key/.mp4/.vtt}"
has "one that is not there is given up" "$(store put "$work/none" "$key" video/mp4)" "never "

# What passes is tried again. The wait in front of the second attempt is at most half a second.
for fault in 500 503 503-soon 400-timeout reset half cut html; do
    forget
    faults "PUT $fault"
    is "after a PUT's '$fault' it is put again" "$(put) $(asked 1 | grep -o PUT | wc -l)" "ok $endpoint/calls/$key 2"
done
forget
faults "PUT lost"
is "an answer that was lost is found out by looking" "$(put)" "ok $endpoint/calls/$key there"
is "without a second PUT" "$(asked)" "HEAD 404 NoSuchKey,PUT 0 lost,HEAD 200,"
for fault in 500 reset 403; do
    forget
    faults "HEAD $fault"
    is "a HEAD that fails with '$fault' keeps nobody from putting" "$(put)" "ok $endpoint/calls/$key"
done
forget
faults "PUT 503-later"
is "a server that wants to be left alone is: the job waits" "$(put | grep -c -e '^again S3 answered 503 SlowDown' \
    -e '^retry_after_ms 600000$') $(asked 1 | grep -o PUT | wc -l)" "2 1"

# What the operator must mend is told once, with its reason, and not tried again.
refused() {
    local fault=$1 sentence=$2
    faults "PUT $fault"
    is "'$fault' is a matter of settings: $sentence" "$(put) $(asked 1 | grep -o PUT | wc -l)" "config $sentence 1"
}
refused 403 "S3 answered 403 AccessDenied: Access Denied"
refused 301 "AWS_REGION=eu-test-1 is wrong: the bucket is in eu-west-9"
refused 400-expired "S3 answered 400 ExpiredToken: The provided token has expired."
refused 404-bucket "S3 answered 404 NoSuchBucket: The specified bucket does not exist"
refused website "whoever answers at ${endpoint#http://} does not speak S3: no ETag behind a PUT"
faults "PUT 413"
has "a file that is too large is given up" "$(put)" "never S3 answered 413 EntityTooLarge"
faults
is "a wrong region is told with the right one" "$(AWS_REGION=us-east-1 put)" \
    "config AWS_REGION=us-east-1 is wrong: the bucket is in eu-test-1"
is "before anything is sent in vain" "$(asked 1 | grep -c PUT)" 0
has "a wrong secret is a matter of settings" "$(AWS_SECRET_ACCESS_KEY=other put)" \
    "config S3 answered 403 SignatureDoesNotMatch"
has "a wrong key too" "$(AWS_ACCESS_KEY_ID=other put)" "config S3 answered 403 InvalidAccessKeyId"
has "a bucket that is not there too" "$(BUCKET_NAME=other put)" "config S3 answered 404 NoSuchBucket"
has "a missing secret is told at start" "$(AWS_SECRET_ACCESS_KEY='' put)" "settings BUCKET_NAME is set, but AWS_SECRET"
has "a session token that is not wanted is refused" "$(AWS_SESSION_TOKEN=t put)" "config S3 answered 400 InvalidToken"
faults "PUT stall"
is "who waits for a server that is silent can be stopped" "$(put 4)" "stopped stopped"
by_host() { AWS_ENDPOINT_URL_S3=${endpoint/127.0.0.1/localhost} S3_ADDRESSING=virtual "$@"; }
is "in the name of the host" "$(by_host store describe)" "s3 http://calls.localhost:${endpoint##*:}/ in region eu-test-1"
is "the bucket is found as well" "$(by_host put)" "ok http://calls.localhost:${endpoint##*:}/$key"
port=$(free_port)
has "nobody there may pass" "$(AWS_ENDPOINT_URL_S3=http://127.0.0.1:$port put 6)" "stopped"

# Other stubs: one whose clock is off, one that wants a token.
for skew in 3600 -86400; do
    stub "skew$skew" --skew "$skew"
    export AWS_ENDPOINT_URL_S3=$endpoint
    faults
    is "a clock that is $skew s off is learnt from the server" "$(put)" "ok $endpoint/calls/$key"
    is "before anything is sent in vain" "$(asked)" "HEAD 403 RequestTimeTooSkewed,HEAD 404 NoSuchKey,PUT 200,"
done
has "and the operator is told" "$(cat "$work/tool.log")" "store clock=wrong seconds=86400"
stub token --token 'Fwo+/='
export AWS_ENDPOINT_URL_S3=$endpoint
is "temporary credentials are used" "$(AWS_SESSION_TOKEN='Fwo+/=' put)" "ok $endpoint/calls/$key"
ok "in links, too" curl -sf -o /dev/null "$(AWS_SESSION_TOKEN='Fwo+/=' store link "$endpoint/calls/$key" 60)"

# TLS: the certificate counts.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
stub tls --tls "$work/tls.crt" "$work/tls.key"
export AWS_ENDPOINT_URL_S3=https://localhost:${endpoint##*:}
is "over TLS with its root" "$(AWS_CA_BUNDLE=$work/tls.crt put)" "ok $AWS_ENDPOINT_URL_S3/calls/$key"
has "and not without" "$(put 6)" "stopped"

# The folder.
unset BUCKET_NAME
export MEDIA_DIR=$work/media MEDIA_URL=https://voice.example.com/media
has "a folder that is not there is not made" "$(put)" "config MEDIA_DIR $work/media: No such file or directory"
mkdir "$work/media"
is "a file is copied into it" "$(put)" "ok https://voice.example.com/media/$key"
ok "whole" cmp "$work/video.mp4" "$work/media/$key"
finish
