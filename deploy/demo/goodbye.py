"""What the demo leaves to the reader: lines with which to go on as each person, and one to stop."""
import json
import os
import shlex
import signal
import subprocess


def lines(world):
    """(device, a line for the shell that shows that person's cases)"""
    keys = shlex.quote(str(world.base / "device-keys"))
    return [(device, f"RENKEI_DEVICE_KEYS={keys} {shlex.join(device.command('case', 'list'))}")
            for device in world.devices.values()]


def stop_line(world):
    return f"kill {world.relay.process.pid}"


def show(play):
    play.say("\n中継サーバーは動いたままです。続きは次のように試せます:")
    for device, line in lines(play.world):
        play.say(f"  # {device.name}（{device.label}）")
        play.say(f"  {line}")
    play.say(f"止めるには: {stop_line(play.world)}")


def try_lines(play, patient):
    """Each of them once, as a reader would, in a shell that knows nothing else of the demo."""
    name = json.loads(patient.read_text(encoding="utf-8"))["name"]
    outside = {key: value for key, value in os.environ.items() if not key.startswith("RENKEI_")}
    for device, line in lines(play.world):
        done = subprocess.run(["/bin/sh", "-c", line], env=outside, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        # The operator is in no case; everybody else is.
        play.check(f"the line for {device.label} works",
                   done.returncode == 0 and (name in done.stdout) == (device.label != "operator"))
    relay = play.world.relay
    subprocess.run(["/bin/sh", "-c", stop_line(play.world)], timeout=120, check=True)
    play.check("the line to stop it stops the relay", relay.process.wait(60) == 0)


def stop(play):
    """Sees to it that no relay of this play runs any more."""
    if play.world is None:
        return
    try:
        play.world.relay.stop()
    except subprocess.TimeoutExpired:
        play.missed.append("the relay had to be killed")
        play.world.relay.stop(signal.SIGKILL)
