"""That a skipped test is told with its reason: a real CTest runs programs that skip in each of the ways ours do."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SKIPPED = pathlib.Path(__file__).resolve().parent / "skipped.py"

GTEST = """#!/bin/sh
printf 'Note: Google Test filter = A.B\\n[ RUN      ] A.B\\n/src/a_test.cc:17: Skipped\\n'
printf 'Real files are not there.\\n\\n[  SKIPPED ] A.B (0 ms)\\n'
"""
TESTS = {  # name: (script, the property by which CTest knows that it was skipped)
    "A.B": (GTEST, 'SKIP_REGULAR_EXPRESSION "\\\\[  SKIPPED \\\\]"'),
    "A.C": (GTEST, 'SKIP_REGULAR_EXPRESSION "\\\\[  SKIPPED \\\\]"'),
    "words": ("#!/bin/sh\necho skipped: no such package\nexit 77\n", "SKIP_RETURN_CODE 77"),
    "vectors": ("#!/bin/sh\necho no test vectors at /x/mls\nexit 77\n", "SKIP_RETURN_CODE 77"),
    "python": ("#!/bin/sh\necho \"test_a (T) ... skipped 'no disk'\"\nexit 77\n", "SKIP_RETURN_CODE 77"),
    "silent": ("#!/bin/sh\nexit 77\n", "SKIP_RETURN_CODE 77"),
    "passes": ("#!/bin/sh\necho skipped: nothing\n", "SKIP_RETURN_CODE 77"),
    "fails": ("#!/bin/sh\nexit 1\n", "SKIP_RETURN_CODE 77"),
}


class Skipped(unittest.TestCase):
    def test_each_is_told_once_with_its_reason_and_no_other(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            lines = []
            for name, (script, how) in TESTS.items():
                program = place / f"{name}.sh"
                program.write_text(script, encoding="utf-8")
                program.chmod(0o700)
                lines.append(f'add_test({name} "{program}")\n'
                             f"set_tests_properties({name} PROPERTIES {how})\n")
            (place / "CTestTestfile.cmake").write_text("".join(lines), encoding="utf-8")
            subprocess.run(["ctest", "--test-dir", folder, "--output-junit", place / "run.xml"],
                           check=False, capture_output=True, timeout=120)
            done = subprocess.run([sys.executable, "-B", SKIPPED, place / "run.xml"], check=True,
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout.splitlines(), [
            "skipped: Real files are not there: A.B, A.C",
            "skipped: no such package: words",
            "skipped: no test vectors at /x/mls: vectors",
            "skipped: no disk: python",
            "skipped: no reason said: silent"])


if __name__ == "__main__":
    unittest.main()
