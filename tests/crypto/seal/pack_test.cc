#include "crypto/seal/pack.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "crypto/thread/sealed_secrets.h"
#include "renkei/seal/v1/archive.pb.h"
#include "tests/crypto/seal/support/sealed_case.h"

namespace renkei::seal {
namespace {

namespace proto = renkei::seal::v1;

class Packs : public testing::Test {
 protected:
  Packs() {
    for (std::uint64_t epoch = 0; epoch < 5; ++epoch) {
      Add({0, epoch});
    }
    Add({1, 0});
  }
  void Add(const thread::EpochRef& at) {
    secrets_.push_back({at, case_.example.random().NextSecret(kArchiveSecretBytes)});
    epoch_ids_[at] = EpochId(secrets_.back().archive_secret);
  }
  Result<MadePack> Make() {
    return MakePack(secrets_, case_.ArchiveKey(), case_.card.case_id, case_.nurse.id,
                    test::kExampleTime, case_.example.random());
  }
  // What a member with other habits would seal.
  Bytes SealContent(std::string_view content) {
    thread::Pack pack = thread::ParsePack(Make()->pack).value();
    Bytes info = ToBytes("Renkei 1.0 archive pack");
    info.push_back(1);
    Append(info, pack.case_id.view());
    Append(info, pack.key_id);
    Append(info, Bytes{0, 0, 0, 1});
    Append(info, pack.sender_device.view());
    const auto sealed = mls::HpkeSeal(case_.archive_key.public_key(), info, {}, AsBytes(content),
                                      case_.example.random())
                            .value();
    pack.enc = ToArray<32>(sealed.kem_output).value();
    pack.ciphertext = sealed.ciphertext;
    return thread::SerializePack(pack);
  }
  Result<std::vector<PackSecret>> Open(ByteView bytes) const {
    return OpenPack(bytes, case_.archive_key.private_key(), epoch_ids_);
  }

  test::SealedCase case_{47};
  std::vector<PackSecret> secrets_;
  std::map<thread::EpochRef, Hash32> epoch_ids_;
};

TEST_F(Packs, G7_NewcomerReadsWhatCameBefore) {
  const MadePack made = Make().value();
  const auto opened = Open(made.pack);
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(opened->size(), secrets_.size());
  for (std::size_t i = 0; i < secrets_.size(); ++i) {
    EXPECT_EQ((*opened)[i].at, secrets_[i].at);
    EXPECT_TRUE(Equal((*opened)[i].archive_secret, secrets_[i].archive_secret));
  }
}

TEST_F(Packs, ComeWithTheNoticeThatAnnouncesThem) {
  const MadePack made = Make().value();
  EXPECT_EQ(made.notice.first, (thread::EpochRef{0, 0}));
  EXPECT_EQ(made.notice.last, (thread::EpochRef{1, 0}));
  EXPECT_EQ(made.notice.created_at, test::kExampleTime);
  EXPECT_TRUE(thread::MatchPack(made.pack, made.notice).ok());
}

TEST_F(Packs, EveryChangedByteIsRefused) {
  const auto accepts = [&](ByteView bytes) { return Open(bytes).ok(); };
  EXPECT_EQ(test::CountAcceptedMutations(Make()->pack, accepts), 0U);
}

TEST_F(Packs, G3_SecretThatIsNotItsCardsIsRefused) {
  const MadePack made = Make().value();
  epoch_ids_[{0, 3}][0] ^= 1;
  EXPECT_EQ(Open(made.pack).error().code(), Code::kAuthFailed);
}

TEST_F(Packs, EpochWithoutCardWaitsForIt) {
  const MadePack made = Make().value();
  epoch_ids_.erase({0, 2});
  EXPECT_EQ(Open(made.pack).error().code(), Code::kNotFound);
}

TEST_F(Packs, G1_DoNotOpenWithAnotherKey) {
  const auto other = mls::HpkeKeyPair::Generate(case_.example.random());
  EXPECT_EQ(OpenPack(Make()->pack, other.private_key(), epoch_ids_).error().code(),
            Code::kAuthFailed);
}

TEST_F(Packs, NameEpochsInOrderAndOnce) {
  std::swap(secrets_[0], secrets_[1]);
  EXPECT_EQ(Make().error().code(), Code::kMalformed);
  secrets_[0].at = secrets_[1].at;
  EXPECT_EQ(Make().error().code(), Code::kMalformed);
  secrets_.clear();
  EXPECT_EQ(Make().error().code(), Code::kMalformed);
}

TEST_F(Packs, HoldUpTo4096Epochs) {
  secrets_.clear();
  for (std::uint64_t epoch = 0; epoch < kMaxPackSecrets; ++epoch) {
    Add({0xFFFFFFFF, 0xFFFFFFFFFFFF0000 + epoch});
  }
  const auto made = Make();
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(Open(made->pack)->size(), kMaxPackSecrets);
  Add({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF});
  EXPECT_EQ(Make().error().code(), Code::kTooLarge);
}

// What is inside is parsed as strictly as what is outside, although only a member can make it.
TEST_F(Packs, ContentThatIsNoPackIsRefused) {
  proto::PackContent good;
  for (const PackSecret& secret : secrets_) {
    auto* item = good.add_secrets();
    item->set_generation(secret.at.generation);
    item->set_epoch(secret.at.epoch);
    item->set_archive_secret(ToString(secret.archive_secret.Expose()));
  }
  const auto refusal = [&](const std::function<void(proto::PackContent&)>& change) {
    proto::PackContent changed = good;
    change(changed);
    return Open(SealContent(changed.SerializeAsString())).error().code();
  };
  const auto add_unknown = [](auto* message) {
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(99, 1);
  };
  EXPECT_TRUE(Open(SealContent(good.SerializeAsString())).ok());
  EXPECT_EQ(refusal([&](auto& c) { add_unknown(&c); }), Code::kMalformed);
  EXPECT_EQ(refusal([&](auto& c) { add_unknown(c.mutable_secrets(2)); }), Code::kMalformed);
  EXPECT_EQ(refusal([](auto& c) { *c.add_secrets() = c.secrets(5); }), Code::kMalformed);
  EXPECT_EQ(refusal([](auto& c) { c.mutable_secrets(0)->set_archive_secret("short"); }),
            Code::kMalformed);
  EXPECT_EQ(refusal([](auto& c) {
              for (std::size_t i = 0; i < kMaxPackSecrets; ++i) {
                *c.add_secrets() = c.secrets(0);
              }
            }),
            Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::seal
