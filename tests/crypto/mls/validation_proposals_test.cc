// Each rule of RFC 9420 §12.1 and §12.2 broken alone, in a message that is otherwise good.
#include "crypto/mls/validation_proposals.h"

#include <gtest/gtest.h>

#include "crypto/mls/limits.h"
#include "crypto/mls/message.h"
#include "crypto/mls/suite.h"
#include "tests/crypto/mls/support/frankenstein.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::World;

constexpr auto kPrivateExtension = static_cast<ExtensionType>(0xF123);

// Alice sends, Bob judges.
class Three {
 public:
  explicit Three(std::uint64_t seed)
      : world(seed),
        alice(world.Create("alice")),
        bob(world.Add(alice, {}, "bob")),
        carol(world.Add(alice, {&bob}, "carol")) {}

  Bytes GoodCommit(const CommitOptions& options = {}) {
    return alice.Commit(options, world.Env(), world.random).value().commit;
  }
  // An Update of Carol's that all have.
  ProposalRef UpdateOfCarol() {
    const auto sent = carol.ProposeUpdate(nullptr, {}, world.random);
    world.Deliver(sent->message, {&alice, &bob});
    return sent->ref;
  }
  // Why Bob refuses; his state must not change.
  std::string Refusal(const Bytes& message) {
    const SecretBytes before = bob.Serialize();
    const auto processed = bob.Process(message, world.Env());
    EXPECT_TRUE(Equal(bob.Serialize(), before));
    return processed.ok() ? "accepted" : processed.error().where();
  }

  World world;
  Group alice;
  Group bob;
  Group carol;
};

void Append(Commit& commit, Proposal proposal) {
  commit.proposals.push_back({std::move(proposal)});
}

PreSharedKey SharedPsk() {
  return {{ExternalPsk{ToBytes("psk")}, Bytes(32, 7)}};
}

struct BrokenList {
  const char* name;
  std::function<void(Three&, Commit&)> change;
  const char* refusal;
};

class CommitList : public testing::TestWithParam<BrokenList> {};

TEST_P(CommitList, BrokenInOnePlaceIsRefused) {
  Three three(61);
  three.world.psks.external[ToBytes("psk")] = Bytes(32, 1);
  const Bytes broken = test::RebuildCommit(
      three.alice, three.GoodCommit(), [&](Commit& commit) { GetParam().change(three, commit); });
  EXPECT_EQ(three.Refusal(broken), GetParam().refusal);
}

const BrokenList kBrokenLists[] = {
    {"RemoveOfCommitter",
     [](Three& t, Commit& c) { Append(c, {Remove{t.alice.own_leaf_index()}}); },
     "mls: committer removes itself"},
    {"RemoveOfBlankLeaf", [](Three&, Commit& c) { Append(c, {Remove{{3}}}); },
     "mls: remove of a blank leaf"},
    {"RemoveBeyondTheTree", [](Three&, Commit& c) { Append(c, {Remove{{4'000'000'000}}}); },
     "mls: remove of a blank leaf"},
    {"RemoveTwice",
     [](Three& t, Commit& c) {
       Append(c, {Remove{t.carol.own_leaf_index()}});
       Append(c, {Remove{t.carol.own_leaf_index()}});
     },
     "mls: two updates or removes of one leaf"},
    {"UpdateAndRemove",
     [](Three& t, Commit& c) {
       c.proposals.push_back({t.UpdateOfCarol()});
       Append(c, {Remove{t.carol.own_leaf_index()}});
     },
     "mls: two updates or removes of one leaf"},
    {"TwoUpdates",
     [](Three& t, Commit& c) {
       c.proposals.push_back({t.UpdateOfCarol()});
       c.proposals.push_back({t.UpdateOfCarol()});
     },
     "mls: two updates or removes of one leaf"},
    {"UpdateByValue", [](Three& t, Commit& c) { Append(c, {Update{*t.alice.Leaf(LeafIndex{0})}}); },
     "mls: committer commits its own update"},
    {"OwnUpdateByReference",
     [](Three& t, Commit& c) {
       const auto sent = t.alice.ProposeUpdate(nullptr, {}, t.world.random);
       t.world.Deliver(sent->message, {&t.bob});
       c.proposals.push_back({sent->ref});
     },
     "mls: committer commits its own update"},
    {"UnknownReference",
     [](Three&, Commit& c) { c.proposals.push_back({ProposalRef{Bytes(32, 1)}}); },
     "mls: commit refers to an unknown proposal"},
    {"SamePskTwice",
     [](Three&, Commit& c) {
       Append(c, {SharedPsk()});
       Append(c, {SharedPsk()});
     },
     "mls: psk twice in a commit"},
    {"PskNonceLength",
     [](Three&, Commit& c) {
       PreSharedKey psk = SharedPsk();
       psk.psk.psk_nonce.pop_back();
       Append(c, {psk});
     },
     "mls: psk nonce of a wrong length"},
    {"PskUsageReInit",
     [](Three& t, Commit& c) {
       const ResumptionPsk id{ResumptionPskUsage::kReInit, ToBytes(t.alice.group_id()), Epoch{1}};
       Append(c, {PreSharedKey{{id, Bytes(32)}}});
     },
     "mls: psk usage reinit or branch in a running group"},
    {"PskUsageBranch",
     [](Three& t, Commit& c) {
       const ResumptionPsk id{ResumptionPskUsage::kBranch, ToBytes(t.alice.group_id()), Epoch{1}};
       Append(c, {PreSharedKey{{id, Bytes(32)}}});
     },
     "mls: psk usage reinit or branch in a running group"},
    {"TwoGroupContextExtensions",
     [](Three&, Commit& c) {
       Append(c, {GroupContextExtensions{}});
       Append(c, {GroupContextExtensions{}});
     },
     "mls: group context extensions twice in a commit"},
    {"UnsupportedGroupContextExtension",
     [](Three&, Commit& c) {
       Append(c, {GroupContextExtensions{{{kPrivateExtension, {}}}}});
     },
     "mls: leaf does not support an extension of the group"},
    {"UnmetRequiredCapabilities",
     [](Three&, Commit& c) {
       Append(c, {GroupContextExtensions{
                     {MakeExtension(RequiredCapabilities{{kPrivateExtension}, {}, {}})}}});
     },
     "mls: leaf lacks a required capability"},
    {"UnreadableExternalSenders",
     [](Three&, Commit& c) {
       Append(c, {GroupContextExtensions{{{ExtensionType::kExternalSenders, {9}}}}});
     },
     "wire: input ends inside a field"},
    {"ReInitBesideAnother",
     [](Three& t, Commit& c) {
       Append(c, {ReInit{Bytes(32), ProtocolVersion::kMls10, kSuite, {}}});
       Append(c, {Remove{t.carol.own_leaf_index()}});
     },
     "mls: reinit beside other proposals"},
    {"ReInitToOlderVersion",
     [](Three&, Commit& c) {
       Append(c, {ReInit{Bytes(32), ProtocolVersion{0}, kSuite, {}}});
     },
     "mls: reinit to an older version"},
    {"ExternalInitByMember", [](Three&, Commit& c) { Append(c, {ExternalInit{Bytes(32)}}); },
     "mls: sender may not propose this"},
};

INSTANTIATE_TEST_SUITE_P(EachRule, CommitList, testing::ValuesIn(kBrokenLists),
                         [](const auto& broken) { return broken.param.name; });

TEST(CommitListBySender, CommitterMayNotMakeThemEither) {
  Three three(62);
  three.world.psks.external[ToBytes("psk")] = Bytes(32, 1);
  const auto refusal = [&](const CommitOptions& options) {
    const auto pending = three.alice.Commit(options, three.world.Env(), three.world.random);
    return pending.ok() ? std::string("made") : std::string(pending.error().where());
  };
  CommitOptions options;
  options.remove = {three.alice.own_leaf_index()};
  EXPECT_EQ(refusal(options), "mls: committer removes itself");
  options.remove = {three.bob.own_leaf_index(), three.bob.own_leaf_index()};
  EXPECT_EQ(refusal(options), "mls: two updates or removes of one leaf");
  options.remove = {{7}};
  EXPECT_EQ(refusal(options), "mls: remove of a blank leaf");
  options.remove.clear();
  options.psks = {SharedPsk().psk, SharedPsk().psk};
  EXPECT_EQ(refusal(options), "mls: psk twice in a commit");
  options.psks.clear();
  options.group_context_extensions = Extensions{{kPrivateExtension, {}}};
  EXPECT_EQ(refusal(options), "mls: leaf does not support an extension of the group");
}

// New extensions hold for the members that come and not for those that go (§12.1.7, §12.3).
TEST(CommitListBySender, NewExtensionsAreJudgedWithTheMembersOfTheNewEpoch) {
  World world(63);
  OwnLeaf wide = world.Leaf("alice");
  wide.capabilities.extensions = {kPrivateExtension};
  Group alice =
      Group::Create(wide, {world.random.NextBytes(32), {}, test::PlainLifetime()}, world.random)
          .value();
  const Group bob = world.Add(alice, {}, "bob");
  CommitOptions options;
  options.group_context_extensions = Extensions{{kPrivateExtension, {1}}};
  EXPECT_FALSE(alice.Commit(options, world.Env(), world.random).ok());
  options.add = {world.KeyPackageFor("narrow").message};
  options.remove = {bob.own_leaf_index()};
  EXPECT_FALSE(alice.Commit(options, world.Env(), world.random).ok());
  options.add.clear();
  EXPECT_TRUE(alice.Commit(options, world.Env(), world.random).ok());
}

// --- one proposal, as a message
// -------------------------------------------------------------------

TEST(UpdateRules, EncryptionKeyMustChange) {
  Three three(64);
  const auto sent = three.alice.ProposeUpdate(nullptr, {}, three.world.random);
  const OwnLeaf key = three.world.Leaf("unused");
  const Bytes broken = test::RebuildPublic(three.alice, sent->message, [&](FramedContent& content) {
    auto& update = std::get<Update>(std::get<Proposal>(content.content).value);
    update.leaf_node.encryption_key = three.alice.Leaf(LeafIndex{0})->encryption_key;
    update.leaf_node.signature_key = ToBytes(key.signing_key.public_key());
    test::Resign(update.leaf_node, key.signing_key, three.alice.group_id(), {0});
  });
  EXPECT_EQ(three.Refusal(broken), "mls: update keeps the encryption key");
}

TEST(UpdateRules, SourceMustBeUpdate) {
  Three three(65);
  const auto sent = three.alice.ProposeUpdate(nullptr, {}, three.world.random);
  const Bytes broken = test::RebuildPublic(three.alice, sent->message, [](FramedContent& content) {
    auto& update = std::get<Update>(std::get<Proposal>(content.content).value);
    update.leaf_node.source_data = CommitSource{};
  });
  EXPECT_EQ(three.Refusal(broken), "mls: leaf node source does not fit");
}

TEST(UpdateRules, LeafOfAnotherPlaceIsRefused) {
  Three three(66);
  const auto sent = three.alice.ProposeUpdate(nullptr, {}, three.world.random);
  const OwnLeaf key = three.world.Leaf("alice");
  const Bytes broken = test::RebuildPublic(three.alice, sent->message, [&](FramedContent& content) {
    auto& update = std::get<Update>(std::get<Proposal>(content.content).value);
    update.leaf_node.signature_key = ToBytes(key.signing_key.public_key());
    test::Resign(update.leaf_node, key.signing_key, three.alice.group_id(), {1});
  });
  EXPECT_EQ(three.Refusal(broken), "authentication failed");
}

TEST(UpdateRules, KeyOfAnotherMemberIsRefusedInTheCommit) {
  Three three(67);
  const OwnLeaf leaf = three.world.Leaf("carol");
  const auto sent = three.carol.ProposeUpdate(&leaf, {}, three.world.random);
  const Bytes broken = test::RebuildPublic(three.carol, sent->message, [&](FramedContent& content) {
    auto& update = std::get<Update>(std::get<Proposal>(content.content).value);
    update.leaf_node.encryption_key = three.bob.Leaf(LeafIndex{1})->encryption_key;
    test::Resign(update.leaf_node, leaf.signing_key, three.carol.group_id(), {2});
  });
  three.world.Deliver(broken, {&three.alice, &three.bob});
  CommitOptions options;
  options.references = {three.alice.Proposals().at(0).ref};
  EXPECT_STREQ(three.alice.Commit(options, three.world.Env(), three.world.random).error().where(),
               "mls: two nodes with the same encryption key");
}

TEST(UpdateRules, ContentsAreJudged) {
  Three three(70);
  const OwnLeaf leaf = three.world.Leaf("alice");
  const auto sent = three.alice.ProposeUpdate(&leaf, {}, three.world.random);
  const Bytes broken = test::RebuildPublic(three.alice, sent->message, [&](FramedContent& content) {
    auto& update = std::get<Update>(std::get<Proposal>(content.content).value);
    update.leaf_node.capabilities.versions.clear();
    test::Resign(update.leaf_node, leaf.signing_key, three.alice.group_id(), {0});
  });
  EXPECT_EQ(three.Refusal(broken), "mls: leaf does not speak the group's version or suite");
}

TEST(UpdateRules, OnlyMembersUpdateThemselves) {
  World world(71);
  const RatchetTree tree = test::MakeTree(2, world.random);
  const Update update{*tree.Leaf({0})};
  for (const Sender& sender : {Sender{ExternalSenderIndex{0}}, Sender{MemberSender{{9}}}}) {
    EXPECT_STREQ(CheckUpdate(update, sender, tree, {}, world.Env()).error().where(),
                 "mls: update by somebody who is not a member");
  }
}

class RefuseAll final : public CredentialPolicy {
 public:
  Status Check(const Credential&, ByteView, Millis) const override {
    return Error(Code::kDenied, "test: refused by policy");
  }
};

TEST(UpdateRules, NewCredentialIsJudgedByThePolicy) {
  Three three(72);
  const OwnLeaf leaf = three.world.Leaf("somebody else");
  const auto changed = three.alice.ProposeUpdate(&leaf, {}, three.world.random);
  const auto unchanged = three.alice.ProposeUpdate(nullptr, {}, three.world.random);
  const RefuseAll policy;
  three.world.policy = &policy;
  EXPECT_EQ(three.Refusal(changed->message), "test: refused by policy");
  EXPECT_TRUE(three.bob.Process(unchanged->message, three.world.Env()).ok());
}

TEST(ProposalRules, ExternalSendersAreJudgedByThePolicy) {
  World world(73);
  const Extensions extensions{
      MakeExtension(ExternalSenders{{{Bytes(32), world.Leaf("registrar").credential}}})};
  EXPECT_TRUE(CheckGroupContextExtensions(extensions, world.Env()).ok());
  const RefuseAll policy;
  world.policy = &policy;
  EXPECT_STREQ(CheckGroupContextExtensions(extensions, world.Env()).error().where(),
               "test: refused by policy");
}

TEST(ProposalRules, ExternalInitOfAMemberIsNotKept) {  // RFC 9420 §12.1.6
  Three three(76);
  const Proposal init{ExternalInit{Bytes(32)}};
  EXPECT_FALSE(three.alice.Propose(init, {}, three.world.Env(), three.world.random).ok());
  const auto sent = three.alice.Propose({Remove{three.carol.own_leaf_index()}}, {},
                                        three.world.Env(), three.world.random);
  const Bytes broken = test::RebuildPublic(three.alice, sent->message, [&](FramedContent& content) {
    std::get<Proposal>(content.content) = init;
  });
  EXPECT_EQ(three.Refusal(broken), "mls: sender may not propose this");
  EXPECT_TRUE(three.bob.Protect(AsBytes("x"), {}, three.world.random).ok());
}

TEST(ProposalRules, ExtensionsAndIdOfAGroupAreBounded) {
  Extensions extensions{{kPrivateExtension, Bytes(kMaxGroupExtensionBytes - 3)},
                        {static_cast<ExtensionType>(0xF124), Bytes(3)}};
  Bytes id(kMaxGroupIdBytes);
  const auto reinit = [&] {
    return CheckReInit({id, ProtocolVersion::kMls10, kSuite, extensions}, GroupContext{});
  };
  World world(77);
  EXPECT_TRUE(CheckContextExtensions(extensions).ok());
  EXPECT_TRUE(CheckGroupContextExtensions(extensions, world.Env()).ok());
  EXPECT_TRUE(reinit().ok());
  extensions[1].data.push_back(0);
  EXPECT_EQ(CheckContextExtensions(extensions).error().code(), Code::kTooLarge);
  EXPECT_EQ(CheckGroupContextExtensions(extensions, world.Env()).error().code(), Code::kTooLarge);
  EXPECT_EQ(reinit().error().code(), Code::kTooLarge);
  extensions.clear();
  id.push_back(0);
  EXPECT_EQ(reinit().error().code(), Code::kTooLarge);
}

TEST(ProposalRules, NoExtensionComesTwice) {
  World world(74);
  const Extension one{kPrivateExtension, {}};
  EXPECT_FALSE(CheckGroupContextExtensions({one, one}, world.Env()).ok());
}

TEST(ProposalRules, SenderIsJudgedWithTheProposal) {
  World world(75);
  const RatchetTree tree = test::MakeTree(2, world.random);
  const Sender external{ExternalSenderIndex{0}};
  EXPECT_STREQ(
      CheckProposalAlone({ExternalInit{}}, external, tree, {}, world.Env()).error().where(),
      "mls: sender may not propose this");
}

TEST(ProposalRules, SendersProposeOnlyWhatTheyMay) {
  const Sender member{MemberSender{{0}}};
  const Sender external{ExternalSenderIndex{0}};
  const Sender newcomer{NewMemberProposalSender{}};
  EXPECT_TRUE(CheckSenderMayPropose(member, {Update{}}).ok());
  EXPECT_FALSE(CheckSenderMayPropose(member, {ExternalInit{}}).ok());
  EXPECT_FALSE(CheckSenderMayPropose(external, {Update{}}).ok());
  EXPECT_FALSE(CheckSenderMayPropose(external, {ExternalInit{}}).ok());
  EXPECT_TRUE(CheckSenderMayPropose(external, {GroupContextExtensions{}}).ok());
  EXPECT_TRUE(CheckSenderMayPropose(newcomer, {Add{}}).ok());
  EXPECT_FALSE(CheckSenderMayPropose(newcomer, {Remove{}}).ok());
}

TEST(ProposalRules, RefusedProposalIsNotKept) {
  Three three(68);
  const auto sent = three.alice.Propose({Remove{three.carol.own_leaf_index()}}, {},
                                        three.world.Env(), three.world.random);
  const Bytes broken = test::RebuildPublic(three.alice, sent->message, [](FramedContent& content) {
    std::get<Remove>(std::get<Proposal>(content.content).value).removed = {3};
  });
  EXPECT_EQ(three.Refusal(broken), "mls: remove of a blank leaf");
  EXPECT_TRUE(three.bob.Proposals().empty());
}

TEST(ProposalRules, ProposalOfAnotherEpochIsRefused) {
  Three three(69);
  const auto sent = three.alice.Propose({Remove{three.carol.own_leaf_index()}}, {},
                                        three.world.Env(), three.world.random);
  three.world.Deliver(sent->message, {&three.bob, &three.carol});
  CommitOptions options;  // does not cover it
  three.world.Commit(three.alice, {&three.bob, &three.carol}, options);
  EXPECT_TRUE(three.bob.Proposals().empty());
  EXPECT_EQ(three.bob.Process(sent->message, three.world.Env()).error().code(), Code::kStaleEpoch);
  options.references = {sent->ref};
  EXPECT_EQ(three.alice.Commit(options, three.world.Env(), three.world.random).error().code(),
            Code::kNotFound);
}

TEST(ExternalSenders, MayProposeEverythingButUpdateAndExternalInit) {  // RFC 9420 §12.1.8
  const Sender outside{ExternalSenderIndex{0}};
  for (const Proposal& proposal : {Proposal{Add{}}, Proposal{Remove{}}, Proposal{PreSharedKey{}},
                                   Proposal{ReInit{}}, Proposal{GroupContextExtensions{}}}) {
    EXPECT_TRUE(CheckSenderMayPropose(outside, proposal).ok()) << static_cast<int>(proposal.type());
  }
  for (const Proposal& proposal : {Proposal{Update{}}, Proposal{ExternalInit{}}}) {
    EXPECT_FALSE(CheckSenderMayPropose(outside, proposal).ok());
  }
}

}  // namespace
}  // namespace renkei::mls
