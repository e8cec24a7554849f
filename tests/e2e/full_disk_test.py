"""A full disk, under the relay or under a vault: one sentence, what was written is kept or refused
as a whole, and once there is space again everything goes out exactly once (G5).

The disk is a small tmpfs. Only root may mount one; anybody else plays the test in a user namespace
of their own. Where neither is allowed the tests say so and are skipped."""
import os
import shutil
import subprocess
import sys
import unittest

from harness import EXAMPLES, RegionTest, new_world, free_port

INSIDE = "RENKEI_IN_NAMESPACE"
RELAY_MIB, VAULT_MIB = 8, 8


def own_namespace():
    """Starts the test anew as root of a user namespace, where this user may not mount."""
    if os.geteuid() == 0 or INSIDE in os.environ or shutil.which("unshare") is None:
        return
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", [*unshare, sys.executable, "-B", *sys.argv])


def small_disk(test, path, mebibytes):
    path.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0700", "tmpfs",
                              str(path)], capture_output=True, check=False)
    if mounted.returncode != 0:
        test.skipTest("this user may not mount a small disk here")
    test.addCleanup(subprocess.run, ["umount", "-l", str(path)], check=False)


def fill(path):
    """Leaves not a byte."""
    with open(path / "ballast", "wb", 0) as ballast:
        try:
            while True:
                ballast.write(b"\0" * 4096)
        except OSError:
            pass


class FullDisk(RegionTest):
    @classmethod
    def setUpClass(cls):
        """Each test brings its own region, on a disk of its own."""

    def region(self):
        self.world = new_world()
        self.addCleanup(shutil.rmtree, self.world.base, ignore_errors=True)
        self.addCleanup(self.world.relay.stop)

    def people(self):
        world = self.world
        self.operator = world.found_region("架空地域", free_port())
        self.nurse = world.institution(self.operator, "nurse", "架空訪問看護",
                                       "visiting-nurse-station", "江口 花子", "nurse")
        self.doctor = world.institution(self.operator, "doctor", "架空クリニック", "clinic",
                                        "伊藤 一郎", "doctor")
        self.case = self.nurse.json("case", "new", "--patient", EXAMPLES / "patient.json")[0]["case"]
        self.nurse.run("case", "add", self.case, self.doctor.name)
        self.doctor.sync()

    def test_G5_a_relay_with_a_full_disk_says_so_and_nothing_is_lost(self):
        self.region()
        small_disk(self, self.world.relay.data, RELAY_MIB)
        self.people()
        fill(self.world.relay.data)
        waiting = []
        for number in range(40):  # the store's files may have some space left inside
            posted = self.note(self.nurse, f"満杯{number}（架空）")
            waiting += [posted["record"]] if posted["state"] == "waiting" else []
            if len(waiting) == 2:
                break
        self.assertEqual(len(waiting), 2, "the relay's disk is full")
        self.assertIn("送信待ち", self.nurse.text("post", self.case, "note", "--file",
                                               self.world.base / "note.json"))
        said = self.refused(self.nurse, "sync", says="中継サーバーが今は保存できません")
        self.assertIn("送信待ちに残って", said)
        outbox = self.nurse.json("outbox")
        self.assertEqual([item["record"] for item in outbox][:2], waiting)
        self.assertIn("保存できません", outbox[0]["waiting_for"])
        self.assertEqual(self.texts(self.nurse), self.texts(self.nurse), "reading goes on")
        (self.world.relay.data / "ballast").unlink()
        self.nurse.sync()
        self.doctor.sync()
        self.assertEqual(self.nurse.json("outbox"), [])
        shown = [record["record"] for record in self.doctor.json("read", self.case)]
        for record in waiting:
            self.assertEqual(shown.count(record), 1)
        self.assertEqual(len(shown), len(set(shown)))
        self.assertEqual(self.texts(self.doctor), self.texts(self.nurse))

    def test_G5_a_vault_on_a_full_disk_says_so_and_loses_nothing(self):
        self.region()
        small_disk(self, self.world.base / "people" / "nurse", VAULT_MIB)
        self.people()
        self.note(self.nurse, "空きがあるうちに（架空）")
        before = self.texts(self.nurse)
        path = self.world.base / "long.json"
        path.write_text('{"text": "%s"}' % ("長い記録（架空）" * 1000), encoding="utf-8")
        fill(self.nurse.vault)
        for _ in range(20):
            done = self.nurse.run("post", self.case, "note", "--file", path, expect=None)
            if done.returncode != 0:
                break
        self.assertEqual(done.returncode, 1, "the vault's disk is full")
        self.assertIn("空き", done.stderr)
        self.assertEqual(done.stdout, "")
        (self.nurse.vault / "ballast").unlink()
        self.nurse.sync()
        self.nurse.sync()
        self.assertEqual(self.nurse.json("outbox"), [])
        after = self.texts(self.nurse)
        self.assertEqual(after[:len(before)], before)
        sent = self.note(self.nurse, "空きが戻って（架空）")
        self.assertEqual(sent["state"], "sent")
        self.doctor.sync()
        self.nurse.sync()
        self.assertEqual(self.texts(self.doctor), self.texts(self.nurse))
        self.assertEqual(self.nurse.json("case", "show", self.case)[0]["warnings"], [])


if __name__ == "__main__":
    own_namespace()
    unittest.main()
