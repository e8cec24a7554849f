"""Guarantees seen from outside, with real processes: who can read, what the relay holds."""
import base64
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

from harness import EXAMPLES, RegionTest

CANARIES = ("架空カナリア山田", "秘密の住所一丁目", "カナリア病名")
PLANTED = "植えたカナリア佐藤"
CODES = ("utf-8", "utf-16-le", "utf-16-be", "cp932", "euc_jp")


def spellings(text):
    """How the text may look in a file or in memory: five codes, each plain, in hex, in base64."""
    for code in CODES:
        raw = text.encode(code)
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        for shift in range(3):  # where it begins within base64's groups of three bytes
            encoded = base64.b64encode(b"\0" * shift + raw)
            middle = encoded[4 if shift else 0:-4]
            yield middle
            yield middle.replace(b"+", b"-").replace(b"/", b"_")


def found(texts, places):
    """(text, place) for each text that stands in a place in any spelling."""
    return sorted({(text, place) for text in texts for spelling in spellings(text)
                   for place, data in places.items() if spelling in data})


class Membership(RegionTest):
    def test_G6_who_was_removed_reads_nothing_written_afterwards(self):
        code = self.nurse.text("staff", "invite", "--name", "元職員 太郎", "--profession", "nurse")
        former = self.world.device("former", "元職員 太郎")
        former.run("join", code, "--name", "元職員 太郎", "--profession", "nurse")
        self.nurse.run("approve", "--all")
        former.sync()
        self.nurse.run("case", "add", self.case, "元職員 太郎")
        former.sync()
        self.note(self.nurse, "在籍中の記録（架空）")
        former.sync()
        self.assertIn("在籍中の記録（架空）", self.texts(former))
        self.nurse.run("case", "remove", self.case, "元職員 太郎")
        self.note(self.nurse, "退職後の記録（架空）")
        former.run("sync", expect=None)
        self.assertNotIn("退職後の記録（架空）", self.texts(former))
        self.refused(former, "post", self.case, "note", "--file", EXAMPLES / "note.json")
        self.doctor.sync()
        self.assertIn("退職後の記録（架空）", self.texts(self.doctor))

    def test_G7_a_new_device_reads_everything_with_all_others_off(self):
        self.note(self.nurse, "端末追加の前（架空）")
        code = self.doctor.text("device", "add")
        tablet = self.world.device("tablet", self.doctor.name)
        tablet.run("join", code)
        self.doctor.run("sync")
        # From here on neither the doctor's first device nor anybody else's runs.
        tablet.sync()
        self.assertIn("端末追加の前（架空）", self.texts(tablet))
        sent = self.note(tablet, "新しい端末から（架空）")
        self.assertEqual(sent["state"], "sent")

    def devices_of(self, person):
        members = self.nurse.json("case", "show", self.case)[0]["members"]
        return [m["devices"] for m in members if m["name"] == person.name][0]

    def test_G9_a_lost_device_is_cut_off_and_its_owner_goes_on(self):
        code = self.doctor.text("device", "add")
        lost = self.world.device("lost", self.doctor.name)
        lost.run("join", code)
        self.doctor.run("sync")
        lost.sync()
        self.note(self.nurse, "紛失の前（架空）")
        lost.sync()
        self.nurse.sync()
        devices = self.devices_of(self.doctor)
        device = [each for each in lost.json("device", "list") if each["self"]][0]["device"]
        # The doctor is the clinic's administrator; nobody is asked where there is no terminal.
        self.refused(self.doctor, "device", "revoke", device)
        self.refused(self.nurse, "device", "revoke", device, "--yes", says="施設の管理者")
        lost.sync()
        revoked = self.doctor.json("device", "revoke", device[:8], "--yes")
        self.assertEqual(revoked, [{"revoked": [device]}])
        self.refused(lost, "sync", says="証明書を受け付けません")
        self.nurse.sync()
        self.note(self.nurse, "紛失の後（架空）")
        self.assertNotIn("紛失の後（架空）", self.texts(lost))
        self.assertIn("紛失の前（架空）", self.texts(lost), "what it holds it can still read")
        self.doctor.sync()
        self.assertIn("紛失の後（架空）", self.texts(self.doctor))
        self.assertEqual(self.note(self.doctor, "もう一台から（架空）")["state"], "sent")
        self.assertEqual(self.devices_of(self.doctor), devices - 1)

    def test_G3_every_reader_is_named(self):
        names = ("江口 花子", "伊藤 一郎", "架空訪問看護", "架空クリニック")
        readers = self.nurse.json("case", "show", self.case)[0]["readers"]
        for name in names:
            self.assertIn(name, " ".join(readers))
        self.assertEqual(len(readers), len(names), f"and nobody else: {readers}")

    def test_G3_who_is_no_steward_removes_nobody(self):
        self.refused(self.doctor, "case", "remove", self.case, self.nurse.name, says="許可されていません")
        members = self.doctor.json("case", "show", self.case)[0]["members"]
        self.assertIn(self.nurse.name, [member["name"] for member in members])

    def test_only_members_find_the_case(self):
        self.refused(self.operator, "read", self.case)


class Canary(RegionTest):
    def test_G1_names_and_texts_are_nowhere_in_the_relay(self):
        patient = self.world.base / "canary.json"
        patient.write_text(
            '{"name": "%s", "kana": "カナリア", "birth_date": "1940-01-02", "sex": "女", '
            '"address": "%s"}' % CANARIES[:2], encoding="utf-8")
        case = self.nurse.json("case", "new", "--patient", patient)[0]["case"]
        self.nurse.run("case", "add", case, self.doctor.name)
        note = self.world.base / "canary-note.json"
        note.write_text('{"text": "%s"}' % CANARIES[2], encoding="utf-8")
        self.nurse.run("post", case, "note", "--file", note)
        self.doctor.sync()
        self.assertTrue(any(CANARIES[2] in str(r["content"])
                            for r in self.doctor.json("read", case)))
        places = self.places()
        self.assertTrue(any(path.endswith("relay.db") for path in places))
        self.assertTrue(any(path.endswith("-wal") and data for path, data in places.items()))
        self.assertGreater(len(places["memory"]), 1 << 20)
        self.assertEqual(found(CANARIES, places), [])
        # What the relay may know is found: the search looks where things are.
        self.assertIn("memory", [place for _, place in found(["伊藤 一郎"], places)])
        self.assertTrue(any(place.endswith((".db", "-wal"))
                            for _, place in found(["伊藤 一郎"], places)))

    def test_the_search_for_canaries_finds_one_in_any_spelling_and_in_memory(self):
        for spelling in spellings(PLANTED):
            for before in (b"", b"x", b"xy"):
                self.assertEqual(found([PLANTED], {"here": b"noise" + before + spelling + b"."}),
                                 [(PLANTED, "here")])
        for code in CODES:  # as a program would write it, among other text at any alignment
            for before in ("", "x", "xy"):
                encoded = base64.b64encode((before + PLANTED + "後の文").encode(code))
                self.assertEqual(found([PLANTED], {"here": encoded}), [(PLANTED, "here")])
        self.assertEqual(found([PLANTED], {"here": "植えたカナリア加藤".encode()}), [])
        self.world.relay.stop()
        os.environ["RENKEI_TEST_PLANTED"] = PLANTED  # a process's environment is in its memory
        try:
            self.world.relay.again()
        finally:
            del os.environ["RENKEI_TEST_PLANTED"]
        self.assertEqual(found([PLANTED], self.places()), [(PLANTED, "memory")])
        self.world.relay.stop()
        self.world.relay.again()

    def places(self):
        """All that there is of the relay: every file (WAL included), its log, its memory."""
        places = {str(path): path.read_bytes()
                  for path in self.world.relay.data.rglob("*") if path.is_file()}
        places["log"] = self.world.relay.log.read_bytes()
        places["memory"] = self.memory()
        return places

    def memory(self):
        """The relay's readable memory, as a core dump would hold it."""
        pid = self.world.relay.process.pid
        out = bytearray()
        os.kill(pid, signal.SIGSTOP)
        try:
            maps = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
            with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                for line in maps:
                    span, mode = line.split()[:2]
                    if not mode.startswith("rw"):
                        continue
                    begin, end = (int(part, 16) for part in span.split("-"))
                    try:
                        memory.seek(begin)
                        out += memory.read(end - begin)
                    except (OSError, ValueError):
                        continue
        except PermissionError:
            self.skipTest("this user may not read the memory of its own processes here")
        finally:
            os.kill(pid, signal.SIGCONT)
        return bytes(out)

    def test_TLS_1_2_is_refused(self):
        host = self.world.relay.address
        if shutil.which("openssl") is None:
            self.skipTest("openssl is not installed")
        def handshake(*options):
            done = subprocess.run(["openssl", "s_client", "-connect", host, "-alpn", "h2", *options],
                                  input=b"", capture_output=True, timeout=30, check=False)
            return done.stdout.decode(errors="replace")
        self.assertIn("TLSv1.3", handshake("-tls1_3"))
        self.assertNotIn("Cipher is ECDHE", handshake("-tls1_2"))


if __name__ == "__main__":
    unittest.main()
