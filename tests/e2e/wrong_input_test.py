"""Wrong input gets one clear sentence, a non-zero exit, and changes nothing."""
import json
import shutil
import unittest

from harness import EXAMPLES, RegionTest


class Invitations(RegionTest):
    def stranger(self, label):
        return self.world.device(label, "加藤 次郎")

    def test_an_altered_code_is_told_from_a_good_one_before_anything_is_sent(self):
        code = self.nurse.text("staff", "invite", "--name", "加藤 次郎", "--profession", "nurse")
        flipped = code[:-1] + ("0" if code[-1] != "0" else "1")
        device = self.stranger("altered")
        self.refused(device, "join", flipped, "--name", "加藤 次郎", "--profession", "nurse")
        self.assertFalse(device.vault.exists(), "no vault is left behind")

    def test_a_code_works_once(self):
        code = self.nurse.text("staff", "invite", "--name", "加藤 次郎", "--profession", "nurse")
        first = self.stranger("first")
        first.run("join", code, "--name", "加藤 次郎", "--profession", "nurse")
        second = self.stranger("second")
        self.refused(second, "join", code, "--name", "加藤 次郎", "--profession", "nurse")
        self.assertFalse(second.vault.exists())
        self.nurse.run("approve", "--all")
        first.run("sync")

    def test_a_request_that_names_another_profession_is_not_approved(self):
        code = self.nurse.text("staff", "invite", "--name", "加藤 次郎", "--profession", "nurse")
        device = self.stranger("impostor")
        device.run("join", code, "--name", "加藤 次郎", "--profession", "doctor")
        self.nurse.run("approve", "--all", expect=1)

    def test_before_approval_the_person_is_told_to_wait(self):
        code = self.nurse.text("staff", "invite", "--name", "加藤 三郎", "--profession", "nurse")
        device = self.stranger("waiting")
        device.run("join", code, "--name", "加藤 三郎", "--profession", "nurse")
        self.refused(device, "case", "list", says="承認待ち")

    def test_nonsense_is_no_code(self):
        for code in ("", "RENKEI1-", "RENKEI9-AAAAA", "こんにちは", "x" * 5000):
            with self.subTest(code=code[:20]):
                device = self.stranger("nonsense")
                self.refused(device, "join", code, "--name", "x", "--profession", "nurse",
                             says="招待コード")
                self.assertFalse(device.vault.exists(), "no vault is left behind")


class Forms(RegionTest):
    def file(self, name, content):
        path = self.world.base / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    def records(self):
        return len(self.nurse.json("read", self.case))

    def refused_form(self, kind, path, says):
        before = self.records()
        said = self.refused(self.nurse, "post", self.case, kind, "--file", path, says=says)
        self.assertEqual(self.records(), before, "nothing was posted")
        self.assertEqual(self.nurse.json("outbox"), [])
        return said

    def test_a_respiratory_rate_of_400_is_refused_with_its_limits(self):
        report = json.loads((EXAMPLES / "urgent-report.json").read_text(encoding="utf-8"))
        report["vitals"]["rr"] = 400
        said = self.refused_form("urgent-report", self.file("rr.json", report), says="rr")
        self.assertIn("400", said)

    def test_a_missing_field_is_named(self):
        summary = json.loads((EXAMPLES / "discharge-summary.json").read_text(encoding="utf-8"))
        del summary["dis_dx"]
        self.refused_form("discharge-summary", self.file("missing.json", summary), says="dis_dx")

    def test_an_unknown_field_is_named(self):
        self.refused_form("note", self.file("unknown.json", {"text": "a", "txet": "b"}), says="txet")

    def test_broken_json_is_refused(self):
        for name, content in (("empty", b""), ("cut", b'{"text": "a'), ("array", b"[1]"),
                              ("latin", b'{"text": "\xff\xfe"}'), ("deep", b"[" * 100000)):
            with self.subTest(name):
                self.refused_form("note", self.file(f"{name}.json", content), says="様式に不備")

    def test_a_medication_file_that_is_not_shift_jis_is_refused(self):
        source = (EXAMPLES / "medication-list.jahis.utf8.txt").read_bytes()
        self.refused_form("medication-list", self.file("utf8.txt", source), says="Shift_JIS")

    def test_a_record_larger_than_the_limit_is_refused(self):
        self.refused_form("note", self.file("large.json", {"text": "長" * 600000}), says="大きすぎ")

    def test_another_patients_form_is_refused_unless_a_flag_says_so(self):
        source = (EXAMPLES / "medication-list.jahis.utf8.txt").read_text(encoding="utf-8")

        def post(birth_date):
            text = source.replace("19430612", birth_date)
            path = self.file("other.txt", "\r\n".join(text.splitlines()).encode("cp932") + b"\r\n")
            return "post", self.case, "medication-list", "--file", path

        self.nurse.run(*post("19430612"))
        before = len(self.nurse.json("read", self.case))
        self.refused(self.nurse, *post("19500101"), says="--other-patient")
        self.assertEqual(self.nurse.json("outbox"), [])
        self.assertEqual(len(self.nurse.json("read", self.case)), before)
        self.nurse.run(*post("19500101"), "--other-patient")
        self.assertEqual(len(self.nurse.json("read", self.case)), before + 1)

    def test_kinds_and_arguments_that_do_not_exist_are_usage_errors(self):
        before = self.records()
        note = ("--file", EXAMPLES / "note.json")
        for words, says in (
                (("post", self.case, "horoscope", *note), "そのような記録の種類はありません"),
                (("post", self.case), "記録の種類"),
                (("case", "add", self.case), "人（番号またはお名前）"),
                (("dance",), "「dance」は分かりません"),
                ((), "使えるもの"),
                (("post", self.case, "note", *note, "--corrects", "00000000"), "--reason")):
            with self.subTest(words=words):
                said = self.refused(self.nurse, *words, code=2, says=says)
                self.assertNotIn("required", said)
        self.assertEqual(self.records(), before, "nothing was posted")
        self.assertEqual(self.nurse.json("outbox"), [])

    def test_files_cases_people_and_records_that_are_not_there(self):
        nobody = "00000000-0000-4000-8000-000000000000"
        for says, *words in (
                ("ファイルを読めません", "post", self.case, "note", "--file", "/nowhere/note.json"),
                ("その事例はこの端末にありません", "read", nobody),
                ("そのお名前または番号の人は", "case", "add", self.case, "存在しない 人"),
                ("その番号の記録は", "ack", nobody, "--read-back", "x")):
            with self.subTest(words=words):
                self.assertNotIn("[", self.refused(self.nurse, *words, says=says))


class Relays(RegionTest):
    def test_an_unreachable_relay_keeps_what_was_written(self):
        self.world.relay.stop()
        waiting = self.note(self.nurse, "圏外で書きました。（架空）")
        self.assertEqual(waiting["state"], "waiting")
        self.refused(self.nurse, "sync", says="接続")
        self.assertEqual([item["record"] for item in self.nurse.json("outbox")],
                         [waiting["record"]])
        self.world.relay.again()
        self.nurse.sync()
        self.assertEqual(self.nurse.json("outbox"), [])
        self.doctor.sync()
        self.assertIn("圏外で書きました。（架空）", self.texts(self.doctor))

    def test_a_relay_of_another_region_on_the_same_address_is_refused(self):
        from harness import new_world
        self.world.relay.stop()
        other = new_world()
        self.addCleanup(shutil.rmtree, other.base, ignore_errors=True)
        try:
            other.device("operator", "x").run(
                "region", "init", "--relay", self.world.relay.address, "--name", "別の地域",
                "--data", other.relay.data)
            other.relay.start(self.world.relay.address)
            self.refused(self.nurse, "sync", says="この地域のものと確認できません")
            self.refused(self.nurse, "case", "remove", self.case, self.doctor.name,
                         says="何も送信していません")
            self.assertIn("確認できません", self.nurse.text("status"))
        finally:
            other.relay.stop()
            self.world.relay.again()
        self.nurse.sync()
        members = self.nurse.json("case", "show", self.case)[0]["members"]
        self.assertEqual(len(members), 2)

    def test_an_acknowledgement_without_the_relay_is_said_to_wait(self):
        record = self.note(self.nurse, "至急、了承をお願いします。（架空）")["record"]
        self.doctor.sync()
        verbs = (("ack", record, "--read-back", "了解しました（架空）"), ("respond", record))
        self.world.relay.stop()
        try:
            for verb in verbs:
                said = self.doctor.text(*verb)
                for part in ("まだほかの人に届いていません", "接続できません", "残って", "renkei sync"):
                    self.assertIn(part, said)
                self.assertNotIn("了承しました（復唱つき）", said)
                self.assertNotIn("知らせました", said)
                self.assertEqual(self.doctor.json(*verb)[0]["state"], "waiting")
        finally:
            self.world.relay.again()
        self.doctor.sync()
        self.nurse.sync()
        self.assertEqual(self.nurse.json("coverage", record)[0]["state"], "responding")
        for verb in verbs:
            self.assertEqual(self.doctor.json(*verb)[0]["state"], "sent")

    def test_without_the_relay_nothing_is_said_to_wait_that_does_not(self):
        self.world.relay.stop()
        try:
            for verb in (("case", "new", "--patient", EXAMPLES / "patient.json"),
                         ("case", "remove", self.case, self.doctor.name),
                         ("case", "add", self.case, self.doctor.name),
                         ("staff", "invite", "--name", "加藤 四郎", "--profession", "nurse"),
                         ("device", "add"), ("approve", "--all")):
                with self.subTest(verb=verb[:2]):
                    said = self.refused(self.nurse, *verb, says="何も変更していません")
                    self.assertNotIn("送信待ち", said)
                    self.assertIn("もう一度実行", said)
            self.assertEqual(self.nurse.json("outbox"), [])
        finally:
            self.world.relay.again()
        self.nurse.sync()
        self.assertEqual(len(self.nurse.json("case", "show", self.case)[0]["members"]), 2)

    def test_a_region_is_not_founded_twice_in_one_place(self):
        self.refused(self.world.device("second-operator", "x"), "region", "init", "--relay",
                     "127.0.0.1:1", "--name", "二つめ", "--data", self.world.relay.data)


if __name__ == "__main__":
    unittest.main()
