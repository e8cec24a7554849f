// What a lying relay gets (G4): each lie is told apart, nothing that was there is lost, and when it
// delivers the truth again the case goes on.
#include "client/core/thread_sync.h"

#include <algorithm>

#include "tests/client/core/case_fixture.h"
#include "tests/support/insider.h"

namespace renkei::test {
namespace {

using client::Warning;
using testing::ElementsAre;
using testing::IsEmpty;

class LyingRelay : public CaseFixture {
 protected:
  LyingRelay() {
    Post(*nurse_, "一");
    Post(*nurse_, "二");
    Post(*nurse_, "三");
    second_ = region_.relay.entries(case_).size() - 1;  // where the second note stands
  }

  FakeRelay::Entries::iterator Find(FakeRelay::Entries& entries, std::uint64_t seq) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const auto& entry) { return entry.seq() == seq; });
  }

  // Syncs under the lie, expects the warning and what could be read; then the truth.
  void Expect(Warning warning, const std::vector<std::string>& readable) {
    const auto report = manager_->Sync();
    EXPECT_THAT(report.notices, testing::Contains(client::WarningText(warning)));
    EXPECT_TRUE(Warned(*manager_, warning));
    EXPECT_EQ(Notes(*manager_), readable);
    region_.relay.tamper = nullptr;
    region_.relay.tamper_head = nullptr;
    manager_->Sync();
    EXPECT_THAT(Notes(*manager_), ElementsAre("一", "二", "三"));
    EXPECT_FALSE(Warned(*manager_, warning));
  }

  std::uint64_t second_ = 0;
};

TEST_F(LyingRelay, G4_AnAlteredEntryIsNoticed) {
  region_.relay.tamper = [this](const CaseId&, FakeRelay::Entries& entries) {
    if (const auto at = Find(entries, second_); at != entries.end()) {
      at->mutable_payload()->back() ^= 1;
    }
  };
  Expect(Warning::kEntryAltered, {"一"});
}

TEST_F(LyingRelay, G4_ADroppedEntryIsNoticed) {
  region_.relay.tamper = [this](const CaseId&, FakeRelay::Entries& entries) {
    if (const auto at = Find(entries, second_); at != entries.end()) {
      entries.erase(at);
    }
  };
  Expect(Warning::kEntryMissing, {"一"});
}

TEST_F(LyingRelay, G4_ADroppedTailIsNoticedByTheSignedHead) {
  region_.relay.tamper = [this](const CaseId&, FakeRelay::Entries& entries) {
    std::erase_if(entries, [this](const auto& entry) { return entry.seq() > second_; });
  };
  Expect(Warning::kEntryMissing, {"一", "二"});
}

TEST_F(LyingRelay, G4_ARepeatedEntryIsNoticed) {
  region_.relay.tamper = [this](const CaseId&, FakeRelay::Entries& entries) {
    if (const auto at = Find(entries, second_); at != entries.end()) {
      *at = region_.relay.entries(case_).at(second_ - 2);
    }
  };
  Expect(Warning::kEntryRepeated, {"一"});
}

TEST_F(LyingRelay, G4_ReorderedEntriesAreNoticed) {
  region_.relay.tamper = [this](const CaseId&, FakeRelay::Entries& entries) {
    const auto at = Find(entries, second_);
    if (at != entries.end() && at != entries.begin()) {
      std::iter_swap(at, at - 1);
    }
  };
  Expect(Warning::kEntryMissing, {});
}

TEST_F(LyingRelay, G4_AnEntryOfAnotherTimeIsNoticed) {
  region_.relay.tamper = [this](const CaseId&, FakeRelay::Entries& entries) {
    if (const auto at = Find(entries, second_); at != entries.end()) {
      at->set_received_at(1);
    }
  };
  Expect(Warning::kTimeBackwards, {"一"});
}

TEST_F(LyingRelay, G4_AForgedHeadIsNoticed) {
  region_.relay.tamper_head = [](thread::Head& head) { head.case_id.bytes[0] ^= 1; };
  manager_->Sync();
  EXPECT_TRUE(Warned(*manager_, Warning::kHeadForged));
  EXPECT_THAT(Notes(*manager_), ElementsAre("一", "二", "三"));
}

TEST_F(LyingRelay, G4_AHeadThatContradictsTheChainIsKeptAsProof) {
  region_.relay.tamper_head = [](thread::Head& head) { head.hash[0] ^= 1; };
  manager_->Sync();
  EXPECT_TRUE(Warned(*manager_, Warning::kHeadContradicts));
  const auto proof = manager_->vault().Scan(client::Table::kTrust, AsBytes("proof/"), {});
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->size(), 1U);
}

TEST_F(LyingRelay, G4_AMemberWhoWasShownAnotherThreadIsNoticed) {
  manager_->Sync();
  Insider nurse(region_, *nurse_);
  region_.relay.ForceEntry(case_, seal::v1::ENTRY_KIND_RECORD,
                           nurse.SealNote(case_, "別の履歴", [](thread::RecordHeader& header) {
                             header.seen_hash[0] ^= 1;
                           }));
  const auto report = manager_->Sync();
  EXPECT_THAT(report.notices, testing::Contains(client::WarningText(Warning::kForkSeen)));
  EXPECT_TRUE(Warned(*manager_, Warning::kForkSeen));
}

TEST_F(LyingRelay, G4_ARelayThatWentBackIsNoticed) {
  manager_->Sync();
  region_.relay.tamper_head = [this](thread::Head& head) {
    const auto& entry = region_.relay.entries(case_).front();
    head.seq = 1;
    head.hash = ToArray<kHashBytes>(AsBytes(entry.hash())).value();
  };
  manager_->Sync();
  EXPECT_TRUE(Warned(*manager_, Warning::kRelayBehind));
}

}  // namespace
}  // namespace renkei::test
