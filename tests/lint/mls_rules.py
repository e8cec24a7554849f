#!/usr/bin/env python3
"""The table "every rule, its line, its test" of crypto/README.md: each row's file still has its
function or words, each test is there, and no test is named for nothing."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FEWEST_ROWS = 100
ROW = re.compile(r"^\| ([0-9., ]+) \| (.+?) \| `([a-z_]+\.cc)`: `(.+?)` \| `(.+?)` \|$")


def find_source(name):
    for folder in ("crypto/mls", "crypto/wire"):
        if (ROOT / folder / name).exists():
            return (ROOT / folder / name).read_text(encoding="utf-8")
    return ""


def check(rows, tests):
    for section, rule, name, where, test in rows:
        if where not in find_source(name):
            yield f"{section} {rule}: {name} has no '{where}'"
        group, _, case = test.partition(".")
        case, _, value = case.partition("/")
        if not re.search(rf"TEST(_F|_P)?\({group}, {case}\)", tests):
            yield f"{section} {rule}: no test {group}.{case}"
        if value and f'"{value}"' not in tests:
            yield f"{section} {rule}: {group}.{case} has no case {value}"


def main():
    text = (ROOT / "crypto/README.md").read_text(encoding="utf-8")
    part = text.partition("## MLS: every rule, its line, its test")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")][1:]
    rows = [match.groups() for match in map(ROW.match, lines) if match]
    tests = "".join(path.read_text(encoding="utf-8")
                    for folder in ("mls", "wire")
                    for path in sorted((ROOT / "tests/crypto" / folder).glob("*_test.cc")))
    breaches = [f"row not understood: {line}" for line in lines if not ROW.match(line)]
    breaches += check(rows, tests)
    if len(rows) < FEWEST_ROWS:
        breaches.append(f"{len(rows)} rows only")
    for breach in breaches:
        print(f"crypto/README.md: {breach}")
    print(f"{len(rows)} rules, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
