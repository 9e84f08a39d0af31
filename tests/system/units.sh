#!/bin/bash
# systemd's own tools about the units, and what make install and make uninstall do to a host.
. "${srcdir:=.}/tests/lib.sh" || exit
root=$work/root
installed() { make -s -C "$builddir" install DESTDIR="$root" "$@"; }
uninstalled() { make -s -C "$builddir" uninstall DESTDIR="$root" "$@"; }
# The folders as the programs know them.
prefix=$(sed -n 's/^prefix = //p' "$builddir/Makefile")
folder() { sed -n "s|^$1 = ||p" "$builddir/Makefile" | sed "s|^\${prefix}|$prefix|"; }
etc=$(folder sysconfdir) var=$(folder localstatedir)
ok "make install" installed
units=$root$prefix/lib/systemd/system

# --- the units --------------------------------------------------------------------------------------------------------
# verify looks for programs on this host: they are below DESTDIR.
mkdir "$work/units"
cp "$units"/* "$work/units"
sed -i "s|^ExecStart=$prefix/|ExecStart=$root$prefix/|" "$work/units"/*.service
is "systemd-analyze verify has nothing to say" "$(systemd-analyze verify --man=no "$work/units"/* 2>&1; echo "$?")" 0
for unit in relay webhook worker; do
    ok "receptionai-$unit.service: exposure of 1.5 at most" \
        systemd-analyze security --offline=true --threshold=15 --no-pager "$work/units/receptionai-$unit.service"
done
has "the relay may use io_uring" \
    "$(sed -n 's/^SystemCallFilter=//p' "$units/receptionai-relay.service"; systemd-analyze syscall-filter @aio)" io_uring_setup
# secrets LETTER: those that the program with this letter reads.
secrets() { grep -oE "SETTING\([A-Z_]+, SECRET, \"\", [0-9]+, [0-9]+, \"[A-Z]*$1" "$srcdir/base/settings.h" | sed 's/SETTING(\([A-Z_]*\).*/\1/' | sort; }
given() { sed -n 's/^LoadCredential=receptionai\.//p' "$units/receptionai-$1.service" | sort; }
for pair in relay:R webhook:W worker:K; do
    is "receptionai-${pair%:*}.service is given every secret that it reads" \
        "$(comm -13 <(given "${pair%:*}") <(secrets "${pair#*:}"))" ""
done
has "there are secrets at all" "$(secrets R)" XAI_API_KEY
is "sysusers: a user and a group" "$(systemd-sysusers --dry-run --root="$root" "$root$prefix/lib/sysusers.d/receptionai.conf" 2>&1 |
    grep -oE "(user|group) 'receptionai[a-z-]*'" | sort | tr '\n' ' ')" "group 'receptionai' group 'receptionai-web' user 'receptionai' "
# tmpfiles makes folders for users that it finds in the root's own list.
mkdir -p "$root/etc"
printf 'root:x:0:0::/:/bin/sh\nreceptionai:x:%s:%s::/:/bin/sh\n' "$(id -u)" "$(id -g)" >"$root/etc/passwd"
printf 'root:x:0:\nreceptionai:x:%s:\nreceptionai-web:x:%s:\n' "$(id -g)" "$(id -g)" >"$root/etc/group"
ok "tmpfiles makes the folders" systemd-tmpfiles --create --root="$root" "$root$prefix/lib/tmpfiles.d/receptionai.conf"
is "each with its rights" "$(cd "$root" && stat -c %a run/receptionai ".$var/lib/receptionai" ".$var/lib/receptionai/media" \
    ".$var/spool/receptionai" ".$etc/receptionai" ".$etc/receptionai/receptionai.conf" etc/credstore | tr '\n' ' ')" \
    "755 751 2750 750 750 640 700 "

all=(receptionai.target receptionai-relay.service receptionai-webhook.service receptionai-worker.service)
links() { find "$root/etc/systemd/system" -type l -printf '%P\n' | sort | tr '\n' ' '; }
ok "they are enabled" systemctl --root="$root" enable "${all[@]}"
has "with their sockets, in the machine's start" "$(links)" "multi-user.target.wants/receptionai.target"
has "sockets, too" "$(links)" "sockets.target.wants/receptionai-relay.socket sockets.target.wants/receptionai-webhook.socket"
ok "and disabled" systemctl --root="$root" disable "${all[@]}"
is "without a trace" "$(links)" ""

# --- installing again, and uninstalling -------------------------------------------------------------------------------
conf=$root$etc/receptionai/receptionai.conf
is "the settings to begin with are the example, with these folders" \
    "$(sed -n 's/^RECEPTIONAI_SPOOL=//p; s/^PUBLIC_URL=//p' "$conf" | tr '\n' ' ')" "https://voice.example.com $var/spool/receptionai "
# shellcheck disable=SC2016 # the program's own word
ok "and programs take them" env RECEPTIONAI_CONF="$conf" TWILIO_AUTH_TOKEN=x "$root$prefix/sbin/receptionai-webhook" --check-config
echo '# mine' >>"$conf"
ok "make install again" installed
is "leaves settings that somebody has changed" "$(tail -n 1 "$conf")" "# mine"
echo x >"$root$var/lib/receptionai/receptionai.db"
ok "make uninstall" uninstalled
left() { find "$root" -type f -name '*receptionai*' | sed "s|^$root||" | sort; }
is "leaves the settings and the database, and nothing else" "$(left)" "$etc/receptionai/receptionai.conf
$var/lib/receptionai/receptionai.db"
rm -rf "$root"
ok "--with-systemdsystemunitdir says where units go" installed systemdsystemunitdir=/elsewhere
ok "and there they are" test -s "$root/elsewhere/receptionai-relay.service"
ok "make uninstall finds them" uninstalled systemdsystemunitdir=/elsewhere
is "what nobody changed is gone, too" "$(find "$root" -type f)" ""
finish
