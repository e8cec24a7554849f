#include "crypto/mls/state_codec.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/mls/group.h"
#include "crypto/mls/tree_math.h"
#include "tests/crypto/mls/support/leaves.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::WhereOf;

StoredProposal SomeProposal() {
  return {ProposalRef{Bytes(32, 1)}, Sender{MemberSender{{1}}}, Proposal{Remove{{2}}}, {7}};
}

// Every shorter encoding is refused; true if one with a byte more is not all read.
template <typename T>
void ExpectExact(const Bytes& bytes, const T& decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    wire::Reader in(ByteView(bytes).first(size));
    const Status status = decode(in);
    ASSERT_FALSE(status.ok()) << size;
    EXPECT_EQ(status.error().code(), Code::kMalformed);
  }
  wire::Reader in(bytes);
  EXPECT_TRUE(decode(in).ok());
  EXPECT_TRUE(in.AtEnd());
}

TEST(StateParts, StoredProposalComesBack) {
  StoredProposal read;
  ExpectExact(wire::Serialize(SomeProposal()), [&](wire::Reader& in) { return Decode(in, read); });
  EXPECT_EQ(read.ref, SomeProposal().ref);
  EXPECT_EQ(read.sender, SomeProposal().sender);
  EXPECT_EQ(read.proposal, SomeProposal().proposal);
  EXPECT_EQ(read.authenticated_data, SomeProposal().authenticated_data);
}

TEST(StateParts, PendingUpdateComesBackWithBothKeys) {
  SeededRandom random(1);
  const PendingUpdate update{std::make_shared<const HpkeKeyPair>(HpkeKeyPair::Generate(random)),
                             std::make_shared<const SigningKey>(SigningKey::Generate(random))};
  PendingUpdate read;
  ExpectExact(wire::Serialize(update), [&](wire::Reader& in) { return Decode(in, read); });
  EXPECT_EQ(ToBytes(read.encryption_key->public_key()),
            ToBytes(update.encryption_key->public_key()));
  EXPECT_EQ(ToBytes(read.signing_key->public_key()), ToBytes(update.signing_key->public_key()));
}

TEST(StateParts, SigningKeyComesBack) {
  SeededRandom random(2);
  const SigningKey key = SigningKey::Generate(random);
  wire::Writer out;
  EncodeSigningKey(out, key);
  std::shared_ptr<const SigningKey> read;
  ExpectExact(ToBytes(out.view()), [&](wire::Reader& in) { return DecodeSigningKey(in, read); });
  EXPECT_EQ(ToBytes(read->public_key()), ToBytes(key.public_key()));
}

TEST(StateParts, ReInitComesBackOrIsNotThere) {
  const std::optional<ReInit> some = ReInit{{1, 2}, ProtocolVersion::kMls10, CipherSuite{1}, {}};
  for (const auto& value : {some, std::optional<ReInit>()}) {
    wire::Writer out;
    EncodeReInit(out, value);
    std::optional<ReInit> read;
    ExpectExact(ToBytes(out.view()), [&](wire::Reader& in) { return DecodeReInit(in, read); });
    EXPECT_EQ(read, value);
  }
}

TEST(StateParts, AnotherProposalIsNoReInit) {
  wire::Writer out;
  wire::EncodeOptional(out, std::optional(Proposal{Remove{{2}}}));
  wire::Reader in(out.view());
  std::optional<ReInit> read;
  const Status status = DecodeReInit(in, read);
  ASSERT_FALSE(status.ok());
  EXPECT_STREQ(status.error().where(), "mls: stored reinit");
}

class PartsTogether : public test::Pair {};

TEST_F(PartsTogether, AreCountedEachKind) {
  (void)alice_.ProposeUpdate(nullptr, {}, world_.random);
  world_.Deliver(bob_.Propose({Remove{{0}}}, {}, world_.Env(), world_.random)->message, {&alice_});
  const GroupState& state = GroupState::Of(alice_);
  const SecretTree::Marks marks = state.secret_tree.CurrentMarks();
  EXPECT_EQ(CountParts(state, marks),
            (PartCounts{state.tree.occupied(), static_cast<std::uint32_t>(marks.nodes.size()),
                        static_cast<std::uint32_t>(marks.leaves.size()), 2, 1, 1}));
  EXPECT_GT(marks.nodes.size(), 0U);
}

TEST_F(PartsTogether, OfTwoStatesAreRefused) {
  const auto refusal = [&](const std::function<void(GroupState&)>& change) {
    Group copy = Group::Deserialize(bob_.Serialize().Expose()).value();
    change(GroupState::Of(copy));
    return WhereOf(Group::Deserialize(copy.Serialize().Expose()));
  };
  const std::string together = "mls: stored group does not fit together";
  EXPECT_EQ(refusal([](GroupState&) {}), "accepted");
  EXPECT_EQ(refusal([](GroupState& state) { state.context.tree_hash[0] ^= 1U; }), together);
  EXPECT_EQ(refusal([&](GroupState& state) {
              state.signing_key =
                  std::make_shared<const SigningKey>(SigningKey::Generate(world_.random));
            }),
            together);
  EXPECT_EQ(refusal([&](GroupState& state) {
              state.keys.Set(ToNode(state.own()), HpkeKeyPair::Generate(world_.random));
            }),
            together);
  EXPECT_EQ(refusal([&](GroupState& state) {
              state.secret_tree = SecretTree(4, world_.random.NextSecret(32));
            }),
            together);
  EXPECT_EQ(
      refusal([](GroupState& state) {
        state.pending_updates[ProposalRef{{1}}] = {
            std::make_shared<const HpkeKeyPair>(state.keys.Find(ToNode(state.own()))->Clone()),
            state.signing_key};
      }),
      together);
}

TEST_F(PartsTogether, WithoutOurLeafAreRefused) {
  GroupState& state = GroupState::Of(bob_);
  EXPECT_TRUE(CheckTogether(state).ok());
  state.tree.RemoveLeaf(state.own());
  UpdateTreeHash(state);
  state.secret_tree = SecretTree(state.tree.leaf_slots(), world_.random.NextSecret(32));
  EXPECT_EQ(CheckTogether(state).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::mls
