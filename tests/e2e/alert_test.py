"""Urgent alerts through real processes, with steps of seconds: whom the relay calls and when, what
stops it, and what is left when it is killed in the middle."""
import datetime
import json
import signal
import subprocess
import threading
import time
import unittest

from harness import RegionTest

LATE = 2.0  # a step may be so late, in seconds (the figure)
GRACE = 10.0  # after which an open client alarms


class Watching:
    """`renkei --json watch` of one device, and what it has printed so far."""

    def __init__(self, device):
        self.lines = []
        self.process = subprocess.Popen(
            device.command("--json", "watch"), env=device.world.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def alerts(self, record, kind):
        return [line for line in self.lines
                if line.get("alert") == kind and line.get("record") == record]

    def until(self, record, kind, limit=60):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            found = self.alerts(record, kind)
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no {kind}: {self.lines}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            self.process.kill()
            self.process.stdout.close()


def at(step):
    return datetime.datetime.fromisoformat(step["at"]).timestamp()


def names(step):
    return [(call["name"], call["outcome"]) for call in step["calls"]]


class Alerts(RegionTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls.world.staff(cls.doctor, "deputy", "佐藤 二郎", "doctor")
        cls.nurse.sync()
        cls.nurse.run("case", "add", cls.case, cls.deputy.name)
        for device in (cls.doctor, cls.deputy):
            device.sync()

    def urgent(self, calls, rounds=1):
        path = self.world.base / "urgent.json"
        path.write_text('{"text": "呼吸が苦しそうです。（架空）"}', encoding="utf-8")
        return self.nurse.json("post", self.case, "note", "--file", path, "--urgent", "--call",
                               calls, "--rounds", rounds)[0]

    def alert(self, record, device=None):
        device = device or self.nurse
        device.sync()
        return device.json("coverage", record)[0]["alert"]

    def until_state(self, record, state, limit=60):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            alert = self.alert(record)
            if alert["state"] == state:
                return alert
            time.sleep(0.2)
        raise AssertionError(f"not {state}: {alert}")

    def watching(self, device):
        watching = Watching(device)
        self.addCleanup(watching.stop)
        return watching

    def test_the_second_is_called_in_time_when_the_first_does_not_answer(self):
        deputy = self.watching(self.deputy)
        posted = self.urgent("伊藤 一郎:2s,佐藤 二郎:60s")
        record = posted["record"]
        self.assertEqual(posted["alert"]["rounds"], 1)
        news = deputy.until(record, "calls_you")
        self.assertEqual(names(news["step"]), [("佐藤 二郎", "rang")])
        alert = self.alert(record)
        self.assertEqual(alert["state"], "calling")
        first, second = alert["steps"]
        self.assertEqual(names(first), [("伊藤 一郎", "left")])
        self.assertGreaterEqual(at(second) - at(first), 2 - 1)  # times are shown in whole seconds
        self.assertLess(at(second) - at(first), 2 + LATE + 1)
        # The one who was called first comes late and acknowledges: the clock stands still.
        self.doctor.sync()
        said = self.doctor.json("ack", record, "--read-back", "呼吸が苦しい。すぐ行きます。")[0]
        self.assertEqual((said["done"], said["responder"]["name"]), ("acknowledged", "伊藤 一郎"))
        done = deputy.until(record, "acknowledged")
        self.assertEqual(done["step"]["responder"]["name"], "伊藤 一郎")
        self.assertEqual(self.alert(record)["state"], "acknowledged")
        self.assertEqual(len(self.alert(record)["steps"]), 3)

    def test_an_alert_goes_on_over_kill_9_and_each_step_happens_once(self):
        record = self.urgent("伊藤 一郎:3s,佐藤 二郎:3s", rounds=2)["record"]
        for wait in (1.0, 2.5, 3.0):
            time.sleep(wait)
            self.world.relay.stop(signal.SIGKILL)
            self.world.relay.again()
        alert = self.until_state(record, "ended")
        called = [step for step in alert["steps"] if step["event"] == "called"]
        self.assertEqual([step["step"] for step in called], [1, 2, 3, 4])
        self.assertEqual([names(step)[0][0] for step in called],
                         ["伊藤 一郎", "佐藤 二郎"] * 2)
        self.assertEqual([step["event"] for step in alert["steps"]], ["called"] * 4 + ["ended"])

    def test_a_restarted_relay_keeps_the_clock(self):
        record = self.urgent("伊藤 一郎:6s,佐藤 二郎:60s")["record"]
        time.sleep(2)
        self.world.relay.stop(signal.SIGKILL)
        self.world.relay.again()
        end = time.monotonic() + 60
        while len(self.alert(record)["steps"]) < 2 and time.monotonic() < end:
            time.sleep(0.2)
        first, second = self.alert(record)["steps"]
        self.assertGreaterEqual(at(second) - at(first), 6 - 1)
        self.assertLess(at(second) - at(first), 6 + LATE + 1, "the clock began again at the restart")
        self.doctor.sync()
        self.doctor.run("ack", record, "--read-back", "向かいます。")

    def test_of_two_who_acknowledge_at_once_one_responds_and_both_are_told(self):
        record = self.urgent("伊藤 一郎+佐藤 二郎:60s")["record"]
        devices = (self.doctor, self.deputy)
        for device in devices:
            device.sync()
        started = [subprocess.Popen(
            device.command("--json", "ack", record, "--read-back", "了解しました。"),
            env=self.world.environment(), stdout=subprocess.PIPE, text=True) for device in devices]
        said = [json.loads(process.communicate(timeout=120)[0].splitlines()[-1])
                for process in started]
        self.assertEqual([each["done"] for each in said], ["acknowledged"] * 2)
        responders = {each["responder"]["name"] for each in said}
        self.assertEqual(len(responders), 1, said)
        alert = self.alert(record)
        self.assertEqual(alert["responder"]["name"], responders.pop())
        events = [step["event"] for step in alert["steps"]]
        self.assertEqual(events.count("acknowledged"), 1)
        acknowledged = [row["name"] for row in self.nurse.json("coverage", record)[0]["people"]
                        if row["acknowledged_at"]]
        self.assertEqual(sorted(acknowledged), ["伊藤 一郎", "佐藤 二郎"], "both are kept")

    def test_an_acknowledgement_that_waits_says_so_and_stops_nothing(self):
        record = self.urgent("伊藤 一郎:5s,佐藤 二郎:60s")["record"]
        self.doctor.sync()
        self.world.relay.stop()
        said = self.doctor.json("ack", record, "--read-back", "了解しました。")[0]
        self.assertEqual(said["done"], "waiting")
        self.assertIsNone(said["responder"])
        self.assertEqual([item["kind"] for item in self.doctor.json("outbox")],
                         ["acknowledgement"])
        self.world.relay.again()
        self.doctor.sync()
        alert = self.until_state(record, "acknowledged")
        self.assertEqual(alert["responder"]["name"], "伊藤 一郎")

    def test_an_open_client_alarms_when_the_relay_is_silent(self):
        nurse = self.watching(self.nurse)
        time.sleep(1)
        path = self.world.base / "alarm.json"
        path.write_text('{"text": "転倒しました。（架空）"}', encoding="utf-8")
        record = self.doctor.json("post", self.case, "note", "--file", path, "--call",
                                  "佐藤 二郎:15s,佐藤 二郎:600s", "--rounds", 1)[0]["record"]
        nurse.until(record, "calls")
        self.world.relay.stop(signal.SIGKILL)
        killed = time.monotonic()
        try:
            nurse.until(record, "late", limit=120)
            self.assertGreater(time.monotonic() - killed, 1.0, "an alarm before anything is late")
        finally:
            self.world.relay.again()
        self.deputy.sync()
        self.deputy.run("ack", record, "--read-back", "了解しました。")
        nurse.until(record, "acknowledged")

    def test_a_removed_member_is_never_called(self):
        nurse_colleague = self.world.staff(self.nurse, "colleague", "高橋 三郎", "nurse")
        self.nurse.sync()
        self.nurse.run("case", "add", self.case, nurse_colleague.name)
        nurse_colleague.sync()
        record = self.urgent("伊藤 一郎:40s,高橋 三郎:60s")["record"]
        self.nurse.run("case", "remove", self.case, nurse_colleague.name)
        end = time.monotonic() + 120
        while len(self.alert(record)["steps"]) < 2 and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(names(self.alert(record)["steps"][1]), [("高橋 三郎", "not_member")])
        self.doctor.sync()
        self.doctor.run("ack", record, "--read-back", "了解しました。")

    def test_a_list_that_is_none_is_refused_in_words(self):
        path = self.world.base / "refused.json"
        path.write_text('{"text": "x"}', encoding="utf-8")
        for calls in ("伊藤 一郎:0", "伊藤 一郎:1441", ":5", "伊藤 一郎,,"):
            self.refused(self.nurse, "post", self.case, "note", "--file", path, "--urgent",
                         "--call", calls, says="呼び出し先")
        self.refused(self.nurse, "post", self.case, "note", "--file", path, "--urgent", "--call",
                     "いない 人:5")
        plan = self.world.base / "plan.json"
        for text in ('{"steps": []}', '{"steps": [{"call": "伊藤 一郎", "minutes": 0}]}', "[]",
                     '{"steps": [{"call": "伊藤 一郎"}], "extra": 1}'):
            plan.write_text(text, encoding="utf-8")
            self.refused(self.nurse, "post", self.case, "note", "--file", path, "--urgent",
                         "--plan", plan, says="呼び出し先")
        self.assertEqual(self.nurse.json("outbox"), [])


if __name__ == "__main__":
    unittest.main()
