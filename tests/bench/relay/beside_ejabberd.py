#!/usr/bin/env python3
"""relay_load, and the peer that promises as much (what a sender sees is in the database and synced), turn by turn
on the same disk; the peer without TLS, and nothing that it carries is signed or encrypted. ejabberd.py says what it
needs.

    tests/bench/relay/beside_ejabberd.py RELAY_LOAD [--only alone|rooms]... [--rounds N] [--seconds S] [--dir FOLDER]

Prints a JSON object for each round, and one with the medians and their ratio. "alone": one message at a time, with
nobody else in the room. "rooms": 64 in flight in 50 rooms, each with ten who are to see it: the same ten in all of
them, and other ten in each."""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

import ejabberd

ROOMS = 50
EACH = 10
IN_FLIGHT = 64
SHAPES = {"the same ten devices watch all": True, "ten devices for each thread": False}


def load(program, folder, seconds, *options):
    lines = subprocess.run([program, "--dir", folder, "--seconds", str(seconds), *options],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def at(times, share):
    return times[int(share * (len(times) - 1))]


class Alone:
    def __init__(self, server, options):
        self.options = options
        self.peer = ejabberd.Conversation(server, "alone", 1, 0, True)

    def round(self, folder):
        lines = load(self.options.relay_load, folder, self.options.seconds, "--only", "append", "--in-flight", "1")
        relay = {line["over"]: line for line in lines}
        _, times, _ = self.peer.talk(1, self.options.seconds)
        return {"ejabberd_p50_ms": at(times, 0.5), "call_p50_ms": relay["call"]["p50_ms"],
                "stream_p50_ms": relay["stream"]["p50_ms"], "synced_call_p50_ms": relay["call"]["synced_p50_ms"]}

    def sent(self):
        return self.peer.sent

    @staticmethod
    def compare(middle):
        return {"call_of_ejabberd": middle["call_p50_ms"] / middle["ejabberd_p50_ms"],
                "stream_of_ejabberd": middle["stream_p50_ms"] / middle["ejabberd_p50_ms"]}


class Rooms:
    def __init__(self, server, options):
        self.options = options
        self.peers = {name: ejabberd.Conversation(server, f"s{shared:d}r", ROOMS, EACH, shared)
                      for name, shared in SHAPES.items()}

    def round(self, folder):
        out = {}
        lines = load(self.options.relay_load, folder, self.options.seconds, "--only", "fan_out")
        for name, shared in SHAPES.items():
            key = "same" if shared else "other"
            per_second, times, share = self.peers[name].talk(IN_FLIGHT, self.options.seconds)
            out |= {f"{key}_ejabberd_per_s": per_second, f"{key}_ejabberd_p50_ms": at(times, 0.5),
                    f"{key}_ejabberd_p99_ms": at(times, 0.99), f"{key}_ejabberd_load_share": share}
            for line in lines:
                if line["shape"] == name:
                    out |= {f"{key}_{line['over']}_per_s": line["per_s"],
                            f"{key}_{line['over']}_p99_ms": line["ack_p99_ms"]}
        return out

    def sent(self):
        return sum(each.sent for each in self.peers.values())

    @staticmethod
    def compare(middle):
        return {f"{key}_{over}_of_ejabberd": middle[f"{key}_{over}_per_s"] / middle[f"{key}_ejabberd_per_s"]
                for key in ("same", "other") for over in ("call", "stream")}


def main():
    benches = {"alone": Alone, "rooms": Rooms}
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("relay_load")
    parser.add_argument("--only", action="append", choices=benches, help="which; both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each, a round")
    parser.add_argument("--dir", help="on the disk to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="renkei-peer-", dir=options.dir) as place:
        folder = pathlib.Path(place)
        folder.chmod(0o755)
        with ejabberd.peer(folder) as server:
            for name in options.only or benches:
                measure(name, benches[name](server, options), server, options.rounds, folder / "relay")


def measure(name, bench, server, count, folder):
    before = server.archived()
    rounds = []
    for _ in range(count):
        rounds.append(bench.round(folder))
        print(json.dumps({"bench": name, **rounds[-1]}), flush=True)
    sent = bench.sent()
    kept = server.archived() - before
    if kept != sent:
        raise SystemExit(f"not a fair peer: it archived {kept} of {sent}")
    middle = {each: statistics.median(got[each] for got in rounds) for each in rounds[0]}
    print(json.dumps({"bench": name, "rounds": count, **middle, **bench.compare(middle)}), flush=True)


if __name__ == "__main__":
    main()
