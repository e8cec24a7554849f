// A case of a care manager and a visiting nurse, both in step, over a relay in memory.
#ifndef RENKEI_TESTS_CLIENT_CORE_CASE_FIXTURE_H_
#define RENKEI_TESTS_CLIENT_CORE_CASE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "client/core/trust.h"
#include "tests/support/test_region.h"

namespace renkei::test {

inline constexpr std::uint32_t kNote = 10;

class CaseFixture : public testing::Test {
 protected:
  CaseFixture()
      : manager_(region_.AddPerson("架空居宅", pki::InstitutionKind::kCareManagementOffice,
                                   "架空 まき", pki::Profession::kCareManager)),
        nurse_(region_.AddPerson("架空訪看", pki::InstitutionKind::kVisitingNurseStation,
                                 "架空 ゆき", pki::Profession::kNurse)) {
    manager_->Sync();
    nurse_->Sync();
    case_ = (*manager_)->NewCase(PatientForm("架空 太郎")).value();
    EXPECT_TRUE((*manager_)->AddMember(case_, nurse_->person().person).ok());
    nurse_->Sync();
    manager_->Sync();
  }

  std::vector<std::string> Notes(Actor& actor) {
    std::vector<std::string> out;
    const auto records = actor->Records(case_);
    EXPECT_TRUE(records.ok());
    for (const auto& record : *records) {
      if (record.kind == kNote && record.problem.empty()) {
        out.push_back(NoteText(record));
      }
    }
    return out;
  }

  // Posts and expects that the relay took it.
  RecordId Post(Actor& actor, const std::string& text) {
    const auto posted = actor->Post(case_, NoteForm(text), {});
    EXPECT_TRUE(posted.ok());
    EXPECT_EQ(posted->state, client::RecordState::kSent);
    return posted->record_id;
  }

  bool Warned(Actor& actor, client::Warning warning) {
    const auto warnings = (*actor).ShowCase(case_)->warnings;
    return std::find(warnings.begin(), warnings.end(), client::WarningText(warning)) !=
           warnings.end();
  }
  std::uint64_t Epoch(Actor& actor) { return (*actor).ShowCase(case_)->epoch; }

  TestRegion region_;
  std::unique_ptr<Actor> manager_;
  std::unique_ptr<Actor> nurse_;
  CaseId case_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_CLIENT_CORE_CASE_FIXTURE_H_
