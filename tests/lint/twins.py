#!/usr/bin/env python3
"""Every source has a test twin (CONTRIBUTING.md "Tests"): server/core/x.cc has
tests/server/core/x_test.cc, it stands in that room's CMakeLists.txt (or in a file of the room that
this one includes), and there is a test in it.

    tests/lint/twins.py [ROOT]

Prints one line a breach and exits 1 if there is any. There is no allowlist.
"""
import pathlib
import re
import sys

# Top folders that are looked at, and where the twins of what stands in them directly are: the rooms
# below them take the folder's own name.
TOPS = {"crypto": "", "server": "main", "client": ""}
TEST = re.compile(r"^TEST(_F|_P)?\(", re.M)
INCLUDED = re.compile(r"^include\((\w+\.cmake)\b", re.M)
LISTED = re.compile(r"\w+\.cc")


def twin_of(source):
    parts = source.with_name(source.stem + "_test.cc").parts
    folder = parts[:-1] if len(parts) > 2 else parts[:-1] + (TOPS[parts[0]],)
    return pathlib.Path("tests", *folder, parts[-1])


def listed_in(room):
    lists = room / "CMakeLists.txt"
    text = lists.read_text(encoding="utf-8") if lists.is_file() else ""
    for name in INCLUDED.findall(text):
        text += (room / name).read_text(encoding="utf-8") if (room / name).is_file() else ""
    return LISTED.findall(re.sub(r"#.*", "", text))


def check(root, source):
    twin = twin_of(source)
    if not (root / twin).is_file():
        yield f"{source}: no {twin}"
        return
    if not TEST.search((root / twin).read_text(encoding="utf-8")):
        yield f"{twin}: no test in it"
    if twin.name not in listed_in(root / twin.parent):
        yield f"{twin}: not in {twin.parent}/CMakeLists.txt"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    sources = sorted(p.relative_to(root) for top in TOPS for p in (root / top).rglob("*.cc"))
    breaches = [line for source in sources for line in check(root, source)]
    print("\n".join(breaches + [f"{len(sources)} sources, {len(breaches)} breaches"]))
    return 1 if breaches or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
