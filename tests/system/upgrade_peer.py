#!/usr/bin/python3
"""Both ends of a WebSocket upgrade through a web server, by plain sockets.

  upgrade_peer.py serve PORT             upgrades every request, then sends back what it gets, byte by byte as it is
  upgrade_peer.py ask PORT PATH          upgrades through PORT, exchanges bytes both ways, prints what the far end saw
"""
import base64
import hashlib
import socket
import sys
import threading


def accept_key(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def read_head(s):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(4096)
        if not piece:
            break
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}
    return lines[0], headers, rest


def echo(s):
    request, headers, rest = read_head(s)
    if headers.get("upgrade", "").lower() != "websocket":
        s.sendall(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        s.close()
        return
    s.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               f"Sec-WebSocket-Accept: {accept_key(headers['sec-websocket-key'])}\r\n\r\n").encode())
    seen = f"{request.split()[1]} signature={headers.get('x-twilio-signature')}"
    s.sendall(f"{seen}\n".encode() + rest)
    while data := s.recv(65536):
        s.sendall(data)
    s.close()


def serve(port):
    listener = socket.create_server(("127.0.0.1", int(port)))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=echo, args=(connection,), daemon=True).start()


def ask(port, path):
    s = socket.create_connection(("127.0.0.1", int(port)))
    s.settimeout(60)
    key = base64.b64encode(b"0123456789abcdef").decode()
    s.sendall((f"GET {path} HTTP/1.1\r\nHost: relay.example.com\r\nUser-Agent: Twilio.TmeWs/1.0\r\n"
               "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               f"Sec-WebSocket-Key: {key}\r\nX-Twilio-Signature: 5ELISYynex884jHcftX4dg6DQ4g=\r\n\r\n").encode())
    status, headers, data = read_head(s)
    if " 101 " not in status + " " or headers.get("sec-websocket-accept") != accept_key(key):
        print(status)
        return
    sent = bytes(range(256)) * 1000
    s.sendall(sent)
    while len(data.partition(b"\n")[2]) < len(sent):
        piece = s.recv(65536)
        if not piece:
            break
        data += piece
    seen, _, echoed = data.partition(b"\n")
    print(seen.decode(), "echo ok" if echoed == sent else f"echo of {len(echoed)} bytes differs")


if __name__ == "__main__":
    {"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
