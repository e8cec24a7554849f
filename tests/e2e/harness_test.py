"""What the harness itself promises. Needs no built program: a script stands in for the relay."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def running(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Harness(unittest.TestCase):
    def start(self, base, make_world):
        """A process that starts a relay in the world it makes; itself and the relay's id."""
        fake = base / "relay.sh"
        fake.write_text("#!/bin/sh\necho listening on 127.0.0.1:1\nexec sleep 300\n",
                        encoding="utf-8")
        fake.chmod(0o700)
        script = textwrap.dedent(f"""
            import sys, time
            sys.path.insert(0, {str(HERE)!r})
            import harness
            harness.RELAY = {str(fake)!r}
            world = {make_world}
            world.relay.start()
            print(world.relay.process.pid, flush=True)
            time.sleep(300)
        """)
        parent = subprocess.Popen([sys.executable, "-B", "-c", script], stdout=subprocess.PIPE,
                                  text=True, env=dict(os.environ, TMPDIR=str(base)))
        self.addCleanup(parent.stdout.close)
        self.addCleanup(parent.wait)
        self.addCleanup(parent.kill)
        return parent, int(parent.stdout.readline())

    def gone(self, pid, within):
        end = time.monotonic() + within
        while running(pid) and time.monotonic() < end:
            time.sleep(0.05)
        return not running(pid)

    def test_a_test_that_is_killed_outright_leaves_no_relay(self):
        with tempfile.TemporaryDirectory(prefix="renkei-e2e-") as base:
            parent, relay = self.start(pathlib.Path(base), "harness.new_world()")
            self.assertTrue(running(relay))
            parent.kill()
            parent.wait()
            left = not self.gone(relay, 20)
            if left:
                os.kill(relay, signal.SIGKILL)
            self.assertFalse(left, "the relay outlived its test")

    def test_the_demos_relay_stays_for_the_reader(self):
        with tempfile.TemporaryDirectory(prefix="renkei-e2e-") as base:
            parent, relay = self.start(
                pathlib.Path(base), f"harness.World({base!r}, harness.RENKEI, harness.RELAY)")
            parent.kill()
            parent.wait()
            stays = not self.gone(relay, 1)
            os.kill(relay, signal.SIGKILL)
            self.assertTrue(stays, "the demo's relay died with the script")


if __name__ == "__main__":
    unittest.main()
