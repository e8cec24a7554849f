"""Runs `renkei` and `renkei-relay` as separate processes, one vault a device."""
import ctypes
import json
import os
import pathlib
import re
import signal
import subprocess
import time


class Failed(Exception):
    """A command ended otherwise than it should; the text says which and how."""


PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None)  # here: between fork and exec nothing is loaded any more


def die_with(parent):
    """In a new process: the kernel kills it when `parent`, the process that made it, dies."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # died in between
        os._exit(1)


class Relay:
    """The relay as a process of its own; `outlives`: also when the caller is killed outright."""

    def __init__(self, binary, data, log, outlives=True):
        self.binary, self.data, self.log = binary, pathlib.Path(data), pathlib.Path(log)
        self.outlives = outlives
        self.settings = None   # a file for --config
        self.environment = {}  # more of it, for the relay alone
        self.pid_file = None   # where its number stands while it runs
        self.process, self.address = None, None

    def start(self, listen="127.0.0.1:0", limit=30):
        """Returns HOST:PORT once the relay says that it listens there."""
        parent = os.getpid()
        command = [self.binary, "--data", str(self.data), "--listen", listen]
        if self.settings is not None:
            command += ["--config", str(self.settings)]
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                command, env=dict(os.environ, **self.environment),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=None if self.outlives else lambda: die_with(parent))
        if self.pid_file is not None:
            self.pid_file.write_text(f"{self.process.pid}\n", encoding="ascii")
        end = time.monotonic() + limit
        while time.monotonic() < end:
            with open(self.log, "rb") as log:
                log.seek(begin)
                said = log.read().decode("utf-8", "replace")
            found = re.search(r"listening on (\S+:\d+)", said)
            if found:
                self.address = found.group(1)
                return self.address
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise Failed(f"the relay did not start: {said.strip()[-2000:]}")

    def stop(self, how=signal.SIGTERM, limit=30):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(limit)
        self.process = None
        if self.pid_file is not None:
            self.pid_file.unlink(missing_ok=True)
        return code

    def again(self):
        """After stop(): the same relay on the same address."""
        return self.start(self.address)


class Device:
    """One person's vault on one device."""

    def __init__(self, world, label, name):
        self.world, self.label, self.name = world, label, name
        self.vault = world.base / "people" / label

    def command(self, *arguments):
        return [str(self.world.renkei), "--vault", str(self.vault),
                "--passphrase-file", str(self.world.passphrase), *map(str, arguments)]

    def run(self, *arguments, expect=0, stdin=None, env=None):
        """The finished process; Failed if its exit code is not `expect` (None: any)."""
        done = subprocess.run(self.command(*arguments), input=stdin, capture_output=True,
                              text=True, env=self.world.environment(env), timeout=120, check=False)
        if expect is not None and done.returncode != expect:
            raise Failed(f"{self.label}: renkei {' '.join(map(str, arguments))}: exit "
                         f"{done.returncode}, not {expect}\n{done.stdout}{done.stderr}")
        return done

    def json(self, *arguments, expect=0, env=None):
        """The JSON objects of one command, one a line."""
        done = self.run("--json", *arguments, expect=expect, env=env)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def text(self, *arguments, expect=0):
        return self.run(*arguments, expect=expect).stdout.rstrip()

    def sync(self):
        return self.json("sync")[0]


class World:
    """A region with a relay and people, all below one folder."""

    def __init__(self, base, renkei, relay_binary, relay_outlives=True):
        self.base = pathlib.Path(base)
        self.renkei = pathlib.Path(renkei)
        self.base.mkdir(parents=True, exist_ok=True)
        (self.base / "people").mkdir(exist_ok=True)
        self.passphrase = self.base / "passphrase"
        self.passphrase.write_text("demo passphrase of fictitious people\n", encoding="utf-8")
        self.passphrase.chmod(0o600)
        self.relay = Relay(str(relay_binary), self.base / "relay", self.base / "relay.log",
                           relay_outlives)
        self.devices = {}

    def environment(self, more=None):
        out = dict(os.environ, RENKEI_DEVICE_KEYS=str(self.base / "device-keys"))
        out.setdefault("RENKEI_LANG", "ja")
        # The same on every machine; and a TPM would be asked at each of hundreds of commands.
        out.setdefault("RENKEI_TPM_TCTI", "none")
        out.update(more or {})
        return out

    def device(self, label, name=""):
        self.devices[label] = Device(self, label, name)
        return self.devices[label]

    def found_region(self, name, port):
        """The operator's vault, the relay's files, the running relay."""
        operator = self.device("operator", name)
        operator.run("region", "init", "--relay", f"127.0.0.1:{port}", "--name", name,
                     "--data", self.relay.data)
        self.relay.start(f"127.0.0.1:{port}")
        return operator

    def institution(self, operator, label, institution, kind, person, profession):
        """An institution with its first person."""
        code = operator.text("institution", "invite", "--name", institution, "--kind", kind)
        first = self.device(label, person)
        first.run("join", code, "--name", person, "--profession", profession)
        operator.run("approve", "--all")
        first.run("sync")
        return first

    def staff(self, administrator, label, person, profession):
        code = administrator.text("staff", "invite", "--name", person, "--profession", profession)
        colleague = self.device(label, person)
        colleague.run("join", code, "--name", person, "--profession", profession)
        administrator.run("approve", "--all")
        colleague.run("sync")
        return colleague

    def second_device(self, first, administrator, label):
        code = first.text("device", "add")
        second = self.device(label, first.name)
        second.run("join", code)
        first.run("sync")          # compares, links
        administrator.run("sync")  # certifies
        second.run("sync")
        return second


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
