// A device's stock of key packages, and the welcomes that come of it.
#include "client/core/key_packages.h"

#include <set>

#include "client/core/keys.h"
#include "crypto/mls/own_leaf.h"
#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::MemoryVault;
using client::Table;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kBatch = 10;

class KeyPackages : public CaseFixture {
 protected:
  KeyPackages() : relay_(region_.relay.ConnectionFor(nurse_->device(), nurse_->person())) {
    EXPECT_TRUE(client::ForgetKeyPackages(inside_.core()).ok());
    region_.relay.DropKeyPackages(nurse_->device());
  }

  client::Core& core() { return inside_.core(); }
  std::set<Bytes> Held() {
    std::set<Bytes> out;
    const auto rows = nurse_->vault().Scan(Table::kMeta, AsBytes("kp/"), {}).value();
    for (const client::Row& row : rows) {
      EXPECT_TRUE(nurse_->vault().GetSecret(Table::kGroups, row.key).value().has_value());
      out.insert(row.key);
    }
    return out;
  }
  std::size_t Secrets() {
    return nurse_->vault().Scan(Table::kGroups, AsBytes("kp/"), {}).value().size();
  }
  std::size_t Published() { return region_.relay.KeyPackagesOf(nurse_->device()); }
  Status Refill() { return client::RefillKeyPackages(core(), *relay_); }
  Status TakeWelcomes() { return client::TakeWelcomes(core(), *relay_); }
  // Another case, into which the manager adds the nurse.
  CaseId Invite() {
    const CaseId id = (*manager_)->NewCase(PatientForm("架空 花子")).value();
    EXPECT_TRUE((*manager_)->AddMember(id, nurse_->person().person).ok());
    return id;
  }
  bool Joined(const CaseId& id) { return core().groups.FindJoined(id, {0, 1}).value().has_value(); }

  Insider inside_{region_, *nurse_};
  std::unique_ptr<client::Relay> relay_;
};

TEST_F(KeyPackages, AreMadeKeptAndPublishedOnce) {
  ASSERT_TRUE(Refill().ok());
  EXPECT_THAT(Held(), SizeIs(kBatch));
  EXPECT_EQ(Published(), kBatch);
  const auto held = Held();
  ASSERT_TRUE(Refill().ok());
  EXPECT_EQ(Held(), held);
  EXPECT_EQ(Published(), kBatch);
}

TEST_F(KeyPackages, AreInTheVaultBeforeTheRelayHasThem) {
  region_.relay.down = true;
  EXPECT_EQ(Refill().error().code(), Code::kUnavailable);
  const auto held = Held();
  EXPECT_THAT(held, SizeIs(kBatch));
  EXPECT_EQ(Published(), 0U);
  region_.relay.down = false;
  ASSERT_TRUE(Refill().ok());  // the same ones
  EXPECT_EQ(Held(), held);
  EXPECT_EQ(Published(), kBatch);
}

TEST_F(KeyPackages, ThatTheVaultDoesNotTakeAreNotPublished) {
  nurse_->vault().FailAtWrite(5, MemoryVault::Fault::kFailOnce);
  EXPECT_EQ(Refill().error().code(), Code::kUnavailable);
  EXPECT_THAT(Held(), IsEmpty());
  EXPECT_EQ(Secrets(), 0U);
  EXPECT_EQ(Published(), 0U);
  EXPECT_TRUE(Refill().ok());
}

TEST_F(KeyPackages, AreMadeAgainWhenFewAreLeftAndNotBefore) {
  ASSERT_TRUE(Refill().ok());
  const auto held = Held();
  auto row = held.begin();
  for (std::size_t left = kBatch; left > 5; --left, ++row) {
    ASSERT_TRUE(nurse_->vault().Erase(Table::kMeta, *row).ok());
    ASSERT_TRUE(nurse_->vault().Erase(Table::kGroups, *row).ok());
  }
  ASSERT_TRUE(Refill().ok());
  EXPECT_THAT(Held(), SizeIs(5));
  ASSERT_TRUE(nurse_->vault().Erase(Table::kMeta, *row).ok());
  ASSERT_TRUE(nurse_->vault().Erase(Table::kGroups, *row).ok());
  ASSERT_TRUE(Refill().ok());
  EXPECT_THAT(Held(), SizeIs(4 + kBatch));
}

TEST_F(KeyPackages, AreRenewedBeforeTheyExpireUpToALimit) {
  ASSERT_TRUE(Refill().ok());
  region_.clock.Advance(Days(30));
  ASSERT_TRUE(Refill().ok());
  EXPECT_THAT(Held(), SizeIs(kBatch));
  region_.clock.Advance(Millis{1});
  ASSERT_TRUE(Refill().ok());
  EXPECT_THAT(Held(), SizeIs(2 * kBatch));
  for (int i = 0; i < 8; ++i) {
    region_.clock.Advance(Days(31));
    ASSERT_TRUE(Refill().ok());
  }
  EXPECT_THAT(Held(), SizeIs(60));
}

TEST_F(KeyPackages, ThatAreForgottenLeaveNothingAndAreMadeAnew) {
  ASSERT_TRUE(Refill().ok());
  const auto held = Held();
  ASSERT_TRUE(client::ForgetKeyPackages(core()).ok());
  EXPECT_THAT(Held(), IsEmpty());
  EXPECT_EQ(Secrets(), 0U);
  ASSERT_TRUE(Refill().ok());
  for (const Bytes& key : Held()) {
    EXPECT_FALSE(held.contains(key));
  }
  EXPECT_EQ(Published(), 2 * kBatch);
}

TEST_F(KeyPackages, OfADamagedVaultAreNotPublished) {
  ASSERT_TRUE(Refill().ok());
  ASSERT_TRUE(nurse_->vault().Erase(Table::kMeta, AsBytes("key-packages-uploaded")).ok());
  const Bytes key = *Held().begin();
  ASSERT_TRUE(nurse_->vault().Put(Table::kGroups, key, AsBytes("damaged")).ok());
  EXPECT_EQ(Refill().error().code(), Code::kCorrupt);
  ASSERT_TRUE(nurse_->vault().Erase(Table::kGroups, key).ok());
  EXPECT_EQ(Refill().error().code(), Code::kCorrupt);
  EXPECT_EQ(Published(), kBatch);
}

TEST_F(KeyPackages, WelcomeIsKeptAsAGroupAndUsesUpItsKeyPackage) {
  ASSERT_TRUE(Refill().ok());
  const CaseId id = Invite();
  ASSERT_TRUE(TakeWelcomes().ok());
  EXPECT_TRUE(Joined(id));
  EXPECT_EQ(Held().size() + 1, kBatch);
  EXPECT_EQ(Secrets(), Held().size());
  EXPECT_THAT(relay_->FetchMailbox({})->messages(), IsEmpty());
}

TEST_F(KeyPackages, WelcomeIsAcknowledgedAfterTheVaultHasItNotBefore) {
  ASSERT_TRUE(Refill().ok());
  const CaseId id = Invite();
  nurse_->vault().FailAtWrite(1, MemoryVault::Fault::kFailOnce);
  EXPECT_EQ(TakeWelcomes().error().code(), Code::kUnavailable);
  EXPECT_FALSE(Joined(id));
  EXPECT_THAT(Held(), SizeIs(kBatch));
  EXPECT_THAT(relay_->FetchMailbox({})->messages(), SizeIs(1));
  ASSERT_TRUE(TakeWelcomes().ok());
  EXPECT_TRUE(Joined(id));
}

TEST_F(KeyPackages, WelcomesComeInPages) {
  ASSERT_TRUE(Refill().ok());
  const CaseId one = Invite();
  const CaseId other = Invite();
  region_.relay.tamper_mailbox = [](relay::v1::MailboxFetchResponse& response) {
    while (response.messages_size() > 1) {
      response.mutable_messages()->RemoveLast();
    }
  };
  ASSERT_TRUE(TakeWelcomes().ok());
  EXPECT_TRUE(Joined(one));
  EXPECT_TRUE(Joined(other));
}

TEST_F(KeyPackages, AMailboxThatRepeatsItselfIsNotBelieved) {
  ASSERT_TRUE(Refill().ok());
  const CaseId id = Invite();
  const auto first = relay_->FetchMailbox({}).value();
  region_.relay.tamper_mailbox = [&](relay::v1::MailboxFetchResponse& response) {
    response = first;
  };
  EXPECT_EQ(TakeWelcomes().error().code(), Code::kMalformed);
  EXPECT_TRUE(Joined(id));
}

TEST_F(KeyPackages, AMailboxWithoutEndKeepsNobody) {
  ASSERT_TRUE(Refill().ok());
  Invite();
  auto always = relay_->FetchMailbox({}).value();
  region_.relay.tamper_mailbox = [&](relay::v1::MailboxFetchResponse& response) {
    always.mutable_messages(0)->set_id(always.messages(0).id() + 1);
    response = always;
  };
  region_.relay.pages.clear();
  EXPECT_TRUE(TakeWelcomes().ok());
  EXPECT_THAT(region_.relay.pages, SizeIs(100));
}

TEST_F(KeyPackages, WelcomeThatNothingHereOpensIsAcknowledgedAndForgotten) {
  ASSERT_TRUE(Refill().ok());
  const CaseId id = Invite();
  region_.relay.tamper_mailbox = [](relay::v1::MailboxFetchResponse& response) {
    for (auto& message : *response.mutable_messages()) {
      message.mutable_welcome()->back() ^= 1;
    }
  };
  ASSERT_TRUE(TakeWelcomes().ok());
  region_.relay.tamper_mailbox = nullptr;
  EXPECT_FALSE(Joined(id));
  EXPECT_THAT(Held(), SizeIs(kBatch));
  EXPECT_THAT(relay_->FetchMailbox({})->messages(), IsEmpty());
}

TEST_F(KeyPackages, WelcomeToSomethingThatIsNoCaseIsForgotten) {
  ASSERT_TRUE(Refill().ok());
  const CaseId id = Invite();
  region_.relay.tamper_mailbox = [](relay::v1::MailboxFetchResponse& response) {
    for (auto& message : *response.mutable_messages()) {
      message.set_case_id("short");
    }
  };
  ASSERT_TRUE(TakeWelcomes().ok());
  region_.relay.tamper_mailbox = nullptr;
  EXPECT_FALSE(Joined(id));
  EXPECT_THAT(relay_->FetchMailbox({})->messages(), IsEmpty());
}

// The relay hands the newest one out again when it is alone.
TEST_F(KeyPackages, NewestOneStaysUntilThereIsANewerEvenIfUsed) {
  ASSERT_TRUE(Refill().ok());
  const Bytes newest =
      client::RowKey("kp/")
          .Add(nurse_->vault().Get(Table::kMeta, AsBytes("key-packages-newest")).value().value())
          .bytes();
  for (std::size_t i = 0; i < 2 * kBatch; ++i) {
    Invite();
  }
  ASSERT_TRUE(TakeWelcomes().ok());
  EXPECT_TRUE(Held().contains(newest));
  ASSERT_TRUE(Refill().ok());  // it was used: a new batch
  EXPECT_GE(Held().size(), kBatch);
}

}  // namespace
}  // namespace renkei::test
