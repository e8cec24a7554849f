"""What the end-to-end tests share: a region of fictitious people in a folder of its own."""
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "demo"))
from people import Device, Failed, Relay, World, free_port  # noqa: E402,F401

EXAMPLES = ROOT / "deploy" / "examples"
RENKEI = os.environ.get("RENKEI_BINARY", str(ROOT / "build/client/cli/renkei"))
RELAY = os.environ.get("RENKEI_RELAY_BINARY", str(ROOT / "build/server/renkei-relay"))


def new_world():
    # A test that is killed outright cleans nothing up: its relay must not stay.
    return World(tempfile.mkdtemp(prefix="renkei-e2e-"), RENKEI, RELAY, relay_outlives=False)


class RegionTest(unittest.TestCase):
    """A class's tests share one region: operator, nurse, doctor, pharmacist, and one case."""

    @classmethod
    def setUpClass(cls):
        cls.world = new_world()
        # Registered before anything can fail: no process and no folder outlives the test.
        cls.addClassCleanup(shutil.rmtree, cls.world.base, ignore_errors=True)
        cls.addClassCleanup(cls.world.relay.stop)
        cls.prepare()
        cls.operator = cls.world.found_region("架空地域", free_port())
        cls.nurse = cls.world.institution(cls.operator, "nurse", "架空訪問看護", "visiting-nurse-station",
                                          "江口 花子", "nurse")
        cls.doctor = cls.world.institution(cls.operator, "doctor", "架空クリニック", "clinic",
                                           "伊藤 一郎", "doctor")
        cls.case = cls.nurse.json("case", "new", "--patient", EXAMPLES / "patient.json")[0]["case"]
        cls.nurse.run("case", "add", cls.case, cls.doctor.name)
        cls.doctor.sync()

    @classmethod
    def prepare(cls):
        """Before the relay is started for the first time."""

    def refused(self, device, *arguments, code=1, says=None, env=None):
        """The command fails with `code`, one clear sentence on stderr, an error object in JSON."""
        plain = device.run(*arguments, expect=code, env=env)
        self.assertEqual(plain.stdout, "", "an error prints nothing on stdout")
        self.assertTrue(plain.stderr.strip(), "an error says what happened")
        self.assertNotIn("terminate called", plain.stderr)
        if says:
            self.assertIn(says, plain.stderr)
        objects = device.json(*arguments, expect=code, env=env)
        self.assertIn(objects[-1]["error"]["message"], plain.stderr, "the same sentence")
        self.assertTrue(objects[-1]["error"]["code"].startswith("k"))
        return plain.stderr

    def note(self, device, text="様子は変わりありません。（架空）"):
        path = self.world.base / "note.json"
        path.write_text('{"text": "%s"}' % text, encoding="utf-8")
        return device.json("post", self.case, "note", "--file", path)[0]

    def texts(self, device):
        return [record["content"]["text"] for record in device.json("read", self.case)
                if record["kind"] == "note"]
