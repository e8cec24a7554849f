"""What the demo promises when things go wrong: `--check` always ends with one JSON line and leaves no
relay behind, and no folder but the demo's own is ever emptied. Needs no built program: scripts stand in.
That the stories themselves come true is E2E.TheThreeStoriesRunEndToEnd."""
import argparse
import contextlib
import io
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

from harness import ROOT, Failed
from harness_test import running

import folder  # deploy/demo, where the harness looks too
import goodbye
import stories

STORIES = ROOT / "deploy/demo/stories.py"
RELAY = "#!/bin/sh\necho listening on 127.0.0.1:1\nexec sleep 300\n"


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o700)


class DemoTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="renkei-e2e-")
        self.addCleanup(holder.cleanup)
        self.place = pathlib.Path(holder.name).resolve()
        self.base = self.place / "base"

    def start(self, renkei=None, relay=RELAY):
        """stories.py --check with `renkei` in the place of the real one."""
        if renkei is not None:
            script(self.place / "build/client/cli/renkei", "#!/bin/sh\n" + renkei)
        script(self.place / "build/server/renkei-relay", relay)
        return subprocess.Popen(
            [sys.executable, "-B", str(STORIES), "--check", "--build", str(self.place / "build"),
             "--base", str(self.base)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def fails(self, process, says):
        """It ends with 1 and, last on stdout, a JSON line that says why; what it said on stderr."""
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 1, err)
        self.assertNotIn("Traceback", err)
        line = json.loads(out.splitlines()[-1])
        self.assertIs(line["ok"], False)
        self.assertEqual(len(line["missed"]), 1, line)
        self.assertIn(says, line["missed"][0])
        return err


class Check(DemoTest):
    def test_a_program_that_fails_is_told_in_json(self):
        self.fails(self.start("echo no >&2; exit 1"), "region init")

    def test_a_program_that_prints_no_json_is_told_in_json(self):
        self.fails(self.start("echo nonsense"), "JSONDecodeError")

    def test_a_program_that_is_not_there_is_told_in_json(self):
        self.fails(self.start(), "FileNotFoundError")

    def test_a_relay_that_does_not_start_is_told_in_json(self):
        self.fails(self.start("exit 0", relay="#!/bin/sh\nexit 3\n"), "the relay did not start")

    def test_an_interruption_is_told_in_json_and_stops_the_relay(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                ready = self.place / f"ready-{number}"
                process = self.start(f'case "$*" in *invite*) : >{ready}; exec sleep 300;; esac')
                self.addCleanup(process.kill)
                end = time.monotonic() + 60
                while not ready.exists() and time.monotonic() < end:
                    time.sleep(0.05)
                relay = int((self.base / folder.RELAY_PID).read_text(encoding="ascii"))
                self.assertTrue(running(relay))
                process.send_signal(number)
                self.fails(process, "KeyboardInterrupt")
                self.assertFalse(running(relay))
                self.assertFalse((self.base / folder.RELAY_PID).exists())

    def test_whatever_a_part_throws_is_told(self):
        for problem in (sqlite3.OperationalError("locked"), KeyError("record"),
                        subprocess.TimeoutExpired(["renkei"], 120), RuntimeError("odd")):
            with self.subTest(problem=problem):
                play = stories.Play(quiet=True)
                options = argparse.Namespace(base=self.base, build=self.place, check=True)
                with mock.patch.object(play, "region", side_effect=problem), \
                        mock.patch.object(goodbye, "stop") as stop, \
                        mock.patch.object(signal, "signal"), \
                        contextlib.redirect_stderr(io.StringIO()):
                    stories.perform(play, options)
                stop.assert_called_once_with(play)
                self.assertEqual(len(play.missed), 1)
                self.assertIn(type(problem).__name__, play.missed[0])

    def test_a_build_that_fails_is_told_in_json(self):
        tools = self.place / "tools"
        script(tools / "cmake", "#!/bin/sh\nexit 4\n")
        script(tools / "dpkg-query", "#!/bin/sh\necho install ok installed\n")
        done = subprocess.run(
            [ROOT / "deploy/demo.sh", "--check"], capture_output=True, text=True, timeout=120,
            check=False, env=dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}",
                                  RENKEI_BUILD_DIR=str(self.place / "build")))
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout), {
            "ok": False, "verified": [], "missed": ["stopped while building"]})


class Folder(DemoTest):
    def test_a_folder_that_is_not_the_demos_is_refused_and_kept(self):
        self.base.mkdir()
        kept = self.base / "people"  # as if a home were named, even one that looks like a demo
        kept.mkdir()
        (kept / "letter").write_text("mine", encoding="utf-8")
        for marker in (None, "", "a marker of somebody else\n"):
            with self.subTest(marker=marker):
                if marker is not None:
                    (self.base / folder.MARKER).write_text(marker, encoding="utf-8")
                err = self.fails(self.start("exit 0"), str(self.base))
                self.assertIn("何も消していません", err)
                self.assertIn("Nothing was deleted", err)
                self.assertEqual((kept / "letter").read_text(encoding="utf-8"), "mine")

    def test_a_file_is_refused_and_kept(self):
        self.base.write_text("mine", encoding="utf-8")
        self.fails(self.start("exit 0"), str(self.base))
        self.assertEqual(self.base.read_text(encoding="utf-8"), "mine")

    def test_a_link_to_a_folder_that_is_not_the_demos_is_refused(self):
        home = self.place / "home"
        home.mkdir()
        (home / "letter").write_text("mine", encoding="utf-8")
        self.base.symlink_to(home)
        self.assertRaises(Failed, folder.fresh, self.base)
        self.assertEqual(os.listdir(home), ["letter"])

    def test_the_demos_own_is_emptied_and_its_links_are_not_followed(self):
        folder.fresh(self.base)
        home = self.place / "home"
        home.mkdir()
        (home / "letter").write_text("mine", encoding="utf-8")
        (self.base / "people").mkdir()
        (self.base / "people" / "old").write_text("old", encoding="utf-8")
        (self.base / "link").symlink_to(home)
        folder.fresh(self.base)
        self.assertEqual(os.listdir(self.base), [folder.MARKER])
        self.assertEqual(os.listdir(home), ["letter"])

    def test_an_empty_one_is_taken(self):
        self.base.mkdir()
        self.assertEqual(folder.fresh(self.base), self.base)
        self.assertEqual(os.listdir(self.base), [folder.MARKER])

    def test_the_relay_of_an_earlier_demo_is_stopped_and_nobody_elses(self):
        for data, ours in ((self.base / "relay", True), (self.place / "other", False)):
            with self.subTest(ours=ours):
                folder.fresh(self.base)
                other = subprocess.Popen(
                    [sys.executable, "-c", "import time; print(flush=True); time.sleep(300)",
                     "--data", str(data)], stdout=subprocess.PIPE)
                self.addCleanup(other.stdout.close)
                self.addCleanup(other.wait)
                self.addCleanup(other.kill)
                other.stdout.readline()  # from here on the process table has its words
                (self.base / folder.RELAY_PID).write_text(str(other.pid), encoding="ascii")
                folder.fresh(self.base)
                self.assertEqual(running(other.pid), not ours)


class Correction(unittest.TestCase):
    def test_every_field_that_differs_is_found(self):
        old = {"a": {"b": 1, "c": [1, 2]}, "d": "x", "gone": 1}
        new = {"a": {"b": 2, "c": [1, 3]}, "d": "x", "more": 1}
        self.assertEqual(list(stories.differences(old, new)), [
            ("a.b", 1, 2), ("a.c", [1, 2], [1, 3]), ("gone", 1, None), ("more", None, 1)])
        self.assertEqual(list(stories.differences(old, old)), [])


if __name__ == "__main__":
    unittest.main()
