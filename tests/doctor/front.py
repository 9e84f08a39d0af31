"""A web server in front of webhook and relay, over TLS, that can be wrong in the ways in which web servers are."""
import os
import re
import socket
import ssl
import subprocess
import threading
import time

from lab import BUILDDIR, PATIENCE_S

PHRASES = {204: "No Content", 301: "Moved", 401: "No", 404: "No", 502: "No", 503: "No"}


class Front:
    """`fault` is a word of below, or None. Paths below /media-stream go to the relay, all others to the webhook."""

    def __init__(self, cert=None, key=None, relay_port=1):
        self.context = None
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert, key or cert.replace(".pem", ".key"))
        self.relay_port, self.fault, self.settings, self.heads, self.log = relay_port, None, {}, [], ""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def url(self, scheme="http", host="localhost", path=""):
        return f"{scheme}{'s' if self.context else ''}://{host}:{self.port}{path}"

    def serve(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.welcome, args=(sock,), daemon=True).start()

    def welcome(self, sock):
        sock.settimeout(PATIENCE_S)
        try:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                more = sock.recv(65536)
                if not more:
                    return
                head += more
            head, _, body = head.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            while length and len(body) < int(length.group(1)):
                body += sock.recv(65536)
            self.heads.append(head.decode())
            self.answer(sock, head.decode(), body)
        except OSError:
            pass
        finally:
            sock.close()

    def answer(self, sock, head, body):
        method, target, _ = head.split("\r\n")[0].split(" ")
        if self.fault in ("redirect", "password", "not found", "no backend"):
            status = {"redirect": 301, "password": 401, "not found": 404, "no backend": 502}[self.fault]
            return self.send(sock, status, {"Location": "https://www.example.com" + target} if status == 301 else {})
        if self.fault == "nonsense":
            return sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        if self.fault == "other site":
            return self.send(sock, 200, {}, b"<html>It works!</html>")
        if target.startswith("/media-stream"):
            return self.to_relay(sock, head)
        self.run_webhook(sock, method, target, head, body)

    def send(self, sock, status, headers, body=b""):
        date = time.time() + (3600 if self.fault == "clock" else 0)
        headers = {"Content-Length": str(len(body)), "Connection": "close",
                   "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(date)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        sock.sendall(f"HTTP/1.1 {status} {PHRASES.get(status, 'OK')}\r\n{lines}\r\n".encode() + body)

    def run_webhook(self, sock, method, target, head, body):
        field = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
        if self.fault == "no query":
            target = target.partition("?")[0]
        variables = {"REQUEST_METHOD": method, "REQUEST_URI": target, "CONTENT_LENGTH": str(len(body)),
                     "CONTENT_TYPE": field.get("content-type", ""),
                     "HTTP_X_TWILIO_SIGNATURE": field.get("x-twilio-signature", "")}
        done = subprocess.run([BUILDDIR + "/receptionai-webhook"], input=body, capture_output=True, timeout=PATIENCE_S,
                              env={**os.environ, **self.settings, **variables}, check=False)
        self.log += done.stderr.decode()
        answer_head, _, answer = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in answer_head.decode().split("\r\n") if line)
        self.send(sock, int(lines.pop("Status", "200").split()[0]), lines, answer)

    def to_relay(self, sock, head):
        lines = head.split("\r\n")
        if self.fault == "no upgrade":
            lines = [line for line in lines if not line.lower().startswith(("upgrade:", "connection:"))]
        if self.fault == "no connection":
            lines = [line for line in lines if not line.lower().startswith("connection:")] + ["Connection: close"]
        try:
            relay = socket.create_connection(("127.0.0.1", self.relay_port), PATIENCE_S)
        except OSError:
            return self.send(sock, 502, {})
        with relay:
            relay.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            while more := relay.recv(65536):
                sock.sendall(more)
