# shellcheck shell=bash
# The web servers' files as they ship, apart from the lines that are the operator's: addresses, paths, a certificate.
# Sourced after tests/fcgi/lib.sh; $relay_port and $work/media are the caller's.
#
#   make_certificates                  a root in $ca; a chain and key in $certificate, $key for voice.example.com and others
#   pick_ports                         $port (TLS) and $plain_port
#   write_lighttpd FILE, write_nginx FILE, write_apache SITE MODULE…
#   start_lighttpd NAME, start_nginx NAME, start_apache SITE            what was written
PATH=$PATH:/usr/sbin
apache_modules=/usr/lib/apache2/modules
web_user=$(id -un)
[ "$web_user" != root ] || web_user=www-data

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# issue NAME SUBJECT ISSUER EXTENSIONS
issue() {
    new_key "$work/tls/$1.key"
    openssl req -new -key "$work/tls/$1.key" -subj "/CN=$2" -out "$work/tls/$1.csr"
    openssl x509 -req -in "$work/tls/$1.csr" -CA "$work/tls/$3.pem" -CAkey "$work/tls/$3.key" -CAcreateserial -sha256 \
        -days 2 -extfile <(printf '%s\n' "$4") -out "$work/tls/$1.pem"
}

# As public authorities do it: the root that clients know signs an issuer, whose certificate the server must show, too.
make_certificates() {
    mkdir -p "$work/tls"
    ca=$work/tls/root.pem certificate=$work/tls/fullchain.pem key=$work/tls/server.key
    {
        new_key "$work/tls/root.key"
        openssl req -x509 -new -key "$work/tls/root.key" -sha256 -days 2 -subj "/CN=test root" -out "$ca"
        issue issuer "test issuer" root basicConstraints=critical,CA:true
        issue server voice.example.com issuer subjectAltName=DNS:voice.example.com,DNS:receptionai.fly.dev,DNS:bella.ngrok.app
    } >"$work/openssl.log" 2>&1
    cat "$work/tls/server.pem" "$work/tls/issuer.pem" >"$certificate"
    chmod 644 "$key"
}

pick_ports() {
    port=$(free_port)
    plain_port=$(free_port)
}

write_lighttpd() {
    sed -e "s|^var.bind .*|var.bind = \"127.0.0.1\"|" -e "s|^var.port .*|var.port = \"$port\"|" \
        -e "s|^var.plain_port .*|var.plain_port = $plain_port|" -e "s|^var.user .*|var.user = \"$web_user\"|" \
        -e "s|^var.certificate .*|var.certificate = \"$certificate\"|" -e "s|^var.key .*|var.key = \"$key\"|" \
        -e "s|^var.program .*|var.program = \"$webhook\"|" -e "s|^var.run .*|var.run = \"$work\"|" \
        -e "s|^var.logs .*|var.logs = \"$work\"|" -e "s|^var.relay_port .*|var.relay_port = $relay_port|" \
        -e "s|^var.media .*|var.media = \"$work/media\"|" "$srcdir/deploy/lighttpd.conf" >"$1"
}

start_lighttpd() { spawn "$1" lighttpd -D -f "$work/$1.conf"; }

# A site of a small nginx.
write_nginx() {
    sed -e "s|unix:[^;]*; *# yours|unix:$work/webhook.sock;|" \
        -e "s|server 127.0.0.1:8080; *# yours|server 127.0.0.1:$relay_port;|" \
        -e "s|listen 443 ssl; *# yours|listen 127.0.0.1:$port ssl;|" \
        -e "s|listen 127.0.0.1:8000; *# yours|listen 127.0.0.1:$plain_port;|" \
        -e "s|ssl_certificate [^;]*; *# yours|ssl_certificate $certificate;|" \
        -e "s|ssl_certificate_key [^;]*; *# yours|ssl_certificate_key $key;|" \
        -e "s|alias [^;]*; *# yours|alias $work/media/;|" "$srcdir/deploy/nginx.conf" >"$1.site"
    mkdir -p "$work/nginx"
    cat >"$1" <<CONF
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
    include $1.site;
}
CONF
}

start_nginx() { spawn "$1" nginx -c "$work/$1.conf"; }

# A site of a small Apache: around it what /etc/apache2/apache2.conf and a2enmod do on Debian.
write_apache() {
    local site=$1 module
    shift
    sed -e "s|^Define receptionai_address .*|Define receptionai_address 127.0.0.1:$port|" \
        -e "s|^Define receptionai_plain .*|Define receptionai_plain 127.0.0.1:$plain_port|" \
        -e "s|^Define receptionai_certificate .*|Define receptionai_certificate $certificate|" \
        -e "s|^Define receptionai_key .*|Define receptionai_key $key|" \
        -e "s|^Define receptionai_socket .*|Define receptionai_socket $work/webhook.sock|" \
        -e "s|^Define receptionai_program_folder .*|Define receptionai_program_folder $work/sbin|" \
        -e "s|^Define receptionai_settings .*|Define receptionai_settings $RECEPTIONAI_CONF|" \
        -e "s|^Define receptionai_relay .*|Define receptionai_relay 127.0.0.1:$relay_port|" \
        -e "s|^Define receptionai_media .*|Define receptionai_media $work/media|" \
        "$srcdir/deploy/$site.conf" >"$work/$site.site"
    mkdir -p "$work/$site"
    {
        printf '%s\n' "ServerRoot $work/$site" "ServerName localhost" "PidFile $work/$site/pid" \
            "Listen 127.0.0.1:$port" "Listen 127.0.0.1:$plain_port" \
            "ErrorLog $work/$site/error.log" "User $web_user" "Group $(id -gn "$web_user")" \
            "DefaultRuntimeDir $work/$site"
        for module in mpm_event authz_core "$@"; do
            echo "LoadModule ${module}_module $apache_modules/mod_$module.so"
        done
        printf '<Directory />\nRequire all denied\n</Directory>\nTypesConfig /dev/null\n'
        case $site in
        apache-fcgid) printf 'FcgidIPCDir %s\nFcgidProcessTableFile %s\n' "$work/fcgid" "$work/fcgid.table" ;;
        apache-cgi) printf 'ScriptSock %s\n' "$work/cgid.sock" ;;
        esac
        echo "Include $work/$site.site"
    } >"$work/$site.conf"
}

start_apache() { spawn "$1" apache2 -f "$work/$1.conf" -D FOREGROUND; }

# With the modules that each file's first lines say.
write_apache_site() {
    local modules
    mapfile -t modules < <(sed -nE 's/^# *a2enmod ([a-z_ ]*) &&.*/\1/p' "$srcdir/deploy/$1.conf" | tr ' ' '\n')
    write_apache "$1" "${modules[@]}"
}
