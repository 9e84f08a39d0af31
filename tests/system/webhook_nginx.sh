#!/bin/bash
# deploy/nginx.conf as it ships, apart from the lines that are the operator's, as a site of a small nginx.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
make_settings
open_folders
start_upgrade_peer
PATH=$PATH:/usr/sbin
port=$(free_port)

sed -e "s|unix:[^;]*; *# yours|unix:$work/webhook.sock;|" -e "s|server 127.0.0.1:8080; *# yours|server 127.0.0.1:$relay_port;|" \
    -e "s|listen 80; *# yours|listen 127.0.0.1:$port;|" -e "s|alias [^;]*; *# yours|alias $work/media/;|" \
    "$srcdir/deploy/nginx.conf" >"$work/site.conf"
mkdir "$work/nginx"
cat >"$work/nginx.conf" <<CONF
daemon off;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
events { }
http {
    access_log off;
    client_body_temp_path $work/nginx/body;
    proxy_temp_path $work/nginx/proxy;
    fastcgi_temp_path $work/nginx/fastcgi;
    uwsgi_temp_path $work/nginx/uwsgi;
    scgi_temp_path $work/nginx/scgi;
    include $work/site.conf;
}
CONF
spawn webhook "$webhook" --socket "$work/webhook.sock" --socket-mode 0666
wait_for 60 test -S "$work/webhook.sock"
ok "nginx accepts the file" nginx -t -c "$work/nginx.conf"
spawn nginx nginx -c "$work/nginx.conf"
check_web_server nginx "$port"
finish
