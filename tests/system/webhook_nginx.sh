#!/bin/bash
# deploy/nginx.conf as it ships, apart from the lines that are the operator's, as a site of a small nginx.
. "${srcdir:=.}/tests/system/webhook_lib.sh"
make_settings
make_certificates
open_folders
start_upgrade_peer
pick_ports
write_nginx "$work/nginx.conf"
spawn webhook "$webhook" --socket "$work/webhook.sock" --socket-mode 0666
wait_for 60 test -S "$work/webhook.sock"
ok "nginx accepts the file" nginx -t -c "$work/nginx.conf"
start_nginx nginx
check_web_server nginx "$plain_port"
finish
