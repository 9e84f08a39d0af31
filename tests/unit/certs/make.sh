#!/bin/bash
# Makes the certificates of tests/unit/tls_test.c afresh: ./make.sh (needs openssl). They are good for a hundred years, and
# their keys are worth nothing: they are here for everyone to read.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

authority() { # NAME SUBJECT
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key"
    openssl req -x509 -new -key "$work/$1.key" -subj "/CN=$2" -days 36500 -sha256 -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    touch "$work/$1.index"
    echo 1000 >"$work/$1.serial"
}

# leaf NAME CA SAN START END [rsa]: NAME.pem is the chain, NAME.key the key.
leaf() {
    if [ "${6:-}" = rsa ]; then
        openssl genrsa -out "$1.key" 2048 2>/dev/null
    else
        openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
    fi
    openssl req -new -key "$1.key" -subj "/CN=$1" -out "$work/$1.csr"
    printf '%s\n' "[ca]" "default_ca=d" "[d]" "dir=$work" "database=$work/$2.index" "serial=$work/$2.serial" \
        "new_certs_dir=$work" "default_md=sha256" "policy=p" "unique_subject=no" "[p]" "commonName=supplied" \
        "[x]" "subjectAltName=$3" "basicConstraints=CA:FALSE" "extendedKeyUsage=serverAuth" >"$work/ca.cnf"
    openssl ca -batch -notext -config "$work/ca.cnf" -extensions x -cert "$2.pem" -keyfile "$work/$2.key" \
        -in "$work/$1.csr" -out "$1.pem" -startdate "$4" -enddate "$5" 2>/dev/null
}

authority ca "ReceptionAI test CA"
authority stranger "Somebody else's CA"
leaf server ca DNS:localhost,IP:127.0.0.1 20200101000000Z 21200101000000Z
leaf rsa ca DNS:localhost 20200101000000Z 21200101000000Z rsa
leaf expired ca DNS:localhost 20200101000000Z 20210101000000Z
leaf future ca DNS:localhost 21000101000000Z 21200101000000Z
leaf elsewhere ca DNS:example.org 20200101000000Z 21200101000000Z
leaf unknown stranger DNS:localhost 20200101000000Z 21200101000000Z
