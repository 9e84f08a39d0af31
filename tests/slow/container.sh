#!/bin/bash
# deploy/container/Containerfile, really built and run with podman: the image, a whole call through it, what it says where
# io_uring is refused, its end. By hand, as root; six minutes, most of them Debian's (debootstrap, apt-get).
#
#   apt-get install --no-install-recommends podman crun debootstrap haproxy
#   builddir=BUILD tests/slow/container.sh
#
# BASE=IMAGE takes this image instead of making one by debootstrap.
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) builddir=${builddir:-$srcdir}
if [ -z "${INSIDE:-}" ]; then
    export INSIDE=1 srcdir builddir
    # A cgroup tree of two versions is none that crun knows: a private view of the newer one is.
    [ ! -d /sys/fs/cgroup/systemd ] || exec unshare --mount bash -c 'umount -R /sys/fs/cgroup &&
        mount -t cgroup2 none /sys/fs/cgroup && exec "$0"' "$0"
fi
. "$srcdir/tests/system/webhook_lib.sh"
. "$srcdir/tests/system/whole_call.sh"
image=localhost/receptionai-test

make_base() {
    [ -z "${BASE:-}" ] || return 0
    debootstrap --variant=minbase bookworm "$work/root" && tar -C "$work/root" -c . | podman import - localhost/receptionai-base
}
# chroot: no right of a container's is needed to build.
build() {
    podman build --isolation chroot --pull=never --network host --build-arg DEBIAN="${BASE:-localhost/receptionai-base}" \
        --ignorefile "$srcdir/deploy/container/ignore" -f "$srcdir/deploy/container/Containerfile" "$@" "$srcdir"
}
# run NAME OPTION…: without a right, on a file system that cannot be written to but for two folders.
run() {
    local name=$1
    shift
    spawn "$name" podman run --rm --name "receptionai-test-$$-$name" --cgroups=disabled --network host --read-only \
        --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --cap-drop all --security-opt no-new-privileges \
        --tmpfs /run/receptionai:mode=1777 -v "$work/data:/data" -e PORT="$box_port" -e RELAY_LISTEN="$relay_at" \
        -e RELAY_ADMIN_LISTEN="$admin" -e PUBLIC_URL="$public" -e TWILIO_AUTH_TOKEN=12345 -e XAI_API_KEY=secret \
        -e SUMMARY_URL= -e GROK_URL="$(sed -n 's/^listening on *//p' "$work/grok.log")" "$@"
}
logged() { grep -q "$2" "$work/$1.log"; }
answers() { get "$port" /healthz -f; }
inside() { podman exec "receptionai-test-$$-$1" "${@:2}"; }
ends() { # NAME
    podman kill --signal TERM "receptionai-test-$$-$1" >>"$work/kill.log"
    ok "$1: SIGTERM ends it" wait_for 60 logged "$1" 'box ended'
}

make_settings
make_certificates
start_grok
box_port=$(free_port) relay_at=127.0.0.1:$(free_port) admin=127.0.0.1:$(free_port)
start_front "$box_port"
ok "there is a base image" make_base
ok "the image is built" build -t "$image"
ok "and the one for Fly" build -t "$image-fly" --target fly
is "it runs as nobody in particular" "$(podman inspect --format '{{.Config.User}}' "$image")" 10001:10001
is "no compiler is in it" "$(podman run --rm --cgroups=disabled --network host --ulimit nofile=4096:4096 \
    --ulimit nproc=4096:4096 --entrypoint /bin/sh "$image" -c 'command -v gcc make')" ""

install -d -o 10001 -g 10001 "$work/data"
chmod 755 "$work"
run call "$image"
wait_for 60 answers || { echo "Bail out! the container does not answer"; exit 1; }
db=$work/data/receptionai.db
sql "INSERT INTO merchants(name, phone_number) VALUES('Bella''s', '$bella')"
greet
is "no process of it is root's" "$(inside call sh -c 'cat /proc/[0-9]*/status' | grep -c '^Uid:.*\b0\b')" 0
is "where io_uring is refused, one line says so" "$(grep -c 'io_uring is refused here' "$work/call.log")" 1
phone CA-container "$port" --say "$question" --hangup-silence 500
was_whole "the container" CA-container
ends call

run uring --security-opt seccomp=unconfined "$image"
ok "where it is allowed, it is used" wait_for 60 logged uring 'ring ready io=uring'
ends uring
install -d -o root -g root "$work/data/fly"
run fly --cap-add chown,setuid,setgid,setpcap -e DATA=/data/fly "$image-fly"
ok "Fly's begins as root, takes the volume over and goes on as somebody else" wait_for 60 logged fly 'box ready'
is "no process of it is root's either" "$(inside fly sh -c 'cat /proc/[1-9]*/status' | awk '/^Name/ { n = $2 }
    /^Uid/ && $2 == 0 && n != "sh" && n != "cat" { print n }')" ""
ends fly
podman rmi "$image-fly" "$image" >>"$work/kill.log" 2>&1
finish
