#!/usr/bin/env python3
"""Plays the three stories with real processes and says at each step who sees what.

    deploy/demo/stories.py --build DIR --base DIR [--check]

deploy/demo.sh calls it. With --check it stops the relay at the end, prints one JSON line with what
was verified as its last line, and exits non-zero if anything was not.
All patients and professionals are fictitious.
"""
import argparse
import json
import pathlib
import shlex
import shutil
import sqlite3
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from people import Failed, World, free_port  # noqa: E402

REASON = "退院時の体重の転記誤り（48.4 → 44.8 kg）"
EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"


class Play:
    def __init__(self, world, quiet):
        self.world, self.quiet = world, quiet
        self.verified, self.missed = [], []

    def say(self, text=""):
        if not self.quiet:
            print(text, flush=True)

    def step(self, text):
        print(f"  ・{text}", file=sys.stderr if self.quiet else sys.stdout, flush=True)

    def show(self, text, most=40):
        lines = text.splitlines()
        for line in lines[:most]:
            self.say(f"      {line}")
        if len(lines) > most:
            self.say(f"      …（あと{len(lines) - most}行）")

    def check(self, name, true):
        (self.verified if true else self.missed).append(name)
        if not true:
            print(f"  ✗ {name}", file=sys.stderr, flush=True)

    # -- the region ------------------------------------------------------------------------------

    def region(self):
        self.say("\n地域をつくる（すべて架空の人物・施設です）")
        world = self.world
        operator = world.found_region("架空市医師会（デモ）", free_port())
        self.step("運営者が地域と中継サーバーを用意した")
        self.ward = world.institution(operator, "hospital-nurse", "架空市民病院（デモ）", "hospital",
                                      "青木 葵", "nurse")
        self.doctor = world.institution(operator, "main-doctor", "架空在宅クリニック（デモ）", "clinic",
                                        "伊藤 一郎", "doctor")
        self.deputy = world.staff(self.doctor, "deputy-doctor", "上田 真琴", "doctor")
        self.nurse = world.institution(operator, "visiting-nurse", "架空訪問看護ステーション（デモ）",
                                       "visiting-nurse-station", "江口 さくら", "nurse")
        self.manager = world.institution(operator, "care-manager", "架空居宅介護支援事業所（デモ）",
                                         "care-management-office", "岡田 直美",
                                         "care-manager")
        self.pharmacist = world.institution(operator, "pharmacist", "架空薬局（デモ）", "pharmacy",
                                            "加藤 薫", "pharmacist")
        self.step("病院・在宅クリニック（主治医と副主治医）・訪問看護・居宅介護支援・薬局が参加した")
        self.check("five institutions joined", len({
            person["institution"] for person in self.pharmacist.json("people")}) >= 5)

    # -- story 1 ---------------------------------------------------------------------------------

    def discharge_summary(self):
        self.say("\n物語1　ケアマネジャーが退院時サマリーを共有する")
        manager = self.manager
        self.case = manager.json("case", "new", "--patient", EXAMPLES / "patient.json")[0]["case"]
        for member in (self.nurse, self.doctor, self.deputy, self.ward):
            manager.run("case", "add", self.case, member.name)
        self.step("ケアマネジャーが事例を開き、訪問看護師・主治医・副主治医・退院調整看護師を招いた")
        summary = manager.json("post", self.case, "discharge-summary", "--file",
                               EXAMPLES / "discharge-summary.json")[0]
        self.summary = summary["record"]
        self.check("discharge summary sent", summary["state"] == "sent")
        for member in (self.nurse, self.doctor, self.deputy, self.ward):
            member.sync()
        self.nurse.run("read", self.case)
        manager.sync()
        coverage = manager.json("coverage", self.summary)[0]
        self.step("届き方を職種ごとに見る（全員が受信、訪問看護師だけが開封）")
        self.show(manager.text("coverage", self.summary))
        self.check("coverage: all four received", len(coverage["people"]) == 4 and all(
            row["received_at"] for row in coverage["people"]))
        self.check("coverage: only the visiting nurse opened", [
            row["name"] for row in coverage["people"] if row["opened_at"]] == [self.nurse.name])
        self.check("coverage: doctors have not opened",
                   coverage["professions_not_opened"] == ["Medical Doctor"])

        manager.run("case", "add", self.case, self.pharmacist.name)
        self.pharmacist.sync()
        read = self.pharmacist.json("read", self.case)
        self.step("あとから加わった薬剤師は、それまでの記録をすべて読める")
        self.show(self.pharmacist.text("read", self.case, "--kind", "discharge-summary"), 8)
        self.check("late pharmacist reads the summary",
                   any(record["record"] == self.summary and record["content"] for record in read))

        corrected = manager.json(
            "post", self.case, "discharge-summary", "--file",
            EXAMPLES / "discharge-summary-correction.json", "--corrects", self.summary,
            "--reason", REASON)[0]
        for member in (self.nurse, self.doctor, self.pharmacist):
            member.sync()
            seen = {record["record"]: record for record in member.json("read", self.case)}
            fresh, old = seen.get(corrected["record"]), seen.get(self.summary)
            self.check(f"{member.label} sees correction, reason and original",
                       bool(fresh and old and fresh["corrects"] == self.summary and
                            fresh["reason"] == REASON and
                            corrected["record"] in old["corrected_by"] and
                            fresh["content"] != old["content"]))
        self.step("訂正は理由とともに全員に見え、元の記録も残る（訪問看護師の画面から）")
        self.show(self.nurse.text("read", self.case, "--after", self.summary), 8)

    # -- story 2 ---------------------------------------------------------------------------------

    def emergency(self):
        self.say("\n物語2　訪問看護師が急変を知らせる")
        world = self.world
        self.tablet = world.second_device(self.deputy, self.doctor, "deputy-doctor-tablet")
        self.step("副主治医は自分の端末からタブレットを登録し、元の端末の電源を切った")
        world.relay.stop()
        self.step("夜間、訪問先には電波がない")
        before = self.nurse.json("post", self.case, "note", "--file", EXAMPLES / "note.json")[0]
        urgent = self.nurse.json("post", self.case, "urgent-report", "--file",
                                 EXAMPLES / "urgent-report.json", "--urgent")[0]
        after = self.nurse.json("post", self.case, "note", "--file",
                                EXAMPLES / "note-after-urgent.json")[0]
        self.urgent = urgent["record"]
        self.show(self.nurse.text("outbox"))
        waiting = self.nurse.json("outbox")
        self.check("urgent report waits visibly, first in the outbox", [
            item["record"] for item in waiting] == [
                self.urgent, before["record"], after["record"]])
        world.relay.again()
        self.nurse.sync()
        order = {record["record"]: record["seq"] for record in self.nurse.json("read", self.case)}
        self.step("電波が戻ると、急変報告が先に送られた")
        self.check("urgent report goes out first",
                   order[self.urgent] < order[before["record"]] < order[after["record"]])

        self.tablet.sync()
        thread = self.tablet.json("read", self.case)
        self.check("G7: the tablet reads the whole thread, the first device off", {
            self.summary, self.urgent} <= {r["record"] for r in thread if r["content"]})
        self.tablet.run("ack", self.urgent, "--read-back",
                        "SpO2 86%、起坐呼吸、頓用フロセミド20mgを2時40分に内服済み。当方が往診します（復唱）")
        self.tablet.run("respond", self.urgent)
        self.step("副主治医はタブレットで経過をすべて読み、復唱して了承し、対応を始めた")
        self.manager.sync()
        coverage = self.manager.json("coverage", self.urgent)[0]
        self.show(self.manager.text("coverage", self.urgent))
        rows = {row["name"]: row for row in coverage["people"]}
        deputy, main = rows[self.deputy.name], rows[self.doctor.name]
        self.check("four states with time and person", all(
            deputy[state] for state in
            ("received_at", "opened_at", "acknowledged_at", "responding_at")))
        self.check("read-back is shown", "復唱" in deputy["read_back"])
        self.check("the main doctor is off", not any(
            main[state] for state in ("opened_at", "acknowledged_at", "responding_at")))

    # -- story 3 ---------------------------------------------------------------------------------

    def medication(self):
        self.say("\n物語3　薬剤師が服薬状況を確かめる")
        pharmacist, base = self.pharmacist, self.world.base
        source = (EXAMPLES / "medication-list.jahis.utf8.txt").read_text(encoding="utf-8")
        shift_jis = base / "medication-notebook.txt"
        shift_jis.write_bytes("\r\n".join(source.splitlines()).encode("cp932") + b"\r\n")
        listed = pharmacist.json("post", self.case, "medication-list", "--file", shift_jis)[0]
        self.step("お薬手帳（JAHIS・Shift_JIS）を取り込んだ")
        query = pharmacist.json("post", self.case, "medication-note", "--file",
                                EXAMPLES / "medication-note.json")[0]
        self.step("残薬と、医師への疑義照会を記録した")
        self.tablet.sync()
        answer = self.tablet.json("answer", query["record"], "--file",
                                  EXAMPLES / "answer-modify.json")[0]
        self.step("医師が「変更」と回答し、新しい処方を添えた")
        pharmacist.sync()
        thread = {r["record"]: r for r in pharmacist.json("read", self.case)}
        self.show(pharmacist.text("read", self.case, "--after", listed["record"]), 30)
        self.check("thread shows query and its answer",
                   thread[answer["record"]]["answers"] == query["record"] and
                   "modify" in json.dumps(thread[answer["record"]]["content"]))
        drug = "フロセミド"
        half = unicodedata.normalize("NFKD", drug)
        half = "".join(HALF_WIDTH.get(c, c) for c in half)
        full_hits = {r["record"] for r in pharmacist.json("search", drug)}
        half_hits = {r["record"] for r in pharmacist.json("search", half)}
        self.step(f"「{drug}」「{half}」のどちらで探しても、すべて見つかる")
        self.check("search finds list, query and answer in either width",
                   full_hits == half_hits and
                   {listed["record"], query["record"], answer["record"]} <= full_hits)

    # -- what the relay has ----------------------------------------------------------------------

    def relay_view(self):
        self.say("\n中継サーバーが持っているもの（大きさと無作為な番号だけ）")
        texts = [path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.json")]
        needles = set()
        for text in texts:
            needles |= {value for value in strings_of(json.loads(text))
                        if len(value) >= 4 and not value.isascii()}
        # The directory holds the names of professionals and institutions, never of patients.
        for person in self.pharmacist.json("people"):
            needles -= {person["name"], person["institution"]}
        leaked = set()
        for path in self.world.relay.data.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                leaked |= {needle for needle in needles for code in ("utf-8", "utf-16-le", "cp932")
                           if needle.encode(code, "replace") in data}
        self.check("G1: nothing of the forms is in the relay's files", not leaked and needles)
        for database in sorted(self.world.relay.data.rglob("*.db")):
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                for (table,) in connection.execute(
                        "SELECT name FROM sqlite_master WHERE type='table' ORDER BY name"):
                    count = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
                    self.say(f"      {table}: {count}")
                self.say("      事例ごとの記録（番号と大きさ。中身は開けない）:")
                for case, seq, kind, size, head in connection.execute(
                        "SELECT hex(case_id), seq, kind, length(payload), hex(substr(payload, -12))"
                        " FROM entries JOIN threads ON no = thread ORDER BY entries.id DESC LIMIT 5"):
                    self.say(f"        {case.lower()}  #{seq}  種別{kind}  {size} バイト"
                             f"  …{head.lower()}")


HALF_WIDTH = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF66, 0xFF9E)}
HALF_WIDTH.update({"\u3099": "\uff9e", "\u309a": "\uff9f"})


def strings_of(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)
    elif isinstance(value, str):
        yield value


def goodbye(play):
    play.say("\n中継サーバーは動いたままです。続きは次のように試せます:")
    for device in play.world.devices.values():
        command = " ".join(shlex.quote(part) for part in device.command("case", "list"))
        play.say(f"  # {device.name}（{device.label}）")
        play.say(f"  RENKEI_DEVICE_KEYS={shlex.quote(str(play.world.base / 'device-keys'))} {command}")
    play.say(f"止めるには: kill {play.world.relay.process.pid}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--base", required=True, type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    shutil.rmtree(options.base, ignore_errors=True)
    world = World(options.base.resolve(), (options.build / "client/cli/renkei").resolve(),
                  (options.build / "server/renkei-relay").resolve())
    play = Play(world, options.check)
    try:
        for part in (play.region, play.discharge_summary, play.emergency, play.medication,
                     play.relay_view):
            part()
    except (Failed, KeyError, IndexError) as problem:
        play.missed.append(f"stopped: {problem}")
        print(problem, file=sys.stderr)
    good = not play.missed
    if options.check or not good:
        world.relay.stop()
    if options.check:
        print(json.dumps({"ok": good, "verified": play.verified, "missed": play.missed},
                         ensure_ascii=False), flush=True)
    elif good:
        (world.base / "relay.pid").write_text(str(world.relay.process.pid))
        goodbye(play)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
