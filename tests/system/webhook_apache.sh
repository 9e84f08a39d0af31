#!/bin/bash
# deploy/apache.conf (mod_proxy_fcgi), apache-fcgid.conf (mod_fcgid) and apache-cgi.conf (mod_cgid) as they ship, apart
# from their Define lines, each as a site of a small Apache.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
make_settings
make_certificates
start_upgrade_peer

check_site() {
    pick_ports
    write_apache_site "$1"
    ok "Apache accepts $1.conf" apache2 -t -f "$work/$1.conf"
    start_apache "$1"
    check_web_server "$1" "$plain_port"
    kill -TERM "$pid"
    wait "$pid" 2>/dev/null
}

open_folders
mkdir "$work/sbin"
cp "$webhook" "$work/sbin/"
spawn webhook "$webhook" --socket "$work/webhook.sock" --socket-mode 0666
wait_for 60 test -S "$work/webhook.sock"
check_site apache
check_site apache-fcgid
check_site apache-cgi
finish
