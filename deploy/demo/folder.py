"""The folder that the demo plays in: its own, marked as such, and emptied whenever it starts anew."""
import os
import pathlib
import shutil
import signal
import time

from people import Failed

MARKER = ".renkei-demo"
MARKED = "Made by deploy/demo.sh, which deletes everything in this folder whenever it starts.\n"
RELAY_PID = "relay.pid"


def fresh(base):
    """`base`, resolved, with nothing in it but the marker. A relay that an earlier demo left running
    there is stopped. Failed, and nothing touched, if it holds anything that is not a demo's."""
    base = pathlib.Path(base).resolve()
    marker = base / MARKER
    if base.exists() and not base.is_dir():
        raise Failed(refusal(base))
    if base.is_dir():
        if marker.is_file() and marker.read_bytes() == MARKED.encode():
            stop_earlier(base)
            empty(base)
        elif any(base.iterdir()):
            raise Failed(refusal(base))
    base.mkdir(parents=True, exist_ok=True)
    marker.write_text(MARKED, encoding="utf-8")
    return base


def refusal(base):
    return (f"{base} はデモがつくったフォルダーではありません。何も消していません。"
            "RENKEI_DEMO_DIR には、まだないフォルダーか空のフォルダーを指定してください。\n"
            f"{base} was not made by the demo. Nothing was deleted. "
            "Give RENKEI_DEMO_DIR a folder that does not exist yet, or an empty one.")


def empty(base):
    # The marker stays to the end: interrupted in between, the folder still is known as the demo's.
    for entry in base.iterdir():
        if entry.name == MARKER:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def stop_earlier(base, limit=30):
    """The relay of the demo that played here before, if it still runs."""
    try:
        pid = int((base / RELAY_PID).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    end = time.monotonic() + limit
    # The number may be another process's by now: only a relay on this very folder is ours.
    while serves(pid, base):
        how = signal.SIGTERM if time.monotonic() < end else signal.SIGKILL
        os.kill(pid, how)
        time.sleep(0.1)


def serves(pid, base):
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"--data" in words and os.fsencode(base / "relay") in words
