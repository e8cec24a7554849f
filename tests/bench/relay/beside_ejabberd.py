#!/usr/bin/env python3
"""One record at a time over relay_load, and one message at a time through ejabberd with its archive in
PostgreSQL, turn by turn on the same disk: the peer that issues as much (what a sender sees is in
the database and synced), without TLS, with nobody else in the room. Needs the Debian packages ejabberd,
erlang-p1-pgsql and postgresql; starts both on loopback in a folder of its own, and stops them.

    tests/bench/relay/beside_ejabberd.py RELAY_LOAD [--rounds N] [--seconds S] [--dir FOLDER]

Prints a JSON object a round, and one of all: medians, and their ratio."""
import argparse
import contextlib
import glob
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import tempfile
import time

ROOM = "room@conference.localhost"
STREAM = (b"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
          b"xmlns:stream='http://etherx.jabber.org/streams'>")
CONFIG = """
hosts: [localhost]
loglevel: warning
listen: [{{port: {xmpp}, ip: 127.0.0.1, module: ejabberd_c2s, access: all, shaper: none}}]
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


class Sender:
    """Alone in a room that is archived."""

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
        self.count = 0
        self.ask(STREAM, b"</stream:features>")
        self.ask(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", b"<success")
        self.ask(STREAM, b"</stream:features>")
        self.ask(b"<iq type='set' id='a'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b"</iq>")
        self.ask(f"<presence to='{ROOM}/nurse'><x xmlns='http://jabber.org/protocol/muc'/></presence>".encode(),
                 b"<subject")

    def ask(self, message, answer):
        self.socket.sendall(message)
        got = b""
        while answer not in got:
            some = self.socket.recv(65536)
            if not some:
                raise ConnectionError(got)
            got += some

    def send(self):
        self.count += 1
        self.ask(f"<message to='{ROOM}' type='groupchat' id='m{self.count}z'><body>{'x' * 1024}</body></message>"
                 .encode(), f"id='m{self.count}z'".encode())


def peer_turn(sender, seconds):
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        sender.send()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def relay_turn(program, folder, seconds):
    lines = subprocess.run([program, "--dir", folder, "--only", "append", "--in-flight", "1", "--seconds", str(seconds)],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    return {line["over"]: line for line in map(json.loads, lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("relay_load")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each, a round")
    parser.add_argument("--dir", help="on the disk to measure")
    options = parser.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory(prefix="renkei-peer-", dir=options.dir) as place:
        folder = pathlib.Path(place)
        folder.chmod(0o755)
        sql_port, port = free_port(), free_port()
        with postgres(folder / "postgres", sql_port) as psql:
            run(*psql, "-c", "CREATE DATABASE archive")
            run(*psql, "-d", "archive", "-f", "/usr/share/ejabberd/sql/pg.sql")
            with ejabberd(folder / "ejabberd", port, sql_port):
                sender = Sender(port)
                for _ in range(options.rounds):
                    relay = relay_turn(options.relay_load, folder / "relay", options.seconds)
                    got = {"bench": "peer", "in_flight": 1, "ejabberd_p50_ms": peer_turn(sender, options.seconds),
                           "call_p50_ms": relay["call"]["p50_ms"], "stream_p50_ms": relay["stream"]["p50_ms"],
                           "synced_call_p50_ms": relay["call"]["synced_p50_ms"]}
                    rounds.append(got)
                    print(json.dumps(got), flush=True)
                kept = int(subprocess.run([*psql, "-d", "archive", "-c", "SELECT count(*) FROM archive"], check=True,
                                          capture_output=True, text=True).stdout)
                if kept != sender.count:
                    raise SystemExit(f"not a fair peer: it archived {kept} of {sender.count}")
    middle = {name: statistics.median(got[name] for got in rounds)
              for name in ("ejabberd_p50_ms", "call_p50_ms", "stream_p50_ms", "synced_call_p50_ms")}
    print(json.dumps({"bench": "peer", "rounds": len(rounds), **middle,
                      "call_of_ejabberd": middle["call_p50_ms"] / middle["ejabberd_p50_ms"],
                      "stream_of_ejabberd": middle["stream_p50_ms"] / middle["ejabberd_p50_ms"]}))


if __name__ == "__main__":
    main()
