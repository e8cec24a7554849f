#!/usr/bin/env python3
"""Plays the three stories with real processes and says at each step who sees what.

    deploy/demo/stories.py --build DIR --base DIR [--check]

deploy/demo.sh calls it. With --check it tries the lines that it would leave to the reader, stops the
relay, prints one JSON line with what was verified as its last line, and exits non-zero if anything
was not: whatever happened, also when it is interrupted.
All patients and professionals are fictitious.
"""
import argparse
import json
import pathlib
import signal
import sqlite3
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import folder  # noqa: E402
import goodbye  # noqa: E402
from people import World, free_port  # noqa: E402

REASON = "退院時の体重の転記誤り（48.4 → 44.8 kg）"
READ_BACK = "SpO2 86%、起坐呼吸、頓用フロセミド20mgを2時40分に内服済み。当方が往診します（復唱）"
EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"


STATES = ("received_at", "opened_at", "acknowledged_at", "responding_at")


class Play:
    def __init__(self, quiet):
        self.world, self.quiet = None, quiet
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
        for member in (self.nurse, self.ward):
            member.sync()
        self.nurse.run("read", self.case)
        manager.sync()
        coverage = manager.json("coverage", self.summary)[0]
        self.step("届き方を職種ごとに見る（医師にはまだ届いていない）")
        self.show(manager.text("coverage", self.summary))
        self.check("coverage: the doctors are missing, by profession",
                   coverage["professions_missing"] == ["Medical Doctor"])
        self.check("coverage: only the two nurses received", {
            row["name"] for row in coverage["people"] if row["received_at"]} == {
                self.nurse.name, self.ward.name})

        for member in (self.doctor, self.deputy):
            member.sync()
        manager.sync()
        coverage = manager.json("coverage", self.summary)[0]
        self.step("医師も同期した（全員が受信、訪問看護師だけが開封）")
        self.show(manager.text("coverage", self.summary))
        self.check("coverage: all four received", len(coverage["people"]) == 4 and all(
            row["received_at"] for row in coverage["people"]) and
            coverage["professions_missing"] == [])
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
            "--reason", REASON)[0]["record"]
        self.step("ケアマネジャーが一か所を訂正した。全員に、訂正と理由と元の記録が見える")
        for member in (self.nurse, self.doctor, self.deputy, self.ward, self.pharmacist, manager):
            member.sync()
            self.sees_correction(member, corrected)
        self.step("訪問看護師の画面から")
        self.show(self.nurse.text("read", self.case, "--after", self.summary), 8)

    def sees_correction(self, member, corrected):
        seen = {record["record"]: record for record in member.json("read", self.case)}
        fresh, old = seen[corrected], seen[self.summary]
        changed = list(differences(old["content"], fresh["content"]))
        for field, before, after in changed:
            self.say(f"      {member.name}: {field} {before} → {after}（{fresh['reason']}）")
        self.check(f"{member.label} sees the one corrected field, the reason and the original",
                   changed == [("vitals.weight", 48.4, 44.8)] and fresh["reason"] == REASON and
                   fresh["corrects"] == self.summary and old["corrected_by"] == [corrected])

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
        seen = [self.watch_states("received it", 1)]
        thread = self.tablet.json("read", self.case)
        whole = self.nurse.json("read", self.case)
        self.step("副主治医は、元の端末なしで、タブレットで経過をすべて読んだ")
        self.show(self.tablet.text("read", self.case), 30)
        self.check("G7: the tablet reads every record of the thread, the first device off",
                   [(r["record"], r["content"]) for r in thread] ==
                   [(r["record"], r["content"]) for r in whole] and
                   all(record["content"] for record in thread) and
                   {self.summary, self.urgent} <= {record["record"] for record in thread})
        seen.append(self.watch_states("opened it", 2))
        self.tablet.run("ack", self.urgent, "--read-back", READ_BACK)
        seen.append(self.watch_states("acknowledged it", 3))
        self.tablet.run("respond", self.urgent)
        seen.append(self.watch_states("is responding", 4))
        self.step("復唱して了承し、対応を始めた。だれが、いつ、が全員に見える（ケアマネジャーの画面から）")
        self.show(self.manager.text("coverage", self.urgent))
        self.check("a state once reached keeps its time",
                   all(times[:n] == seen[-1][:n] for n, times in enumerate(seen, 1)))
        coverage = self.manager.json("coverage", self.urgent)[0]
        rows = {row["name"]: row for row in coverage["people"]}
        deputy, main = rows[self.deputy.name], rows[self.doctor.name]
        self.check("read-back is shown", deputy["read_back"] == READ_BACK)
        self.check("the main doctor is off", not any(main[state] for state in STATES))

    def watch_states(self, name, reached):
        """The deputy's times as the author and a third person see them: so many states, no more."""
        views = []
        for watcher in (self.nurse, self.manager):
            watcher.sync()
            people = watcher.json("coverage", self.urgent)[0]["people"]
            row = next(row for row in people if row["name"] == self.deputy.name)
            views.append([row["profession"], row["institution"], *(row[s] for s in STATES)])
        times = views[0][2:]
        self.check(f"author and care manager see who {name}, when, and no further state",
                   views[0] == views[1] and views[0][0] == "Medical Doctor" and
                   all(times[:reached]) and not any(times[reached:]) and
                   times[:reached] == sorted(times[:reached]))
        return times

    # -- story 3 ---------------------------------------------------------------------------------

    def medication(self):
        self.say("\n物語3　薬剤師が服薬状況を確かめる")
        pharmacist, base = self.pharmacist, self.world.base
        source = (EXAMPLES / "medication-list.jahis.utf8.txt").read_text(encoding="utf-8")
        shift_jis = base / "medication-notebook.txt"
        shift_jis.write_bytes("\r\n".join(source.splitlines()).encode("cp932") + b"\r\n")
        listed = pharmacist.json("post", self.case, "medication-list", "--file", shift_jis)[0]
        self.step("お薬手帳（JAHIS・Shift_JIS）を取り込んだ")
        self.show(pharmacist.text("read", self.case, "--kind", "medication-list"), 30)
        form = json.loads((EXAMPLES / "medication-note.json").read_text(encoding="utf-8"))
        query = pharmacist.json("post", self.case, "medication-note", "--file",
                                EXAMPLES / "medication-note.json")[0]
        self.step("残薬と、医師への疑義照会を記録した。医師の画面から")
        self.tablet.sync()
        self.show(self.tablet.text("read", self.case, "--kind", "medication-note"), 30)
        thread = {r["record"]: r for r in self.tablet.json("read", self.case)}
        self.check("the doctor sees the imported list, drug by drug", [
            folded(drug["drug_name"]) for drug in drugs_of(thread[listed["record"]]["content"])] == [
                folded(line.split(",")[2]) for line in source.splitlines()
                if line.startswith("201,")])
        asked = thread[query["record"]]["content"]
        self.check("the doctor sees the leftover drugs", asked["leftover"] == form["leftover"])
        self.check("the query names its owner and what is asked",
                   asked["owner"] == form["owner"] and asked["owner"]["name"] == self.doctor.name and
                   (asked["text"], asked["proposal"]) == (form["text"], form["proposal"]))

        new = json.loads((EXAMPLES / "answer-modify.json").read_text(encoding="utf-8"))
        answer = self.tablet.json("answer", query["record"], "--file",
                                  EXAMPLES / "answer-modify.json")[0]
        self.step("医師が「変更」と回答し、新しい処方を添えた。薬剤師の画面から")
        pharmacist.sync()
        self.show(pharmacist.text("read", self.case, "--after", query["record"]), 30)
        thread = {r["record"]: r for r in pharmacist.json("read", self.case)}
        answered = thread[answer["record"]]
        self.check("thread shows the query's answer: modify",
                   answered["answers"] == query["record"] and
                   (answered["content"]["decision"], answered["content"]["text"]) ==
                   ("modify", new["text"]))
        self.check("thread shows the new list, drug by drug", drugs_of(
            answered["content"]["medication_list"]) == drugs_of(new["medication_list"]))
        self.search(thread, {listed["record"], query["record"], answer["record"]})

    def search(self, thread, at_least):
        drug = "フロセミド"
        half = unicodedata.normalize("NFKD", drug)
        half = "".join(HALF_WIDTH.get(c, c) for c in half)
        full_hits = {r["record"] for r in self.pharmacist.json("search", drug)}
        half_hits = {r["record"] for r in self.pharmacist.json("search", half)}
        written = {name for name, record in thread.items()
                   if any(drug in folded(text) for text in strings_of(record["content"]))}
        self.step(f"「{drug}」「{half}」のどちらで探しても、すべて見つかる（{len(written)}件）")
        self.check("search finds list, query and answer in either width",
                   at_least <= full_hits and full_hits == half_hits)
        self.check("search finds every record that has the drug, and no other", full_hits == written)

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


def folded(text):
    return unicodedata.normalize("NFKC", text)


def drugs_of(medication_list):
    return [drug for dispensing in medication_list["dispensings"] for drug in dispensing["drugs"]]


def differences(old, new, path=""):
    """(field, before, after) wherever two forms are not the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))
    elif old != new:
        yield path, old, new


def interrupted(_signal, _frame):
    raise KeyboardInterrupt


def perform(play, options):
    """Plays it all. Whatever goes wrong stands in play.missed."""
    try:
        base = folder.fresh(options.base)
        play.world = World(base, (options.build / "client/cli/renkei").resolve(),
                           (options.build / "server/renkei-relay").resolve(),
                           relay_outlives=not options.check)
        play.world.relay.pid_file = base / folder.RELAY_PID
        for part in (play.region, play.discharge_summary, play.emergency, play.medication,
                     play.relay_view):
            part()
        if options.check:
            goodbye.try_lines(play, EXAMPLES / "patient.json")
    except (Exception, KeyboardInterrupt) as problem:  # pylint: disable=broad-except
        # Anything at all: whoever runs --check is told what, and no relay stays behind.
        play.missed.append(f"stopped: {type(problem).__name__}: {problem}")
        print(problem or type(problem).__name__, file=sys.stderr)
    finally:
        # A second Ctrl-C must not keep the relay from being stopped.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if options.check or play.missed:
            goodbye.stop(play)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--base", required=True, type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupted)
    play = Play(options.check)
    perform(play, options)
    good = not play.missed
    if options.check:
        print(json.dumps({"ok": good, "verified": play.verified, "missed": play.missed},
                         ensure_ascii=False), flush=True)
    elif good:
        goodbye.show(play)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
