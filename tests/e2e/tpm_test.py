"""A vault whose device key is sealed by a TPM opens with that TPM only, and says how it is kept (G9).

The TPM is swtpm, a real one in software. Where that is not installed the tests say so."""
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from harness import free_port, new_world


class Swtpm:
    """A TPM as a process; start() again goes on with the same state."""

    def __init__(self, base):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="tpm-", dir=base))
        self.process = None

    def start(self):
        """The library expects the control port right behind the other, and others take ports too."""
        for _ in range(20):
            port = free_port()
            self.process = subprocess.Popen(
                ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}",
                 "--server", f"type=tcp,bindaddr=127.0.0.1,port={port}",
                 "--ctrl", f"type=tcp,bindaddr=127.0.0.1,port={port + 1}",
                 "--flags", "not-need-init,startup-clear", "--log", "file=/dev/null"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while self.process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", port + 1), 1).close()
                    return {"RENKEI_TPM_TCTI": f"swtpm:host=127.0.0.1,port={port}"}
                except OSError:
                    time.sleep(0.02)
        raise RuntimeError("swtpm does not start")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


@unittest.skipUnless(shutil.which("swtpm"), "the program swtpm (Debian: swtpm) is not installed")
class TpmVaults(unittest.TestCase):
    def setUp(self):
        self.world = new_world()
        self.chip = Swtpm(self.world.base)
        self.with_chip = self.chip.start()

    def tearDown(self):
        self.chip.stop()
        shutil.rmtree(self.world.base, ignore_errors=True)

    def found(self, label, env):
        """A vault of its own; no relay runs, and none is needed to look at it."""
        device = self.world.device(label, "架空 一郎")
        done = device.run("region", "init", "--relay", f"127.0.0.1:{free_port()}", "--name",
                          "架空地域", "--data", self.world.base / label, env=env)
        return device, done

    def key_of(self, device, env=None):
        return device.json("status", env=env)[0]["device_key"]

    def refused(self, device, env, says):
        done = device.run("status", expect=1, env=env)
        self.assertEqual(done.stdout, "")
        self.assertIn(says, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_status_says_that_the_key_is_sealed(self):
        device, _ = self.found("sealed", self.with_chip)
        key = self.key_of(device, self.with_chip)
        self.assertEqual((key["form"], key["weaker"]), ("tpm", False))
        self.assertIn("封印", device.run("status", env=self.with_chip).stdout)

    def test_G9_another_tpm_does_not_open_it(self):
        device, _ = self.found("sealed", self.with_chip)
        other = Swtpm(self.world.base)
        try:
            with_other = other.start()
            self.refused(device, with_other, "別の TPM")
            done = device.run("status", expect=1, env=dict(with_other, RENKEI_LANG="en"))
            self.assertIn("another TPM", done.stderr)
        finally:
            other.stop()
        self.key_of(device, self.with_chip)

    def test_a_tpm_that_is_away_is_waited_for(self):
        device, _ = self.found("sealed", self.with_chip)
        self.chip.stop()
        self.refused(device, self.with_chip, "いま TPM を使えません")
        self.refused(device, None, "いま TPM を使えません")
        self.assertEqual(self.key_of(device, self.chip.start())["form"], "tpm")

    def test_a_tpm_that_refuses_is_said_at_once_and_in_status(self):
        device, done = self.found("refused", {"RENKEI_TPM_TCTI": "device:/dev/null"})
        self.assertIn("弱い形", done.stderr)
        self.assertIn("作成時に使えませんでした", done.stderr)
        key = self.key_of(device)
        self.assertEqual((key["form"], key["weaker"]), ("file-tpm-refused", True))
        self.assertIn("作成時に使えませんでした", device.run("status").stdout)

    def test_without_a_tpm_status_calls_the_weaker_form_so(self):
        for label, tcti, form in (("none", "device:/nonexistent", "file-no-tpm"),
                                  ("off", "none", "file-tpm-off")):
            device, done = self.found(label, {"RENKEI_TPM_TCTI": tcti})
            self.assertEqual(done.stderr, "")
            key = self.key_of(device)
            self.assertEqual((key["form"], key["weaker"]), (form, True))
            self.assertIn("弱い形", device.run("status").stdout)
            # A TPM that comes later changes nothing for this vault.
            self.assertEqual(self.key_of(device, self.with_chip)["form"], form)


if __name__ == "__main__":
    unittest.main()
