#include "crypto/pki/profession.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "crypto/pki/names.h"

namespace renkei::pki {
namespace {

TEST(Professions, EveryNameLeadsBackToItsProfession) {
  std::set<std::string_view> seen;
  for (const ProfessionNames& row : AllProfessions()) {
    EXPECT_EQ(&NamesOf(row.profession), &row);
    EXPECT_EQ(ProfessionFromCertificate(row.certificate), row.profession);
    EXPECT_EQ(ProfessionFromInput(row.certificate), row.profession) << row.certificate;
    EXPECT_EQ(ProfessionFromInput(row.cli), row.profession) << row.cli;
    EXPECT_EQ(ProfessionFromInput(row.japanese), row.profession) << row.japanese;
    EXPECT_TRUE(CheckName(row.certificate).ok()) << row.certificate;
    EXPECT_TRUE(seen.insert(row.certificate).second);
    EXPECT_TRUE(seen.insert(row.cli).second) << row.cli;
    EXPECT_TRUE(seen.insert(row.japanese).second) << row.japanese;
  }
  EXPECT_EQ(AllProfessions().size(), static_cast<std::size_t>(Profession::kOther));
}

TEST(InstitutionKinds, EveryNameLeadsBackToItsKind) {
  std::set<std::string_view> seen;
  for (const InstitutionKindNames& row : AllInstitutionKinds()) {
    EXPECT_EQ(&NamesOf(row.kind), &row);
    EXPECT_EQ(InstitutionKindFromCertificate(row.certificate), row.kind);
    EXPECT_EQ(InstitutionKindFromInput(row.certificate), row.kind) << row.certificate;
    EXPECT_EQ(InstitutionKindFromInput(row.cli), row.kind) << row.cli;
    EXPECT_EQ(InstitutionKindFromInput(row.japanese), row.kind) << row.japanese;
    EXPECT_TRUE(CheckName(row.certificate).ok()) << row.certificate;
    EXPECT_TRUE(seen.insert(row.certificate).second);
    EXPECT_TRUE(seen.insert(row.cli).second);
    EXPECT_TRUE(seen.insert(row.japanese).second);
  }
  EXPECT_EQ(AllInstitutionKinds().size(), static_cast<std::size_t>(InstitutionKind::kOther));
}

TEST(Professions, ThePlaceIsNotTheProfession) {
  EXPECT_EQ(ProfessionFromInput("visiting-nurse"), Profession::kNurse);
  EXPECT_EQ(ProfessionFromInput("discharge-nurse"), Profession::kNurse);
  EXPECT_EQ(ProfessionFromInput("Deputy Doctor"), Profession::kDoctor);
  EXPECT_EQ(ProfessionFromInput("ケアマネ"), Profession::kCareManager);
  EXPECT_EQ(InstitutionKindFromInput("visiting-nurse"), InstitutionKind::kVisitingNurseStation);
  EXPECT_EQ(InstitutionKindFromInput("Home_Care_Clinic"), InstitutionKind::kClinic);
}

TEST(Professions, HcRoleNamesAreThoseOfTheStandard) {
  EXPECT_EQ(NamesOf(Profession::kDoctor).certificate, "Medical Doctor");
  EXPECT_EQ(NamesOf(Profession::kNurse).certificate, "Registered Nurse");
  EXPECT_EQ(NamesOf(Profession::kPharmacist).certificate, "Pharmacist");
  EXPECT_TRUE(NamesOf(Profession::kDoctor).is_hc_role);
  EXPECT_TRUE(NamesOf(Profession::kCareWorker).is_hc_role);
  EXPECT_FALSE(NamesOf(Profession::kCareManager).is_hc_role);
  EXPECT_FALSE(NamesOf(Profession::kAdministrativeStaff).is_hc_role);
}

TEST(Professions, WhatIsNoneHasNoNameAndIsNeverFound) {
  EXPECT_EQ(NamesOf(Profession::kNone).certificate, "");
  EXPECT_EQ(NamesOf(InstitutionKind::kNone).cli, "");
  for (const std::string_view text : {"", "wizard", "doctor ", "医", "Medical  Doctor"}) {
    EXPECT_EQ(ProfessionFromInput(text), std::nullopt) << text;
    EXPECT_EQ(ProfessionFromCertificate(text), std::nullopt) << text;
    EXPECT_EQ(InstitutionKindFromInput(text), std::nullopt) << text;
    EXPECT_EQ(InstitutionKindFromCertificate(text), std::nullopt) << text;
  }
}

TEST(Professions, TheCertificateSpellingIsExact) {
  EXPECT_EQ(ProfessionFromCertificate("medical doctor"), std::nullopt);
  EXPECT_EQ(ProfessionFromCertificate("doctor"), std::nullopt);
}

}  // namespace
}  // namespace renkei::pki
