"""A vault opens with two factors, for one process, on its own device, in its newest state (G8, G9)."""
import copy
import json
import os
import pathlib
import shutil
import subprocess
import time
import unittest

from harness import RegionTest


class Vaults(RegionTest):
    def test_G9_a_wrong_passphrase_does_not_open(self):
        wrong = self.world.base / "wrong"
        wrong.write_text("another passphrase\n", encoding="utf-8")
        guesser = copy.copy(self.nurse)
        guesser.command = lambda *arguments: [
            str(self.world.renkei), "--vault", str(self.nurse.vault), "--passphrase-file",
            str(wrong), *map(str, arguments)]
        self.refused(guesser, "case", "list", says="パスフレーズが違います")
        self.nurse.run("case", "list")

    def test_G9_a_copied_vault_does_not_open_on_another_machine(self):
        elsewhere = self.world.base / "another-machine"
        elsewhere.mkdir(exist_ok=True)
        self.refused(self.nurse, "case", "list",
                     says="この保管庫を開く鍵がありません",
                     env={"RENKEI_DEVICE_KEYS": str(elsewhere / "device-keys")})
        self.nurse.run("case", "list")

    def test_two_processes_do_not_share_a_vault(self):
        watching = subprocess.Popen(self.nurse.command("watch"), env=self.world.environment(),
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.wait_until_locked()
            self.refused(self.nurse, "case", "list", says="別のプログラム")
        finally:
            watching.terminate()
            self.assertEqual(watching.wait(30), 0, "watch ends when asked to")
        self.nurse.run("case", "list")

    def wait_until_locked(self):
        """Looks from outside: trying to open the vault could itself be in the way."""
        inode = f":{os.stat(self.nurse.vault / 'lock').st_ino} "
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if inode in pathlib.Path("/proc/locks").read_text(encoding="ascii"):
                return
            time.sleep(0.05)
        self.fail("watch never took the vault's lock")

    def test_G8_an_older_copy_says_so_and_loses_nothing(self):
        copy = self.world.base / "copy"
        shutil.copytree(self.doctor.vault, copy)
        sent = self.note(self.doctor, "控えを取ったあとに書きました。（架空）")
        self.assertEqual(sent["state"], "sent")
        shutil.rmtree(self.doctor.vault)
        shutil.copytree(copy, self.doctor.vault)
        self.refused_once(self.doctor)
        self.doctor.sync()
        self.assertIn("控えを取ったあとに書きました。（架空）", self.texts(self.doctor))
        again = self.note(self.doctor, "控えから戻したあとに書きました。（架空）")
        self.assertEqual(again["state"], "sent")
        self.nurse.sync()
        self.assertIn("控えから戻したあとに書きました。（架空）", self.texts(self.nurse))

    def refused_once(self, device):
        """Said once: one run has to show the sentence and the object."""
        done = device.run("--json", "case", "list", expect=1)
        for part in ("以前の控え", "失われた記録はありません", "renkei sync"):
            self.assertIn(part, done.stderr)
        error = json.loads(done.stdout)["error"]
        self.assertEqual(error["code"], "kStaleEpoch")
        self.assertEqual(error["message"], done.stderr.strip())

    def test_a_damaged_vault_is_refused_and_left_alone(self):
        copy = self.world.base / "damaged"
        shutil.copytree(self.nurse.vault, copy)
        try:
            database = self.nurse.vault / "vault.db"
            data = bytearray(database.read_bytes())
            middle = len(data) // 2
            data[4096:4160] = bytes(64)
            data[middle:middle + 64] = bytes(64)
            database.write_bytes(data)
            self.refused(self.nurse, "case", "list", says="壊れています")
            self.assertEqual(database.read_bytes(), bytes(data), "left alone")
        finally:
            shutil.rmtree(self.nurse.vault)
            shutil.copytree(copy, self.nurse.vault)


if __name__ == "__main__":
    unittest.main()
