#!/bin/bash
# The relay's TLS against OpenSSL's: which versions and suites are spoken, which are refused, and that sessions resume.
. "${srcdir:=.}/tests/lib.sh"
certs=$srcdir/tests/unit/certs
request='GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

serve() { # CERT: leg_echo with that certificate, its port in $port
    spawn "echo-$1" "$builddir/tests/bench/leg_echo" --connections 20 --cert "$certs/$1.pem" --key "$certs/$1.key" 127.0.0.1:0
    wait_for 60 grep -q '"port"' "$work/echo-$1.log"
    port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$work/echo-$1.log")
}

# ask OPTIONS…: what a client with these options sees of an HTTP request over TLS.
ask() {
    { printf '%b' "$request"; sleep 0.3; } | timeout 60 openssl s_client -connect "127.0.0.1:$port" -CAfile "$certs/ca.pem" \
        -servername localhost -verify_hostname localhost -ign_eof "$@" 2>&1
}

for cert in server rsa; do
    case $cert in server) kind=ECDSA ;; rsa) kind=RSA ;; esac
    serve $cert
    answer=$(ask -tls1_3)
    has "$kind: TLS 1.3 is answered over TLS" "$answer" "HTTP/1.1 426"
    has "$kind: the certificate chains and names the host" "$answer" "Verify return code: 0 (ok)"
    has "$kind: TLS 1.3 with ChaCha20" "$(ask -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256)" "HTTP/1.1 426"
    has "$kind: TLS 1.3 with AES-256" "$(ask -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384)" "HTTP/1.1 426"
    has "$kind: TLS 1.3 over P-256" "$(ask -tls1_3 -groups P-256)" "HTTP/1.1 426"
    has "$kind: TLS 1.2 with AES-128-GCM" "$(ask -tls1_2 -cipher ECDHE+AES128)" "HTTP/1.1 426"
    has "$kind: TLS 1.2 with ChaCha20" "$(ask -tls1_2 -cipher ECDHE+CHACHA20)" "HTTP/1.1 426"
    has "$kind: CBC is refused" "$(ask -tls1_2 -cipher "ECDHE-$kind-AES128-SHA")" "handshake failure"
    has "$kind: key transport without forward secrecy is refused" "$(ask -tls1_2 -cipher AES128-GCM-SHA256)" \
        "handshake failure"
    has "$kind: TLS 1.1 is refused" "$(ask -tls1_1 -cipher DEFAULT@SECLEVEL=0)" "protocol version"
    ask -tls1_3 -sess_out "$work/session" >/dev/null
    has "$kind: a TLS 1.3 session is resumed" "$(ask -tls1_3 -sess_in "$work/session")" "Reused, TLSv1.3"
    stop_spawned
done

finish
