#!/usr/bin/env bash
# Every source file is formatted as .clang-format says (version 14). --fix writes.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=(--dry-run --Werror)
[ "${1:-}" = --fix ] && mode=(-i)
git ls-files '*.h' '*.cc' | xargs clang-format "${mode[@]}"
