"""What the working group's interop runner plays (mlswg/mls-implementations, interop/configs), in words of
our own: each scenario with public and with encrypted handshakes, between two mls_peer processes.
   scripts_test.py [SEED]      MLS_PEER names the program."""
import sys
import unittest

from mls_peer_test import Both
from peers import Room, text

SEED = 1
EXTENSIONS = [{"extension_type": 3, "extension_data": "0000020001"}]  # requires basic credentials


class Script(Both):
    def each_way(self, act, members):
        """Both kinds of handshake, and each process once as the creator."""
        for encrypt in (False, True):
            for creator in self.peers:
                with self.subTest(encrypt=encrypt, creator=self.peers.index(creator)):
                    self.room = Room(self.peers, SEED, creator=creator, encrypt=encrypt)
                    if members > 1:
                        self.room.add(members - 1)
                    act(self.room, *self.room.members)
                    self.room.agree()

    def commit(self, committer, references=(), by_value=(), waiting=(), removed=(), **options):
        answer = committer.call("Commit", by_reference=list(references), by_value=list(by_value),
                                **options)
        self.room.finish_commit(committer, answer, list(references), list(removed), list(waiting),
                                options.get("external_tree", False))
        self.room.agree()

    def propose(self, proposer, kind, **fields):
        return self.room.propose(proposer, {"proposal_type": kind, **fields})


def add(waiting):
    return {"proposal_type": text("add"), "key_package": waiting[3]}


class Application(Script):
    def send(self, sender, *words):
        return [(text(w), sender.call("Protect", plaintext=text(w), authenticated_data=text(w * 2)))
                for w in words]

    def read(self, reader, sent):
        for words, box in sent:
            opened = reader.call("Unprotect", ciphertext=box["ciphertext"])
            self.assertEqual(opened["plaintext"], words)
            self.assertEqual(opened["authenticated_data"], 2 * words)

    def test_in_any_order_within_an_epoch(self):
        def act(_, alice, bob):
            sent = self.send(alice, "one", "two", "three")
            self.read(bob, sent)
            self.read(bob, reversed(self.send(alice, "one", "two", "three")))
        self.each_way(act, 2)

    def test_late_after_their_epoch_is_over(self):
        def act(_, alice, bob):
            first = self.send(alice, "one", "two")
            self.commit(alice)
            second = self.send(alice, "three", "four")
            self.read(bob, reversed(second))
            self.read(bob, reversed(first))
            self.refused("kNotFound", bob.call, "Unprotect", ciphertext=first[0][1]["ciphertext"])
        self.each_way(act, 2)

    def test_too_late_some_epochs_later(self):
        def act(_, alice, bob):
            sent = self.send(alice, "one", "two")
            for _ in range(4):
                self.commit(alice)
            self.read(bob, sent[:1])
            self.commit(alice)
            self.refused("kStaleEpoch", bob.call, "Unprotect", ciphertext=sent[1][1]["ciphertext"])
        self.each_way(act, 2)


class Commits(Script):
    def test_empty(self):
        self.each_way(lambda _, alice, bob: self.commit(alice), 2)

    def test_add_and_remove_by_reference_and_by_value(self):
        def act(room, alice, bob):
            for _ in range(2):
                coming = [room.new_key_package() for _ in range(3)]
                references = [self.propose(who, "add", key_package=one[3])
                              for who, one in zip((alice, bob), coming)]
                self.commit(alice, references, [add(coming[2])], coming)
            going = room.members[2:5]
            references = [self.propose(who, "remove", removed_id=one.identity)
                          for who, one in zip((alice, bob), going)]
            self.commit(alice, references, [{"proposal_type": text("remove"),
                                             "removed_id": going[2].identity}], removed=going)
            self.assertEqual(len(room.members), 5)
        self.each_way(act, 2)

    def test_update(self):
        self.each_way(lambda _, alice, bob: self.commit(alice, [self.propose(bob, "update")]), 2)

    def test_group_context_extensions(self):
        def act(_, alice, bob):
            for who, wanted in ((alice, EXTENSIONS), (bob, [])):
                self.commit(alice, [self.propose(who, "groupContextExtensions",
                                                 extensions=wanted)])
            self.commit(alice, by_value=[{"proposal_type": text("groupContextExtensions"),
                                          "extensions": EXTENSIONS}])
        self.each_way(act, 2)

    def test_external_psks(self):
        def act(room, alice, bob):
            psks = [room.share_psk() for _ in range(3)]
            for force_path in (True, False):
                references = [self.propose(who, "externalPSK", psk_id=psk)
                              for who, psk in zip((alice, bob), psks)]
                self.commit(alice, references, [{"proposal_type": text("externalPSK"),
                                                 "psk_id": psks[2]}], force_path=force_path)
        self.each_way(act, 2)

    def test_resumption_psks(self):
        def act(_, alice, bob):
            self.commit(alice)
            self.commit(alice)
            for first in (1, 2):
                references = [who.call("ResumptionPSKProposal", epoch_id=first + i)["proposal"]
                              for i, who in enumerate((alice, bob))]
                self.commit(alice, references, [{"proposal_type": text("resumptionPSK"),
                                                 "epoch_id": first + 2}], force_path=True)
        self.each_way(act, 2)

    def test_everything_at_once(self):
        def act(room, alice, bob, carol, dave):
            for proposer in (alice, bob):
                coming = [room.new_key_package() for _ in range(2)]
                psks = [room.share_psk(coming) for _ in range(2)]
                going = [carol, dave] if proposer is alice else room.members[2:4]
                references = [
                    self.propose(proposer, "add", key_package=coming[0][3]),
                    self.propose(proposer, "remove", removed_id=going[0].identity),
                    self.propose(proposer, "groupContextExtensions", extensions=EXTENSIONS),
                    self.propose(proposer, "externalPSK", psk_id=psks[0])]
                if proposer is bob:
                    references.append(self.propose(bob, "update"))
                by_value = [add(coming[1]),
                            {"proposal_type": text("remove"), "removed_id": going[1].identity},
                            {"proposal_type": text("externalPSK"), "psk_id": psks[1]}]
                self.commit(alice, references, by_value, coming, going)
        self.each_way(act, 4)


class Joining(Script):
    def test_by_welcome(self):
        def act(room, alice):
            for options in ({}, {"force_path": True}, {"external_tree": True}):
                coming = [room.new_key_package()]
                reference = self.propose(alice, "add", key_package=coming[0][3])
                self.commit(alice, [reference], waiting=coming, **options)
            coming = [room.new_key_package()]
            references = [self.propose(alice, "add", key_package=coming[0][3]),
                          self.propose(alice, "externalPSK", psk_id=room.share_psk(coming))]
            self.commit(alice, references, waiting=coming)
        self.each_way(act, 1)

    def test_from_outside(self):
        def act(room, *_):
            for peer in self.peers:
                for beside in (False, True):
                    for with_psk in (False, True):
                        room.external_join(peer, False, beside, with_psk)
                        room.agree()
                room.external_join(peer, True)
                room.agree()
        self.each_way(act, 1)
        self.each_way(act, 4)

    def test_newcomer_proposes_itself(self):
        self.each_way(lambda room, *_: room.new_member_proposal(), 1)


class ExternalSenders(Script):
    def start(self, members, count):
        """Takes in `count` signers, by one commit each."""
        self.signers = []
        for i in range(count):
            peer = self.peers[i % 2]
            made = peer.call("CreateExternalSigner", cipher_suite=3, identity=text(f"signer {i}"))
            self.signers.append((peer, made["signer_id"]))
            self.commit(members[0], [members[0].call(
                "AddExternalSigner", external_sender=made["external_sender"])["proposal"]])

    def ask(self, member, index, kind, **fields):
        peer, signer = self.signers[index]
        info = member.call("GroupInfo", external_tree=True)
        return peer.call("ExternalSignerProposal", signer_id=signer, signer_index=index,
                         description={"proposal_type": text(kind), **fields}, **info)["proposal"]

    def test_proposals_of_each_kind(self):
        def act(room, alice, bob, carol):
            self.start([alice], 1)
            coming = [room.new_key_package()]
            self.commit(alice, [self.ask(alice, 0, "add", key_package=coming[0][3])],
                        waiting=coming)
            self.commit(alice, [self.ask(alice, 0, "remove", removed_id=bob.identity)],
                        removed=[bob])
            self.commit(alice, [self.ask(alice, 0, "externalPSK", psk_id=room.share_psk())])
            self.commit(alice, [self.ask(alice, 0, "resumptionPSK", epoch_id=3)])
            self.commit(alice, [self.ask(alice, 0, "groupContextExtensions",
                                         extensions=EXTENSIONS)])
        self.each_way(act, 3)

    def test_two_signers(self):
        def act(room, alice, *_):
            self.start([alice], 2)
            self.commit(alice, [self.ask(alice, i, "externalPSK", psk_id=room.share_psk())
                                for i in range(2)])
        self.each_way(act, 3)

    def test_reinit(self):
        def act(room, alice, bob, carol):
            self.start([alice], 1)
            proposal = self.ask(alice, 0, "reinit", group_id="abcdef", cipher_suite=3,
                                extensions=EXTENSIONS)
            room.reinit(roles=[None, alice, bob], proposal=proposal, new_id=False,
                        force_path=True)
        self.each_way(act, 3)


class Continuing(Script):
    def test_reinit(self):
        def act(room, *members):
            alice, bob, carol = members[:3]
            for roles in ([alice, bob, carol], [alice] * 3):
                for wanted in ({}, {"new_id": True}, {"extensions": EXTENSIONS},
                               {"beside": True}, {"force_path": True}):
                    room.reinit(roles=roles, **{"new_id": False, "extensions": [], "beside": False,
                                                "force_path": False, **wanted})
                    room.agree()
        self.each_way(act, 5)

    def test_branch(self):
        def act(room, alice, *others):
            for wanted in ({}, {"extensions": EXTENSIONS}, {"beside": True}, {"force_path": True}):
                branch = room.branch(alice, list(others), **{"beside": False, "force_path": False,
                                                             **wanted})
                branch.agree()
        self.each_way(act, 5)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEED = int(sys.argv.pop(1))
    unittest.main()
