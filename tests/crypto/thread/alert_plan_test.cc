#include "crypto/thread/alert_plan.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/thread/encoding.h"
#include "tests/crypto/thread/support/example.h"

namespace renkei::thread {
namespace {

constexpr std::uint32_t kNurse = 4;
constexpr std::uint32_t kDoctor = 1;
constexpr std::uint32_t kPharmacist = 3;

class AlertPlans : public testing::Test {
 protected:
  AlertPlans() {
    const InstitutionId station = InstitutionId::Generate(random_);
    const InstitutionId clinic = InstitutionId::Generate(random_);
    sender_ = Add(station, kNurse);
    nurse_ = Add(station, kNurse);
    doctor_ = Add(clinic, kDoctor);
    clinic_nurse_ = Add(clinic, kNurse);
    plan_.rounds = 2;
    plan_.steps = {{{Whom(nurse_), {std::nullopt, std::nullopt, kDoctor}}, Minutes(5)},
                   {{{station, std::nullopt, kNurse}}, Seconds(90)},
                   {{{std::nullopt, std::nullopt, kPharmacist}}, Seconds(1)}};
  }
  PersonRef Add(const InstitutionId& institution, std::uint32_t profession) {
    const PersonRef person{institution, PersonId::Generate(random_)};
    members_.push_back({person, profession, true});
    return person;
  }
  static AlertTarget Whom(const PersonRef& person) {
    return {person.institution, person.person, 0};
  }
  static AlertCall Called(const PersonRef& person, CallOutcome outcome = CallOutcome::kLeft) {
    return {Whom(person), outcome};
  }
  std::vector<AlertCall> Calls(std::uint32_t k) const {
    return CallsAt(plan_, k, members_, sender_);
  }
  Code Refusal() const {
    const Status status = ValidateAlertPlan(plan_);
    return status.ok() ? Code::kInternal : status.error().code();
  }

  SeededRandom random_{5};
  std::vector<AlertMember> members_;
  PersonRef sender_, nurse_, doctor_, clinic_nurse_;
  AlertPlan plan_;
};

TEST_F(AlertPlans, ComeBackAsTheyWereWritten) {
  const auto read = ParseAlertPlan(SerializeAlertPlan(plan_));
  ASSERT_TRUE(read.ok()) << read.error().where();
  EXPECT_EQ(*read, plan_);
}

TEST_F(AlertPlans, HaveOneEncoding) {
  const Bytes bytes = SerializeAlertPlan(plan_);
  const auto same_again = [&](ByteView changed) {
    const auto read = ParseAlertPlan(changed);
    return read.ok() && (*read == plan_ || SerializeAlertPlan(*read) != ToBytes(changed));
  };
  EXPECT_EQ(test::CountAcceptedMutations(bytes, same_again), 0U);
}

TEST_F(AlertPlans, ChangedByAByteHaveAnotherHash) {
  Bytes bytes = SerializeAlertPlan(plan_);
  const Hash32 before = HashOfAlertPlan(bytes);
  bytes.back() ^= 1;
  EXPECT_NE(HashOfAlertPlan(bytes), before);
}

TEST_F(AlertPlans, OutOfBoundsAreRefused) {
  const AlertPlan good = plan_;
  const auto refuses = [&](Code code, const std::function<void(AlertPlan&)>& change) {
    plan_ = good;
    change(plan_);
    EXPECT_EQ(CodeName(Refusal()), std::string(CodeName(code)));
  };
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps.clear(); });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.rounds = 0; });
  refuses(Code::kTooLarge, [](AlertPlan& p) { p.rounds = kMaxAlertRounds + 1; });
  refuses(Code::kTooLarge, [](AlertPlan& p) { p.steps.resize(kMaxAlertSteps + 1, p.steps[2]); });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].targets.clear(); });
  refuses(Code::kTooLarge, [](AlertPlan& p) {
    p.steps[0].targets.resize(kMaxAlertTargets + 1, p.steps[0].targets[0]);
  });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].wait = {0}; });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].wait = {1500}; });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].wait = Days(1) + Seconds(1); });
  refuses(Code::kTooLarge, [](AlertPlan& p) {
    p.rounds = kMaxAlertRounds;
    p.steps[0].wait = Days(1);
  });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].targets[0] = {}; });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].targets[0].institution.reset(); });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].targets[0].profession = kDoctor; });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[0].targets[0].person = PersonId{}; });
  refuses(Code::kMalformed, [](AlertPlan& p) { p.steps[1].targets[0].profession = 256; });
  refuses(Code::kTooLarge, [this](AlertPlan& p) {
    p.steps.assign(kMaxAlertSteps,
                   {std::vector<AlertTarget>(kMaxAlertTargets, Whom(nurse_)), Seconds(1)});
  });
  plan_ = good;
  EXPECT_TRUE(ValidateAlertPlan(plan_).ok());
}

TEST_F(AlertPlans, OfALaterVersionSayUpdate) {
  Bytes bytes = SerializeAlertPlan(plan_);
  bytes[1] = 2;
  EXPECT_EQ(ParseAlertPlan(bytes).error().code(), Code::kUnsupported);
  EXPECT_EQ(ParseAlertPlan({}).error().code(), Code::kMalformed);
  EXPECT_EQ(ParseAlertPlan(Bytes(kMaxAlertPlanBytes + 1)).error().code(), Code::kTooLarge);
}

TEST_F(AlertPlans, StepsAreCountedOverAllRounds) {
  EXPECT_EQ(CallsIn(plan_), 6U);
  EXPECT_EQ(StepAt(plan_, 4), plan_.steps[1]);
  EXPECT_EQ(Calls(4), Calls(1));
}

TEST_F(AlertPlans, CallThePersonsAndTheMembersOfAProfession) {
  EXPECT_EQ(Calls(0), (std::vector<AlertCall>{Called(nurse_), Called(doctor_)}));
}

TEST_F(AlertPlans, CallOneInstitutionsProfessionOnlyAndNotTheSender) {
  EXPECT_EQ(Calls(1), (std::vector<AlertCall>{Called(nurse_)}));
  plan_.steps[1].targets[0].institution.reset();
  auto both = std::vector{Called(nurse_), Called(clinic_nurse_)};
  if (clinic_nurse_ < nurse_) {
    std::swap(both[0], both[1]);
  }
  EXPECT_EQ(Calls(1), both);
}

TEST_F(AlertPlans, SayThatNobodyIsOfAProfession) {
  EXPECT_EQ(
      Calls(2),
      (std::vector<AlertCall>{{{std::nullopt, std::nullopt, kPharmacist}, CallOutcome::kNobody}}));
}

TEST_F(AlertPlans, SkipWhoIsNoMemberOrHasNoDevice) {
  members_[2].has_device = false;  // the doctor's were revoked
  members_.erase(members_.begin() + 1);
  EXPECT_EQ(Calls(0), (std::vector<AlertCall>{Called(nurse_, CallOutcome::kNotMember),
                                              Called(doctor_, CallOutcome::kNoDevice)}));
}

TEST_F(AlertPlans, SkipAPersonOfTheSameIdInAnotherInstitution) {
  plan_.steps[0].targets = {{doctor_.institution, nurse_.person, 0}};
  EXPECT_EQ(Calls(0)[0].outcome, CallOutcome::kNotMember);
}

TEST_F(AlertPlans, CallNobodyTwiceInOneStep) {
  plan_.steps[0].targets = {Whom(doctor_), {std::nullopt, std::nullopt, kDoctor}, Whom(doctor_)};
  EXPECT_EQ(Calls(0), (std::vector<AlertCall>{Called(doctor_)}));
}

}  // namespace
}  // namespace renkei::thread
