# shellcheck shell=bash
# A machine of its own, booted by systemd-nspawn: the host's /usr is the machine's, read-only, but for /usr/local; all else is
# fresh, and it has a network with nobody else in it. Needs root and systemd-nspawn. A test sources this behind tests/lib.sh:
#
#   make_machine              the folders below $root, and `make install` into them
#   boot                      until systemd answers; inside COMMAND… runs a command there
#   wait_for 60 up UNIT       whether units are active
#   halt
prefix=$(sed -n 's/^prefix = //p' "$builddir/Makefile")
localstatedir=$(sed -n 's/^localstatedir = //p' "$builddir/Makefile")
localstatedir=${localstatedir/'${prefix}'/$prefix}
sysconfdir=$(sed -n 's/^sysconfdir = //p' "$builddir/Makefile")
sysconfdir=${sysconfdir/'${prefix}'/$prefix}
root=$work/machine
binds=()
as_mount=()
host=

make_machine() {
    local folder link unit
    mkdir -p "$root"/{etc/systemd/system,etc/lighttpd,etc/credstore,var/log/lighttpd,var/empty,usr,run,tmp,proc,sys,dev,root}
    chmod 0700 "$root/etc/credstore"
    for link in bin sbin lib lib32 lib64; do [ -L "/$link" ] && ln -s "usr/$link" "$root/$link"; done
    for folder in /usr/*; do
        case $folder in
        */local) ;;
        *) [ -L "$folder" ] || { mkdir "$root$folder"; binds+=("--bind-ro=$folder"); } ;;
        esac
    done
    for folder in /etc/alternatives /etc/fonts /etc/ld.so.cache; do
        [ -e "$folder" ] && binds+=("--bind-ro=$folder")
    done
    printf '%s\n' root:x:0:0:root:/root:/bin/bash nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin \
        www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin >"$root/etc/passwd"
    printf '%s\n' root:x:0: tty:x:5: www-data:x:33: nogroup:x:65534: >"$root/etc/group"
    echo 'hosts: files' >"$root/etc/nsswitch.conf"
    echo '127.0.0.1 localhost voice.example.com' >"$root/etc/hosts"
    echo NAME=machine >"$root/etc/os-release"
    tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    # What a machine of one purpose does without.
    for unit in systemd-logind.service getty.target console-getty.service dbus.service dbus.socket systemd-udevd.service \
        systemd-networkd.service systemd-resolved.service apt-daily.timer; do
        ln -s /dev/null "$root/etc/systemd/system/$unit"
    done
    make -s -C "$builddir" install DESTDIR="$root"
}

# certify NAME FOLDER: a root in $root/etc/ca.pem, and of it a certificate and key of NAME in FOLDER.
certify() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=machine's root" \
        -keyout "$work/ca.key" -out "$root/etc/ca.pem"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$2/privkey.pem" -out "$work/server.csr"
    printf 'subjectAltName=DNS:%s,DNS:localhost\n' "$1" >"$work/server.ext"
    openssl x509 -req -in "$work/server.csr" -CA "$root/etc/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 90 \
        -extfile "$work/server.ext" -out "$2/fullchain.pem"
}

# In a chroot whose root is no mount, systemd-nspawn needs one that is: seen by nobody else, and never removed with what is
# in it. And whose root is not its name space's root may make no user name space: the kernel's rule for all chroots.
leave_chroot() {
    local unit
    # shellcheck source=tests/own_mounts.sh
    . "$srcdir/tests/own_mounts.sh"
    host=$(mktemp -d "${TMPDIR:-/tmp}/receptionai-host.XXXXXX")
    # shellcheck disable=SC2016 # its own words
    as_mount=("${own_mounts[@]}" bash -c 'mount --bind "$0" "$0" && mount --make-private "$0" && mount --rbind / "$0" &&
        exec chroot "$0" "$@"' "$host")
    for unit in relay webhook worker; do
        mkdir -p "$root/etc/systemd/system/receptionai-$unit.service.d"
        printf '[Service]\nPrivateUsers=no\n' >"$root/etc/systemd/system/receptionai-$unit.service.d/chroot.conf"
    done
}

boot() {
    mountpoint -q / || leave_chroot
    spawn machine "${as_mount[@]}" systemd-nspawn -q --keep-unit --register=no -M "receptionai-$$" -D "$root" --private-network \
        --resolv-conf=off --timezone=off --link-journal=no "${binds[@]}" --boot -- --unit=multi-user.target \
        --log-target=journal
    nspawn=$pid
    wait_for 60 leader
}
leader() {
    read -r leader _ <"/proc/$nspawn/task/$nspawn/children"
    [ -n "$leader" ] && [ -e "/proc/$leader/root/run/systemd/private" ]
}
inside() { nsenter -t "$leader" -m -u -i -n -p -C -r -w -- "$@"; }
up() { inside systemctl is-active --quiet "$@"; }
journal() { inside journalctl -q --no-pager -o cat -u "receptionai-$1.service"; }
said() { journal "$1" | grep -qE -- "$2"; }
halt() {
    kill -KILL "$leader"
    wait "$nspawn"
    [ -z "$host" ] || rmdir "$host"
}
