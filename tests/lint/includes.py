#!/usr/bin/env python3
"""Checks who includes whom (CONTRIBUTING.md "Rooms"), include guards, and heavy headers.

    tests/lint/includes.py [ROOT]

Prints one line a breach and exits 1 if there is any. There is no allowlist.
"""
import pathlib
import re
import sys

# Room -> rooms (and generated proto packages) it may include, itself always.
MAY = {
    "crypto/base": set(),
    "crypto/wire": {"crypto/base"},
    "crypto/mls": {"crypto/base", "crypto/wire"},
    "crypto/pki": {"crypto/base"},
    "crypto/thread": {"crypto/base", "crypto/pki", "proto/seal"},
    "crypto/seal": {"crypto/base", "crypto/wire", "crypto/mls", "crypto/pki", "crypto/thread",
                    "proto/seal"},
    "server/core": {"crypto/base", "crypto/pki", "crypto/thread", "proto/seal"},
    "server/store": {"crypto/base", "server/core"},
    "server/rpc": {"crypto/base", "crypto/pki", "server/core", "proto/seal", "proto/relay"},
    "server/metrics": {"crypto/base", "server/core"},
    "server": {"crypto/base", "crypto/pki", "server/core", "server/store", "server/rpc",
               "server/metrics"},
    "client/core": {"crypto/base", "crypto/wire", "crypto/mls", "crypto/pki", "crypto/thread",
                    "crypto/seal", "proto/seal", "proto/relay", "proto/care", "proto/vault"},
    "client/net": {"crypto/base", "crypto/pki", "client/core", "proto/relay", "proto/seal"},
    "client/vault": {"crypto/base", "client/core"},
    "client/documents": {"crypto/base", "proto/care"},
    "client/cli": {"crypto/base", "crypto/pki", "client/core", "client/documents"},
}
# client/cli/main.cc alone composes the program.
MAIN_MAY = {"client/cli/main.cc": {"client/net", "client/vault"}}

# Third-party headers and the rooms whose sources may name them. Headers (.h) of ours never may,
# except where HEADER_OK says so.
LIBRARIES = {
    r"sodium\.h": {"server", "crypto/base", "crypto/mls", "crypto/pki", "crypto/seal", "client/vault"},
    r"openssl/.*": {"crypto/base", "crypto/pki", "client/net"},
    r"grpc(pp)?/.*": {"server/rpc", "server", "client/net"},
    r"google/protobuf/.*": {"client/documents", "client/core", "crypto/thread", "crypto/seal",
                            "server/rpc"},
    r"sqlite3\.h": {"server/store"},
    r"sqlcipher/.*": {"client/vault"},
    r"tss2/.*": {"client/vault"},
    r"unicode/.*": {"client/core", "client/documents"},
    r"nlohmann/.*": {"client/documents", "client/cli", "server"},
    r"CLI/.*": {"client/cli", "server"},
    r"toml\+\+/.*": {"server"},
    r"spdlog/.*": {"server", "server/rpc", "server/core"},
    r"prometheus/.*": {"server/metrics"},
    r"qrencode\.h": {"client/cli"},
}
HEADER_OK = {
    r"grpc(pp)?/.*": {"server/rpc"},
    r"nlohmann/.*": {"client/cli"},
    r"CLI/.*": {"client/cli"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def room_of(path):
    parts = path.split("/")
    name = "/".join(parts[:2])
    return name if name in MAY else parts[0]


def target_of(include):
    if include.startswith("renkei/"):
        return "proto/" + include.split("/")[1]
    return room_of(include)


def guard_of(path):
    return "RENKEI_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"


def check(root, path):
    text = (root / path).read_text(encoding="utf-8")
    room = room_of(path)
    if room not in MAY:
        yield f"{path}: in no known room"
        return
    if path.endswith(".h") and f"#ifndef {guard_of(path)}\n" not in text:
        yield f"{path}: include guard is not {guard_of(path)}"
    allowed = MAY[room] | MAIN_MAY.get(path, set()) | {room}
    for ours, library in INCLUDE.findall(text):
        if ours:
            if ours.startswith("tests/"):
                yield f"{path}: includes {ours}"
            elif ours.split("/")[0] not in ("crypto", "server", "client", "renkei"):
                yield f"{path}: {ours} is not a path from the root"
            elif target_of(ours) not in allowed:
                yield f"{path}: {room} may not include {target_of(ours)} ({ours})"
            elif path.endswith(".h") and ours.endswith(".pb.h") and room not in ("server/rpc",):
                yield f"{path}: generated header {ours} in a header of ours"
            continue
        for pattern, rooms in LIBRARIES.items():
            if not re.fullmatch(pattern, library):
                continue
            if room not in rooms:
                yield f"{path}: {room} may not include <{library}>"
            elif path.endswith(".h") and room not in HEADER_OK.get(pattern, set()):
                yield f"{path}: <{library}> in a header of ours"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    files = sorted(str(p.relative_to(root)) for top in ("crypto", "server", "client")
                   for p in (root / top).rglob("*") if p.suffix in (".h", ".cc"))
    breaches = [line for path in files for line in check(root, path)]
    print("\n".join(breaches + [f"{len(files)} files, {len(breaches)} breaches"]))
    return 1 if breaches or not files else 0


if __name__ == "__main__":
    sys.exit(main())
