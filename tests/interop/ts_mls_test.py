"""mls_peer against ts-mls, an independent implementation from the npm registry: each as creator,
committer, joiner by Welcome and from outside, with 2 to 20 members, public and encrypted handshakes,
at random.
   RENKEI_NPM=1 ts_mls_test.py BUILD_FOLDER [--seed N] [--rooms N] [--steps N]
MLS_PEER names our program. With RENKEI_NPM=1 ts-mls is installed into the build folder (npm install,
once); exit 77 where it is not there yet and that is not asked for, or where node (18 or newer), npm or
the registry is missing."""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from peers import Peer, PeerError, Room  # noqa: E402

SKIPPED = 77
OLDEST_NODE = 18
NODE_WITH_WEB_CRYPTO = 20  # 18 has it too, behind an option


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def find_node():
    """The command that runs node with what ts-mls needs."""
    if shutil.which("node") is None:
        skip("node is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    major = int(version.lstrip("v").split(".")[0])
    if major < OLDEST_NODE:
        skip(f"node {version}; ts-mls needs {OLDEST_NODE}")
    return ["node"] if major >= NODE_WITH_WEB_CRYPTO else [
        "node", "--no-warnings", "--experimental-global-webcrypto"]


def install(folder):
    """ts-mls as package.json asks for it, once."""
    wanted = (HERE / "ts_mls" / "package.json").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    here = folder / "package.json"
    if here.exists() and here.read_text() == wanted and (folder / "installed").exists():
        return
    if os.environ.get("RENKEI_NPM") != "1":
        skip("ts-mls is not installed; RENKEI_NPM=1 lets npm fetch it from its registry")
    if shutil.which("npm") is None:
        skip("npm is not installed")
    here.write_text(wanted)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder,
                          capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        skip("npm install failed: " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
    (folder / "installed").touch()


class Scenarios:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.both = [ours, theirs]

    def room(self, seed, creator, encrypt):
        room = Room(self.both, seed, creator=creator, encrypt=encrypt)
        self.current = room
        return room

    def each_role(self, seed, creator, encrypt):
        """Every pairing of who commits, who follows and who joins, once."""
        room = self.room(seed, creator, encrypt)
        for joiner in self.both:
            room.add(peer=joiner)
            room.agree()
        for joiner in self.both:
            room.external_join(peer=joiner, resync=False)
            room.agree()
            room.new_member_proposal(peer=joiner)
            room.agree()
        for peer in self.both:
            committer = next(m for m in room.members if m.peer is peer)
            room.commit(committer=committer)
            room.agree()
        for peer in self.both:
            if any(m.peer is peer for m in room.members):
                room.external_join(peer=peer, resync=True)
                room.agree()
        return room

    def at_random(self, seed, creator, encrypt, members, steps):
        room = self.room(seed, creator, encrypt)
        while len(room.members) < members:
            room.add(count=min(3, members - len(room.members)))
        room.agree()
        for _ in range(steps):
            room.step(most=20)
        return room

    def continued(self, seed, creator, encrypt):
        room = self.room(seed, creator, encrypt)
        for joiner in self.both * 2:
            room.add(peer=joiner)
        for peer in self.both:
            maker = next(m for m in room.members if m.peer is peer)
            room.branch(maker).agree()
            room.agree()
        for new_id in (False, True):
            room.reinit(new_id=new_id)
            room.agree()
        room.commit()
        room.agree()
        return room


def run(scenarios, name, seed, act):
    try:
        room = act(seed)
    except (PeerError, AssertionError) as failure:
        print(f"FAILED {name}, seed {seed}: {failure}")
        print("    " + "\n    ".join(scenarios.current.log))
        return False
    print(f"ok {name}, seed {seed}: {len(room.members)} members at the end, "
          f"{room.refusals} known refusals")
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rooms", type=int, default=6, help="random rooms")
    parser.add_argument("--steps", type=int, default=12, help="epochs in each")
    arguments = parser.parse_args()
    node = find_node()
    install(arguments.folder)
    env = {**os.environ, "TS_MLS_DIR": str(arguments.folder.resolve())}
    ours = Peer([os.environ["MLS_PEER"]])
    theirs = Peer([*node, str(HERE / "ts_mls" / "ts_mls_peer.mjs")], env=env)
    scenarios = Scenarios(ours, theirs)
    results = []
    seed = arguments.seed
    for creator in (ours, theirs):
        for encrypt in (False, True):
            how = f"{creator.name} created, {'encrypted' if encrypt else 'public'} handshakes"
            results.append(run(scenarios, f"each role, {how}", seed,
                               lambda s: scenarios.each_role(s, creator, encrypt)))
            results.append(run(scenarios, f"reinit and branch, {how}", seed,
                               lambda s: scenarios.continued(s, creator, encrypt)))
    results.append(run(scenarios, "20 members, the most that the others reach", arguments.seed,
                       lambda s: scenarios.at_random(s, theirs, None, 20, 2)))
    for number in range(arguments.rooms):
        seed = arguments.seed + number
        creator = (ours, theirs)[number % 2]
        members = 2 + (number * 7) % 19
        results.append(run(scenarios, f"{members} members at random", seed,
                           lambda s: scenarios.at_random(s, creator, None, members,
                                                         arguments.steps)))
    for peer in (ours, theirs):
        peer.close()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
