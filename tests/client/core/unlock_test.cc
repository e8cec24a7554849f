// Archive secrets by envelope and pack (G7), and what a wrong one does (G3).
#include "client/core/unlock.h"

#include "client/core/keys.h"
#include "client/core/outbox_store.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Unlocking : public CaseFixture {
 protected:
  // As if this device held no secret of the case, and was to fetch them.
  void Forget(Insider& inside) {
    client::MemoryVault& vault = nurse_->vault();
    const auto secrets = vault.Scan(client::Table::kArchive, {}, {}).value();
    for (const client::Row& row : secrets) {
      ASSERT_TRUE(vault.Erase(client::Table::kArchive, row.key).ok());
    }
    const auto names = vault.Scan(client::Table::kCards, {}, {}).value();
    for (const client::Row& row : names) {  // which there are: beside the cards
      if (row.value == ToBytes("1")) {
        ASSERT_TRUE(vault.Erase(client::Table::kCards, row.key).ok());
      }
    }
    ASSERT_TRUE(inside.core().cases.EpochsWithSecret(case_).value().empty());
  }
  Status Fetch(client::OpenCase& open) {
    return client::FetchSecrets(inside_.core(), *relay_, open, changes_);
  }
  Status Check(client::OpenCase& open) {
    return client::CheckOwnEnvelopes(inside_.core(), *relay_, open, changes_);
  }
  std::size_t Held() { return inside_.core().cases.EpochsWithSecret(case_).value().size(); }
  std::size_t Cards() { return inside_.core().cases.Cards(case_).value().size(); }
  std::vector<client::OutboxItem> Owed() {
    return client::OutboxStore(nurse_->vault()).Items(case_).value();
  }

  Insider inside_{region_, *nurse_};
  std::unique_ptr<client::Relay> relay_ =
      region_.relay.ConnectionFor(nurse_->device(), nurse_->person());
  client::Changes changes_;
};

TEST_F(Unlocking, G3_AWrongEnvelopeIsNoticedByItsOwnerAndRepaired) {
  region_.relay.tamper_envelope = [&](seal::v1::Envelope& envelope) {
    (*envelope.mutable_ciphertext())[0] ^= 1;
  };
  region_.clock.Advance(Days(91));
  Post(*manager_, "鍵の違う時");
  region_.relay.tamper_envelope = nullptr;
  // A device with the group reads it all the same, sees that its next device could not, and helps.
  nurse_->Sync();
  EXPECT_TRUE(Warned(*nurse_, Warning::kEnvelopeWrong));
  EXPECT_THAT(Notes(*nurse_), ElementsAre("鍵の違う時"));
  const auto second = region_.AddDevice(*nurse_);
  second->Sync();
  EXPECT_THAT(Notes(*second), ElementsAre("鍵の違う時"));
}

TEST_F(Unlocking, G3_AWrongEnvelopeOpensNothing) {
  region_.relay.tamper_envelope = [&](seal::v1::Envelope& envelope) {
    (*envelope.mutable_ciphertext())[0] ^= 1;
  };
  region_.clock.Advance(Days(91));
  Post(*manager_, "鍵の違う時");
  const auto second = region_.AddDevice(*nurse_);
  second->Sync();
  EXPECT_TRUE(Warned(*second, Warning::kEnvelopeWrong));
  EXPECT_THAT(Notes(*second), IsEmpty());
}

TEST_F(Unlocking, G7_EveryEpochOpensByEnvelopeOrPack) {
  Forget(inside_);
  ASSERT_EQ(Held(), 0U);
  auto open = inside_.Open(case_);
  EXPECT_FALSE(open.secret.has_value());
  open.row.fetch_envelopes = open.row.fetch_packs = true;
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), Cards());
  EXPECT_GE(Cards(), 2U);
  EXPECT_TRUE(open.secret.has_value());
  EXPECT_FALSE(open.row.fetch_envelopes || open.row.fetch_packs);
  EXPECT_FALSE(inside_.Open(case_).row.fetch_envelopes);
  EXPECT_THAT(changes_.notices, IsEmpty());
}

TEST_F(Unlocking, OnlyWhatTheRowAsksForIsFetched) {
  Forget(inside_);
  auto open = inside_.Open(case_);
  open.row.fetch_envelopes = open.row.fetch_packs = false;
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), 0U);
  open.row.fetch_envelopes = true;  // none of what was before the nurse came
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), 1U);
  EXPECT_TRUE(open.secret.has_value());
  open.row.fetch_packs = true;
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), Cards());
}

TEST_F(Unlocking, WithTheRelayDownItIsAskedAgainLater) {
  Forget(inside_);
  auto open = inside_.Open(case_);
  open.row.fetch_envelopes = true;
  region_.relay.down = true;
  EXPECT_EQ(Fetch(open).error().code(), Code::kUnavailable);
  EXPECT_TRUE(open.row.fetch_envelopes);
}

TEST_F(Unlocking, AFullDiskLeavesTheCaseAsItWas) {
  Forget(inside_);
  auto open = inside_.Open(case_);
  open.row.fetch_envelopes = open.row.fetch_packs = true;
  ASSERT_TRUE(client::SaveCase(inside_.core(), open).ok());
  nurse_->vault().FailAtWrite(2, client::MemoryVault::Fault::kFailOnce);
  EXPECT_EQ(Fetch(open).error().code(), Code::kUnavailable);
  EXPECT_EQ(Held(), 0U);
  EXPECT_TRUE(open.row.fetch_envelopes && open.row.fetch_packs);
  EXPECT_FALSE(open.secret.has_value());
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), Cards());
}

TEST_F(Unlocking, G4_EnvelopesThatWereNotAskedForAreRefused) {
  Forget(inside_);
  const auto refusal = [&](const std::function<void(relay::v1::FetchEnvelopesResponse&)>& tamper) {
    auto open = inside_.Open(case_);
    open.row.fetch_envelopes = true;
    region_.relay.tamper_envelopes = tamper;
    const Status fetched = Fetch(open);
    return fetched.ok() ? Code::kInternal : fetched.error().code();
  };
  EXPECT_EQ(refusal([](auto& response) { response.mutable_envelopes(0)->set_case_id("x"); }),
            Code::kMalformed);
  EXPECT_EQ(refusal([](auto& response) {
              response.mutable_envelopes(0)->set_case_id(ToString(CaseId{}.view()));
            }),
            Code::kMalformed);
  EXPECT_EQ(refusal([](auto& response) { *response.add_envelopes() = response.envelopes(0); }),
            Code::kMalformed);
  EXPECT_EQ(Held(), 0U);
}

TEST_F(Unlocking, G4_AnEnvelopeBeyondTheThreadMeansThatACommitIsKeptBack) {
  auto open = inside_.Open(case_);
  open.row.fetch_envelopes = true;
  Forget(inside_);
  region_.relay.tamper_envelopes = [](relay::v1::FetchEnvelopesResponse& response) {
    auto* last = response.mutable_envelopes(response.envelopes_size() - 1);
    last->set_epoch(last->epoch() + 5);
  };
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_THAT(changes_.notices, Contains(client::WarningText(Warning::kEntryMissing)));
}

// A member who is no friend of the newcomer's may have sent any number of packs before.
TEST_F(Unlocking, G7_ThePackThatHelpsIsFoundBehindOthers) {
  Forget(inside_);
  auto open = inside_.Open(case_);
  open.row.fetch_envelopes = open.row.fetch_packs = true;
  region_.relay.tamper_packs = [](const relay::v1::FetchPacksRequest& request,
                                  relay::v1::FetchPacksResponse& response) {
    if (request.after() == 0) {
      response.clear_packs();
      response.add_packs("junk");
      response.set_last(1);
      response.set_has_more(true);
    }
  };
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), Cards());
}

TEST_F(Unlocking, JunkThatStaysAloneIsSaid) {
  Forget(inside_);
  auto open = inside_.Open(case_);
  open.row.fetch_packs = true;
  region_.relay.tamper_packs = [](const relay::v1::FetchPacksRequest&,
                                  relay::v1::FetchPacksResponse& response) {
    response.clear_packs();
    response.add_packs("junk");
  };
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_TRUE(Warned(*nurse_, Warning::kEnvelopeWrong));
}

// Neither by standing still, nor by going on for ever.
TEST_F(Unlocking, ARelayThatAlwaysHasMorePacksIsNotBelieved) {
  for (const bool gets_on : {false, true}) {
    Forget(inside_);
    auto open = inside_.Open(case_);
    open.row.fetch_envelopes = open.row.fetch_packs = true;
    std::uint64_t asked = 0;
    region_.relay.tamper_packs = [&](const relay::v1::FetchPacksRequest& request,
                                     relay::v1::FetchPacksResponse& response) {
      response.set_last(gets_on ? request.after() + 1 : 7);
      response.set_has_more(++asked < 1000);
    };
    ASSERT_TRUE(Fetch(open).ok());
    EXPECT_LE(asked, open.row.position.seq) << gets_on;
    EXPECT_EQ(Held(), Cards());
  }
}

TEST_F(Unlocking, G3_AnEnvelopeOfAnotherSecretIsSaidAndTheWarningGoesOnceAllAreHere) {
  Forget(inside_);
  auto open = inside_.Open(case_);
  open.row.fetch_envelopes = true;
  region_.relay.tamper_envelopes = [](relay::v1::FetchEnvelopesResponse& response) {
    (*response.mutable_envelopes(0)->mutable_ciphertext())[0] ^= 1;
  };
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_TRUE(Warned(*nurse_, Warning::kEnvelopeWrong));
  EXPECT_LT(Held(), Cards());
  region_.relay.tamper_envelopes = nullptr;
  open.row.fetch_envelopes = open.row.fetch_packs = true;
  ASSERT_TRUE(Fetch(open).ok());
  EXPECT_EQ(Held(), Cards());
  EXPECT_FALSE(Warned(*nurse_, Warning::kEnvelopeWrong));
}

TEST_F(Unlocking, OwnEnvelopesThatAreAsTheyMustBeNeedNothing) {
  auto open = inside_.Open(case_);
  open.row.checked = false;
  ASSERT_TRUE(Check(open).ok());
  EXPECT_TRUE(open.row.checked);
  EXPECT_EQ(open.row.checked_to, open.row.at);
  EXPECT_THAT(Owed(), IsEmpty());
  EXPECT_THAT(changes_.notices, IsEmpty());
}

TEST_F(Unlocking, G7_AMissingOwnEnvelopeIsMadeGoodByAPackToOurselves) {
  auto open = inside_.Open(case_);
  region_.relay.tamper_envelopes = [](relay::v1::FetchEnvelopesResponse& response) {
    response.clear_envelopes();
  };
  open.row.checked = true;  // compared up to here: it is not asked again
  open.row.checked_to = open.row.at;
  ASSERT_TRUE(Check(open).ok());
  EXPECT_THAT(Owed(), IsEmpty());
  open.row.checked = false;
  ASSERT_TRUE(Check(open).ok());
  ASSERT_THAT(Owed(), SizeIs(1));
  EXPECT_EQ(Owed()[0].pack_key,
            Sha256(inside_.core().identity.person_archive_keys.back().certificate));
  EXPECT_TRUE(Warned(*nurse_, Warning::kEnvelopeWrong));
}

TEST_F(Unlocking, WhatWasComparedOnceIsNotAskedForAgain) {
  nurse_->Sync();
  ASSERT_TRUE(inside_.Open(case_).row.checked);
  region_.clock.Advance(Days(91));
  Post(*manager_, "次の鍵");
  std::vector<std::uint64_t> epochs;
  region_.relay.tamper_envelopes = [&](relay::v1::FetchEnvelopesResponse& response) {
    for (const seal::v1::Envelope& envelope : response.envelopes()) {
      epochs.push_back(envelope.epoch());
    }
  };
  nurse_->Sync();
  EXPECT_EQ(inside_.Open(case_).row.checked_to, (thread::EpochRef{0, 2}));
  EXPECT_FALSE(Warned(*nurse_, Warning::kEnvelopeWrong));
  EXPECT_THAT(epochs, Contains(2U));
  EXPECT_THAT(epochs, testing::Each(2U));
}

TEST_F(Unlocking, WhoCannotSendComparesNothing) {
  auto open = inside_.Open(case_);
  open.row.checked = false;
  open.group.reset();
  ASSERT_TRUE(Check(open).ok());
  EXPECT_FALSE(open.row.checked);
}

}  // namespace
}  // namespace renkei::test
