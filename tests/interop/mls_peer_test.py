"""mls_peer against itself: two processes, every call of the interface, errors that change nothing.
   mls_peer_test.py [SEED]      MLS_PEER names the program."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from peers import Peer, PeerError, Room, text  # noqa: E402

CALLS = """Name SupportedCiphersuites CreateGroup CreateKeyPackage JoinGroup ExternalJoin GroupInfo
StateAuth Export Protect Unprotect StorePSK AddProposal UpdateProposal RemoveProposal
ExternalPSKProposal ResumptionPSKProposal GroupContextExtensionsProposal Commit HandleCommit
HandlePendingCommit ReInitProposal ReInitCommit HandlePendingReInitCommit HandleReInitCommit
ReInitWelcome HandleReInitWelcome CreateBranch HandleBranch NewMemberAddProposal
CreateExternalSigner AddExternalSigner ExternalSignerProposal Free""".split()
SEED = 1


class Both(unittest.TestCase):
    def setUp(self):
        self.peers = [Peer([os.environ["MLS_PEER"]]) for _ in range(2)]
        for peer in self.peers:
            self.addCleanup(peer.close)

    def room(self, members, seed=SEED, **options):
        room = Room(self.peers, seed, creator=self.peers[0], **options)
        for i in range(1, members):
            room.add(peer=self.peers[i % 2])
        room.agree()
        return room

    def refused(self, why, call, *args, **fields):
        with self.assertRaises(PeerError) as refusal:
            call(*args, **fields)
        self.assertIn(why, str(refusal.exception))


class TheInterface(Both):
    def test_has_all_34_calls(self):
        self.assertEqual(len(CALLS), 34)
        for name in CALLS:
            answer = self.peers[0].raw('{"rpc":"%s"}' % name)
            self.assertFalse("no such call" in answer.get("error", ""), name)

    def test_answers_what_is_not_a_request(self):
        for line in ["x", "[]", "{}", '{"rpc":3}', '{"rpc":"Nothing"}', '{"rpc":"Free","req":7}',
                     '{"rpc":"CreateGroup","req":{"group_id":"zz","cipher_suite":3}}',
                     '{"rpc":"CreateGroup","req":{"group_id":"00","cipher_suite":-3}}',
                     '{"rpc":"Free","req":{"state_id":4294967297}}',
                     '{"rpc":"Commit","req":{"state_id":1,"by_value":[1]}}']:
            answer = self.peers[0].raw(line)
            self.assertFalse(answer["ok"], line)
            self.assertRegex(answer["error"], "^k[A-Z][A-Za-z]+: ")

    def test_names_itself_and_its_suite(self):
        self.assertEqual(self.peers[0].call("Name"), {"name": "renkei"})
        self.assertEqual(self.peers[0].call("SupportedCiphersuites"), {"ciphersuites": [3]})
        self.refused("kUnsupported", self.peers[0].call, "CreateKeyPackage", cipher_suite=1)

    def test_numbers_may_come_as_text_as_64_bit_ones_do(self):
        made = self.peers[0].call("CreateGroup", group_id="aa", cipher_suite="3", identity="bb")
        self.peers[0].call("StateAuth", state_id=str(made["state_id"]))
        one_more = made["state_id"] + 2**32
        self.refused("too large", self.peers[0].call, "StateAuth", state_id=one_more)

    def test_key_packages_come_with_their_private_keys(self):
        made = self.peers[0].call("CreateKeyPackage", cipher_suite=3, identity=text("a"))
        for field in ("init_priv", "encryption_priv", "signature_priv"):
            self.assertEqual(len(made[field]), 64)
        self.assertIn(text("a"), made["key_package"])

    def test_exports_within_bounds_only(self):
        room = self.room(1)
        member = room.members[0]
        self.assertEqual(len(member.call("Export", label="x", key_length=8160)["exported_secret"]),
                         2 * 8160)
        for length in (0, 8161, 4000000000):
            self.refused("kTooLarge", member.call, "Export", label="x", key_length=length)

    def test_free_forgets_a_state(self):
        member = self.room(1).members[0]
        member.call("Free")
        self.refused("kNotFound", member.call, "StateAuth")
        self.refused("kNotFound", member.call, "Free")


class Groups(Both):
    def test_trees_travel_inside_or_beside(self):
        room = self.room(2)
        info = room.members[0].call("GroupInfo", external_tree=False)
        self.assertNotIn("ratchet_tree", info)
        beside = room.members[0].call("GroupInfo", external_tree=True)
        self.assertLess(len(beside["group_info"]), len(info["group_info"]))
        self.refused("kNotFound", self.peers[0].call, "ExternalJoin",
                     group_info=beside["group_info"], identity=text("c"))
        self.peers[0].call("ExternalJoin", identity=text("c"), **beside)

    def test_proposals_by_reference_of_every_kind(self):
        for encrypt in (False, True):
            room = self.room(4, encrypt=encrypt)
            committer, updater, adder, goner = room.members
            waiting = [room.new_key_package()]
            psk = room.share_psk(waiting)
            proposals = [
                updater.call("UpdateProposal"),
                adder.call("AddProposal", key_package=waiting[0][3]),
                adder.call("RemoveProposal", removed_id=goner.identity),
                updater.call("ExternalPSKProposal", psk_id=psk),
                updater.call("GroupContextExtensionsProposal", extensions=[
                    {"extension_type": 3, "extension_data": "000000"}]),
            ]
            proposals = [p["proposal"] for p in proposals]
            answer = committer.call("Commit", by_reference=proposals)
            room.finish_commit(committer, answer, proposals, [goner], waiting)
            room.agree()
            self.assertEqual(len(room.members), 4)

    def test_resumption_psk_of_an_earlier_epoch(self):
        room = self.room(3)  # the third came in epoch 2
        by_reference = room.members[0].call("ResumptionPSKProposal", epoch_id=2)["proposal"]
        answer = room.members[1].call("Commit", by_reference=[by_reference], by_value=[
            {"proposal_type": text("resumptionPSK"), "epoch_id": "2"}])
        room.finish_commit(room.members[1], answer, [by_reference])
        room.agree()
        self.refused("kNotFound", room.members[2].call, "Commit", by_value=[
            {"proposal_type": text("resumptionPSK"), "epoch_id": 1}])

    def test_path_is_left_out_unless_forced(self):
        room = self.room(2)
        psk = room.share_psk()
        sizes = [len(room.members[0].call("Commit", force_path=force, by_value=[
            {"proposal_type": text("externalPSK"), "psk_id": psk}])["commit"])
            for force in (False, True)]
        self.assertLess(sizes[0] + 200, sizes[1])

    def test_external_joiners_and_resync(self):
        room = self.room(3)
        room.external_join(peer=self.peers[1], resync=False)
        room.agree()
        room.external_join(peer=self.peers[1], resync=True)
        room.agree()
        self.assertEqual(len(room.members), 4)

    def test_newcomers_propose_themselves(self):
        room = self.room(2)
        room.new_member_proposal(peer=self.peers[1])
        room.agree()
        self.assertEqual(len(room.members), 3)

    def test_removed_members_are_told_and_can_only_free(self):
        room = self.room(3)
        gone = room.members[2]
        answer = room.members[0].call("Commit", by_value=[
            {"proposal_type": "remove", "removed_id": gone.identity}])
        self.assertEqual(gone.call("HandleCommit", commit=answer["commit"]),
                         {"state_id": gone.id})
        self.refused("removed from the group", gone.call, "StateAuth")
        gone.call("Free")

    def test_reinit_with_and_without_the_same_id_and_extensions(self):
        for seed in range(SEED, SEED + 6):
            room = self.room(3, seed)
            for _ in range(2):
                room.reinit()
                room.agree()

    def test_branches_leave_the_path_out_unless_forced(self):
        room = self.room(2)
        sizes = []
        for force in (False, True):
            package = self.peers[1].call("CreateKeyPackage", cipher_suite=3,
                                         identity=room.members[1].identity)["key_package"]
            made = room.members[0].call("CreateBranch", group_id="aa", key_packages=[package],
                                        external_tree=True, force_path=force)
            sizes.append(len(made["welcome"]))
        self.assertLess(sizes[0] + 60, sizes[1])  # the path secret, 32 bytes and their length

    def test_reinit_and_branch(self):
        room = self.room(4)
        branch = room.branch(room.members[1])
        branch.agree()
        room.agree()
        room.reinit()
        room.agree()
        room.commit()
        room.agree()


class ExternalSigners(Both):
    def setUp(self):
        super().setUp()
        self.group = self.room(3)
        self.signers = []
        for peer in self.peers:
            made = peer.call("CreateExternalSigner", cipher_suite=3, identity=text("signer"))
            self.signers.append((peer, made["signer_id"]))
            self.commit(self.group.members[0].call(
                "AddExternalSigner", external_sender=made["external_sender"])["proposal"])

    def commit(self, proposal, removed=(), waiting=()):
        committer = self.group.members[1]
        answer = committer.call("Commit", by_reference=[proposal])
        self.group.finish_commit(committer, answer, [proposal], removed, waiting)
        self.group.agree()

    def propose(self, index, by=None, **description):
        peer, signer = self.signers[index if by is None else by]
        info = self.group.members[0].call("GroupInfo", external_tree=True)
        return peer.call("ExternalSignerProposal", signer_id=signer, signer_index=index,
                         description=description, **info)["proposal"]

    def test_propose_what_they_may(self):
        waiting = [self.group.new_key_package()]
        self.commit(self.propose(0, proposal_type=text("add"), key_package=waiting[0][3]),
                    waiting=waiting)
        gone = self.group.members[2]
        self.commit(self.propose(1, proposal_type=text("remove"), removed_id=gone.identity),
                    removed=[gone])
        psk = self.group.share_psk()
        self.commit(self.propose(1, proposal_type=text("externalPSK"), psk_id=psk))
        self.commit(self.propose(0, proposal_type=text("groupContextExtensions"), extensions=[]))

    def test_propose_reinit(self):
        proposal = self.propose(1, proposal_type=text("reinit"), group_id="abcd", cipher_suite=3)
        self.group.members[0].call("ReInitCommit", by_reference=[proposal])
        self.assertIn("key_package", self.group.members[0].call("HandlePendingReInitCommit"))

    def test_are_held_to_their_own_key(self):
        proposal = self.propose(0, by=1, proposal_type=text("externalPSK"), psk_id="aa")
        self.refused("kAuthFailed", self.group.members[0].call, "Commit", by_reference=[proposal])


class ErrorsChangeNothing(Both):
    def test_broken_messages_in_every_place(self):
        room = self.room(3)
        psk = room.share_psk()
        proposal = room.members[1].call("ExternalPSKProposal", psk_id=psk)["proposal"]
        answer = room.members[0].call("Commit", by_reference=[proposal])
        follower = room.members[2]
        good = answer["commit"]
        for at in range(0, len(good), 14):
            broken = good[:at] + ("1" if good[at] != "1" else "2") + good[at + 1:]
            with self.assertRaises(PeerError):
                follower.call("HandleCommit", proposal=[proposal], commit=broken)
        with self.assertRaises(PeerError):
            follower.call("HandleCommit", proposal=[proposal, proposal[:-2]], commit=good)
        room.finish_commit(room.members[0], answer, [proposal])
        room.agree()

    def test_failed_commits_leave_no_pending_one(self):
        room = self.room(2)
        self.refused("kNotFound", room.members[0].call, "Commit", by_value=[
            {"proposal_type": text("externalPSK"), "psk_id": "ee"}])
        self.refused("no commit is pending", room.members[0].call, "HandlePendingCommit")
        self.refused("kMalformed", room.members[0].call, "ReInitCommit")
        room.agree()

    def test_failed_joins_leave_the_key_package(self):
        room = self.room(1)
        waiting = room.new_key_package(self.peers[1])
        answer = room.members[0].call("Commit", by_value=[
            {"proposal_type": text("add"), "key_package": waiting[3]}])
        broken = answer["welcome"][:-2]
        with self.assertRaises(PeerError):
            self.peers[1].call("JoinGroup", transaction_id=waiting[2], welcome=broken)
        room.finish_commit(room.members[0], answer, [], waiting=[waiting])
        room.agree()
        self.refused("no such transaction", self.peers[1].call, "JoinGroup",
                     transaction_id=waiting[2], welcome=answer["welcome"])


class AtRandom(Both):
    def test_everybody_agrees_in_every_epoch(self):
        for seed in range(SEED, SEED + 3):
            room = self.room(2, seed)
            try:
                for _ in range(12):
                    room.step(most=8)
            except (PeerError, AssertionError) as failure:
                raise AssertionError(f"seed {seed}: {failure}; " + "; ".join(room.log)) from failure


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEED = int(sys.argv.pop(1))
    unittest.main()
