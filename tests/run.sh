#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, prints the count. On a fresh Debian 12 or 13, as
# root or with sudo:  tests/run.sh [--build-dir DIR] [ctest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/packages.sh

build=${RENKEI_BUILD_DIR:-build}
if [ "${1:-}" = --build-dir ]; then
  build=$2
  shift 2
fi
renkei_install "${RENKEI_BUILD_PACKAGES[@]}" "${RENKEI_TEST_PACKAGES[@]}"

jobs=$(nproc)
echo "== building in $build"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DRENKEI_TESTS=ON >"$build.configure.log" 2>&1 || {
  cat "$build.configure.log" >&2
  exit 1
}
rm -f "$build.configure.log"
cmake --build "$build" -j "$jobs"

echo "== testing"
log=$(mktemp)
results=$(mktemp)
trap 'rm -f "$log" "$results"' EXIT
status=0
ctest --test-dir "$build" -j "$jobs" --output-on-failure --output-junit "$results" --no-tests=error "$@" 2>&1 |
  tee "$log" || status=$?
passed=$(grep -c ' Passed ' "$log" || true)
skipped=$(grep -c '\*\*\*Skipped' "$log" || true)
failed=$(grep -cE '\*\*\*(Failed|Timeout|Exception|Not Run)' "$log" || true)
if [ "$skipped" -gt 0 ]; then
  python3 -B tests/support/skipped.py "$results"
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
