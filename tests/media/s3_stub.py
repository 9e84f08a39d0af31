#!/usr/bin/python3
"""A small S3 that believes nobody: it computes every signature anew from the bytes of the request, wants every header
signed that S3 wants signed, hashes the body, and knows its clock and its region. On demand it fails as S3 and networks
do.

  s3_stub.py PORT_FILE [--key K --secret S --token T --region R --bucket B --skew SECONDS --tls CERT KEY]

Path style, or virtual-host style for Host BUCKET.anything. Objects are kept in memory. On the side, unsigned:
  POST /-/faults   one fault a line, each for one request; "PUT word", "HEAD word", "DELETE word"
  GET  /-/log      one request a line: method, path, status, code, what was wrong
"""
import argparse
import hashlib
import hmac
import http.server
import re
import socket
import ssl
import struct
import threading
import time
from email.utils import formatdate
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


class Refused(Exception):
    def __init__(self, status, code, message="", region="", headers=None):
        super().__init__(message or code)
        self.status, self.code, self.message, self.region, self.headers = status, code, message, region, headers or {}


def encode(raw, keep=b""):
    return "".join(chr(c) if c in UNRESERVED + keep else "%%%02X" % c for c in raw)


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def query_pairs(query):
    """Decoded pairs; '+' is a plus sign here, as S3 has it."""
    pairs = []
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return pairs


class Verifier:
    def __init__(self, options):
        self.o = options

    def now(self):
        return time.time() + self.o.skew

    def signature(self, day, stamp, region, canonical):
        key = mac(mac(mac(mac(("AWS4" + self.o.secret).encode(), day), region), "s3"), "aws4_request")
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{day}/{region}/s3/aws4_request",
                          hashlib.sha256(canonical.encode()).hexdigest()])
        return mac(key, text).hex()

    def canonical(self, request, pairs, signed, payload):
        query = "&".join(f"{n}={v}" for n, v in sorted((encode(n), encode(v)) for n, v in pairs))
        lines = [f"{name}:{re.sub(' +', ' ', request.headers[name].strip())}" for name in signed]
        path = encode(unquote_to_bytes(request.raw_path), b"/")
        return "\n".join([request.command, path, query, *lines, "", ";".join(signed), payload])

    def scope(self, credential, stamp):
        parts = credential.split("/")
        if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"]:
            raise Refused(400, "AuthorizationHeaderMalformed", "credential")
        access, day, region = parts[:3]
        if access != self.o.key:
            raise Refused(403, "InvalidAccessKeyId")
        if region != self.o.region:
            raise Refused(400, "AuthorizationHeaderMalformed", f"the region '{region}' is wrong; expecting "
                          f"'{self.o.region}'", self.o.region, {"x-amz-bucket-region": self.o.region})
        if not re.fullmatch(r"\d{8}T\d{6}Z", stamp) or not stamp.startswith(day):
            raise Refused(403, "AccessDenied", "date")
        return day, region

    def clock(self, stamp):
        import calendar
        return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))

    def check_signed(self, request, signed, must):
        if signed != sorted(signed) or len(set(signed)) != len(signed) or "host" not in signed:
            raise Refused(403, "AccessDenied", "signed headers are out of order, twice, or without host")
        for name in signed:
            if len(request.headers.get_all(name) or []) != 1:
                raise Refused(403, "AccessDenied", f"{name} is signed, but not there once")
        for name in {n.lower() for n in request.headers.keys()}:
            if (name.startswith("x-amz-") or name in must) and name not in signed:
                raise Refused(403, "AccessDenied", f"there were headers present which were not signed: {name}")

    def token(self, given):
        if (given or "") != self.o.token:
            raise Refused(400, "InvalidToken", "session token")

    def by_header(self, request):
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?"
                             r"Signature=([0-9a-f]{64})", request.headers.get("authorization", ""))
        if not match:
            raise Refused(403, "AccessDenied", "no authorization, or another form of it")
        credential, signed, signature = match[1], match[2].split(";"), match[3]
        stamp = request.headers.get("x-amz-date", "")
        day, region = self.scope(credential, stamp)
        self.check_signed(request, signed, {"content-type"})
        if abs(self.now() - self.clock(stamp)) > 900:
            raise Refused(403, "RequestTimeTooSkewed", "The difference between the request time and the current time "
                          "is too large.")
        payload = request.headers.get("x-amz-content-sha256")
        if not payload:
            raise Refused(400, "InvalidRequest", "x-amz-content-sha256 is missing")
        self.token(request.headers.get("x-amz-security-token"))
        canonical = self.canonical(request, query_pairs(request.raw_query), signed, payload)
        if not hmac.compare_digest(self.signature(day, stamp, region, canonical), signature):
            raise Refused(403, "SignatureDoesNotMatch", canonical)
        if payload != hashlib.sha256(request.body).hexdigest():
            raise Refused(400, "XAmzContentSHA256Mismatch")

    def by_query(self, request):
        pairs = query_pairs(request.raw_query)
        given = {n.decode(): v.decode() for n, v in pairs}
        stamp = given.get("X-Amz-Date", "")
        day, region = self.scope(given.get("X-Amz-Credential", ""), stamp)
        if request.command not in ("GET", "HEAD"):
            raise Refused(403, "AccessDenied", "presigned, but not a GET")
        seconds = int(given["X-Amz-Expires"])
        if not 1 <= seconds <= 604800:
            raise Refused(400, "AuthorizationQueryParametersError")
        if not self.clock(stamp) - 900 <= self.now() <= self.clock(stamp) + seconds:
            raise Refused(403, "AccessDenied", "Request has expired")
        self.token(given.get("X-Amz-Security-Token"))
        signed = given["X-Amz-SignedHeaders"].split(";")
        self.check_signed(request, signed, set())
        rest = [p for p in pairs if p[0] != b"X-Amz-Signature"]
        canonical = self.canonical(request, rest, signed, "UNSIGNED-PAYLOAD")
        if not hmac.compare_digest(self.signature(day, stamp, region, canonical), given["X-Amz-Signature"]):
            raise Refused(403, "SignatureDoesNotMatch", canonical)

    def check(self, request):
        if "X-Amz-Signature" in dict(p.partition("=")[::2] for p in request.raw_query.split("&")):
            self.by_query(request)
        else:
            self.by_header(request)


ANSWERS = {
    "500": Refused(500, "InternalError", "We encountered an internal error. Please try again."),
    "503": Refused(503, "SlowDown", "Please reduce your request rate."),
    "503-soon": Refused(503, "SlowDown", "soon", headers={"Retry-After": "1"}),
    "503-later": Refused(503, "SlowDown", "later", headers={"Retry-After": "600"}),
    "403": Refused(403, "AccessDenied", "Access Denied"),
    "301": Refused(301, "PermanentRedirect", "elsewhere", headers={"x-amz-bucket-region": "eu-west-9",
                                                                   "Location": "http://127.0.0.1:9/"}),
    "400-timeout": Refused(400, "RequestTimeout", "Your socket connection to the server was not read from"),
    "400-expired": Refused(400, "ExpiredToken", "The provided token has expired."),
    "404-bucket": Refused(404, "NoSuchBucket", "The specified bucket does not exist"),
    "413": Refused(413, "EntityTooLarge", "too large"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self):
        """Writes the request down before anybody hears of it, so that the log's order is what happened."""
        if not self.raw_path.startswith("/-/"):
            self.server.note(self.command, self.raw_path, *self.why)

    def reset(self):
        """Ends the connection with RST, not FIN."""
        self.note()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def answer(self, status, body=b"", headers=None, length=None):
        self.note()
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() + self.server.o.skew, usegmt=True))
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, r):
        self.why = (r.status, r.code, r.message)
        body = '<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
        body += f"<Code>{r.code}</Code><Message>{escape(r.message)}</Message>"
        if r.region:
            body += f"<Region>{r.region}</Region>"
        body += "<RequestId>4442587FB7D0A2F9</RequestId><HostId>x/y=</HostId></Error>"
        self.answer(r.status, body.encode(), {"Content-Type": "application/xml", **r.headers})

    def locate(self):
        """The key; None: the bucket itself."""
        bucket, path = self.server.o.bucket, unquote_to_bytes(self.raw_path).decode()
        if self.headers["host"].startswith(bucket + "."):
            return path[1:] or None
        first, _, key = path[1:].partition("/")
        if first != bucket:
            raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        return key or None

    def fault(self):
        """Does what is due to this request; true: nothing more is to be done."""
        word = self.server.take_fault(self.command)
        if word in ANSWERS:
            self.refuse(ANSWERS[word])
        elif word == "reset":
            self.why = (0, "reset", "")
            self.reset()
        elif word == "stall":
            self.why = (0, "stall", "")
            self.note()
            while self.connection.recv(4096):
                pass
            self.close_connection = True
        elif word == "html":
            self.why = (502, "html", "")
            self.answer(502, b"<html><body>Bad Gateway<br></body></html>", {"Content-Type": "text/html"})
        elif word == "website":
            self.why = (200, "website", "")
            self.answer(200, b"<html>Welcome!</html>", {"Content-Type": "text/html"})
        elif word == "lost":
            self.act()
            self.why = (0, "lost", "stored, and nobody was told")
            self.reset()
        elif word == "cut":
            self.why = (200, "cut", "")
            self.answer(200, b"<x", {"ETag": '"1"'}, length=100)
            self.close_connection = True
        else:
            return False
        return True

    def act(self):
        """What S3 would do; the answer's parts."""
        store, key = self.server.objects, self.locate()
        if self.command == "PUT" and key:
            kept = {n: v for n, v in self.headers.items()
                    if n.lower().startswith("x-amz-meta-") or n.lower() in ("content-type", "cache-control")}
            store[key] = (self.body, kept)
            return 200, b"", {"ETag": '"%s"' % hashlib.md5(self.body).hexdigest()}
        if self.command == "DELETE" and key:
            store.pop(key, None)
            return 204, b"", {}
        if key is None:
            return 200, b"<ListBucketResult></ListBucketResult>", {"Content-Type": "application/xml"}
        if key not in store:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        body, kept = store[key]
        return 200, body, {"ETag": '"%s"' % hashlib.md5(body).hexdigest(), **kept}

    def read_body(self):
        length = self.headers.get("content-length")
        if self.headers.get("transfer-encoding"):
            raise Refused(411, "MissingContentLength")
        # Half of the body, and the connection is gone.
        if self.command == "PUT" and self.server.peek_fault("PUT") == "half":
            self.server.take_fault("PUT")
            self.rfile.read(int(length) // 2)
            self.why = (0, "half", "")
            self.reset()
            return False
        self.body = self.rfile.read(int(length)) if length else b""
        return True

    def serve(self):
        self.raw_path, _, self.raw_query = self.path.partition("?")
        self.why, self.body = (200, "", ""), b""
        if self.raw_path.startswith("/-/"):
            return self.aside()
        try:
            if self.read_body():
                self.server.verifier.check(self)
                if not self.fault():
                    status, body, headers = self.act()
                    self.why = (status, "", "")
                    self.answer(status, body, headers)
        except Refused as refused:
            self.refuse(refused)
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True
        return None

    def aside(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.command == "POST":
            self.server.set_faults(body.decode().split("\n"))
            return self.answer(204)
        with self.server.lock:
            return self.answer(200, "".join(self.server.lines).encode())

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = serve


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Handler)
        self.o, self.verifier, self.objects = options, Verifier(options), {}
        self.faults, self.lines, self.lock = [], [], threading.Lock()

    def handle_error(self, request, client_address):
        pass

    def set_faults(self, lines):
        with self.lock:
            self.faults = [line.split() for line in lines if line.strip()]
            self.lines = []

    def peek_fault(self, method):
        with self.lock:
            return next((word for m, word in self.faults if m == method), None)

    def take_fault(self, method):
        with self.lock:
            for i, (m, word) in enumerate(self.faults):
                if m == method:
                    del self.faults[i]
                    return word
        return None

    def note(self, method, path, status, code, message):
        with self.lock:
            self.lines.append(f"{method} {path} {status} {code} {message!r}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port_file")
    parser.add_argument("--key", default="AK:ID")
    parser.add_argument("--secret", default="secret/+=")
    parser.add_argument("--token", default="")
    parser.add_argument("--region", default="eu-test-1")
    parser.add_argument("--bucket", default="calls")
    parser.add_argument("--skew", type=int, default=0)
    parser.add_argument("--tls", nargs=2)
    server = Server(parser.parse_args())
    if server.o.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*server.o.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(server.o.port_file + ".new", "w") as file:
        file.write(str(server.server_address[1]))
    import os
    os.rename(server.o.port_file + ".new", server.o.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
