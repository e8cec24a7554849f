"""G5: the power may fail in the middle of any verb. Each is cut short once a round, just before a
random one of its calls that leave something behind (power_cut.cc), some while the relay is killed
too; then it is run again, as a person would. Nothing is lost, half done, or there twice.

The seed is printed; RENKEI_SEED repeats a run, RENKEI_ROUNDS plays more of them."""
import collections
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from harness import EXAMPLES, free_port, new_world

LIBRARY = os.environ.get("RENKEI_POWER_CUT", "")
# About how many such calls each verb makes, so that a random one falls within it.
MOMENTS = {"region": 215, "institution": 30, "staff": 30, "device": 30, "join": 180, "approve": 60,
           "new": 180, "add": 150, "remove": 130, "list": 8, "post": 40, "read": 40, "ack": 50,
           "respond": 50, "answer": 40, "coverage": 8, "search": 8, "outbox": 8, "sync": 160,
           "watch": 60}
LONGEST = 1.5  # seconds after which the power fails where the library cannot be preloaded


class Story:
    """One region, one case; every verb is cut short on the way."""

    def __init__(self, test, dice):
        self.test, self.dice = test, dice
        self.world = new_world()
        test.addCleanup(shutil.rmtree, self.world.base, ignore_errors=True)
        test.addCleanup(self.world.relay.stop)
        self.posted = []
        self.cuts = 0

    def cut(self, device, *arguments):
        """Runs until the power fails, or the end where the moment lies beyond it."""
        verb = arguments[0] if arguments[0] != "case" else arguments[1]
        moment = self.dice.randint(1, MOMENTS[verb])
        relay_dies = self.world.relay.process is not None and self.dice.random() < 0.25
        more = {"LD_PRELOAD": LIBRARY, "RENKEI_CUT_AT": str(moment)} if LIBRARY else {}
        print(f"  {verb}: moment {moment}{', relay killed' if relay_dies else ''}", flush=True)
        running = subprocess.Popen(device.command(*arguments), env=self.world.environment(more),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if relay_dies:
            time.sleep(self.dice.uniform(0, 0.9))
            self.world.relay.stop(signal.SIGKILL)
            self.world.relay.again()
        try:
            limit = 60 if LIBRARY and verb != "watch" else self.dice.uniform(0.1, LONGEST)
            out, error = running.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            running.kill()
            out, error = running.communicate()
        self.cuts += running.returncode == -signal.SIGKILL
        self.test.assertIn(running.returncode, (0, 1, -signal.SIGKILL), error)
        return out

    def again(self, device, *arguments, unless=""):
        """Cut short, then run again: done, or refused because the first had come to its end."""
        self.cut(device, *arguments)
        done = device.run(*arguments, expect=None)
        if not unless or unless not in done.stderr:
            self.test.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def found(self):
        self.operator = self.world.device("operator", "架空地域")
        address = f"127.0.0.1:{free_port()}"
        self.again(self.operator, "region", "init", "--relay", address, "--name", "架空地域",
                   "--data", self.world.relay.data, unless="すでに")
        self.world.relay.start(address)

    def join(self, label, inviter, invite, name, profession):
        code = self.again(inviter, *invite)
        device = self.world.device(label, name)
        who = ("--name", name, "--profession", profession) if profession else ()
        self.again(device, "join", code, *who)
        if profession:
            self.again(inviter, "approve", "--all")
        else:
            self.again(inviter, "sync")
            self.doctor.sync()  # certifies what was linked
        self.again(device, "sync")
        return device

    def enrol(self):
        self.nurse = self.join("nurse", self.operator,
                               ("institution", "invite", "--name", "架空訪問看護", "--kind",
                                "visiting-nurse-station"), "江口 花子", "nurse")
        self.doctor = self.join("doctor", self.operator,
                                ("institution", "invite", "--name", "架空クリニック", "--kind", "clinic"),
                                "伊藤 一郎", "doctor")
        self.deputy = self.join("deputy", self.doctor,
                                ("staff", "invite", "--name", "上田 真琴", "--profession", "doctor"),
                                "上田 真琴", "doctor")

    def open_case(self):
        new = ("case", "new", "--patient", EXAMPLES / "patient.json")
        self.cut(self.nurse, *new)
        self.nurse.sync()
        if not self.nurse.json("case", "list"):
            self.nurse.run(*new)
        cases = self.nurse.json("case", "list")
        self.test.assertEqual([bool(case["patient"]) for case in cases], [True])
        self.case = cases[0]["case"]
        for person in (self.doctor, self.deputy):
            self.again(self.nurse, "case", "add", self.case, person.name)
        self.again(self.nurse, "case", "remove", self.case, self.deputy.name,
                   unless="メンバーではありません")
        members = self.nurse.json("case", "show", self.case)[0]["members"]
        self.test.assertEqual(sorted(member["name"] for member in members),
                              sorted([self.nurse.name, self.doctor.name]))

    def texts(self, device):
        return [record["content"]["text"] for record in device.json("read", self.case)
                if record["kind"] in ("note", "answer")]

    def post(self, device, text, *verb):
        """A person looks whether the record is there before writing it again."""
        path = self.world.base / "note.json"
        path.write_text('{"text": "%s"}' % text, encoding="utf-8")
        verb = (*(verb or ("post", self.case, "note")), "--file", path)
        said = self.cut(device, *verb)
        device.sync()
        there = self.texts(device).count(text)
        if said.strip():
            self.test.assertEqual(there, 1, "what the person was told is kept")
        if there == 0:
            device.run(*verb)
        self.posted.append(text)

    def records(self):
        self.post(self.nurse, "夜間の様子（架空）")
        self.world.relay.stop()
        self.post_offline("圏外で書いた（架空）")
        self.world.relay.again()
        self.again(self.nurse, "sync")
        self.again(self.doctor, "sync")
        record = next(r["record"] for r in self.doctor.json("read", self.case)
                      if r["kind"] == "note")
        self.again(self.doctor, "read", self.case)
        self.again(self.doctor, "ack", record, "--read-back", "復唱（架空）")
        self.again(self.doctor, "respond", record)
        self.post(self.doctor, "承知しました（架空）", "answer", record)
        self.cut(self.nurse, "watch")
        self.nurse.sync()
        self.again(self.nurse, "coverage", record)
        self.again(self.nurse, "search", "夜間")
        self.again(self.nurse, "outbox")
        self.again(self.nurse, "case", "list")
        row = self.nurse.json("coverage", record)[0]["people"][0]
        for state in ("received_at", "opened_at", "acknowledged_at", "responding_at"):
            self.test.assertTrue(row[state], state)

    def post_offline(self, text):
        path = self.world.base / "offline.json"
        path.write_text('{"text": "%s"}' % text, encoding="utf-8")
        self.cut(self.nurse, "post", self.case, "note", "--file", path)
        if not any(r["kind"] == "note" and r["content"]["text"] == text
                   for r in self.nurse.json("read", self.case)):
            self.nurse.run("post", self.case, "note", "--file", path)
        self.posted.append(text)

    def check(self):
        tablet = self.join("tablet", self.doctor, ("device", "add"), self.doctor.name, "")
        for device in (self.nurse, self.doctor, tablet):
            device.sync()
            self.test.assertEqual(device.json("outbox"), [])
            shown = collections.Counter(self.texts(device))
            self.test.assertEqual(shown, collections.Counter(self.posted), device.label)
            view = device.json("case", "show", self.case)[0]
            self.test.assertEqual(view["warnings"], [])
            self.test.assertTrue(view["can_send"])


class PowerCuts(unittest.TestCase):
    def test_G5_no_verb_loses_halves_or_doubles_anything_when_the_power_fails(self):
        seed = int(os.environ.get("RENKEI_SEED", random.randrange(1 << 32)))
        for number in range(int(os.environ.get("RENKEI_ROUNDS", "1"))):
            print(f"seed {seed + number}", flush=True)
            story = Story(self, random.Random(seed + number))
            for part in (story.found, story.enrol, story.open_case, story.records, story.check):
                part()
            self.assertGreater(story.cuts, 10, "the power did fail")
            story.world.relay.stop()


if __name__ == "__main__":
    unittest.main()
