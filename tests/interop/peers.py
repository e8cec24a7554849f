"""Clients of the MLS working group's test interface, as processes that speak it in JSON lines.

`Peer` is one process, `Room` a group whose members live in several of them: it does operations at
random, and after every epoch compares what all members have. A seed decides everything on this
side; it is printed when something fails.
"""
import json
import random
import subprocess


class PeerError(Exception):
    """The peer answered that the call failed."""


class Peer:
    # What a program has no call for, or does against RFC 9420, so that no other can follow.
    # ts-mls 2.0.0-rc.10: as a committer it leaves the path out beside a single Update or Remove
    # and beside GroupContextExtensions (§12.4), and with a path seals to added members and to the
    # keys that Updates replace (§7.6): "any_commit". A member that a commit removes tries to open
    # its path and fails: "follow_own_removal". It finds required_capabilities of a ReInit and of its
    # successor never equal: "reinit_extensions". A joiner wants all non-blank nodes above an unmerged
    # leaf, up to the root, to list the same leaves (§7.9.2 asks only that those below the node that
    # lists it do too), and refuses other trees: KNOWN_REFUSAL.
    LACKS = {
        "renkei": set(),
        "ts-mls": {"update", "external_psk", "any_commit", "follow_own_removal",
                   "reinit_extensions"},
    }
    KNOWN_REFUSAL = {
        "ts-mls": "non-blank intermediate node must list leaf node in its unmerged_leaves",
    }

    def __init__(self, command, env=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=env)
        self.name = self.call("Name")["name"]

    def raw(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"{self.process.args[0]} ended")
        return json.loads(answer)

    def call(self, rpc, **fields):
        answer = self.raw(json.dumps({"rpc": rpc, "req": fields}))
        if not answer["ok"]:
            raise PeerError(f"{rpc}: {answer['error']}")
        return answer["resp"]

    def can(self, what):
        return what not in self.LACKS.get(self.name, set())

    def is_known(self, failure):
        return self.name in self.KNOWN_REFUSAL and self.KNOWN_REFUSAL[self.name] in str(failure)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def text(word):
    return word.encode().hex()


class Member:
    def __init__(self, peer, identity, state_id):
        self.peer, self.identity, self.id = peer, identity, state_id

    def call(self, rpc, **fields):
        return self.peer.call(rpc, state_id=self.id, **fields)

    def __repr__(self):
        return f"{bytes.fromhex(self.identity).decode()}@{self.peer.name}"


class Room:
    """A group; `members` are those in it now."""

    def __init__(self, peers, seed, creator=None, encrypt=None):
        self.random = random.Random(seed)
        self.peers = peers
        self.encrypt = self.random.random() < 0.5 if encrypt is None else encrypt
        self.names = 0
        self.refusals = 0  # known ones, see Peer
        self.log = []
        self.group_id = self.bytes(16)
        peer = creator or self.random.choice(peers)
        identity = self.new_name()
        state = peer.call("CreateGroup", group_id=self.group_id, cipher_suite=3,
                          encrypt_handshake=self.encrypt, identity=identity)["state_id"]
        self.members = [Member(peer, identity, state)]

    # --- small things ---------------------------------------------------------------------------

    def bytes(self, count):
        return self.random.randbytes(count).hex()

    def chance(self, probability):
        return self.random.random() < probability

    def decide(self, given):
        """What was given, else a coin."""
        return self.chance(0.5) if given is None else given

    def new_name(self):
        self.names += 1
        return text(f"member {self.names}")

    def note(self, *what):
        self.log.append(" ".join(str(one) for one in what))

    def share_psk(self, waiting=()):
        psk_id, secret = self.bytes(8), self.bytes(32)
        places = [(m.peer, m.id) for m in self.members]
        places += [(peer, transaction) for peer, _, transaction, _ in waiting]
        for peer, place in places:
            peer.call("StorePSK", state_or_transaction_id=place, psk_id=psk_id, psk_secret=secret)
        return psk_id

    def new_key_package(self, peer=None):
        peer = peer or self.random.choice(self.peers)
        identity = self.new_name()
        made = peer.call("CreateKeyPackage", cipher_suite=3, identity=identity)
        return peer, identity, made["transaction_id"], made["key_package"]

    # --- what every epoch must give --------------------------------------------------------------

    def agree(self):
        label, context = f"label {self.random.random()}", self.bytes(self.random.randrange(40))
        length = self.random.randrange(1, 200)
        views = {}
        for member in self.members:
            auth = member.call("StateAuth")["state_auth_secret"]
            secret = member.call("Export", label=label, context=context, key_length=length)
            view = auth, secret["exported_secret"]
            assert len(auth) == 64 and len(view[1]) == 2 * length
            views.setdefault(view, []).append(member)
        assert len(views) == 1, f"members disagree: {list(views.values())}"
        for _ in range(2):
            self.chat()

    def chat(self):
        sender = self.random.choice(self.members)
        sent = [(self.bytes(self.random.randrange(300)), self.bytes(self.random.randrange(30)))
                for _ in range(self.random.randrange(1, 4))]
        boxes = [sender.call("Protect", plaintext=p, authenticated_data=a)["ciphertext"]
                 for p, a in sent]
        for member in self.members:
            if member is sender:
                continue
            order = list(range(len(boxes)))
            self.random.shuffle(order)  # late messages open too
            for i in order:
                opened = member.call("Unprotect", ciphertext=boxes[i])
                got = opened.get("plaintext", ""), opened.get("authenticated_data", "")
                assert got == sent[i], f"{member} read something else than {sender} wrote"

    # --- moving on -------------------------------------------------------------------------------

    def finish_commit(self, committer, answer, proposals, removed=(), waiting=(), beside=False):
        """Everybody follows the commit, whoever was added joins."""
        handled = committer.call("HandlePendingCommit")
        committer.id = handled["state_id"]
        for member in self.members:
            if member is committer:
                continue
            if member in removed and not member.peer.can("follow_own_removal"):
                continue
            got = member.call("HandleCommit", proposal=proposals, commit=answer["commit"])
            if member in removed:
                assert not got.get("epoch_authenticator")
                continue
            assert got["epoch_authenticator"] == handled["epoch_authenticator"], f"{member}"
            member.id = got["state_id"]
        for member in removed:
            member.peer.call("Free", state_id=member.id)
        self.members = [m for m in self.members if m not in removed]
        ghosts = []
        for peer, identity, transaction, _ in waiting:
            request = {"ratchet_tree": answer["ratchet_tree"]} if beside else {}
            try:
                got = peer.call("JoinGroup", transaction_id=transaction, welcome=answer["welcome"],
                                encrypt_handshake=self.encrypt, identity=identity, **request)
            except PeerError as failure:
                if not peer.is_known(failure):
                    raise
                ghosts.append(identity)
                continue
            assert got["epoch_authenticator"] == handled["epoch_authenticator"], f"{identity}"
            self.members.append(Member(peer, identity, got["state_id"]))
        if ghosts:
            self.take_out(ghosts)

    def take_out(self, ghosts):
        """Removes who was added and did not come."""
        self.refusals += len(ghosts)
        self.note("did not come:", ghosts)
        committer = next(m for m in self.members if m.peer.can("any_commit"))
        answer = committer.call("Commit", by_value=[
            {"proposal_type": text("remove"), "removed_id": identity} for identity in ghosts])
        self.finish_commit(committer, answer, [])

    def add(self, count=1, peer=None):
        """Grows the group by one commit."""
        waiting = [self.new_key_package(peer) for _ in range(count)]
        committer = self.random.choice(self.members)
        answer = committer.call("Commit", by_value=[
            {"proposal_type": text("add"), "key_package": w[3]} for w in waiting])
        self.finish_commit(committer, answer, [], waiting=waiting)

    def random_proposals(self, committer, most):
        """[(proposer or None for by value, description)], whom they remove, whom they add."""
        wanted, removed, waiting, updated = [], [], [], []
        others = [m for m in self.members if m is not committer]
        kinds = ["add", "add", "remove", "externalPSK", "update"]
        if not committer.peer.can("any_commit"):
            kinds = ["add", "externalPSK"]
            if len(others) > 3 and self.chance(0.4):
                removed = self.random.sample(self.removable(others), 2)
                return [(None, {"proposal_type": "remove", "removed_id": m.identity})
                        for m in removed], removed, []
        for _ in range(self.random.randrange(0, 5)):
            proposer = self.random.choice(self.members) if self.chance(0.5) else None
            kind = self.random.choice(kinds)
            if kind == "add" and len(self.members) + len(waiting) < most:
                waiting.append(self.new_key_package())
                wanted.append((proposer, {"proposal_type": "add", "key_package": waiting[-1][3]}))
            elif kind == "remove":
                rest = [m for m in self.removable(others)
                        if m not in removed + updated and m is not proposer]
                if len(rest) > 1 and not (proposer and proposer in removed):
                    removed.append(self.random.choice(rest))
                    wanted.append((proposer, {"proposal_type": "remove",
                                              "removed_id": removed[-1].identity}))
            elif kind == "externalPSK":
                wanted.append((proposer, {"proposal_type": "externalPSK"}))
            elif kind == "update":
                rest = [m for m in others if m.peer.can("update") and m not in removed + updated]
                if rest:
                    updated.append(self.random.choice(rest))
                    wanted.append((updated[-1], {"proposal_type": "update"}))
        return wanted, removed, waiting

    def removable(self, members):
        """All but one who can make any commit."""
        keep = next(m for m in self.members if m.peer.can("any_commit"))
        return [m for m in members if m is not keep]

    def propose(self, proposer, description):
        kind = description["proposal_type"]
        fields = {k: v for k, v in description.items() if k != "proposal_type"}
        rpc = {"add": "AddProposal", "remove": "RemoveProposal", "update": "UpdateProposal",
               "externalPSK": "ExternalPSKProposal",
               "groupContextExtensions": "GroupContextExtensionsProposal"}[kind]
        return proposer.call(rpc, **fields)["proposal"]

    def commit(self, most=20, committer=None):
        """A commit of anything, by reference and by value, with others following."""
        committer = committer or self.random.choice(self.members)
        wanted, removed, waiting = self.random_proposals(committer, most)
        proposals, by_value = [], []
        for proposer, description in wanted:
            if description["proposal_type"] == "externalPSK":
                description = {**description, "psk_id": self.share_psk(waiting)}
            if proposer is None:
                by_value.append({**description, "proposal_type": text(
                    description["proposal_type"])})
            else:
                proposals.append(self.propose(proposer, description))
        if self.chance(0.1) and committer.peer.can("any_commit"):
            by_value.append({"proposal_type": text("groupContextExtensions"),
                             "extensions": self.random_extensions()})
        beside = self.chance(0.3)
        self.note(committer, "commits", [(str(p), d["proposal_type"]) for p, d in wanted])
        answer = committer.call("Commit", by_reference=proposals, by_value=by_value,
                                force_path=self.chance(0.5), external_tree=beside)
        self.finish_commit(committer, answer, proposals, removed, waiting, beside)

    def random_extensions(self):
        # required_capabilities: nothing, or basic credentials (type 1)
        return [{"extension_type": 3,
                 "extension_data": self.random.choice(["000000", "0000020001"])}]

    def external_join(self, peer=None, resync=None, beside=None, with_psk=None):
        host = self.random.choice(self.members)
        beside = self.chance(0.3) if beside is None else beside
        info = host.call("GroupInfo", external_tree=beside)
        old = None
        if resync if resync is not None else (self.chance(0.4) and len(self.members) > 2):
            old = self.random.choice(
                [m for m in self.members if peer is None or m.peer is peer] or [None])
        peer = old.peer if old else peer or self.random.choice(self.peers)
        identity = old.identity if old else self.new_name()
        psks = []
        if peer.can("external_psk") and (self.chance(0.3) if with_psk is None else with_psk):
            psk_id, secret = self.bytes(8), self.bytes(32)
            for member in self.members:
                member.peer.call("StorePSK", state_or_transaction_id=member.id, psk_id=psk_id,
                                 psk_secret=secret)
            psks = [{"psk_id": psk_id, "psk_secret": secret}]
        request = {"ratchet_tree": info["ratchet_tree"]} if beside else {}
        self.note(f"{peer.name} joins from outside", "resync" if old else "", psks)
        try:
            got = peer.call("ExternalJoin", group_info=info["group_info"], identity=identity,
                            encrypt_handshake=self.encrypt, remove_prior=old is not None,
                            psks=psks, **request)
        except PeerError as failure:
            if not peer.is_known(failure):
                raise
            self.refusals += 1
            return
        for member in self.members:
            if member is old and not member.peer.can("follow_own_removal"):
                continue
            handled = member.call("HandleCommit", commit=got["commit"])
            if member is not old:
                assert handled["epoch_authenticator"] == got["epoch_authenticator"], f"{member}"
                member.id = handled["state_id"]
        self.members = [m for m in self.members if m is not old]
        self.members.append(Member(peer, identity, got["state_id"]))

    def new_member_proposal(self, peer=None):
        """Somebody outside asks to be added; a member commits it."""
        peer = peer or self.random.choice(self.peers)
        committer = self.random.choice(self.members)
        identity = self.new_name()
        info = committer.call("GroupInfo")["group_info"]
        asked = peer.call("NewMemberAddProposal", group_info=info, identity=identity)
        answer = committer.call("Commit", by_reference=[asked["proposal"]])
        waiting = [(peer, identity, asked["transaction_id"], None)]
        self.finish_commit(committer, answer, [asked["proposal"]], waiting=waiting)

    def reinit(self, roles=None, proposal=None, new_id=None, extensions=None, beside=None,
               force_path=None):
        """What is not given is left to chance; `proposal`: somebody else's than a member's."""
        proposer, committer, welcomer = roles or [self.random.choice(self.members)
                                                  for _ in range(3)]
        if self.decide(new_id):  # §11.2 lets the successor keep the id
            self.group_id = self.bytes(16)
        if extensions is None:
            may = all(m.peer.can("reinit_extensions") for m in self.members)
            extensions = self.random_extensions() if may and self.chance(0.5) else []
        self.note("reinit:", proposer, "proposes,", committer, "commits,", welcomer, "welcomes",
                  self.group_id, extensions)
        proposal = proposal or proposer.call(
            "ReInitProposal", cipher_suite=3, group_id=self.group_id,
            extensions=extensions)["proposal"]
        commit = committer.call("ReInitCommit", by_reference=[proposal])["commit"]
        old = {committer: committer.call("HandlePendingReInitCommit")}
        for member in self.members:
            if member is not committer:
                old[member] = member.call("HandleReInitCommit", proposal=[proposal], commit=commit)
            assert old[member]["epoch_authenticator"] == old[committer]["epoch_authenticator"]
        beside = self.decide(beside)
        made = welcomer.peer.call(
            "ReInitWelcome", reinit_id=old[welcomer]["reinit_id"], external_tree=beside,
            force_path=self.decide(force_path),
            key_package=[old[m]["key_package"] for m in self.members if m is not welcomer])
        for member in self.members:
            if member is welcomer:
                member.id = made["state_id"]
                continue
            request = {"ratchet_tree": made["ratchet_tree"]} if "ratchet_tree" in made else {}
            got = member.peer.call("HandleReInitWelcome", reinit_id=old[member]["reinit_id"],
                                   welcome=made["welcome"], **request)
            assert got["epoch_authenticator"] == made["epoch_authenticator"], f"{member}"
            member.id = got["state_id"]

    def branch(self, maker=None, others=None, extensions=(), beside=None, force_path=None):
        """A group of some of the members; this one goes on. Returns the new room."""
        maker = maker or self.random.choice(self.members)
        if others is None:
            others = [m for m in self.members if m is not maker and self.chance(0.7)]
        packages = {m: m.peer.call("CreateKeyPackage", cipher_suite=3, identity=m.identity)
                    for m in others}
        made = maker.call("CreateBranch", group_id=self.bytes(16), extensions=list(extensions),
                          key_packages=[p["key_package"] for p in packages.values()],
                          external_tree=self.decide(beside),
                          force_path=self.decide(force_path))
        room = Room.__new__(Room)
        room.__dict__.update(self.__dict__)
        room.members = [Member(maker.peer, maker.identity, made["state_id"])]
        for member in others:
            request = {"ratchet_tree": made["ratchet_tree"]} if "ratchet_tree" in made else {}
            got = member.call("HandleBranch", transaction_id=packages[member]["transaction_id"],
                              welcome=made["welcome"], **request)
            assert got["epoch_authenticator"] == made["epoch_authenticator"], f"{member}"
            room.members.append(Member(member.peer, member.identity, got["state_id"]))
        return room

    def step(self, most=20):
        roll = self.random.random()
        if roll < 0.15 and len(self.members) < most:
            self.external_join()
        elif roll < 0.22 and len(self.members) < most:
            self.new_member_proposal()
        else:
            self.commit(most)
        self.agree()
