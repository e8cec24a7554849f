#!/usr/bin/env bash
# Installs what is missing to build and test Renkei on Debian 12 or 13. Sourced by deploy/demo.sh
# and tests/run.sh; by itself: deploy/packages.sh [build|test|interop|lint]...
set -euo pipefail

RENKEI_BUILD_PACKAGES=(
  cmake ninja-build g++ pkg-config
  libsodium-dev libssl-dev libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev
  libsqlcipher-dev libtss2-dev libsqlite3-dev libicu-dev libqrencode-dev libcli11-dev libtomlplusplus-dev
  libspdlog-dev prometheus-cpp-dev nlohmann-json3-dev)
RENKEI_TEST_PACKAGES=(
  libgtest-dev libgmock-dev libbenchmark-dev openssl python3 python3-cryptography binutils procps swtpm valgrind)
# For tests/interop/ts_mls_test.py only, which is skipped without them: npm brings hundreds along.
RENKEI_INTEROP_PACKAGES=(nodejs npm)
RENKEI_LINT_PACKAGES=(clang clang-tidy clang-format lld)

# renkei_install PACKAGE...: installs those that are not there yet; asks for nothing.
renkei_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "These packages are missing, and neither root nor sudo is at hand: ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  for group in "${@:-build}"; do
    case "$group" in
      build) renkei_install "${RENKEI_BUILD_PACKAGES[@]}" ;;
      test) renkei_install "${RENKEI_TEST_PACKAGES[@]}" ;;
      interop) renkei_install "${RENKEI_INTEROP_PACKAGES[@]}" ;;
      lint) renkei_install "${RENKEI_LINT_PACKAGES[@]}" ;;
      *) echo "usage: deploy/packages.sh [build|test|interop|lint]..." >&2; exit 2 ;;
    esac
  done
fi
