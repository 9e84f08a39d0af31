#!/usr/bin/python3
"""Asks the webhook as Twilio would: signs with code of its own, sends by HTTP, as CGI or by FastCGI, and checks what
every answer must have. Python's standard library only.

  twilio_client.py [options] PATH [NAME=VALUE...]      values are bytes with \\xNN escapes

Prints "STATUS CONTENT-TYPE", then the answer's other headers that matter, then the body. Exit code 3: the answer breaks
a rule (length, XML, a body where none may be); 4: no answer at all.
"""
import argparse
import base64
import codecs
import hashlib
import hmac
import http.client
import os
import socket
import ssl
import struct
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree

FORM = "application/x-www-form-urlencoded; charset=UTF-8"


def sign(token, url, pairs):
    data = url.encode()
    for name, value in sorted(set(pairs)):
        data += name + value
    return base64.b64encode(hmac.digest(token.encode(), data, "sha1")).decode()


def as_bytes(text):
    return codecs.escape_decode(text.encode())[0]


def encode(pairs):
    return "&".join(urllib.parse.quote_plus(n) + "=" + urllib.parse.quote_plus(v) for n, v in pairs)


def record(kind, content):
    """One FastCGI record of request 1."""
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def name_value(name, value):
    def size(text):
        return struct.pack(">B", len(text)) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)
    return size(name) + size(value) + name + value


def by_fcgi(address, variables, body, keep):
    if "/" in address:
        s = socket.socket(socket.AF_UNIX)
        s.connect(address)
    else:
        host, port = address.rsplit(":", 1)
        s = socket.create_connection((host, int(port)))
    s.settimeout(60)
    params = b"".join(name_value(n.encode(), v.encode("latin-1")) for n, v in variables.items())
    s.sendall(record(1, struct.pack(">HB5x", 1, 1 if keep else 0)) + record(4, params) + record(4, b""))
    try:
        for at in range(0, len(body), 32768):
            s.sendall(record(5, body[at:at + 32768]))
        s.sendall(record(5, b""))
    except BrokenPipeError:
        pass
    out, data = b"", b""
    while True:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            break
        data += piece
    while len(data) >= 8:
        _, kind, _, size, padding = struct.unpack(">BBHHB", data[:7])
        if kind == 6:
            out += data[8:8 + size]
        data = data[8 + size + padding:]
    return out


def by_cgi(program, variables, body):
    run = subprocess.run([*program.split()], input=body, env={**os.environ, **variables},
                         stdout=subprocess.PIPE, timeout=60, check=False)
    return run.stdout


def by_http(base, method, target, headers, body, length):
    url = urllib.parse.urlsplit(base)
    if url.scheme == "https":
        trust = ssl.create_default_context(cafile=os.environ["CLIENT_CA"])
        trust.check_hostname = False            # a public name's certificate, at an address of this machine
        connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=60, context=trust)
    else:
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body or method == "POST":
        connection.putheader("Content-Length", str(length))
    connection.endheaders()
    try:
        connection.send(body)
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = connection.getresponse()
    return answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read()


def parse_cgi(raw):
    head, separator, body = raw.partition(b"\r\n\r\n")
    if not separator:
        print("no answer")
        sys.exit(4)
    lines = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")]
    headers = {n.lower(): v for n, v in lines}
    return int(headers.pop("status", "200").split()[0]), headers, body


def broken_rule(method, status, headers, body):
    length = headers.get("content-length")
    kind = headers.get("content-type", "")
    if status == 204 and (body or kind):
        return "a 204 with a body"
    if method == "HEAD":
        return "a body for HEAD" if body else None
    if status != 204 and length != str(len(body)):
        return f"Content-Length {length} for {len(body)} bytes"
    if kind.startswith("text/xml"):
        try:
            xml.etree.ElementTree.fromstring(body)
        except xml.etree.ElementTree.ParseError as error:
            return f"not XML: {error}"
    return None


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--via", required=True, help="http://HOST:PORT, https://HOST:PORT with CLIENT_CA, cgi:PROGRAM or fcgi:ADDRESS")
    p.add_argument("--origin", default="https://voice.example.com")
    p.add_argument("--token", default="12345")
    p.add_argument("--method", default="POST")
    p.add_argument("--signature", default="good", help="good, none, or the header's text")
    p.add_argument("--body", help="raw body instead of the form; the form is still what is signed")
    p.add_argument("--type", default=FORM)
    p.add_argument("--length", help="announced instead of the true length; empty: none")
    p.add_argument("--keep", action="store_true", help="ask to keep the FastCGI connection")
    p.add_argument("path")
    p.add_argument("fields", nargs="*")
    o = p.parse_args()

    pairs = [tuple(as_bytes(half) for half in field.split("=", 1)) for field in o.fields]
    posts = o.method not in ("GET", "HEAD")
    target = o.path if posts or not pairs else o.path + "?" + encode(pairs)
    body = as_bytes(o.body) if o.body is not None else encode(pairs).encode() if posts else b""
    length = str(len(body)) if o.length is None else o.length
    if o.signature == "good":
        o.signature = sign(o.token, o.origin + target, pairs if posts else [])
    headers = {"Host": "voice.example.com", "User-Agent": "TwilioProxy/1.1"}
    if posts:
        headers["Content-Type"] = o.type
    if o.signature != "none":
        headers["X-Twilio-Signature"] = o.signature

    scheme, rest = o.via.split(":", 1)
    if scheme in ("http", "https"):
        status, answered, text = by_http(o.via, o.method, target, headers, body, length)
    else:
        variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": o.method, "REQUEST_URI": target}
        for name, value in headers.items():
            variables[("" if name == "Content-Type" else "HTTP_") + name.upper().replace("-", "_")] = value
        if posts and length:
            variables["CONTENT_LENGTH"] = length
        raw = by_fcgi(rest, variables, body, o.keep) if scheme == "fcgi" else by_cgi(rest, variables, body)
        status, answered, text = parse_cgi(raw)

    print(status, answered.get("content-type", "-"))
    if "allow" in answered:
        print("allow:", answered["allow"])
    sys.stdout.flush()
    sys.stdout.buffer.write(text)
    rule = broken_rule(o.method, status, answered, text)
    if rule:
        print("BROKEN:", rule)
        sys.exit(3)


def token_facts(token, secret):
    """What a stream token says, if its MAC is right: merchant, CallSid, expiry in ms."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    key = hmac.digest(secret.encode(), b"receptionai stream token", hashlib.sha256)
    assert hmac.digest(key, raw[:-16], hashlib.sha256)[:16] == raw[-16:], "foreign"
    return struct.unpack(">q", raw[17:25])[0], raw[25:-16].decode(), struct.unpack(">q", raw[1:9])[0]


if __name__ == "__main__":
    main()
