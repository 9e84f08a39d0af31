"""The case table of WebSocket conformance: framing, pings, reserved bits and opcodes, fragmentation, closing, size.

A case says what a peer sends, what must come back, and with which code the other side closes. The numbers are those
of RFC 6455's sections as a conformance suite would walk through them: 1 framing, 2 pings and pongs, 3 reserved bits,
4 opcodes, 5 fragmentation, 6 UTF-8 (ws_cases_text.py), 7 closing, 9 size, 10 automatic fragmentation.
"""
from dataclasses import dataclass, field

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


@dataclass
class Case:
    number: str
    name: str
    send: list                  # steps, see below
    expect: list = field(default_factory=list)  # ("text", b"…"), ("binary", b"…"), ("pong", b"…"), in order
    # What the other side's close frame says. None: we close with 1000 when all of `expect` has come, it answers 1000.
    closes: int = None
    chop: int = None            # everything is written in pieces of so many bytes
    one_by_one: bool = False    # a step waits until the step before it was answered


# Steps. Each is (kind, arguments); ws_drive.py turns them into bytes.
def frame(opcode, payload=b"", fin=True, rsv=0):
    return ("frame", dict(opcode=opcode, payload=payload, fin=fin, rsv=rsv))


def raw(from_client, from_server=None):
    """Bytes as they are: ours as a client of the tested server, ours as a server of the tested client."""
    return ("raw", (from_client, from_client if from_server is None else from_server))


def text(payload):
    return frame(TEXT, payload)


def close(code=None, reason=b""):
    return frame(CLOSE, (b"" if code is None else code.to_bytes(2, "big")) + reason)


def fragments(opcode, parts, last=True):
    out = [frame(opcode if i == 0 else CONTINUATION, part, fin=False) for i, part in enumerate(parts)]
    if last:
        out[-1][1]["fin"] = True
    return out


def cut(payload, size):
    return [payload[i:i + size] for i in range(0, len(payload), size)] or [b""]


def header(opcode, size, fin=True, masked=True):
    """Of a frame whose payload, if any, comes as raw bytes. Masked with zeros, which change nothing."""
    mark = 0x80 if masked else 0
    first = bytes([(0x80 if fin else 0) | opcode])
    key = bytes(4) if masked else b""
    if size < 126:
        return first + bytes([mark | size]) + key
    if size < 65536:
        return first + bytes([mark | 126]) + size.to_bytes(2, "big") + key
    return first + bytes([mark | 127]) + size.to_bytes(8, "big") + key


def raw_frame(opcode, payload, fin=True, announced=None):
    """A frame of which only `payload` is sent, though `announced` bytes were promised."""
    size = len(payload) if announced is None else announced
    return raw(header(opcode, size, fin) + payload, header(opcode, size, fin, masked=False) + payload)


def framing():
    for section, opcode, kind, byte in ((1, TEXT, "text", b"*"), (2, BINARY, "binary", b"\xfe")):
        for n, size in enumerate((0, 125, 126, 127, 128, 65535, 65536), 1):
            yield Case(f"1.{section}.{n}", f"a {kind} message of {size} bytes", [frame(opcode, byte * size)],
                       [(kind, byte * size)])
        yield Case(f"1.{section}.8", f"a {kind} message of 65536 bytes in pieces of 997", [frame(opcode, byte * 65536)],
                   [(kind, byte * 65536)], chop=997)
        for n, size in enumerate((0, 125, 126, 127, 128), 9):
            yield Case(f"1.{section}.{n}", f"a {kind} message of {size} bytes, byte by byte",
                       [frame(opcode, byte * size)], [(kind, byte * size)], chop=1)
    yield Case("1.3.1", "a length of 125 written in 16 bits", [raw(b"\x82\xfe\x00\x7d", b"\x82\x7e\x00\x7d")], closes=1002)
    yield Case("1.3.2", "a length of 65535 written in 64 bits",
               [raw(b"\x82\xff" + (65535).to_bytes(8, "big"), b"\x82\x7f" + (65535).to_bytes(8, "big"))], closes=1002)
    yield Case("1.3.3", "a length with its highest bit set",
               [raw(b"\x82\xff\x80" + bytes(7), b"\x82\x7f\x80" + bytes(7))], closes=1002)
    yield Case("1.3.4", "a frame that is masked, or not, against its sender's role",
               [raw(b"\x81\x01x", b"\x81\x81\x00\x00\x00\x00x")], closes=1002)
    yield Case("1.3.5", "a message of more bytes than are taken", [raw_frame(BINARY, b"", announced=1 << 40)], closes=1009)


def pings():
    yield Case("2.1", "an empty ping", [frame(PING)], [("pong", b"")])
    yield Case("2.2", "a ping with text", [frame(PING, b"Hello, world!")], [("pong", b"Hello, world!")])
    yield Case("2.3", "a ping with bytes that are no text", [frame(PING, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")],
               [("pong", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff")])
    yield Case("2.4", "a ping of 125 bytes", [frame(PING, b"\xfe" * 125)], [("pong", b"\xfe" * 125)])
    yield Case("2.5", "a ping of 126 bytes", [frame(PING, b"\xfe" * 126)], closes=1002)
    yield Case("2.6", "a ping of 125 bytes, byte by byte", [frame(PING, b"\xfe" * 125)], [("pong", b"\xfe" * 125)], chop=1)
    yield Case("2.7", "an empty pong that nobody asked for", [frame(PONG), text(b"after")], [("text", b"after")])
    yield Case("2.8", "a pong with bytes that nobody asked for", [frame(PONG, b"unsolicited"), text(b"after")],
               [("text", b"after")])
    yield Case("2.9", "a pong that nobody asked for, then a ping", [frame(PONG, b"unsolicited"), frame(PING, b"ping")],
               [("pong", b"ping")])
    ten = [b"payload-%d" % i for i in range(10)]
    yield Case("2.10", "ten pings", [frame(PING, p) for p in ten], [("pong", p) for p in ten])
    yield Case("2.11", "ten pings, byte by byte", [frame(PING, p) for p in ten], [("pong", p) for p in ten], chop=1)
    yield Case("2.12", "a pong of 126 bytes", [frame(PONG, b"x" * 126)], closes=1002)


def reserved_bits():
    good = text(b"good")
    yield Case("3.1", "RSV3 on a text", [frame(TEXT, b"bad", rsv=1)], closes=1002)
    for n, chop, how in ((2, None, ""), (3, 1000, ", written apart"), (4, 1, ", byte by byte")):
        yield Case(f"3.{n}", f"a text, then RSV{4 - n if n < 4 else 1} on a text, then a ping{how}",
                   [good, frame(TEXT, b"bad", rsv=(2, 3, 4)[n - 2]), frame(PING)], [("text", b"good")], closes=1002, chop=chop)
    yield Case("3.5", "RSV1 and RSV3 on a binary", [frame(BINARY, b"\x00\xff", rsv=5)], closes=1002)
    yield Case("3.6", "RSV1 and RSV2 on a ping", [frame(PING, b"ping", rsv=6)], closes=1002)
    yield Case("3.7", "all reserved bits on a close", [frame(CLOSE, b"", rsv=7)], closes=1002)
    yield Case("3.8", "RSV1 on a continuation", [frame(TEXT, b"a", fin=False), frame(CONTINUATION, b"b", rsv=4)], closes=1002)


def opcodes():
    for section, numbers in ((1, range(3, 8)), (2, range(11, 16))):
        for n, opcode in enumerate(numbers, 1):
            payload = b"" if n % 2 else b"reserved opcode payload"
            if n < 3:
                yield Case(f"4.{section}.{n}", f"opcode {opcode}", [frame(opcode, payload)], closes=1002)
            else:
                yield Case(f"4.{section}.{n}", f"a text, then opcode {opcode}, then a ping",
                           [text(b"good"), frame(opcode, payload), frame(PING)], [("text", b"good")], closes=1002,
                           chop=1 if n == 5 else None)


def fragmentation():
    ab = ("text", b"fragment1fragment2")
    two = fragments(TEXT, [b"fragment1", b"fragment2"])
    with_ping = [two[0], frame(PING, b"ping"), two[1]]
    yield Case("5.1", "a ping in two fragments", fragments(PING, [b"a", b"b"]), closes=1002)
    yield Case("5.2", "a pong in two fragments", fragments(PONG, [b"a", b"b"]), closes=1002)
    for n, chop, how in ((3, None, ""), (4, 7, ", in pieces of 7"), (5, 1, ", byte by byte")):
        yield Case(f"5.{n}", f"a text in two fragments{how}", two, [ab], chop=chop)
        yield Case(f"5.{n + 3}", f"a text in two fragments, a ping between them{how}", with_ping, [("pong", b"ping"), ab],
                   chop=chop)
    stray = frame(CONTINUATION, b"non-continuation payload")
    stray_open = frame(CONTINUATION, b"non-continuation payload", fin=False)
    for n, chop, how in ((9, None, ""), (10, 7, ", in pieces of 7"), (11, 1, ", byte by byte")):
        yield Case(f"5.{n}", f"a last continuation of nothing, then a text{how}", [stray, text(b"Hello")], closes=1002,
                   chop=chop)
        yield Case(f"5.{n + 3}", f"a continuation of nothing, then a text{how}", [stray_open, text(b"Hello")], closes=1002,
                   chop=chop)
    yield Case("5.15", "a text in two fragments, then a continuation of nothing, then a text",
               two + [stray_open, text(b"Hello")], [ab], closes=1002)
    again = [stray_open] + fragments(TEXT, [b"fragment1", b"fragment2"])
    yield Case("5.16", "a continuation of nothing before each fragmented text", again + again, closes=1002)
    again = [stray] + fragments(TEXT, [b"fragment1", b"fragment2"])
    yield Case("5.17", "a last continuation of nothing before each fragmented text", again + again, closes=1002)
    yield Case("5.18", "a second text before the first has ended", [two[0], text(b"fragment2")], closes=1002)
    five = fragments(TEXT, [b"fragment%d" % i for i in range(1, 6)])
    pinged = five[:2] + [frame(PING, b"pongme 1!")] + five[2:4] + [frame(PING, b"pongme 2!")] + five[4:]
    answer = [("pong", b"pongme 1!"), ("pong", b"pongme 2!"), ("text", b"".join(b"fragment%d" % i for i in range(1, 6)))]
    yield Case("5.19", "a text in five fragments with pings between them", pinged, answer)
    yield Case("5.20", "a text in five fragments with pings between them, byte by byte", pinged, answer, chop=1)
    yield Case("5.21", "a binary in empty fragments but one", fragments(BINARY, [b"", b"", b"x", b""]), [("binary", b"x")])
    yield Case("5.22", "a binary begun before a text has ended", [two[0], frame(BINARY, b"x")], closes=1002)


def closing():
    one = [("text", b"Hello World!")]
    yield Case("7.1.1", "a text, then a close", [text(b"Hello World!"), close(1000)], one, closes=1000)
    yield Case("7.1.2", "two closes", [close(1000), close(1000)], closes=1000)
    yield Case("7.1.3", "a close, then a ping", [close(1000), frame(PING)], closes=1000)
    yield Case("7.1.4", "a close, then a text", [close(1000), text(b"Hello World!")], closes=1000)
    yield Case("7.1.5", "a text's first fragment, a close, its last fragment",
               [frame(TEXT, b"fragment1", fin=False), close(1000), frame(CONTINUATION, b"fragment2")], closes=1000)
    big = b"BAsd7&jh23" * 26214
    yield Case("7.1.6", "a text of 256 KB, then a close, then a ping", [text(big), close(1000), frame(PING)],
               [("text", big)], closes=1000)
    yield Case("7.3.1", "an empty close", [close()], closes=1005)
    yield Case("7.3.2", "a close with half a code", [frame(CLOSE, b"a")], closes=1002)
    yield Case("7.3.3", "a close with a code", [close(1000)], closes=1000)
    yield Case("7.3.4", "a close with a code and a reason", [close(1000, b"Hello World!")], closes=1000)
    yield Case("7.3.5", "a close with the longest reason", [close(1000, b"*" * 123)], closes=1000)
    yield Case("7.3.6", "a close with a reason that is too long", [close(1000, b"*" * 124)], closes=1002)
    yield Case("7.5.1", "a close with a reason that is no UTF-8",
               [close(1000, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited")], closes=1007)
    yield Case("7.5.2", "a close with a reason that ends within a character", [close(1000, b"\xe2\x82")], closes=1007)
    good = list(range(1000, 1004)) + list(range(1007, 1015)) + [3000, 3999, 4000, 4999]
    for n, code in enumerate(good, 1):
        yield Case(f"7.7.{n}", f"a close with code {code}", [close(code)], closes=code)
    for n, code in enumerate((0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535), 1):
        yield Case(f"7.9.{n}", f"a close with code {code}, which may not be sent", [close(code)], closes=1002)
    yield Case("7.10.1", "a close in two fragments", fragments(CLOSE, [b"\x03", b"\xe8"]), closes=1002)
    yield Case("7.10.2", "a close, byte by byte", [close(1000, b"bye")], closes=1000, chop=1)


def size():
    k = 1024
    for section, opcode, kind, byte in ((1, TEXT, "text", b"*"), (2, BINARY, "binary", b"\xfe")):
        for n, size_bytes in enumerate((64 * k, 256 * k, 1024 * k, 4096 * k - 64), 1):
            yield Case(f"9.{section}.{n}", f"a {kind} message of {size_bytes} bytes", [frame(opcode, byte * size_bytes)],
                       [(kind, byte * size_bytes)])
    for section, opcode, kind, byte in ((3, TEXT, "text", b"*"), (4, BINARY, "binary", b"\xfe")):
        payload = byte * (2048 * k)
        for n, part in enumerate((64, 256, k, 4 * k, 16 * k, 64 * k, 256 * k, 1024 * k, 2048 * k), 1):
            if len(payload) // part > 8192:
                continue
            yield Case(f"9.{section}.{n}", f"a {kind} message of 2 MB in fragments of {part} bytes",
                       fragments(opcode, cut(payload, part)), [(kind, payload)])
    for section, opcode, kind, byte in ((5, TEXT, "text", b"*"), (6, BINARY, "binary", b"\xfe")):
        payload = byte * (512 * k)
        for n, chop in enumerate((64, 128, 256, 512, k, 2 * k), 1):
            yield Case(f"9.{section}.{n}", f"a {kind} message of 512 KB in pieces of {chop}", [frame(opcode, payload)],
                       [(kind, payload)], chop=chop)
    for section, opcode, kind, byte in ((7, TEXT, "text", b"*"), (8, BINARY, "binary", b"\xfe")):
        for n, length in enumerate((0, 16, 64, 256, k, 4 * k), 1):
            yield Case(f"9.{section}.{n}", f"300 {kind} messages of {length} bytes, each after the one before was echoed",
                       [frame(opcode, byte * length)] * 300, [(kind, byte * length)] * 300, one_by_one=True)
    yield Case("9.9.1", "1000 messages of 1 KB at once", [text(b"x" * k)] * 1000, [("text", b"x" * k)] * 1000)
    yield Case("9.9.2", "a message in 140000 fragments", fragments(BINARY, [b""] * 140000), closes=1008)


def automatic_fragmentation():
    payload = bytes(range(32, 127)) * 690
    yield Case("10.1.1", "a text of 65550 bytes that a library sends in fragments of 1300",
               [("message", (payload, 1300))], [("text", payload)])
    yield Case("10.1.2", "a text of 65550 bytes that a library sends in fragments of 1",
               [("message", (payload[:2000], 1))], [("text", payload[:2000])])


def all_cases():
    from ws_cases_text import unicode_cases
    for section in (framing, pings, reserved_bits, opcodes, fragmentation, unicode_cases, closing, size,
                    automatic_fragmentation):
        yield from section()
