"""Backup while the relay runs, the loss of its machine, restore, by the command line and by the words
of deploy/RUNBOOK.md; damage that is found, named and not served."""
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import unittest

from harness import RELAY, ROOT, RegionTest

RUNBOOK = ROOT / "deploy" / "RUNBOOK.md"


def tool(*arguments, expect=0):
    done = subprocess.run([RELAY, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          check=False)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    assert "terminate called" not in done.stderr
    return done.stdout + done.stderr


def commands_of(heading):
    """The shell commands of one section of the RUNBOOK."""
    section = RUNBOOK.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.S))


class Backups(RegionTest):
    def setUp(self):
        self.data = self.world.relay.data
        self.folder = self.world.base / self._testMethodName
        self.folder.mkdir()

    def test_backup_of_a_running_relay_is_restored_and_marked(self):
        self.note(self.nurse, "前の記録（架空）")
        said = tool("backup", "--data", self.data, "--to", self.folder / "b")
        self.assertIn("checked and synced", said)
        self.assertIn("sound", tool("verify", "--backup", self.folder / "b"))
        self.assertIn("sound", tool("verify", "--data", self.data))
        self.assertIn("left as it is",
                      tool("backup", "--data", self.data, "--to", self.folder / "b", expect=1))
        self.assertIn("running", tool("restore", "--from", self.folder / "b", "--data", self.data,
                                      "--replace", expect=1))
        tool("restore", "--from", self.folder / "b", "--data", self.folder / "new")
        with sqlite3.connect(self.folder / "new/store/relay.db") as store:
            mark = store.execute("SELECT value FROM meta WHERE name = 'restored'").fetchone()
        self.assertEqual(mark[0], b"\x01")

    def test_damage_is_found_refused_and_undone_by_restoring(self):
        self.note(self.nurse, "損傷の前の記録（架空）")
        tool("backup", "--data", self.data, "--to", self.folder / "b")
        address = self.world.relay.address
        self.world.relay.stop()
        database = self.data / "store/relay.db"
        with sqlite3.connect(database) as store:
            store.execute("DELETE FROM entries WHERE seq = (SELECT head_seq FROM threads)")
        said = tool("verify", "--data", self.data, expect=1)
        self.assertIn(f"case {self.case}", said)
        self.assertIn("damaged", said)
        self.assertNotIn("架空", said)
        refused = tool("--data", self.data, "--listen", address, expect=1)
        self.assertIn("renkei-relay restore", refused)
        self.assertIn("--replace", tool("restore", "--from", self.folder / "b", "--data", self.data,
                                        expect=1))
        tool("restore", "--from", self.folder / "b", "--data", self.data, "--replace")
        self.world.relay.start(address)
        self.doctor.sync()
        self.assertIn("損傷の前の記録（架空）", self.texts(self.doctor))
        kept = [p for p in (self.data / "store").iterdir() if p.name.startswith("before-restore-")]
        self.assertTrue(kept, "the damaged store must be kept")

    def test_runbooks_words_alone_restore_the_relay(self):
        self.note(self.nurse, "引き継ぎの記録（架空）")
        address = self.world.relay.address
        service = self.folder / "bin"
        service.mkdir()
        # What the RUNBOOK calls: this relay, without systemd.
        (service / "renkei-relay").write_text(f'#!/bin/sh\nexec "{RELAY}" "$@"\n')
        (service / "systemctl").write_text("#!/bin/sh\nexit 0\n")
        (service / "runuser").write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
        (service / "chown").write_text("#!/bin/sh\nexit 0\n")
        for script in service.iterdir():
            script.chmod(0o755)
        environment = dict(os.environ, PATH=f"{service}:{os.environ['PATH']}",
                           DATA=str(self.data), BACKUPS=str(self.folder / "backups"))
        (self.folder / "backups").mkdir()

        def run(heading):
            words = commands_of(heading)
            self.assertIn("renkei-relay", words)
            words = words.replace("/var/lib/renkei-relay", "$DATA")
            words = words.replace("/var/backups/renkei", "$BACKUPS")
            done = subprocess.run(["sh", "-eu", "-c", words], env=environment, capture_output=True,
                                  text=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

        run("Back up")
        self.world.relay.stop(signal.SIGKILL)
        shutil.rmtree(self.data)
        run("Restore")
        self.world.relay.start(address)
        self.doctor.sync()
        self.assertIn("引き継ぎの記録（架空）", self.texts(self.doctor))
        self.assertIn("unbroken", tool("audit", "verify", "--data", self.data))


class Words(unittest.TestCase):
    def test_wrong_command_lines_are_two(self):
        for wrong in (("backup",), ("restore", "--data", "/nonexistent"), ("verify",),
                      ("verify", "--data", "/a", "--backup", "/b"), ("audit",), ("migrate",)):
            tool(*wrong, expect=2)

    def test_every_file_that_the_runbook_names_is_there(self):
        names = [name for name in re.findall(r"\]\(([^)#]+)\)", RUNBOOK.read_text(encoding="utf-8"))
                 if "://" not in name]
        self.assertTrue(names)
        for name in names:
            self.assertTrue((RUNBOOK.parent / name).exists(), name)
        self.assertTrue(pathlib.Path(RELAY).exists())


if __name__ == "__main__":
    unittest.main()
