"""G5, G8: last night's copy of the store is put back under running members. They give back what the
relay lost, every case goes on, nothing that was acknowledged is lost. RENKEI_CASES: how many
(50 take some minutes)."""
import collections
import os
import shutil
import sqlite3
import unittest

from harness import EXAMPLES, RegionTest

CASES = int(os.environ.get("RENKEI_CASES", "8"))


class Restored(RegionTest):
    def post(self, device, case, text):
        path = self.world.base / "note.json"
        path.write_text('{"text": "%s（架空）"}' % text, encoding="utf-8")
        return device.json("post", case, "note", "--file", path)[0]

    def notes(self, device, case):
        return [record["content"]["text"].removesuffix("（架空）")
                for record in device.json("read", case) if record["kind"] == "note"]

    def copy(self):
        """The store, as of a stopped relay."""
        self.world.relay.stop()
        shutil.copytree(self.world.relay.data / "store", self.world.base / "copy")
        self.world.relay.again()

    def put_back(self):
        """The copy in its place, with the mark that a restore leaves."""
        self.world.relay.stop()
        store = self.world.relay.data / "store"
        shutil.rmtree(store)
        shutil.copytree(self.world.base / "copy", store)
        with sqlite3.connect(store / "relay.db") as database:
            database.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('restored', ?)",
                             (b"\x01",))
        database.close()
        self.world.relay.again()

    def test_G5_G8_every_case_goes_on_with_nothing_acknowledged_lost(self):
        cases = [self.case]
        while len(cases) < CASES:
            cases.append(self.nurse.json("case", "new", "--patient", EXAMPLES / "patient.json")[0]
                         ["case"])
            self.nurse.run("case", "add", cases[-1], self.doctor.name)
        self.doctor.sync()
        self.copy()
        # After the backup: a record in each case, one by the doctor that only he has, a member who
        # comes in, an institution and a case that the copy has never heard of.
        for number, case in enumerate(cases):
            self.assertEqual(self.post(self.nurse, case, f"記録{number}")["state"], "sent")
        pharmacist = self.world.institution(self.operator, "pharmacist", "架空薬局", "pharmacy",
                                            "加藤 次郎", "pharmacist")
        self.nurse.run("case", "add", cases[0], pharmacist.name)
        pharmacist.sync()
        newest = self.nurse.json("case", "new", "--patient", EXAMPLES / "patient.json")[0]["case"]
        self.nurse.run("case", "add", newest, self.doctor.name)
        self.post(self.nurse, newest, "新しい事例")
        self.doctor.sync()
        self.post(self.doctor, cases[0], "医師だけが持つ記録")
        self.put_back()
        # Until everybody was heard, what is written waits and says for what.
        self.assertEqual(self.post(self.nurse, cases[0], "復元の後")["state"], "waiting")
        waiting = self.nurse.json("outbox")
        self.assertIn("復元", waiting[0]["waiting_for"])
        for _ in range(2):
            for device in (self.doctor, self.nurse, pharmacist):
                device.run("sync", expect=None)
        for device in (self.nurse, self.doctor, pharmacist):
            device.sync()
            self.assertEqual(device.json("outbox"), [])
        for device in (self.nurse, self.doctor):
            for number, case in enumerate(cases[1:], start=1):
                self.assertEqual(self.notes(device, case), [f"記録{number}"])
            self.assertEqual(self.notes(device, newest), ["新しい事例"])
        expected = collections.Counter(["記録0", "医師だけが持つ記録", "復元の後"])
        for device in (self.nurse, self.doctor, pharmacist):
            self.assertEqual(collections.Counter(self.notes(device, cases[0])), expected)
        for case in cases:
            self.assertEqual(self.post(self.doctor, case, "続き")["state"], "sent")
        self.nurse.sync()
        for case in cases:
            self.assertEqual(self.notes(self.nurse, case)[-1], "続き")


if __name__ == "__main__":
    unittest.main()
