"""G4: a relay that alters, drops, repeats, reorders or forgets entries, or serves an old state to a
new device, is noticed: one sentence, a non-zero exit, everything so far kept, nothing sent on top.
Its store is altered between two runs; afterwards it is honest again, and nothing is missing."""
import contextlib
import json
import os
import shutil
import sqlite3
import unittest

from harness import ROOT, RegionTest

HOSTILE_RELAY = os.environ.get("RENKEI_HOSTILE_RELAY",
                               str(ROOT / "build/tests/e2e/hostile_relay"))

COLUMNS = "kind, received_at, hash, key, payload"


class HostileRelay(RegionTest):
    @contextlib.contextmanager
    def meddling(self, change):
        """A relay that judges nothing runs over a store in which `change` was at work; afterwards
        the honest one over the honest store."""
        relay, honest = self.world.relay, self.world.base / "honest-store"
        program = relay.binary
        relay.stop()
        shutil.rmtree(honest, ignore_errors=True)
        shutil.copytree(relay.data / "store", honest)
        with contextlib.closing(sqlite3.connect(relay.data / "store" / "relay.db")) as store:
            number, = store.execute("SELECT no FROM threads WHERE case_id = ?",
                                    (bytes.fromhex(self.case.replace("-", "")),)).fetchone()
            change(store, number)
            store.commit()
        (relay.data / "store" / "relay.db-mark").unlink()  # who lies keeps no proof
        relay.binary = HOSTILE_RELAY
        relay.again()
        try:
            yield
        finally:
            relay.stop()
            relay.binary = program
            shutil.rmtree(relay.data / "store")
            shutil.copytree(honest, relay.data / "store")
            relay.again()

    def write_three(self, tag):
        """Three notes that the doctor has not seen; their sequence numbers."""
        self.doctor.sync()
        self.tag = tag
        return [self.note(self.nurse, f"{tag}{number}（架空）")["seq"] for number in range(3)]

    def says(self, device, words):
        plain = device.run("sync", expect=1)
        self.assertIn(words, plain.stderr)
        self.assertIn("残って", plain.stderr, "what was kept")
        self.assertNotIn(words, plain.stdout)
        said = device.run("--json", "sync", expect=1)
        objects = [json.loads(line) for line in said.stdout.splitlines()]
        self.assertTrue(any(words in one.get("error", {}).get("message", "") for one in objects))

    def noticed(self, change, words, kept):
        """The doctor learns of it, keeps what came before, and writes nothing on top of it."""
        with self.meddling(change):
            self.says(self.doctor, words)
            shown = self.doctor.run("--json", "read", self.case)
            self.assertIn(words, shown.stderr, "said beside what is shown, too")
            for number in range(3):
                self.assertEqual(shown.stdout.count(f"{self.tag}{number}（架空）"),
                                 1 if number < kept else 0)
            waiting = self.note(self.doctor, f"{self.tag}への返事（架空）")
            self.assertEqual(waiting["state"], "waiting")
            self.assertIn("届けていません", self.doctor.json("outbox")[0]["waiting_for"])
        self.doctor.sync()
        self.nurse.sync()
        self.assertEqual(self.doctor.json("outbox"), [])
        for device in (self.doctor, self.nurse):
            texts = [text for text in self.texts(device) if text.startswith(self.tag)]
            self.assertEqual(texts, [f"{self.tag}{number}（架空）" for number in range(3)] +
                             [f"{self.tag}への返事（架空）"])
        self.assertEqual(self.doctor.json("case", "show", self.case)[0]["warnings"], [])

    def test_G4_an_altered_entry_is_noticed(self):
        seqs = self.write_three("改ざん")

        def flip_a_bit(store, thread):
            where = (thread, seqs[1])
            payload, = store.execute("SELECT payload FROM entries WHERE thread=? AND seq=?",
                                     where).fetchone()
            altered = bytearray(payload)
            altered[len(altered) // 2] ^= 1
            store.execute("UPDATE entries SET payload=? WHERE thread=? AND seq=?",
                          (bytes(altered), *where))

        self.noticed(flip_a_bit, "書き換えられた", 1)

    def test_G4_a_dropped_entry_is_noticed(self):
        seqs = self.write_three("欠落")
        self.noticed(lambda store, thread: store.execute(
            "DELETE FROM entries WHERE thread=? AND seq=?", (thread, seqs[1])), "一部を届けていません", 1)

    def put(self, store, thread, seq, entry):
        store.execute("UPDATE entries SET kind=?, received_at=?, hash=?, key=?, payload=? "
                      "WHERE thread=? AND seq=?", (*entry, thread, seq))

    def get(self, store, thread, seq):
        entry = store.execute(f"SELECT {COLUMNS} FROM entries WHERE thread=? AND seq=?",
                              (thread, seq)).fetchone()
        store.execute("UPDATE entries SET key=NULL WHERE thread=? AND seq=?", (thread, seq))
        return entry

    def test_G4_reordered_entries_are_noticed(self):
        seqs = self.write_three("入れ替え")

        def swap(store, thread):
            first, second = (self.get(store, thread, seq) for seq in seqs[:2])
            self.put(store, thread, seqs[0], second)
            self.put(store, thread, seqs[1], first)

        self.noticed(swap, "書き換えられた", 0)

    def test_G4_a_repeated_entry_is_noticed(self):
        seqs = self.write_three("繰り返し")

        def repeat(store, thread):
            kind, at, digest, _, payload = self.get(store, thread, seqs[0])
            self.put(store, thread, seqs[1], (kind, at, digest, None, payload))

        self.noticed(repeat, "書き換えられた", 1)

    def test_G4_a_relay_that_forgot_what_a_device_has_is_noticed(self):
        seqs = self.write_three("忘却")
        self.doctor.sync()

        def forget_the_end(store, thread):
            last, = store.execute("SELECT head_seq FROM threads WHERE no=?", (thread,)).fetchone()
            store.execute("DELETE FROM entries WHERE thread=? AND seq>?", (thread, seqs[0]))
            store.execute(
                "UPDATE threads SET head_seq=?, (head_hash, head_received_at) = (SELECT hash, "
                "received_at FROM entries WHERE thread=? AND seq=?) WHERE no=?",
                (seqs[0], thread, seqs[0], thread))
            self.assertGreater(last, seqs[0])

        with self.meddling(forget_the_end):
            self.says(self.doctor, "少なくなっています")
            shown = self.texts(self.doctor)
            for number in range(3):
                self.assertEqual(shown.count(f"忘却{number}（架空）"), 1, "all of it is kept here")

    def test_a_new_device_is_not_lured_into_an_old_state(self):
        code = self.doctor.text("staff", "invite", "--name", "上田 真琴", "--profession", "doctor")
        deputy = self.world.device("deputy", "上田 真琴")
        deputy.run("join", code, "--name", "上田 真琴", "--profession", "doctor")
        self.doctor.run("approve", "--all")
        deputy.sync()
        with contextlib.closing(sqlite3.connect(
                f"file:{self.world.relay.data}/store/relay.db?mode=ro", uri=True)) as store:
            old = dict(store.execute("SELECT thread, group_info FROM group_infos"))
        self.nurse.run("case", "add", self.case, deputy.name)  # another epoch
        self.note(self.nurse, "端末を増やす前（架空）")
        code = self.doctor.text("device", "add")
        tablet = self.world.device("tablet", self.doctor.name)
        tablet.run("join", code)
        self.doctor.run("sync")

        def serve_the_old_state(store, thread):
            store.execute("UPDATE group_infos SET group_info=? WHERE thread=?", (old[thread], thread))

        with self.meddling(serve_the_old_state):
            refused = tablet.run("sync", expect=1)
            self.assertIn("古い状態", refused.stderr)
            self.assertIn("端末を増やす前（架空）", self.texts(tablet), "reading goes on")
            self.assertEqual(self.note(tablet, "タブレットから（架空）")["state"], "waiting")
        tablet.sync()
        self.assertEqual(tablet.json("outbox"), [])
        self.nurse.sync()
        self.assertEqual(self.texts(self.nurse).count("タブレットから（架空）"), 1)


if __name__ == "__main__":
    unittest.main()
