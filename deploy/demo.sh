#!/usr/bin/env bash
# Renkei on a fresh Debian 12 or 13, as root or with sudo: installs what is missing, builds, starts a
# relay, plays the three stories and leaves the relay running for you to try.
#   deploy/demo.sh            play and leave running
#   deploy/demo.sh --check    unattended: one JSON line with what was verified, non-zero if anything was not
#   RENKEI_DEMO_DIR=DIR       where the demo's vaults and relay go (default: build-demo/demo-region).
#                             Everything in it is deleted at the next start; a folder that is not the demo's is refused
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

check=()
case "${1:-}" in
  "") ;;
  --check) check=(--check) ;;
  *) echo "usage: deploy/demo.sh [--check]" >&2; exit 2 ;;
esac

build=${RENKEI_BUILD_DIR:-build-demo}
base=${RENKEI_DEMO_DIR:-$build/demo-region}

# With --check there is always a JSON line: also where it never comes to the stories.
stage="installing packages"
exec 3>&1  # below, stdout is stderr
if [ "${#check[@]}" -gt 0 ]; then
  trap 'echo "{\"ok\": false, \"verified\": [], \"missed\": [\"stopped while $stage\"]}" >&3' EXIT
fi

{
  echo "== 1/3 packages"
  renkei_install "${RENKEI_BUILD_PACKAGES[@]}" python3
  stage=building
  echo "== 2/3 build (the first time takes some minutes)"
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DRENKEI_TESTS=OFF >"$build.configure.log" 2>&1 || {
    cat "$build.configure.log"
    exit 1
  }
  rm -f "$build.configure.log"
  cmake --build "$build" -j "$(nproc)" --target renkei renkei-relay
  echo "== 3/3 the three stories"
} >&2
exec python3 deploy/demo/stories.py --build "$build" --base "$base" "${check[@]}" 3>&-
