"""The stories with other people than the demo's: names in rare kanji, half-width kana and old forms,
long texts, empty optional fields, a hundred drugs, no network in between, and a tired person's
mistakes. All of them are fictitious."""
import json
import os
import shutil
import unittest

from harness import EXAMPLES, free_port, new_world

PATIENT = {"name": "𠮷田 﨑子", "kana": "ﾖｼﾀﾞ ｻｷｺ", "birth_date": "昭和6年2月28日", "sex": "女",
           "address": "架空県〇〇市𩸽町一丁目", "phone": "", "note": ""}
SUMMARY = {key: f"{label}（架空）" for key, label in {
    "adm_details": "救急搬送", "adm_dx": "誤嚥性肺炎", "chief_complaint": "発熱", "reason": "抗菌薬治療",
    "hpi": "食事中のむせが増え、三日前から三十九度の熱", "dis_details": "自宅退院", "dis_dx": "誤嚥性肺炎",
    "dis_meds": "ｱﾑﾛｼﾞﾋﾟﾝ錠5mg 1錠 朝食後", "instructions": "むせと痰の色を毎日見る"}.items()}
SUMMARY |= {"course": "経過は良好。" * 1500, "allergies": "", "adl": {"total": 35},
            "infection": {"presence": "なし"}}
URGENT = {"identify": {"reporter": "濵﨑 さくら"}, "situation": "呼びかけへの反応が鈍い（架空）",
          "request": "往診の判断をお願いします（架空）",
          "assessment": "", "vitals": {"temp": 38.9, "rr": 30, "spo2": 84, "pulse": 118},
          "119": {"called": "なし"}}
QUERY = {"purpose": "疑義", "owner": {"name": "髙橋 稔"}, "drug_name": "架空薬001",
         "text": "百種類の薬を一包化できますか（架空）"}
ANSWER = {"decision": "modify", "text": "半分に減らします（架空）"}


def hundred_drugs():
    drugs = [{"rp_no": number, "drug_name": f"架空薬{number:03}", "dose": 1, "unit": "錠",
              "usage_name": "1日1回朝食後", "qty": 14, "qty_unit": "日分", "dosage_form": "内服"}
             for number in range(1, 101)]
    return {"dispensings": [{"dispensed_on": "2026-03-11", "dispenser": {"name": "渡邉薬局（架空）"},
                             "prescriber": {"name": "髙橋医院（架空）"}, "drugs": drugs}]}


class OtherPeople(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = world = new_world()
        cls.addClassCleanup(shutil.rmtree, world.base, ignore_errors=True)
        cls.addClassCleanup(world.relay.stop)
        operator = world.found_region("西部在宅医療圏（架空）", free_port())
        join = lambda *who: world.institution(operator, *who)  # noqa: E731
        cls.manager = join("manager", "居宅支援ﾋﾏﾜﾘ（架空）", "care-management-office", "鈴木 ﾊﾅｺ",
                           "care-manager")
        cls.doctor = join("doctor", "髙橋医院（架空）", "診療所", "髙橋 稔", "医師")
        cls.nurse = join("nurse", "訪問看護つばき（架空）", "visiting-nurse-station", "濵﨑 さくら", "nurse")
        cls.pharmacist = join("pharmacist", "渡邉薬局（架空）", "pharmacy", "渡邉 薫", "pharmacist")
        patient = cls.file(PATIENT)
        cls.case = cls.manager.json("case", "new", "--patient", patient)[0]["case"]
        for person in (cls.doctor, cls.nurse, cls.pharmacist):
            cls.manager.run("case", "add", cls.case, person.name)
        too_early = cls.pharmacist.run("read", cls.case, expect=1)
        assert "renkei sync" in too_early.stderr, too_early.stderr
        for person in (cls.doctor, cls.nurse, cls.pharmacist):
            person.sync()

    @classmethod
    def file(cls, content):
        path = cls.world.base / "form.json"
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    def post(self, device, kind, content, *more):
        return device.json("post", self.case, kind, "--file", self.file(content), *more)[0]

    def read(self, device):
        device.sync()
        return {record["record"]: record for record in device.json("read", self.case)}

    def test_a_summary_is_shared_corrected_and_covered(self):
        tired = dict(SUMMARY)
        del tired["dis_dx"]
        said = self.manager.run("post", self.case, "discharge-summary", "--file", self.file(tired),
                                expect=1)
        self.assertIn("退院時診断", said.stderr)
        summary = self.post(self.manager, "discharge-summary", SUMMARY)
        corrected = self.post(self.manager, "discharge-summary", SUMMARY | {"adl": {"total": 55}},
                              "--corrects", summary["record"], "--reason", "点数の転記誤り")
        for reader in (self.doctor, self.nurse, self.pharmacist):
            seen = self.read(reader)
            self.assertEqual(seen[summary["record"]]["content"]["course"], SUMMARY["course"])
            self.assertEqual(seen[corrected["record"]]["reason"], "点数の転記誤り")
            self.assertIn(corrected["record"], seen[summary["record"]]["corrected_by"])
        self.manager.sync()
        people = self.manager.json("coverage", summary["record"])[0]["people"]
        self.assertEqual(sorted(row["name"] for row in people if row["opened_at"]),
                         sorted([self.doctor.name, self.nurse.name, self.pharmacist.name]))
        for name in ("𠮷田 﨑子", self.case[:8]):
            self.assertIn("𠮷田 﨑子", self.nurse.text("read", name))

    def test_an_admission_info_arrives_as_it_was_written(self):
        form = json.loads((EXAMPLES / "admission-info.json").read_text(encoding="utf-8"))
        form["patient"] = {key: PATIENT[key] for key in ("name", "kana", "birth_date")}
        form |= {"caregiver_state": "介護者は夜間に眠れていない（架空）。" * 40}
        posted = self.post(self.manager, "admission-info", form)
        self.assertEqual(posted["state"], "sent")
        read = self.read(self.nurse)[posted["record"]]
        self.assertEqual(read["kind"], "admission-info")
        self.assertEqual(read["author"]["name"], self.manager.name)
        for key, value in form.items():
            if key not in ("_comment", "patient"):
                self.assertEqual(read["content"][key], value, key)
        self.assertIn("木造2階建ての持ち家", self.nurse.text("read", self.case))

    def test_an_urgent_report_waits_and_goes_first(self):
        self.nurse.sync()
        self.world.relay.stop()
        try:
            note = self.post(self.nurse, "note", {"text": "夜の様子（架空）", "title": ""})
            wrong = URGENT | {"vitals": URGENT["vitals"] | {"rr": 400}}
            said = self.nurse.run("post", self.case, "urgent-report", "--urgent", "--file",
                                  self.file(wrong), expect=1)
            self.assertIn("呼吸数", said.stderr)
            urgent = self.post(self.nurse, "urgent-report", URGENT, "--urgent")
            said = self.nurse.text("post", self.case, "note", "--file", self.file({"text": "追記"}))
            self.assertIn("接続できません", said)
            waiting = [item["record"] for item in self.nurse.json("outbox")]
            self.assertEqual(waiting[:2], [urgent["record"], note["record"]])
        finally:
            self.world.relay.again()
        self.nurse.sync()
        seen = self.read(self.doctor)
        self.assertLess(seen[urgent["record"]]["seq"], seen[note["record"]]["seq"])
        self.doctor.run("ack", urgent["record"], "--read-back", "SpO2 84％、往診します")
        self.doctor.run("respond", urgent["record"])
        self.nurse.sync()
        row = next(row for row in self.nurse.json("coverage", urgent["record"])[0]["people"]
                   if row["name"] == self.doctor.name)
        self.assertTrue(all(row[state] for state in ("received_at", "opened_at", "acknowledged_at",
                                                     "responding_at")))

    def test_a_hundred_drugs_a_query_its_answer_and_search(self):
        listed = self.post(self.pharmacist, "medication-list", hundred_drugs())
        query = self.post(self.pharmacist, "medication-note", QUERY)
        self.doctor.sync()
        answer = self.doctor.json("answer", query["record"], "--file", self.file(ANSWER))[0]
        seen = self.read(self.nurse)
        self.assertEqual(len(seen[listed["record"]]["content"]["dispensings"][0]["drugs"]), 100)
        self.assertEqual(seen[answer["record"]]["answers"], query["record"])
        hits = {hit["record"] for hit in self.nurse.json("search", "架空薬001")}
        self.assertLessEqual({listed["record"], query["record"]}, hits)
        self.assertIn(listed["record"],
                      {hit["record"] for hit in self.nurse.json("search", "架空薬１００")})
        self.assertEqual(self.nurse.json("search", "どこにもない言葉"), [])


if __name__ == "__main__":
    os.environ.setdefault("RENKEI_LANG", "ja")
    unittest.main()
