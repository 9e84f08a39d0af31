"""Listening sockets that systemd opened ($LISTEN_FDS): taken, shared by the ring threads, refused in company while
draining, and outliving the relay."""
import os
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILDDIR, PATIENCE_S, Grok, Phone, Relay, Tap, wait_for  # noqa: E402

tap = Tap()
PROGRAM = BUILDDIR + "/receptionai-relay"
grok = Grok()


class Activated(Relay):
    """Started as systemd starts it: the sockets are its descriptors from 3 on."""

    def __init__(self, listeners, **settings):
        # High numbers first: none may lie where another one goes.
        self.pass_fds = [os.dup2(s.fileno(), 100 + i, inheritable=True) for i, s in enumerate(listeners)]
        super().__init__(grok, **settings)

    def command(self):
        moves = " ".join(f"{3 + i}<&{fd} {fd}<&-" for i, fd in enumerate(self.pass_fds))
        return ["/bin/bash", "-c", f'LISTEN_PID=$$ LISTEN_FDS={len(self.pass_fds)} exec "$0" {moves}', PROGRAM]


def listener():
    return socket.create_server(("127.0.0.1", 0), backlog=1024)


def ring_cpu(relay):
    """Nanoseconds that each ring thread has run."""
    tasks = f"/proc/{relay.process.pid}/task/"
    spent = {}
    for task in os.listdir(tasks):
        with open(tasks + task + "/comm", encoding="ascii") as comm:
            if comm.read() != "ring\n":
                continue
        with open(tasks + task + "/schedstat", encoding="ascii") as stat:
            spent[task] = int(stat.read().split()[0])
    return spent


# --- one socket for all threads ------------------------------------------------------------------------

for io in ("uring", "epoll"):
    relay = Activated([listener()], RELAY_THREADS=4, RELAY_IO=io, RELAY_LISTEN="127.0.0.1:1")
    tap.ok(f"{io}: the inherited socket is taken, whatever RELAY_LISTEN says",
           f"address=127.0.0.1:{relay.port} inherited=1 threads=4" in relay.log())
    before = ring_cpu(relay)
    phones = [Phone(relay, f"CA{io}{i}").start() for i in range(40)]
    wait_for(lambda: all(len(p.heard) == 4000 for p in phones))
    spent = [after - before[task] for task, after in ring_cpu(relay).items()]
    tap.ok(f"{io}: the threads take turns, none takes all the calls", min(spent) * 10 > max(spent), spent)
    for phone in phones:
        phone.cut()
    wait_for(lambda: relay.metric("calls") == 0)
    relay.process.send_signal(signal.SIGTERM)
    tap.equal(f"{io}: it ends with 0", relay.stop(), 0)

# --- two sockets, a drain, and what comes after it --------------------------------------------------------

sockets = [listener(), listener()]
relay = Activated(sockets, RELAY_THREADS=3, RELAY_DRAIN_S=60)
phone = Phone(relay, "CA1").start()
other = Phone(relay, "CA2", port=sockets[1].getsockname()[1]).start()
tap.ok("two sockets: calls come in on both",
       wait_for(lambda: len(phone.heard) == 4000 and len(other.heard) == 4000))
other.cut()
relay.process.send_signal(signal.SIGTERM)
relay.logged("relay draining calls=")
wait_for(lambda: relay.metric("calls") == 1)
refused = [Phone(relay, f"CA{i}").status for i in range(10, 20)]
tap.equal("draining: who comes is told so at once, none waits in the queue", refused, [503] * 10)
phone.media(b"\x01" * 160)
tap.ok("draining: the call goes on", wait_for(lambda: any(s.audio == b"\x01" * 160 for s in grok.sessions)))
phone.stop()
tap.equal("and ends normally", phone.wait_closed(), 1000)
tap.equal("then the relay ends with 0", relay.stop(), 0)

late = []
caller = threading.Thread(target=lambda: late.append(Phone(relay, "CA30").start()))
caller.start()
tap.ok("nobody is there: a connection waits", wait_for(caller.is_alive) and not late)
relay.start()
caller.join(PATIENCE_S)
tap.equal("and the next relay takes it", [p.status for p in late], [101])
relay.process.kill()
relay.process.wait()
relay.start()
phone = Phone(relay, "CA31").start()
tap.equal("after kill -9, too, the socket is served again", phone.status, 101)
relay.process.send_signal(signal.SIGTERM)
relay.logged("relay draining")
tap.equal("a second SIGTERM ends at once, with 0", relay.stop(), 0)

# --- what is none --------------------------------------------------------------------------------------


def run(inherited, pid="$$", count=1):
    fd = os.dup2(inherited.fileno(), 100, inheritable=True)
    done = subprocess.run(["/bin/bash", "-c", f'LISTEN_PID={pid} LISTEN_FDS={count} exec "$0" 3<&{fd}', PROGRAM],
                          env={"RECEPTIONAI_CONF": "/dev/null", "STREAM_TOKEN_SECRET": "s" * 32, "RELAY_LISTEN": "nonsense",
                               "RECEPTIONAI_DB": relay.database, "RELAY_ADMIN_LISTEN": "", "RECEPTIONAI_SPOOL": ""},
                          capture_output=True, text=True, timeout=PATIENCE_S, pass_fds=[fd])
    return done.returncode, done.stderr


code, err = run(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
tap.ok("a socket that does not listen: refused with what is needed", code == 1 and "descriptor 3" in err and
       "ListenStream=" in err, err[-300:])
code, err = run(listener(), count=65)
tap.ok("too many: refused", code == 1 and "LISTEN_FDS=65" in err, err[-300:])
code, err = run(listener(), pid="1")
tap.ok("those of another process are not ours", code == 1 and "nonsense: not HOST:PORT" in err, err[-300:])
tap.finish()
