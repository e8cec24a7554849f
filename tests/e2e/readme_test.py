"""The READMEs say what is true: "The stories by hand" is run line by line as it stands there, and every
command that either of them names exists, with the options it is given."""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tempfile
import unittest

from harness import RELAY, RENKEI, ROOT, free_port

SECTION = "## The stories by hand\n"

# Around the real program: a passphrase nobody is asked for, and what was called and came of it, kept.
WRAPPER = """#!/bin/sh
n=$(printf %03d "$(ls {calls} | wc -l)")
mkdir {calls}/$n
printf %s "$*" >{calls}/$n/words
{renkei} --passphrase-file {place}/passphrase "$@" >{calls}/$n/out 2>{calls}/$n/err
code=$?
echo $code >{calls}/$n/code
cat {calls}/$n/err >&2
cat {calls}/$n/out
exit $code
"""

# A reader's second is enough to start a relay; on a busy machine it is waited for.
PREAMBLE = """
set -eu
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
sleep() {{
  for _ in $(seq 600); do
    if (: <>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; then return; fi
    command sleep 0.1
  done
  return 1
}}
"""


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(text, heading):
    return text.split(heading, 1)[1].split("\n## ", 1)[0]


class StoriesByHand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="renkei-e2e-")
        cls.addClassCleanup(holder.cleanup)
        place = pathlib.Path(holder.name)
        calls, tools, checkout = (place / name for name in ("calls", "tools", "checkout"))
        for made in (calls, tools, checkout):
            made.mkdir()
        (place / "passphrase").write_text("passphrase of fictitious people\n", encoding="utf-8")
        (tools / "renkei").write_text(WRAPPER.format(
            calls=calls, place=place, renkei=shlex.quote(str(pathlib.Path(RENKEI).resolve()))),
            encoding="utf-8")
        (tools / "renkei").chmod(0o700)
        (tools / "renkei-relay").symlink_to(pathlib.Path(RELAY).resolve())
        (checkout / "deploy").symlink_to(ROOT / "deploy")

        port = str(free_port())
        lines = "".join(blocks(section((ROOT / "README.md").read_text(encoding="utf-8"), SECTION)))
        script = PREAMBLE.format(port=port) + lines.replace("7443", port)
        environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", RENKEI_LANG="ja",
                           RENKEI_TPM_TCTI="none", RENKEI_DEVICE_KEYS=str(place / "device-keys"))
        shell = subprocess.Popen(["bash", "-c", script], cwd=checkout, env=environment, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        try:
            cls.said, _ = shell.communicate(timeout=900)
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)  # nothing of it stays, whatever happened
            except ProcessLookupError:
                pass
            shell.wait()
        cls.code = shell.returncode
        cls.calls = [{part.name: part.read_text(encoding="utf-8") for part in call.iterdir()}
                     for call in sorted(calls.iterdir())]

    def outputs(self, words):
        """What each call whose words match the pattern printed, in order."""
        found = [call["out"] for call in self.calls if re.search(words, call["words"])]
        self.assertTrue(found, f"README.md has no such line: {words}")
        return found

    def test_every_line_works(self):
        self.assertEqual([(call["words"], call["err"]) for call in self.calls
                          if call["code"].strip() != "0"], [], self.said[-2000:])
        self.assertEqual(self.code, 0, self.said[-2000:])
        self.assertGreater(len(self.calls), 50)

    def test_1_the_summary_its_coverage_and_its_correction(self):
        self.assertIn("退院時サマリー", self.outputs("nurse read")[0])
        self.assertIn("まだ受信していない職種: 医師", self.outputs("manager coverage")[0])
        late = self.outputs("pharmacist read .*discharge-summary")[0]
        for text in ("48.4", "44.8", "体重の転記誤り"):
            self.assertIn(text, late)

    def test_2_the_urgent_change_and_its_answer_from_a_second_device(self):
        waiting = self.outputs("nurse outbox")[0].splitlines()
        self.assertIn("急変報告", waiting[0])
        self.assertIn("連絡ノート", waiting[1])
        whole = self.outputs("tablet read '?架空 ふみ子'?$")[0]
        for text in ("退院時サマリー", "急変報告", "連絡ノート"):
            self.assertIn(text, whole)
        self.assertIn("復唱「SpO2 86%、起坐呼吸。往診します」", self.outputs("nurse coverage")[0])

    def test_3_the_medication_its_query_the_answer_and_the_search(self):
        self.assertIn("残薬", self.outputs("tablet read .*medication-note")[0])
        self.assertIn("変更して承認", self.outputs("pharmacist read .*--after")[0])
        found = self.outputs("pharmacist search")[0]
        for text in ("お薬情報", "お薬の連絡・照会", "回答"):
            self.assertIn(text, found)

    def test_who_lost_every_device_joins_anew_and_reads_the_case(self):
        whole = self.outputs("anew read")[0]
        for text in ("退院時サマリー", "急変報告", "お薬の連絡・照会", "回答"):
            self.assertIn(text, whole)


    def test_the_case_that_was_closed_says_so_and_still_takes_records(self):
        shown = self.outputs("nurse case show")[-1]
        self.assertIn("終了 ", shown)
        self.assertIn("10年以上", shown)
        self.assertIn("再開", self.outputs("manager case reopen")[0])


class Commands(unittest.TestCase):
    def commands(self):
        """(file, words) of everything in the READMEs that calls `renkei`."""
        for name in ("README.md", "README.ja.md"):
            text = (ROOT / name).read_text(encoding="utf-8")
            shell = "".join(blocks(text)).replace("\\\n", " ")
            inline = re.findall(r"`(renkei [^`]+)`", re.sub(r"^```.*?^```$", "", text,
                                                            flags=re.MULTILINE | re.DOTALL))
            for line in inline + re.findall(r"\brenkei --vault [^\n|)&;#]+", shell):
                yield name, re.sub(r" --vault \S+", "", line.replace("'…'", "x")).split()[1:]

    def test_each_exists_with_its_options(self):
        seen = set()
        for name, words in self.commands():
            verb = [word for word in words[:2] if re.fullmatch("[a-z]+", word)]
            if verb[:1] and verb[0] not in ("region", "institution", "staff", "device", "case"):
                verb = verb[:1]
            options = set(re.findall(r"(?<!\S)--[a-z-]+", " ".join(words)))
            with self.subTest(file=name, command=" ".join(words)):
                done = subprocess.run([RENKEI, *verb, "--help"], capture_output=True, text=True,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                for option in options - {"--help"}:
                    self.assertIn(option, done.stdout)
            seen.add(" ".join(verb))
        self.assertLessEqual({"join", "case add", "post", "ack", "respond", "coverage", "search",
                              "device add", "answer", "outbox"}, seen)


if __name__ == "__main__":
    unittest.main()
