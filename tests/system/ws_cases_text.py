"""Section 6 of the case table: UTF-8, good and bad, whole, in fragments, byte by byte, and refused at the first bad byte.

The byte strings follow RFC 3629 and the order of Markus Kuhn's well-known stress test for decoders.
"""
from ws_cases import CONTINUATION, TEXT, Case, fragments, cut, frame, raw, raw_frame, text

KOSME = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
HELLO = "Hello-\u00b5@\u00df\u00f6\u00e4\u00fc\u00e0\u00e1-UTF-8!!".encode()
BAD = KOSME + b"\xed\xa0\x80" + b"edited"       # a surrogate in the middle

GOOD = [
    ("6.5.1", KOSME),
    ("6.7.1", b"\x00"), ("6.7.2", b"\xc2\x80"), ("6.7.3", b"\xe0\xa0\x80"), ("6.7.4", b"\xf0\x90\x80\x80"),
    ("6.9.1", b"\x7f"), ("6.9.2", b"\xdf\xbf"), ("6.9.3", b"\xef\xbf\xbf"), ("6.9.4", b"\xf4\x8f\xbf\xbf"),
    ("6.11.1", b"\xed\x9f\xbf"), ("6.11.2", b"\xee\x80\x80"), ("6.11.3", b"\xef\xbf\xbd"), ("6.11.4", b"\xf4\x8f\xbf\xbf"),
    ("6.23.1", b"\xef\xbf\xb9"), ("6.23.2", b"\xef\xbf\xba"), ("6.23.3", b"\xef\xbf\xbb"), ("6.23.4", b"\xef\xbf\xbc"),
    ("6.23.5", b"\xef\xbf\xbd"), ("6.23.6", b"\xef\xbf\xbe"), ("6.23.7", b"\xef\xbf\xbf"),
]
# Non-characters are characters like others on the wire: U+FFFE, U+FFFF of every plane.
GOOD += [(f"6.22.{n}", chr(plane << 16 | 0xFFFE | last).encode())
         for n, (plane, last) in enumerate(((p, x) for p in range(17) for x in (0, 1)), 1)]

WRONG = [
    ("6.3.1", BAD),
    ("6.8.1", b"\xf8\x88\x80\x80\x80"), ("6.8.2", b"\xfc\x84\x80\x80\x80\x80"),
    ("6.10.1", b"\xf7\xbf\xbf\xbf"), ("6.10.2", b"\xfb\xbf\xbf\xbf\xbf"), ("6.10.3", b"\xfd\xbf\xbf\xbf\xbf\xbf"),
    ("6.11.5", b"\xf4\x90\x80\x80"),
    ("6.12.1", b"\x80"), ("6.12.2", b"\xbf"), ("6.12.3", b"\x80\xbf"), ("6.12.4", b"\x80\xbf\x80"),
    ("6.12.5", b"\x80\xbf\x80\xbf"), ("6.12.6", b"\x80\xbf\x80\xbf\x80"), ("6.12.7", b"\x80\xbf\x80\xbf\x80\xbf"),
    ("6.12.8", bytes(range(0x80, 0xC0))),
    ("6.13.1", b"".join(bytes([c, 0x20]) for c in range(0xC0, 0xE0))),
    ("6.13.2", b"".join(bytes([c, 0x20]) for c in range(0xE0, 0xF0))),
    ("6.13.3", b"".join(bytes([c, 0x20]) for c in range(0xF0, 0xF8))),
    ("6.13.4", b"\xf8 \xf9 \xfa \xfb "), ("6.13.5", b"\xfc \xfd "),
    ("6.14.1", b"\xc0"), ("6.14.2", b"\xe0\x80"), ("6.14.3", b"\xf0\x80\x80"), ("6.14.4", b"\xf8\x80\x80\x80"),
    ("6.14.5", b"\xfc\x80\x80\x80\x80"), ("6.14.6", b"\xdf"), ("6.14.7", b"\xef\xbf"), ("6.14.8", b"\xf7\xbf\xbf"),
    ("6.14.9", b"\xfb\xbf\xbf\xbf"), ("6.14.10", b"\xfd\xbf\xbf\xbf\xbf"),
    ("6.15.1", b"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf\xf7\xbf\xbf"),
    ("6.16.1", b"\xfe"), ("6.16.2", b"\xff"), ("6.16.3", b"\xfe\xfe\xff\xff"),
    ("6.17.1", b"\xc0\xaf"), ("6.17.2", b"\xe0\x80\xaf"), ("6.17.3", b"\xf0\x80\x80\xaf"),
    ("6.17.4", b"\xf8\x80\x80\x80\xaf"), ("6.17.5", b"\xfc\x80\x80\x80\x80\xaf"),
    ("6.18.1", b"\xc1\xbf"), ("6.18.2", b"\xe0\x9f\xbf"), ("6.18.3", b"\xf0\x8f\xbf\xbf"),
    ("6.18.4", b"\xf8\x87\xbf\xbf\xbf"), ("6.18.5", b"\xfc\x83\xbf\xbf\xbf\xbf"),
    ("6.19.1", b"\xc0\x80"), ("6.19.2", b"\xe0\x80\x80"), ("6.19.3", b"\xf0\x80\x80\x80"),
    ("6.19.4", b"\xf8\x80\x80\x80\x80"), ("6.19.5", b"\xfc\x80\x80\x80\x80\x80"),
    ("6.20.1", b"\xed\xa0\x80"), ("6.20.2", b"\xed\xad\xbf"), ("6.20.3", b"\xed\xae\x80"), ("6.20.4", b"\xed\xaf\xbf"),
    ("6.20.5", b"\xed\xb0\x80"), ("6.20.6", b"\xed\xbe\x80"), ("6.20.7", b"\xed\xbf\xbf"),
    ("6.21.1", b"\xed\xa0\x80\xed\xb0\x80"), ("6.21.2", b"\xed\xa0\x80\xed\xbf\xbf"),
    ("6.21.3", b"\xed\xad\xbf\xed\xb0\x80"), ("6.21.4", b"\xed\xad\xbf\xed\xbf\xbf"),
    ("6.21.5", b"\xed\xae\x80\xed\xb0\x80"), ("6.21.6", b"\xed\xae\x80\xed\xbf\xbf"),
    ("6.21.7", b"\xed\xaf\xbf\xed\xb0\x80"), ("6.21.8", b"\xed\xaf\xbf\xed\xbf\xbf"),
]


def good_and_bad_texts():
    for number, payload in GOOD:
        yield Case(number, f"the text {payload.hex()}", [text(payload)], [("text", payload)])
    for number, payload in WRONG:
        yield Case(number, f"{payload.hex()[:24]} is no text", [text(payload)], closes=1007)
    yield Case("6.3.2", "a bad text in fragments of one byte", fragments(TEXT, cut(BAD, 1)), closes=1007)
    yield Case("6.3.3", "a bad text, byte by byte", [text(BAD)], closes=1007, chop=1)
    # Every true prefix of a text: good if it ends between characters.
    for n in range(1, len(KOSME) + 1):
        prefix = KOSME[:n]
        try:
            prefix.decode()
            yield Case(f"6.6.{n}", f"the first {n} bytes of a text, a whole number of characters", [text(prefix)],
                       [("text", prefix)])
        except UnicodeDecodeError:
            yield Case(f"6.6.{n}", f"the first {n} bytes of a text, the last character cut", [text(prefix)], closes=1007)


def in_fragments():
    yield Case("6.1.1", "an empty text", [text(b"")], [("text", b"")])
    yield Case("6.1.2", "a text of three empty fragments", fragments(TEXT, [b"", b"", b""]), [("text", b"")])
    yield Case("6.1.3", "a text of three fragments, only the middle one not empty", fragments(TEXT, [b"", b"middle", b""]),
               [("text", b"middle")])
    yield Case("6.2.1", "a text beyond ASCII", [text(HELLO)], [("text", HELLO)])
    yield Case("6.2.2", "a text cut between characters", fragments(TEXT, [HELLO[:12], HELLO[12:]]), [("text", HELLO)])
    yield Case("6.2.3", "a text in fragments of one byte", fragments(TEXT, cut(HELLO, 1)), [("text", HELLO)])
    yield Case("6.2.4", "a text in fragments of one byte, each with pings around it",
               [step for f in fragments(TEXT, cut(KOSME, 1)) for step in (frame(9, b"\xff"), f)],
               [("pong", b"\xff")] * len(KOSME) + [("text", KOSME)])
    yield Case("6.2.5", "a text beyond ASCII, byte by byte", [text(HELLO)], [("text", HELLO)], chop=1)


def refused_at_once():
    """The rest of the frame or message is never sent: only who refuses at the first bad byte ever answers."""
    first_bad = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90"
    yield Case("6.4.1", "a bad fragment is refused before the last one comes",
               fragments(TEXT, [KOSME, b"\xf4\x90\x80\x80"], last=False), closes=1007)
    yield Case("6.4.2", "a bad character is refused at its second byte, a fragment's last",
               fragments(TEXT, [KOSME + b"\xf4", b"\x90"], last=False), closes=1007)
    yield Case("6.4.3", "a bad character is refused within a frame that is not complete",
               [raw_frame(TEXT, first_bad, announced=30)], closes=1007)
    yield Case("6.4.4", "a bad character is refused within a frame that arrives byte by byte",
               [raw_frame(TEXT, first_bad, announced=30)], closes=1007, chop=1)
    yield Case("6.4.5", "a bad character is refused within a fragment that is not complete",
               [frame(TEXT, KOSME, fin=False), raw_frame(CONTINUATION, b"\xed\xa0", announced=100)], closes=1007)
    yield Case("6.4.6", "a bad reserved bit is refused before the length comes", [raw(b"\xc1")], closes=1002)
    yield Case("6.4.7", "a message of too many bytes is refused before its payload comes",
               [raw_frame(TEXT, b"", announced=1 << 30)], closes=1009)


def unicode_cases():
    yield from in_fragments()
    yield from refused_at_once()
    yield from good_and_bad_texts()
