// Sync and watch as a whole: what is told, what is told later, what ends a watch.
#include <atomic>

#include "client/core/outbox_store.h"
#include "client/core/session_impl.h"
#include "renkei/relay/v1/threads.pb.h"
#include "tests/client/core/case_fixture.h"
#include "tests/sim/sim_world.h"

namespace renkei::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;

class Syncing : public CaseFixture {};

TEST_F(Syncing, ASecondSyncBringsNothing) {
  Post(*manager_, "一つ");
  EXPECT_THAT(nurse_->Sync().new_records, SizeIs(1));
  const auto again = nurse_->Sync();
  EXPECT_EQ(again.entries, 0U);
  EXPECT_THAT(again.new_records, IsEmpty());
}

TEST_F(Syncing, WithTheRelayDownNothingChangesButWhyThingsWait) {
  region_.relay.down = true;
  ASSERT_TRUE((*manager_)->Post(case_, NoteForm("待つ"), {}).ok());
  EXPECT_EQ((*manager_)->Sync().error().code(), Code::kUnavailable);
  const auto outbox = (*manager_)->Outbox().value();
  ASSERT_THAT(outbox, SizeIs(1));
  EXPECT_EQ(outbox[0].waiting_for, client::WaitReasonText(client::WaitReason::kNoConnection));
}

TEST_F(Syncing, WhatASyncBroughtBeforeItBrokeOffIsToldByTheNext) {
  const CaseId other = (*manager_)->NewCase(PatientForm("架空 次郎")).value();
  ASSERT_TRUE((*manager_)->AddMember(other, nurse_->person().person).ok());
  nurse_->Sync();
  Post(*manager_, "一つ目の事例");
  ASSERT_TRUE((*manager_)->Post(other, NoteForm("二つ目の事例"), {}).ok());
  int reads = 0;
  region_.relay.tamper = [&](const CaseId&, FakeRelay::Entries&) {
    if (++reads == 2) {
      region_.relay.down = true;  // from the next call on
    }
  };
  EXPECT_FALSE((*nurse_)->Sync().ok());
  region_.relay.down = false;
  region_.relay.tamper = nullptr;
  EXPECT_THAT(nurse_->Sync().new_records, SizeIs(2)) << "both, the one taken before as well";
  EXPECT_THAT(nurse_->Sync().new_records, IsEmpty());
}

TEST_F(Syncing, WhatIsReadComesInPagesThatASlowLineBrings) {
  const std::string long_note(100'000, 'a');
  for (int i = 0; i < 12; ++i) {
    Post(*manager_, long_note);
  }
  region_.relay.pages.clear();
  EXPECT_THAT(nurse_->Sync().new_records, SizeIs(12));
  EXPECT_THAT(region_.relay.pages, Each(client::kPageBytes)) << "directory, mailbox and thread";
  EXPECT_GE(region_.relay.pages.size(), 2U + 3U);
}

TEST_F(Syncing, OneCaseThatFailsDoesNotKeepTheOthersBack) {
  const CaseId other = (*manager_)->NewCase(PatientForm("架空 次郎")).value();
  ASSERT_TRUE((*manager_)->AddMember(other, nurse_->person().person).ok());
  nurse_->Sync();
  Post(*manager_, "良い事例");
  ASSERT_TRUE((*manager_)->Post(other, NoteForm("書き換えられる"), {}).ok());
  region_.relay.tamper = [&](const CaseId& case_id, FakeRelay::Entries& entries) {
    if (case_id == other && !entries.empty()) {
      entries.back().set_hash(std::string(32, 'x'));
    }
  };
  const auto report = nurse_->Sync();
  EXPECT_THAT(Notes(*nurse_), Contains("良い事例"));
  EXPECT_THAT(report.notices, Contains(client::WarningText(client::Warning::kEntryAltered)));
}

// One thread a page.
void InPages(const relay::v1::ListRequest& request, relay::v1::ListResponse& response) {
  relay::v1::ListResponse page;
  for (const auto& thread : response.threads()) {
    if (page.threads_size() == 0 && thread.case_id() > request.after()) {
      *page.add_threads() = thread;
    } else if (thread.case_id() > request.after()) {
      page.set_has_more(true);
    }
  }
  response = page;
}

TEST_F(Syncing, CasesThatAreListedOnALaterPageAreReadToo) {
  region_.relay.tamper_list = InPages;
  std::size_t cases = 1;
  for (; cases < 4; ++cases) {
    const CaseId other = (*manager_)->NewCase(PatientForm("架空 次郎")).value();
    ASSERT_TRUE((*manager_)->AddMember(other, nurse_->person().person).ok());
  }
  nurse_->Sync();
  EXPECT_THAT((*nurse_)->ListCases().value(), SizeIs(cases));
}

TEST_F(Syncing, ARelayThatAlwaysHasMoreThreadsIsNotBelieved) {
  int asked = 0;
  region_.relay.tamper_list = [&](const relay::v1::ListRequest&,
                                  relay::v1::ListResponse& response) {
    response.set_has_more(++asked < 1000);
  };
  nurse_->Sync();
  EXPECT_LE(asked, 2) << "the same page again";
}

TEST_F(Syncing, UrgentRecordsGoBeforeOtherCasesAreRead) {
  const CaseId other = (*manager_)->NewCase(PatientForm("架空 次郎")).value();
  region_.relay.down = true;
  ASSERT_TRUE((*manager_)->Post(other, NoteForm("急ぎ"), {.urgent = true}).ok());
  region_.relay.down = false;
  std::vector<CaseId> order;
  region_.relay.tamper = [&](const CaseId& case_id, FakeRelay::Entries&) {
    order.push_back(case_id);
  };
  manager_->Sync();
  ASSERT_FALSE(order.empty());
  EXPECT_EQ(order.front(), other);
}

TEST(Watching, TakesOnlyTheCasesOfABatchAndTellsOfThem) {
  sim::SimWorld world(1);
  sim::Actor& nurse =
      world.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 さくら", "nurse");
  sim::Actor& doctor = world.AddInstitution("架空医院", "clinic", "伊藤 一郎", "doctor");
  const CaseId id = nurse.Open().NewCase(sim::PatientContent()).value();
  ASSERT_TRUE(doctor.Open().Sync().ok() && nurse.Open().Sync().ok());
  ASSERT_TRUE(nurse.Open().AddMember(id, doctor.Open().Self().person_id).ok());
  ASSERT_TRUE(doctor.Open().Sync().ok());
  std::atomic<bool> going{true};
  std::vector<std::string> heard;
  world.connector.watch = [&](const sim::SimConnector::OnEvent& on_event) {
    EXPECT_TRUE(nurse.Open().Post(id, sim::NoteContent("様子（架空）"), {}).ok());
    relay::v1::WatchEvent event;
    event.mutable_batch()->add_entries()->set_case_id(ToString(id.view()));
    event.mutable_batch()->add_entries()->set_case_id("no case");
    EXPECT_TRUE(on_event(event));
    going = false;
    return Ok();
  };
  const Status watched = doctor.Open().Watch(
      [&](const client::SyncReport& report) {
        for (const auto& record : report.new_records) {
          heard.push_back(sim::NoteText(record));
        }
      },
      [&] { return going.load(); });
  EXPECT_TRUE(watched.ok());
  EXPECT_THAT(heard, Contains("様子（架空）"));
}

TEST(Watching, WaitsForARelayThatIsDownEvenBeforeItWasEverReached) {
  sim::SimWorld world(1);
  world.connector.faults.down = true;  // the operator's certificates are not published yet
  int asked = 0;
  const Status watched =
      world.Operator().Open().Watch([](const client::SyncReport&) {}, [&] { return ++asked < 3; });
  EXPECT_TRUE(watched.ok());
}

TEST(Watching, EndsWithTheVaultsErrorNotSilently) {
  sim::SimWorld world(1);
  sim::Actor& nurse =
      world.AddInstitution("架空訪問看護", "visiting-nurse-station", "江口 さくら", "nurse");
  ASSERT_TRUE(nurse.vault().Put(client::Table::kCases, Bytes(16, 1), Bytes{0xFF}).ok());
  EXPECT_EQ(
      nurse.Open().Watch([](const client::SyncReport&) {}, [] { return true; }).error().code(),
      Code::kCorrupt);
}

}  // namespace
}  // namespace renkei::test
