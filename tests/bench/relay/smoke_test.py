"""relay_load measures what it says: run for a moment, each of its lines has both of its figures, the
relay's and the yardstick's, and the ratio is theirs. How large they are is not judged here.

    smoke_test.py RELAY_LOAD RELAY"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""
RELAY = ""


def run(*arguments):
    with tempfile.TemporaryDirectory(prefix="renkei-bench-") as place:
        done = subprocess.run([PROGRAM, "--dir", pathlib.Path(place) / "relay", "--seconds", "0.2",
                               *arguments], capture_output=True, text=True, timeout=240, check=False)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class RelayLoad(unittest.TestCase):
    def positive(self, line, *names):
        for name in names:
            self.assertGreater(line[name], 0, (name, line))

    def test_appends_stand_beside_empty_calls(self):
        lines = run("--only", "append", "--in-flight", "1", "--in-flight", "8", "--connections", "3")
        self.assertEqual([(line["in_flight"], line["over"]) for line in lines],
                         [(1, "call"), (1, "stream"), (8, "call"), (8, "stream")])
        for line in lines:
            self.assertEqual(line["connections"], 3)
            self.positive(line, "per_s", "empty_call_per_s", "ratio", "cpu_us", "empty_call_cpu_us",
                          "cpu_ratio", "p50_ms", "p99_ms", "empty_call_p50_ms", "empty_stream_per_s",
                          "empty_stream_p50_ms")
            if line["in_flight"] == 1:
                self.assertGreater(line["synced_p50_ms"], 0)
                self.assertAlmostEqual(line["of_synced"], line["p50_ms"] / line["synced_p50_ms"],
                                       delta=0.02 + 0.01 * line["of_synced"])
            else:
                self.assertNotIn("synced_p50_ms", line)
            # Both are printed as whole numbers.
            self.assertAlmostEqual(line["ratio"], line["per_s"] / line["empty_call_per_s"],
                                   delta=0.001 + 2 / line["empty_call_per_s"])
            self.assertLessEqual(line["p50_ms"], line["p99_ms"])

    def test_a_build_beside_another(self):
        lines = run("--against", RELAY, "--in-flight", "1")
        self.assertEqual([(line["in_flight"], line["over"]) for line in lines],
                         [(1, "call"), (1, "stream")])
        for line in lines:
            self.assertEqual(line["turns"], 1)
            self.assertEqual(line["quicker"], int(line["of_other"] < 1), line)
            self.assertAlmostEqual(line["of_other"], line["p50_ms"] / line["other_p50_ms"], delta=0.01)
            self.positive(line, "p50_ms", "other_p50_ms", "of_other", "per_s", "other_per_s",
                          "cpu_us", "other_cpu_us")

    def test_what_is_acknowledged_is_delivered(self):
        lines = run("--only", "latency")
        self.assertEqual([(line["over"], line["what"]) for line in lines],
                         [("call", "acknowledged"), ("call", "delivered"),
                          ("stream", "acknowledged"), ("stream", "delivered")])
        for line in lines:
            self.positive(line, "per_s", "count", "p50_ms", "p99_ms", "p999_ms")
        self.assertEqual(lines[0]["count"], lines[1]["count"])
        self.assertEqual(lines[2]["count"], lines[3]["count"])


if __name__ == "__main__":
    PROGRAM, RELAY = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
