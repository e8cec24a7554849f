#include "client/core/call_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/thread/alert_plan.h"

namespace renkei::client {
namespace {

using pki::InstitutionKind;
using pki::Profession;
using testing::ElementsAre;
using testing::IsEmpty;

class CallLists : public testing::Test {
 protected:
  void Add(const std::string& name, Profession profession, InstitutionKind kind,
           bool steward = false, bool self = false) {
    MemberView member;
    member.person.name = name;
    member.person.profession = std::string(pki::NamesOf(profession).certificate);
    member.person.institution_kind = std::string(pki::NamesOf(kind).certificate);
    member.person.institution_id.bytes[0] = static_cast<std::uint8_t>(kind);
    member.person.person_id.bytes[0] = static_cast<std::uint8_t>(view_.members.size() + 1);
    member.person.self = self;
    member.steward = steward;
    view_.members.push_back(member);
  }
  std::vector<std::vector<std::string>> Names() const {
    std::vector<std::vector<std::string>> out;
    for (const CallStep& step : DefaultCallList(view_).steps) {
      std::vector<std::string> names;
      for (const Callee& callee : step.callees) {
        names.push_back(callee.person->name);
      }
      out.push_back(names);
    }
    return out;
  }

  CaseView view_;
};

TEST_F(CallLists, FollowTheUsualOrderOfProfessions) {
  Add("care manager", Profession::kCareManager, InstitutionKind::kCareManagementOffice);
  Add("hospital doctor", Profession::kDoctor, InstitutionKind::kHospital);
  Add("deputy", Profession::kDoctor, InstitutionKind::kClinic);
  Add("main doctor", Profession::kDoctor, InstitutionKind::kClinic, true);
  Add("MSW", Profession::kMedicalSocialWorker, InstitutionKind::kHospital);
  Add("visiting nurse", Profession::kNurse, InstitutionKind::kVisitingNurseStation);
  Add("clinic nurse", Profession::kNurse, InstitutionKind::kClinic);
  Add("pharmacist", Profession::kPharmacist, InstitutionKind::kPharmacy);
  EXPECT_THAT(Names(),
              ElementsAre(ElementsAre("main doctor", "visiting nurse"),
                          ElementsAre("deputy", "clinic nurse"),
                          ElementsAre("hospital doctor", "MSW"), ElementsAre("care manager")));
  const CallList list = DefaultCallList(view_);
  EXPECT_EQ(list.rounds, 2U);
  EXPECT_EQ(list.steps[0].wait, Minutes(5));
  EXPECT_TRUE(ToAlertPlan(list).ok());
}

TEST_F(CallLists, LeaveOutWhoWritesAndStepsForNobody) {
  Add("visiting nurse", Profession::kNurse, InstitutionKind::kVisitingNurseStation, true, true);
  Add("doctor", Profession::kDoctor, InstitutionKind::kClinic);
  EXPECT_THAT(Names(), ElementsAre(ElementsAre("doctor")));
}

TEST_F(CallLists, OfACaseWithNobodyElseAreEmpty) {
  Add("nurse", Profession::kNurse, InstitutionKind::kVisitingNurseStation, true, true);
  Add("pharmacist", Profession::kPharmacist, InstitutionKind::kPharmacy);
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_EQ(ToAlertPlan(DefaultCallList(view_)).error().code(), Code::kMalformed);
}

TEST_F(CallLists, OfALargeCaseStayWithinBounds) {
  for (int i = 0; i < 40; ++i) {
    Add("nurse", Profession::kNurse, InstitutionKind::kVisitingNurseStation);
  }
  EXPECT_TRUE(ToAlertPlan(DefaultCallList(view_)).ok());
}

TEST_F(CallLists, BecomeThePlanThatTheRelayReads) {
  Add("doctor", Profession::kDoctor, InstitutionKind::kClinic);
  CallList list;
  list.rounds = 3;
  list.steps = {{{{view_.members[0].person, Profession::kNone}}, Seconds(2)},
                {{{std::nullopt, Profession::kNurse}}, Minutes(1)}};
  const auto plan = thread::ParseAlertPlan(ToAlertPlan(list).value());
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->rounds, 3U);
  EXPECT_EQ(plan->steps[0].targets[0].person, view_.members[0].person.person_id);
  EXPECT_EQ(plan->steps[0].targets[0].institution, view_.members[0].person.institution_id);
  EXPECT_EQ(plan->steps[0].wait, Seconds(2));
  EXPECT_EQ(plan->steps[1].targets[0].profession, static_cast<std::uint32_t>(Profession::kNurse));
  list.rounds = 11;
  EXPECT_EQ(ToAlertPlan(list).error().code(), Code::kTooLarge);
}

}  // namespace
}  // namespace renkei::client
