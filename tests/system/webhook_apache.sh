#!/bin/bash
# deploy/apache.conf (mod_proxy_fcgi), apache-fcgid.conf (mod_fcgid) and apache-cgi.conf (mod_cgid) as they ship, apart
# from their Define lines, each as a site of a small Apache.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
make_settings
start_upgrade_peer
PATH=$PATH:/usr/sbin
modules=/usr/lib/apache2/modules
user=$(id -un)
[ "$user" != root ] || user=www-data

# A server around the site: what /etc/apache2/apache2.conf and a2enmod do on Debian.
around() {
    local site=$1 module
    shift
    mkdir -p "$work/$site"
    {
        printf '%s\n' "ServerRoot $work/$site" "ServerName localhost" "PidFile $work/$site/pid" "Listen 127.0.0.1:$port" \
            "ErrorLog $work/$site/error.log" "User $user" "Group $(id -gn "$user")" "DefaultRuntimeDir $work/$site"
        for module in mpm_event authz_core "$@"; do
            echo "LoadModule ${module}_module $modules/mod_$module.so"
        done
        printf '<Directory />\nRequire all denied\n</Directory>\nTypesConfig /dev/null\n'
        cat "$work/$site.extra" 2>/dev/null
        echo "Include $work/$site.site"
    } >"$work/$site.conf"
}

# configure SITE MODULE…: the shipped file with our values.
configure() {
    local site=$1
    port=$(free_port)
    sed -e "s|^Define receptionai_address .*|Define receptionai_address 127.0.0.1:$port|" \
        -e "s|^Define receptionai_socket .*|Define receptionai_socket $work/webhook.sock|" \
        -e "s|^Define receptionai_program_folder .*|Define receptionai_program_folder $work/sbin|" \
        -e "s|^Define receptionai_settings .*|Define receptionai_settings $RECEPTIONAI_CONF|" \
        -e "s|^Define receptionai_relay .*|Define receptionai_relay 127.0.0.1:$relay_port|" \
        -e "s|^Define receptionai_media .*|Define receptionai_media $work/media|" \
        "$srcdir/deploy/$site.conf" >"$work/$site.site"
    around "$@"
}

check_site() {
    local site=$1
    configure "$@"
    ok "Apache accepts $site.conf" apache2 -t -f "$work/$site.conf"
    spawn "$site" apache2 -f "$work/$site.conf" -D FOREGROUND
    check_web_server "$site" "$port"
    kill -TERM "$pid"
    wait "$pid" 2>/dev/null
}

open_folders
mkdir "$work/sbin"
cp "$webhook" "$work/sbin/"
spawn webhook "$webhook" --socket "$work/webhook.sock" --socket-mode 0666
wait_for 60 test -S "$work/webhook.sock"
check_site apache alias env headers mime proxy proxy_fcgi proxy_http
printf 'FcgidIPCDir %s\nFcgidProcessTableFile %s\n' "$work/fcgid" "$work/fcgid.table" >"$work/apache-fcgid.extra"
check_site apache-fcgid fcgid alias headers mime proxy proxy_http
printf 'ScriptSock %s\n' "$work/cgid.sock" >"$work/apache-cgi.extra"
check_site apache-cgi cgid alias env headers mime proxy proxy_http
finish
