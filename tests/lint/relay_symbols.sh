#!/bin/sh
# The relay must not be able to open anything: its binary holds no MLS and no sealing code.
#   relay_symbols.sh BINARY
set -eu
names=$(nm -C "$1" | grep -E 'renkei::(mls|seal)::' | grep -v 'renkei::seal::v1::' || true)
if [ -n "$names" ]; then
  echo "the relay's binary holds what only members may have:"
  echo "$names" | head -20
  exit 1
fi
# An empty list proves nothing if the binary has no names at all.
if ! nm -C "$1" | grep -q 'renkei::server::'; then
  echo "the relay's binary is stripped: nothing can be told"
  exit 1
fi
