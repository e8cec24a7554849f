"""G5: kill -9 of relay and clients at random moments loses nothing that was acknowledged and shows
nothing twice. The seed is printed; RENKEI_SEED repeats a run, RENKEI_ROUNDS lengthens it."""
import collections
import os
import random
import signal
import subprocess
import time
import unittest

from harness import RegionTest

FIRST_VICTIMS = {0: "client", 1: "relay"}


class Crashes(RegionTest):
    def test_G5_acknowledged_records_survive_and_are_shown_once(self):
        seed = int(os.environ.get("RENKEI_SEED", random.randrange(1 << 32)))
        rounds = int(os.environ.get("RENKEI_ROUNDS", "12"))
        print(f"seed {seed}", flush=True)
        dice = random.Random(seed)
        written, acknowledged = set(), set()
        killed = collections.Counter()
        for number in range(rounds):
            text = f"記録{number}（架空）"
            path = self.world.base / f"note-{number}.json"
            path.write_text('{"text": "%s"}' % text, encoding="utf-8")
            command = self.nurse.command("--json", "post", self.case, "note", "--file", path)
            client = subprocess.Popen(command, env=self.world.environment(),
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            victim = FIRST_VICTIMS.get(number) or dice.choice(("client", "relay", "nobody"))
            if victim != "nobody":
                # The first ones while they work for certain: opening the vault alone takes longer.
                time.sleep(0.1 if number in FIRST_VICTIMS else dice.uniform(0.0, 1.2))
            if victim == "client":
                client.kill()
            elif victim == "relay":
                killed["relay"] += self.world.relay.stop(signal.SIGKILL) == -signal.SIGKILL
                self.world.relay.again()
            said = client.communicate(timeout=120)[0]
            killed["client"] += client.returncode == -signal.SIGKILL
            if '"record"' in said:
                written.add(text)
            if '"state":"sent"' in said:
                acknowledged.add(text)
        print(f"killed while running: {dict(killed)}", flush=True)
        self.assertGreater(killed["client"], 0, "somebody was killed while working")
        self.assertGreater(killed["relay"], 0)
        self.nurse.sync()
        self.nurse.sync()
        self.doctor.sync()
        self.assertEqual(self.nurse.json("outbox"), [])
        for reader in (self.nurse, self.doctor):
            shown = collections.Counter(self.texts(reader))
            self.assertEqual([text for text, times in shown.items() if times > 1], [])
            self.assertLessEqual(acknowledged, set(shown))
            self.assertLessEqual(written, set(shown), "what the person was told is kept")
        self.assertEqual(self.texts(self.nurse), self.texts(self.doctor))


if __name__ == "__main__":
    unittest.main()
