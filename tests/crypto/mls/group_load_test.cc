#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "crypto/mls/group.h"
#include "crypto/mls/group_state.h"
#include "crypto/mls/limits.h"
#include "crypto/mls/state_codec.h"
#include "tests/crypto/mls/support/pair.h"
#include "tests/crypto/mls/support/part_store.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::ExpectSame;
using test::PartStore;
using test::WhereOf;

// Bob's group in pieces, with a proposal of his own, an update and earlier epochs.
class LoadingPieces : public test::Pair {
 protected:
  LoadingPieces() {
    world_.Commit(alice_, {&bob_}, {});
    (void)alice_.Unprotect(bob_.Protect(AsBytes("x"), {}, world_.random).value());
    (void)bob_.ProposeUpdate(nullptr, {}, world_.random);
    store_.Save(bob_);
  }

  using Change = std::function<void(std::vector<StatePart>&)>;
  std::string LoadChanged(const Change& change) const {
    std::vector<StatePart> parts = store_.Copy();
    change(parts);
    return WhereOf(Group::Load(parts));
  }
  // The first piece whose name begins with this letter.
  static StatePart& Named(std::vector<StatePart>& parts, char letter) {
    return *std::find_if(parts.begin(), parts.end(), [&](const StatePart& part) {
      return part.name[0] == static_cast<std::uint8_t>(letter);
    });
  }
  static Bytes Name(char letter, std::uint32_t number) {
    wire::Writer out;
    out.U8(static_cast<std::uint8_t>(letter));
    out.U32(number);
    return std::move(out).Take();
  }

  const std::string bad_ = "mls: stored piece of a group";
  PartStore store_;
};

TEST_F(LoadingPieces, TakesTheOrderAsItComes) {
  ExpectSame(store_, bob_);
  const auto reversed = [](std::vector<StatePart>& parts) {
    std::reverse(parts.begin(), parts.end());
  };
  EXPECT_EQ(LoadChanged(reversed), "accepted");
}

TEST_F(LoadingPieces, AnyPieceMissingTwiceOrTooLongIsRefused) {
  const std::size_t count = store_.Copy().size();
  ASSERT_GT(count, 8U);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<StatePart> parts = store_.Copy();
    SCOPED_TRACE(static_cast<char>(parts[i].name[0]));
    Bytes longer = ToBytes(parts[i].value.Expose());
    longer.push_back(0);
    parts[i].value = SecretBytes::CopyOf(longer);
    EXPECT_FALSE(Group::Load(parts).ok());
    parts = store_.Copy();
    parts.push_back({parts[i].name, parts[i].value.Clone()});
    EXPECT_FALSE(Group::Load(parts).ok());
    parts = store_.Copy();
    parts[i].name.push_back(0);
    EXPECT_FALSE(Group::Load(parts).ok());
    parts = store_.Copy();
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(Group::Load(parts).error().code(), Code::kMalformed);
  }
}

TEST_F(LoadingPieces, UnknownPiecesAndFormatsAreRefused) {
  std::vector<StatePart> parts = store_.Copy();
  parts.push_back({{'x'}, SecretBytes(1)});
  EXPECT_EQ(Group::Load(parts).error().code(), Code::kMalformed);
  parts.back().name.clear();
  EXPECT_EQ(Group::Load(parts).error().code(), Code::kMalformed);
  parts = store_.Copy();
  for (StatePart& part : parts) {
    if (part.name == Bytes{'h'}) {
      part.value.ExposeMutable()[0] = 2;
    }
  }
  EXPECT_EQ(Group::Load(parts).error().code(), Code::kUnsupported);
  EXPECT_EQ(Group::Load({}).error().code(), Code::kMalformed);
}

TEST_F(LoadingPieces, ProposalUnderAnotherNameIsRefused) {
  EXPECT_EQ(LoadChanged([](std::vector<StatePart>& parts) { Named(parts, 'p').name[1] ^= 1U; }),
            bad_);
}

TEST_F(LoadingPieces, UpdateWithoutItsProposalIsRefused) {
  EXPECT_EQ(LoadChanged([](std::vector<StatePart>& parts) { Named(parts, 'u').name[1] ^= 1U; }),
            "mls: stored group does not fit together");
}

TEST_F(LoadingPieces, TreeNodeBeyondAnyTreeIsRefusedBeforeMemoryIsTaken) {
  EXPECT_EQ(LoadChanged([](std::vector<StatePart>& parts) {
              Named(parts, 'n').name = Name('n', kMaxTreeNodes);
            }),
            bad_);
  EXPECT_EQ(LoadChanged([](std::vector<StatePart>& parts) {
              Named(parts, 'n').name = Name('n', 0xffffffff);
            }),
            bad_);
}

TEST_F(LoadingPieces, SecretOutsideTheTreeIsRefused) {
  for (const char letter : {'s', 'l'}) {
    EXPECT_NE(LoadChanged([&](std::vector<StatePart>& parts) {
                Named(parts, letter).name = Name(letter, 1000);
              }),
              "accepted")
        << letter;
  }
}

TEST_F(LoadingPieces, OtherCountsThanThereArePiecesAreRefused) {
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(LoadChanged([&](std::vector<StatePart>& parts) {
                Named(parts, 'c').value.ExposeMutable()[4 * i + 3] ^= 1U;
              }),
              bad_)
        << i;
  }
}

TEST_F(LoadingPieces, MoreEarlierEpochsThanAreKeptAreRefused) {
  auto& past = GroupState::Of(bob_).past_resumption;
  for (std::uint64_t i = 100; past.size() < kMaxPastEpochs; ++i) {
    past[Epoch{i}] = past.begin()->second;
  }
  store_.Save(bob_);
  ExpectSame(store_, bob_);
  past[Epoch{99}] = past.begin()->second;
  store_.Save(bob_);
  EXPECT_EQ(WhereOf(store_.Load()), bad_);
}

TEST_F(LoadingPieces, MoreProposalsThanMayWaitAreRefused) {
  auto& proposals = GroupState::Of(bob_).proposals;
  for (std::uint32_t i = 0; proposals.size() < kMaxStoredProposals; ++i) {
    const ProposalRef ref{wire::Serialize(i)};
    proposals[ref] = std::make_shared<const StoredProposal>(
        StoredProposal{ref, Sender{MemberSender{{0}}}, Proposal{Remove{{1}}}, {}});
  }
  store_.Save(bob_);
  EXPECT_EQ(WhereOf(store_.Load()), "accepted");
  const ProposalRef one_more{Bytes(33, 1)};
  proposals[one_more] = std::make_shared<const StoredProposal>(
      StoredProposal{one_more, Sender{MemberSender{{0}}}, Proposal{Remove{{1}}}, {}});
  store_.Save(bob_);
  EXPECT_EQ(WhereOf(store_.Load()), bad_);
}

TEST_F(LoadingPieces, WithoutAnyTreeNodeOrOneOfTheSinglePiecesIsRefusedAsThat) {
  for (const char letter : {'h', 'k', 'c', 'n'}) {
    EXPECT_EQ(LoadChanged([&](std::vector<StatePart>& parts) {
                std::erase_if(parts, [&](const StatePart& part) {
                  return part.name[0] == static_cast<std::uint8_t>(letter);
                });
              }),
              bad_)
        << letter;
  }
}

}  // namespace
}  // namespace renkei::mls
