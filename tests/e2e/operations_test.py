"""What an operator sees and does, with real processes: metrics, log, health, a renewed certificate,
a stop under load. No metric and no line of the log names a person, a device, an institution or a
case."""
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest
import urllib.request

from full_disk_test import fill, own_namespace, small_disk
from harness import RegionTest, RELAY, ROOT, free_port, new_world

SETTINGS = """
[metrics]
listen = "127.0.0.1:0"
[log]
format = "json"
level = "debug"
[health]
probe_seconds = 1
[server]
drain_seconds = 20
"""
# Ids are 16 bytes, hashes and keys 32: in hex, as a UUID, in base64. Nothing of the kind has a place.
IDS = re.compile(r"[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|[A-Za-z0-9+/_-]{40}", re.I)
AUDIT_HEAD = re.compile(r"audit log at (start|stop): \d+ rows, head [0-9a-f]{64}")
# "quantile" is of the HTTP server's own latencies.
LABELS = {"method", "outcome", "limit", "le", "file", "certificate", "result", "version", "quantile",
          "reason"}
HUNG_DISK = os.environ.get("RENKEI_HUNG_DISK_LIBRARY")


def parse(text):
    """{series: value} of Prometheus' text."""
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in text.splitlines() if line and not line.startswith("#")}


class Operated(RegionTest):
    @classmethod
    def prepare(cls):
        cls.world.relay.settings = cls.world.base / "relay.toml"
        cls.world.relay.settings.write_text(SETTINGS, encoding="utf-8")

    def log(self):
        return self.world.relay.log.read_text(encoding="utf-8")

    def page(self):
        port = re.findall(r"metrics on 127\.0\.0\.1:(\d+)", self.log())[-1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            return answer.read().decode()

    def metrics(self):
        return parse(self.page())

    def until(self, is_so, what, limit=120):
        end = time.monotonic() + limit
        while not is_so():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.2)

    def health(self):
        """(exit code, {service: word}) of `renkei-relay health`."""
        done = subprocess.run([RELAY, "health", "--data", str(self.world.relay.data), "--at",
                               self.world.relay.address], capture_output=True, text=True,
                              timeout=120, check=False)
        return done.returncode, dict(line.split() for line in done.stdout.splitlines())

    def story(self):
        """A little of everything, refused things among it."""
        self.note(self.nurse, "名前を残さない（架空）")
        self.doctor.sync()
        self.note(self.doctor, "返事（架空）")
        self.nurse.sync()
        if "late" not in self.world.devices:
            self.world.staff(self.nurse, "late", "遅番 三郎", "nurse")
        self.world.devices["late"].run("read", self.case, expect=1)

    def assert_names_nobody(self, text):
        people = self.nurse.json("people")
        names = {person["name"] for person in people} | {"架空", self.case, self.case.replace("-", "")}
        names |= {str(value) for person in people for key, value in person.items()
                  if key.endswith("id") or key == "institution"}
        names |= {"江口", "伊藤", "遅番", "127.0.0.1:" + self.world.relay.address.split(":")[1]}
        for name in names:
            self.assertNotIn(name, text)
        self.assertEqual(IDS.findall(text), [])
        self.assertTrue(text.isascii(), "names are Japanese here")


class Metrics(Operated):
    def test_of_a_story_name_nobody_and_have_few_series(self):
        self.story()
        text = self.page()
        self.assert_names_nobody(text)
        labels = set(re.findall(r'[{,]([a-z_]+)="', text))
        self.assertLessEqual(labels, LABELS)
        # However many people there are: methods, outcomes, buckets.
        self.assertLess(len(text.splitlines()), 2000)

    def test_say_what_happened(self):
        before = self.metrics()
        self.story()
        after = self.metrics()
        appends = 'renkei_call_seconds_count{method="Threads.Append",outcome="ok"}'
        self.assertGreaterEqual(after[appends], before.get(appends, 0) + 2)
        self.assertGreaterEqual(after["renkei_entries_total"], before["renkei_entries_total"] + 2)
        self.assertGreater(after["renkei_store_commit_seconds_count"],
                           before["renkei_store_commit_seconds_count"])
        self.assertEqual(after["renkei_serving"], 1)
        self.assertEqual(after["renkei_calls_in_flight"], 0)
        self.until(lambda: self.metrics()["renkei_grpc_thread_held"] == 1, "one thread is enough")
        self.assertGreater(after['renkei_store_bytes{file="database"}'], 0)
        self.assertGreater(after["process_resident_memory_bytes"], 1 << 20)
        for name, days in (("tls", 700), ("signing", 700), ("issuing", 700), ("root", 700)):
            self.assertGreater(
                after['renkei_certificate_expires_seconds{certificate="%s"}' % name], days * 86400)

    def test_show_that_what_was_written_offline_goes_over_one_call_in_order(self):
        notes = [f"圏外で書いた記録 {i}（架空）" for i in range(12)]
        self.world.relay.stop()
        for text in notes:
            self.note(self.nurse, text)
        self.assertEqual(len(self.nurse.json("outbox")), 12)
        self.world.relay.again()
        self.nurse.sync()
        self.assertEqual(self.nurse.json("outbox"), [])
        after = self.metrics()
        self.assertGreaterEqual(
            after['renkei_call_seconds_count{method="Threads.AppendStream",outcome="ok"}'], 12)
        self.assertEqual(
            after.get('renkei_call_seconds_count{method="Threads.Append",outcome="ok"}', 0), 0)
        self.doctor.sync()
        self.assertEqual([text for text in self.texts(self.doctor) if text in notes], notes)

    def test_know_how_old_the_backup_is(self):
        self.assertEqual(self.metrics()["renkei_backup_age_seconds"], float("inf"))
        subprocess.run([RELAY, "backup", "--data", str(self.world.relay.data), "--to",
                        str(self.world.base / "backup")], check=True, capture_output=True)
        self.assertLess(self.metrics()["renkei_backup_age_seconds"], 300)

    def test_the_log_is_json_and_names_nobody(self):
        self.story()
        lines = self.log().splitlines()
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            said = json.loads(line)
            self.assertEqual(list(said), ["time", "level", "message"])
        rest = AUDIT_HEAD.sub("", self.log())
        self.assert_names_nobody(re.sub(r"(listening|metrics) on 127\.0\.0\.1:\d+", "", rest))

    def test_a_listening_address_that_is_taken_is_told_in_json_too(self):
        settings = self.world.base / "taken.toml"
        port = re.findall(r"metrics on 127\.0\.0\.1:(\d+)", self.log())[-1]
        settings.write_text(SETTINGS.replace("127.0.0.1:0", f"127.0.0.1:{port}"), encoding="utf-8")
        done = subprocess.run([RELAY, "--data", str(self.world.relay.data), "--listen",
                               "127.0.0.1:0", "--config", str(settings)], capture_output=True,
                              text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("another relay is running", json.loads(done.stderr.splitlines()[-1])["message"])


class Monitoring(Operated):
    """deploy/prometheus speaks of metrics that the relay really has, and the runbook of each alert."""
    FOLDER = ROOT / "deploy" / "prometheus"
    OF_PROMETHEUS = {"up", "instance", "job"}
    NAME = re.compile(r"\b(?:renkei|process)_[a-z_]+|\bup\b")

    def rules(self):
        """{alert: expression}; the file keeps each on a line of its own."""
        text = (self.FOLDER / "renkei.rules.yml").read_text(encoding="utf-8")
        alerts = re.findall(r"- alert: (\w+)\n\s+expr: (.+)", text)
        self.assertEqual(len(alerts), text.count("- alert:"))
        self.assertEqual(len(alerts), text.count("{severity: page}") + text.count("{severity: ticket}"))
        self.assertEqual(len(dict(alerts)), len(alerts))
        return dict(alerts)

    def board(self):
        """Every expression of the dashboard."""
        board = json.loads((self.FOLDER / "renkei-dashboard.json").read_text(encoding="utf-8"))
        for panel in board["panels"]:
            self.assertTrue(panel["targets"], panel["title"])
            for target in panel["targets"]:
                yield target["expr"].replace("$__rate_interval", "5m").replace("$instance", "x")

    def known(self):
        """Names of series and of labels in the relay's own output, after a story."""
        self.story()
        text = self.page()
        names = {series.split("{")[0] for series in parse(text)}
        return names | self.OF_PROMETHEUS, set(re.findall(r'[{,]([a-z_]+)="', text))

    def test_every_metric_of_rules_and_dashboard_is_there(self):
        names, labels = self.known()
        for expression in [*self.rules().values(), *self.board()]:
            used = set(self.NAME.findall(expression))
            self.assertTrue(used, expression)
            self.assertLessEqual(used, names, expression)
            for inside in re.findall(r"\{([^}]*)\}", expression):
                chosen = set(re.findall(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"', inside))
                self.assertLessEqual(chosen, labels | self.OF_PROMETHEUS, expression)
            for grouped in re.findall(r"by \(([^)]*)\)", expression):
                self.assertLessEqual(set(grouped.replace(" ", "").split(",")),
                                     labels | self.OF_PROMETHEUS, expression)

    def test_everything_that_can_go_wrong_has_an_alert(self):
        speaks_of = " ".join(self.rules().values())
        for metric in ("renkei_serving", "renkei_store_commit_seconds", "renkei_backup_age_seconds",
                       "renkei_certificate_expires_seconds", "renkei_limits_hit_total",
                       "renkei_audit_notes_lost_total", "renkei_disk_free_bytes",
                       "renkei_memory_limit_bytes", "renkei_restored", "renkei_writes_waiting"):
            self.assertIn(metric, speaks_of)

    def test_the_runbook_says_what_to_do_for_each_alert(self):
        runbook = (ROOT / "deploy" / "RUNBOOK.md").read_text(encoding="utf-8")
        told = re.findall(r"^### (Renkei\w+)$", runbook, re.M)
        self.assertEqual(sorted(told), sorted(self.rules()))

    def test_prometheus_itself_accepts_the_rules(self):
        promtool = shutil.which("promtool")
        if promtool is None:
            self.skipTest("promtool (Debian: prometheus) is not installed")
        done = subprocess.run([promtool, "check", "rules", str(self.FOLDER / "renkei.rules.yml")],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Certificates(Operated):
    def shown(self):
        """What a new connection is shown, in DER."""
        host, port = self.world.relay.address.split(":")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        with socket.create_connection((host, int(port)), timeout=60) as plain:
            with context.wrap_socket(plain) as connection:
                return connection.getpeercert(True)

    def reload(self):
        self.world.relay.process.send_signal(signal.SIGHUP)

    def streams(self):
        return self.metrics().get('renkei_call_seconds_count{method="Threads.Watch",outcome="ok"}', 0)

    def test_a_renewed_one_is_taken_and_no_stream_ends(self):
        before = self.shown()
        watching = subprocess.Popen(self.doctor.command("--json", "watch"),
                                    env=self.world.environment(), stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(watching.wait)
        self.addCleanup(watching.stdout.close)
        self.addCleanup(watching.kill)
        self.until(lambda: self.metrics()["renkei_watchers"] == 1, "the doctor listens")
        opened = self.streams()
        self.operator.json("region", "renew-relay", "--data", self.world.relay.data)
        self.reload()
        self.until(lambda: self.shown() != before, "the new certificate is in use")
        self.assertEqual(
            self.metrics()['renkei_certificate_reloads_total{result="taken"}'], 1)
        self.note(self.nurse, "証明書の更新後（架空）")
        self.until(lambda: self.metrics()["renkei_watchers"] == 1, "the stream is open")
        self.assertEqual(self.streams(), opened, "it was never opened again")
        self.assertIsNone(watching.poll())
        # After a restart the files are what the relay starts with.
        now = self.shown()
        watching.kill()
        self.assertEqual(self.world.relay.stop(), 0)
        self.world.relay.again()
        self.assertEqual(self.shown(), now)

    def test_a_broken_one_changes_nothing(self):
        chain = self.world.relay.data / "relay" / "tls.crt.pem"
        kept = chain.read_bytes()
        before = self.shown()
        chain.write_bytes(kept[:len(kept) // 2])
        refused = 'renkei_certificate_reloads_total{result="refused"}'
        count = self.metrics()[refused]
        self.reload()
        self.until(lambda: self.metrics()[refused] == count + 1, "it is refused")
        self.assertEqual(self.shown(), before)
        self.nurse.sync()
        self.assertIn("the certificate in use stays", self.log())
        chain.write_bytes(kept)


class Disks(Operated):
    @classmethod
    def prepare(cls):
        super().prepare()
        cls.hung = cls.world.base / "hung"
        if HUNG_DISK:
            cls.world.relay.environment = {"LD_PRELOAD": HUNG_DISK, "RENKEI_HUNG_DISK": str(cls.hung)}

    def assert_serving(self, word, code):
        self.until(lambda: self.health()[0] == code, f"the relay is {word}")
        self.assertEqual(set(self.health()[1].values()), {word})
        self.assertGreater(len(self.health()[1]), 4, "the whole and each service")
        self.assertEqual(self.metrics()["renkei_serving"], int(code == 0))

    def test_one_that_hangs_is_not_serving_until_it_answers(self):
        if not HUNG_DISK:
            self.skipTest("no library that holds a disk up")
        self.assert_serving("SERVING", 0)
        self.hung.touch()
        self.addCleanup(self.hung.unlink, missing_ok=True)
        self.assert_serving("NOT_SERVING", 1)
        self.hung.unlink()
        self.assert_serving("SERVING", 0)
        self.assertEqual(self.note(self.nurse, "ディスクが戻って（架空）")["state"], "sent")


class FullDisk(Operated):
    @classmethod
    def setUpClass(cls):
        """The region needs a small disk first."""

    def test_is_not_serving_until_there_is_space(self):
        self.world = new_world()
        self.addCleanup(shutil.rmtree, self.world.base, ignore_errors=True)
        self.addCleanup(self.world.relay.stop)
        small_disk(self, self.world.relay.data, 8)
        type(self).world = self.world
        self.prepare()
        self.world.found_region("架空地域", free_port())
        self.assertEqual(self.health()[0], 0)
        fill(self.world.relay.data)
        self.until(lambda: self.health()[0] == 1, "a full disk")
        self.assertEqual(set(self.health()[1].values()), {"NOT_SERVING"})
        self.assertGreater(self.metrics()["renkei_store_failed_commits_total"], 0)
        self.assertEqual(self.metrics()["renkei_serving"], 0)
        (self.world.relay.data / "ballast").unlink()
        self.until(lambda: self.health()[0] == 0, "space again")


class Stopping(Operated):
    def test_G5_a_stop_under_load_loses_nothing(self):
        """Two people post while the relay is told to stop: what was sent is there, the rest waits."""
        sent, waiting = [], []

        def post(device, number):
            text = f"停止{device.label}{number}（架空）"
            path = self.world.base / f"stop-{device.label}-{number}.json"
            path.write_text('{"text": "%s"}' % text, encoding="utf-8")
            state = device.json("post", self.case, "note", "--file", path)[0]["state"]
            (sent if state == "sent" else waiting).append(text)

        def post_many(device):
            for number in range(30):
                post(device, number)
                if waiting:
                    return

        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [pool.submit(post_many, device) for device in (self.nurse, self.doctor)]
            self.until(lambda: len(sent) >= 4, "some are sent")
            began = time.monotonic()
            self.assertEqual(self.world.relay.stop(), 0)
            self.assertLess(time.monotonic() - began, 30)
            for each in running:
                each.result()
        self.assertTrue(waiting, "the stop came while they posted")
        self.world.relay.again()
        for device in (self.nurse, self.doctor, self.nurse):
            device.sync()
        for device in (self.nurse, self.doctor):
            shown = self.texts(device)
            for text in sent + waiting:
                self.assertEqual(shown.count(text), 1, text)


if __name__ == "__main__":
    own_namespace()
    unittest.main()
