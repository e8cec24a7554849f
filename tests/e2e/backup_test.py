"""Backup while the relay runs, the loss of its machine, restore, by the command line and by the words
of deploy/RUNBOOK.md; damage that is found, named and not served."""
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
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

    def test_a_chain_of_backups_is_restored_and_a_broken_one_is_refused_in_words(self):
        def back_up(name, *since):
            return tool("backup", "--data", self.data, "--to", self.folder / name,
                        *(("--since", self.folder / since[0]) if since else ()))

        back_up("b1")
        self.note(self.nurse, "二日目の記録（架空）")
        said = back_up("b2", "b1")
        self.assertIn(f"continues {self.folder / 'b1'}, keep both", said)
        self.note(self.nurse, "三日目の記録（架空）")
        back_up("b3", "b2")
        self.assertFalse((self.folder / "b3/relay.db").exists())
        said = tool("verify", "--backup", self.folder / "b3")
        self.assertIn("put together from 3 folders", said)
        self.assertIn("sound", said)
        tool("restore", "--from", self.folder / "b3", "--data", self.folder / "new")
        with sqlite3.connect(self.folder / "new/store/relay.db") as store:
            entries, = store.execute("SELECT count(*) FROM entries").fetchone()
        with sqlite3.connect(f"file:{self.data}/store/relay.db?mode=ro", uri=True) as store:
            self.assertEqual(store.execute("SELECT count(*) FROM entries").fetchone(), (entries,))
        (self.folder / "b2").rename(self.folder / "away")
        for command in (("verify", "--backup", self.folder / "b3"),
                        ("restore", "--from", self.folder / "b3", "--data", self.folder / "other")):
            said = tool(*command, expect=1)
            self.assertIn(f"continues {self.folder / 'b2'}, which is not there", said)
            self.assertEqual(len(said.strip().splitlines()), 1)
        self.assertFalse((self.folder / "other").exists())
        self.assertIn("no backup was made",
                      tool("backup", "--data", self.data, "--to", self.folder / "b4", "--since",
                           self.folder / "b2", expect=1))

    def test_a_backup_that_is_killed_is_whole_or_not_there(self):
        seed = int(os.environ.get("RENKEI_SEED", random.randrange(1 << 32)))
        print(f"seed {seed}", flush=True)
        dice = random.Random(seed)
        tool("backup", "--data", self.data, "--to", self.folder / "b0")
        whole = ["b0"]
        for number in range(1, 13):
            name = f"b{number}"
            process = subprocess.Popen(
                [RELAY, "backup", "--data", self.data, "--to", self.folder / name, "--since",
                 self.folder / whole[-1]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # The first to its end, for certain; it takes some hundredths of a second.
            if number > 1:
                time.sleep(dice.uniform(0.0, 0.1))
                process.kill()
            process.wait(60)
            if (self.folder / name).exists():
                whole.append(name)
        self.assertGreater(len(whole), 1)
        said = tool("verify", "--backup", self.folder / whole[-1])
        self.assertIn(f"put together from {len(whole)} folders", said)
        for path in self.folder.iterdir():
            self.assertTrue(path.name in whole or ".partial-" in path.name, path.name)

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
        self.note(self.nurse, "翌日の記録（架空）")
        time.sleep(1.1)  # the RUNBOOK's names have seconds
        run("Back up what changed")
        self.world.relay.stop(signal.SIGKILL)
        shutil.rmtree(self.data)
        run("Restore")
        with sqlite3.connect(self.data / "store/relay.db") as store:
            store.execute("UPDATE stored_bytes SET bytes = bytes + 1")
        self.assertIn("miscounted", tool("verify", "--data", self.data, expect=1))
        run("Bytes are miscounted")
        self.assertIn("sound", tool("verify", "--data", self.data))
        self.world.relay.start(address)
        self.doctor.sync()
        self.assertIn("引き継ぎの記録（架空）", self.texts(self.doctor))
        self.assertIn("翌日の記録（架空）", self.texts(self.doctor))
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
