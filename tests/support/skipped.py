#!/usr/bin/env python3
"""Which tests were skipped, and why: one line for each reason, from what CTest wrote.

    tests/support/skipped.py JUNIT_FILE        (ctest --output-junit JUNIT_FILE)
"""
import re
import sys
import xml.etree.ElementTree as xml

# How the programs say it: GoogleTest below the line of the skip, ours in words, unittest in quotes.
REASONS = (r": Skipped\n(.+)", r"^skipped: (.+)$", r"\bskipped ['\"](.+)['\"]",
           r"^(no test vectors at .+)$")


def reason(output):
    for pattern in REASONS:
        found = re.search(pattern, output, re.MULTILINE)
        if found:
            return found.group(1).strip().rstrip(".")
    return "no reason said"


def skipped(root):
    """Reason -> names of the tests, in the order in which they ran."""
    out = {}
    for case in root.iter("testcase"):
        if case.find("skipped") is not None:
            out.setdefault(reason(case.findtext("system-out") or ""), []).append(case.get("name"))
    return out


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    for why, names in skipped(xml.parse(sys.argv[1]).getroot()).items():
        print(f"skipped: {why}: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
