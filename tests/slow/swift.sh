#!/bin/bash
# Our S3 store against somebody else's S3: OpenStack Swift's s3api, all of it on this host, in a folder of its own. Takes
# half a minute and these Debian packages; not a part of tests/run:
#   apt-get install swift-proxy swift-account swift-container swift-object memcached python3-boto3 faketime curl
#   srcdir=. builddir=BUILD tests/slow/swift.sh
. "${srcdir:=.}/tests/lib.sh"
unset "${!AWS_@}" "${!MEDIA_@}" BUCKET_NAME S3_ADDRESSING PUBLIC_URL
export RECEPTIONAI_CONF=/dev/null AWS_EC2_METADATA_DISABLED=true
etc=$work/etc dev=$work/dev
mkdir -p "$etc" "$dev/d1"
user=$(id -un)
declare -A port
for server in object container account proxy memcached; do port[$server]=$(free_port); done

printf '[swift-hash]\nswift_hash_path_suffix = test\n' >"$etc/swift.conf"
(
    cd "$etc" || exit 1
    for server in object container account; do
        swift-ring-builder "$server.builder" create 4 1 0
        swift-ring-builder "$server.builder" add "r1z1-127.0.0.1:${port[$server]}/d1" 1
        swift-ring-builder "$server.builder" rebalance
    done
) >"$work/rings.log" 2>&1
for server in object container account; do
    cat >"$etc/$server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port[$server]}
workers = 0
user = $user
swift_dir = $etc
devices = $dev
mount_check = false
log_level = WARNING
[pipeline:main]
pipeline = $server-server
[app:$server-server]
use = egg:swift#$server
CONF
done
filters="catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk s3api tempauth copy slo dlo"
cat >"$etc/proxy.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port[proxy]}
workers = 0
user = $user
swift_dir = $etc
log_level = INFO
[pipeline:main]
pipeline = $filters versioned_writes symlink proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${port[memcached]}
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = true
storage_domain = localhost
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:proxy-logging]
use = egg:swift#proxy_logging
CONF
for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy slo dlo versioned_writes symlink; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter"
done >>"$etc/proxy.conf"

spawn memcached memcached -u "$user" -l 127.0.0.1 -p "${port[memcached]}" -m 16
for server in account container object proxy; do
    spawn "$server" env "SWIFT_DIR=$etc" "swift-$server-server" "$etc/$server.conf" -v
done
endpoint=http://127.0.0.1:${port[proxy]}
wait_for 60 curl -sf "$endpoint/healthcheck" || { echo "Bail out! Swift did not start"; exit 1; }

export BUCKET_NAME=calls AWS_ENDPOINT_URL_S3=$endpoint AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test:tester \
    AWS_SECRET_ACCESS_KEY=testing
boto() {
    /usr/bin/python3 - "$@" <<'PY'
import sys
import boto3
from botocore.client import Config
s3 = boto3.client("s3", endpoint_url=sys.argv[1], aws_access_key_id="test:tester", aws_secret_access_key="testing",
                  region_name="us-east-1", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
if sys.argv[2] == "make":
    s3.create_bucket(Bucket="calls")
else:
    head = s3.get_object(Bucket="calls", Key=sys.argv[3])
    open(sys.argv[4], "wb").write(head["Body"].read())
    print(head["ContentType"], head["Metadata"].get("sha256"))
PY
}
store() { timeout 120 "$builddir/tests/media/store_tool" "$@" 2>>"$work/tool.log"; }
key=calls/7/2026/11/24/CA00000000000000000000000000000001/video-0123456789abcdef0123456789abcdef.mp4
put() { store put "$work/video.mp4" "${1:-$key}" video/mp4; }
head -c 3000000 /dev/urandom >"$work/video.mp4"
hash=$(sha256sum <"$work/video.mp4" | cut -c 1-64)

has "a bucket that is not there is told" "$(put)" "config S3 answered 404 NoSuchBucket"
ok "Amazon's client makes it" boto "$endpoint" make
is "a file is put" "$(put)" "ok $endpoint/calls/$key"
is "and fetched by Amazon's client, with its type and hash" "$(boto "$endpoint" get "$key" "$work/got.mp4")" "video/mp4 $hash"
ok "whole" cmp "$work/video.mp4" "$work/got.mp4"
is "again it is there already" "$(put)" "ok $endpoint/calls/$key there"
link=$(store link "$endpoint/calls/$key" 60)
curl -s -o "$work/linked.mp4" "$link"
ok "a link fetches it without a key" cmp "$work/video.mp4" "$work/linked.mp4"
is "in parts" "$(curl -s -r 0-99 -o /dev/null -w '%{http_code} %{size_download}' "$link")" "206 100"
is "not with another signature" "$(curl -s -o /dev/null -w '%{http_code}' "${link%?}$(tr 0-9a-f 1-9a-f0 <<<"${link: -1}")")" 403
old=$(faketime -f -2h "$builddir/tests/media/store_tool" link "$endpoint/calls/$key" 60)
is "nor after its time" "$(curl -s -o /dev/null -w '%{http_code}' "$old")" 403
is "a clock that is an hour off is learnt" "$(timeout 60 faketime -f -1h "$builddir/tests/media/store_tool" put \
    "$work/video.mp4" "${key/video/late}" video/mp4 2>"$work/late.log")" "ok $endpoint/calls/${key/video/late}"
has "and told" "$(cat "$work/late.log")" "store clock=wrong"
has "a wrong secret is refused" "$(AWS_SECRET_ACCESS_KEY=other put)" "config S3 answered 403 SignatureDoesNotMatch"
has "a wrong key too" "$(AWS_ACCESS_KEY_ID=other:one put)" "config S3 answered 403"
has "a wrong region is told" "$(AWS_REGION=eu-west-1 put)" "config AWS_REGION=eu-west-1 is wrong: the bucket is in us-east-1"
by_host() { AWS_ENDPOINT_URL_S3=${endpoint/127.0.0.1/localhost} S3_ADDRESSING=virtual "$@"; }
is "the bucket in the host's name" "$(by_host put "${key/video/host}")" \
    "ok http://calls.localhost:${port[proxy]}/${key/video/host}"
is "it is the same bucket" "$(put "${key/video/host}")" "ok $endpoint/calls/${key/video/host} there"
is "deleted" "$(store delete "$endpoint/calls/$key")" "ok "
is "and gone" "$(curl -s -o /dev/null -w '%{http_code}' "$link")" 404
is "deleted twice" "$(store delete "$endpoint/calls/$key")" "ok "
finish
