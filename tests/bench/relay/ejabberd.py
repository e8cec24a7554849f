"""The peer: ejabberd with its rooms' archive in PostgreSQL, both started on loopback in a folder of their own and
stopped again, and those who talk in its rooms, without TLS. Needs the Debian packages ejabberd, erlang-p1-pgsql
and postgresql."""
import contextlib
import glob
import os
import pathlib
import re
import selectors
import shutil
import socket
import subprocess
import time

STREAM = (b"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
          b"xmlns:stream='http://etherx.jabber.org/streams'>")
CONFIG = """
hosts: [localhost]
loglevel: warning
listen: [{{port: {xmpp}, ip: 127.0.0.1, module: ejabberd_c2s, access: all, shaper: none, backlog: 1024}}]
default_db: sql
sql_type: pgsql
sql_server: 127.0.0.1
sql_port: {sql}
sql_database: archive
sql_username: postgres
auth_method: [anonymous]
modules:
  mod_mam: {{default: always}}
  mod_muc: {{access: all, access_create: all, min_message_interval: 0, default_room_options: {{mam: true}}}}
"""
ID = re.compile(rb" id='m(\d+)z'")
LONGEST_ID = 32
BUFFER = bytearray(1 << 20)
SWEEP_SECONDS = 0.01
BODY = b"x" * 1024


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def postgres(folder, port):
    # It refuses to run as root.
    as_user = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
    programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    folder.mkdir()
    if as_user:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    run(*as_user, programs / "initdb", "-U", "postgres", "-A", "trust", "-D", data)
    run(*as_user, programs / "pg_ctl", "-w", "-D", data, "-l", folder / "log",
        "-o", f"-p {port} -k {folder} -c listen_addresses=127.0.0.1", "start")
    try:
        yield ("psql", "-qAtX", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres")
    finally:
        run(*as_user, programs / "pg_ctl", "-D", data, "-m", "fast", "stop")


@contextlib.contextmanager
def ejabberd(folder, port, sql_port):
    folder.mkdir()
    config = folder / "ejabberd.yml"
    config.write_text(CONFIG.format(xmpp=port, sql=sql_port))
    files = subprocess.run(["dpkg", "-L", "ejabberd"], check=True, capture_output=True, text=True).stdout.split()
    code = next(pathlib.Path(file).parent for file in files if file.endswith("/ejabberd_app.beam"))
    quoted = [f'"{path}"' for path in (folder / "mnesia", config, folder / "log")]
    server = subprocess.Popen(
        ["erl", "-noinput", "-pa", code, "-mnesia", "dir", quoted[0], "-ejabberd", "config", quoted[1],
         "-ejabberd", "log_path", quoted[2], "-s", "ejabberd"],
        env={**os.environ, "HOME": str(folder)}, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


class Peer:
    """The running server."""

    def __init__(self, port, psql):
        self.port = port
        self.psql = psql

    def archived(self):
        return int(subprocess.run([*self.psql, "-d", "archive", "-c", "SELECT count(*) FROM archive"], check=True,
                                  capture_output=True, text=True).stdout)


@contextlib.contextmanager
def peer(folder):
    sql_port, port = free_port(), free_port()
    with postgres(folder / "postgres", sql_port) as psql:
        run(*psql, "-c", "CREATE DATABASE archive")
        run(*psql, "-d", "archive", "-f", "/usr/share/ejabberd/sql/pg.sql")
        with ejabberd(folder / "ejabberd", port, sql_port):
            yield Peer(port, psql)


class Occupant:
    """One connection, in as many rooms as it enters."""

    def __init__(self, port):
        deadline = time.monotonic() + 60
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""  # of what came, too short to say whether an id begins in it
        self.ask(STREAM, b"</stream:features>")
        self.ask(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", b"<success")
        self.ask(STREAM, b"</stream:features>")
        self.ask(b"<iq type='set' id='a'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b"</iq>")

    def ask(self, message, answer):
        self.socket.sendall(message)
        got = b""
        while answer not in got:
            got += self.receive()

    def receive(self):
        size = self.socket.recv_into(BUFFER)
        if size == 0:
            raise ConnectionError("the peer hung up")
        return bytes(memoryview(BUFFER)[:size])

    def enter(self, room, nick):
        self.ask(f"<presence to='{room}@conference.localhost/{nick}'>"
                 "<x xmlns='http://jabber.org/protocol/muc'/></presence>".encode(), b"<subject")

    def send(self, room, number):
        self.socket.sendall(b"<message to='%s@conference.localhost' type='groupchat' id='m%dz'><body>%s</body></message>"
                            % (room.encode(), number, BODY))

    def numbers(self):
        """Of the messages that came, their numbers."""
        got = self.rest + self.receive()
        found = list(ID.finditer(got))
        self.rest = got[max(found[-1].end() if found else 0, len(got) - LONGEST_ID):]
        return [int(each[1]) for each in found]


def selector_of(occupants):
    out = selectors.DefaultSelector()
    for occupant in occupants:
        out.register(occupant.socket, selectors.EVENT_READ, occupant)
    return out


class Conversation:
    """Rooms, in each who sends and who only listens, and messages under way in all of them."""

    def __init__(self, server, name, rooms, listeners_each, shared):
        """`shared`: the same are in every room, over one connection each."""
        self.rooms = [f"{name}{i}" for i in range(rooms)]
        count = 1 if shared else rooms
        self.senders = [Occupant(server.port) for _ in range(count)]
        self.listeners = [Occupant(server.port) for _ in range(count * listeners_each)]
        for i, room in enumerate(self.rooms):
            self.senders[i % count].enter(room, "sender")
            first = i % count * listeners_each
            for nick, listener in enumerate(self.listeners[first:first + listeners_each]):
                listener.enter(room, f"n{nick}")
        self.listeners_each = listeners_each
        self.sending = selector_of(self.senders)
        self.listening = selector_of(self.listeners)
        self.sent = 0

    def talk(self, in_flight, seconds):
        """Returns how many messages a second everybody had; the times from each one's sending to its sender's
        seeing it, in ms, sorted; and the share of the machine that this program took meanwhile. Listeners read
        every 10 ms all there is, so that it is small."""
        begins, taken = {}, []
        first = self.sent
        heard = 0
        begin = time.perf_counter()
        swept = begin
        used = time.process_time()

        def send():
            number = self.sent
            self.sent += 1
            room = number % len(self.rooms)
            begins[number] = time.perf_counter()
            self.senders[room % len(self.senders)].send(self.rooms[room], number)

        for _ in range(in_flight):
            send()
        while begins or heard < (self.sent - first) * self.listeners_each:
            for key, _ in self.sending.select(SWEEP_SECONDS):
                for number in key.data.numbers():
                    now = time.perf_counter()
                    taken.append((now - begins.pop(number)) * 1000)
                    if now - begin < seconds:
                        send()
            if time.perf_counter() - swept >= SWEEP_SECONDS:
                heard += sum(len(key.data.numbers()) for key, _ in self.listening.select(0))
                swept = time.perf_counter()
        took = time.perf_counter() - begin
        share = (time.process_time() - used) / took / os.cpu_count()
        return (self.sent - first) / took, sorted(taken), share
