#include "crypto/thread/alert_encoding.h"

#include <gtest/gtest.h>

#include "crypto/base/random.h"

namespace renkei::thread {
namespace {

AlertTarget Again(const AlertTarget& target) {
  const Bytes bytes = Encode([&](FieldWriter& out) { WriteTarget(out, target); });
  FieldReader in(bytes);
  const AlertTarget out = ReadTarget(in);
  EXPECT_TRUE(in.Done());
  return out;
}

TEST(AlertTargets, PersonAndProfessionComeBack) {
  SeededRandom random(4);
  const InstitutionId institution = InstitutionId::Generate(random);
  for (const AlertTarget& target : {AlertTarget{institution, PersonId::Generate(random), 0},
                                    AlertTarget{institution, std::nullopt, 4},
                                    AlertTarget{std::nullopt, std::nullopt, kMaxProfession}}) {
    EXPECT_TRUE(ValidateTarget(target).ok());
    EXPECT_EQ(Again(target), target);
  }
}

TEST(AlertTargets, NeitherNorBothAreRefused) {
  SeededRandom random(4);
  const InstitutionId institution = InstitutionId::Generate(random);
  const PersonId person = PersonId::Generate(random);
  for (const AlertTarget& target :
       {AlertTarget{}, AlertTarget{institution, std::nullopt, 0},
        AlertTarget{std::nullopt, person, 0}, AlertTarget{institution, person, 4},
        AlertTarget{InstitutionId{}, person, 0}, AlertTarget{institution, PersonId{}, 0},
        AlertTarget{InstitutionId{}, std::nullopt, 4},
        AlertTarget{std::nullopt, std::nullopt, kMaxProfession + 1}}) {
    EXPECT_EQ(ValidateTarget(target).error().code(), Code::kMalformed);
  }
}

}  // namespace
}  // namespace renkei::thread
