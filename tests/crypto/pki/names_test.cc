#include "crypto/pki/names.h"

#include <gtest/gtest.h>

#include <string>

namespace renkei::pki {
namespace {

constexpr UriForm kForms[] = {UriForm::kRegion,        UriForm::kRelay,
                              UriForm::kInstitution,   UriForm::kInstitutionArchive,
                              UriForm::kPersonArchive, UriForm::kDevice};

constexpr std::string_view kA = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view kB = "22222222-2222-4222-8222-222222222222";
constexpr std::string_view kC = "33333333-3333-4333-8333-333333333333";

SubjectIds IdsFor(UriForm form) {
  SubjectIds ids;
  const bool region = form == UriForm::kRegion || form == UriForm::kRelay;
  if (region) {
    ids.region = RegionId::Parse(kA).value();
    return ids;
  }
  ids.institution = InstitutionId::Parse(kA).value();
  if (form == UriForm::kPersonArchive || form == UriForm::kDevice) {
    ids.person = PersonId::Parse(kB).value();
  }
  if (form == UriForm::kDevice) {
    ids.device = DeviceId::Parse(kC).value();
  }
  if (form == UriForm::kPersonArchive || form == UriForm::kInstitutionArchive) {
    ids.archive_version = 12;
  }
  return ids;
}

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    out.append(part);
  }
  return out;
}

TEST(Uri, HasTheDocumentedForms) {
  const auto format = [](UriForm form) { return FormatUri(form, IdsFor(form)); };
  EXPECT_EQ(format(UriForm::kRegion), Join({"renkei://region/", kA}));
  EXPECT_EQ(format(UriForm::kRelay), Join({"renkei://region/", kA, "/relay"}));
  EXPECT_EQ(format(UriForm::kInstitution), Join({"renkei://", kA}));
  EXPECT_EQ(format(UriForm::kInstitutionArchive), Join({"renkei://", kA, "/archive/12"}));
  EXPECT_EQ(format(UriForm::kPersonArchive), Join({"renkei://", kA, "/", kB, "/archive/12"}));
  EXPECT_EQ(format(UriForm::kDevice), Join({"renkei://", kA, "/", kB, "/", kC}));
}

TEST(Uri, ReadsBackWhatItWrote) {
  for (const UriForm form : kForms) {
    EXPECT_EQ(ParseUri(form, FormatUri(form, IdsFor(form))).value(), IdsFor(form));
  }
}

TEST(Uri, OneFormIsNeverReadAsAnother) {
  for (const UriForm written : kForms) {
    for (const UriForm read : kForms) {
      EXPECT_EQ(ParseUri(read, FormatUri(written, IdsFor(written))).ok(), read == written);
    }
  }
}

TEST(Uri, OtherSpellingsAreRefused) {
  const auto refused = [](UriForm form, const std::string& uri) {
    const auto result = ParseUri(form, uri);
    ASSERT_FALSE(result.ok()) << uri;
    EXPECT_EQ(result.error().code(), Code::kMalformed);
  };
  const std::string device = FormatUri(UriForm::kDevice, IdsFor(UriForm::kDevice));
  refused(UriForm::kDevice, "");
  refused(UriForm::kDevice, device + "/");
  refused(UriForm::kDevice, device + "?x");
  refused(UriForm::kDevice, " " + device);
  refused(UriForm::kDevice, device.substr(0, device.size() - 1));
  refused(UriForm::kDevice, "RENKEI" + device.substr(6));
  refused(UriForm::kDevice, "https" + device.substr(6));
  refused(UriForm::kDevice, Join({"renkei://user@", kA, "/", kB, "/", kC}));
  refused(UriForm::kDevice, Join({"renkei://", kA, ":1/", kB, "/", kC}));
  refused(UriForm::kDevice, Join({"renkei://", kA, "//", kB, "/", kC}));
  refused(UriForm::kDevice, Join({"renkei://", kA, "/", kB, "/", PersonId{}.Text()}));
  refused(UriForm::kInstitution, "renkei://ABCDEF11-1111-4111-8111-111111111111");
  refused(UriForm::kInstitution, Join({"renkei://", InstitutionId{}.Text()}));
  refused(UriForm::kRegion, Join({"renkei://region/", kA, std::string(200, 'a')}));
  refused(UriForm::kDevice, device + std::string(1, '\0'));
}

TEST(Uri, VersionsAreDecimalWithoutOrnament) {
  const auto version = [](std::string_view text) {
    return ParseUri(UriForm::kInstitutionArchive, Join({"renkei://", kA, "/archive/", text}));
  };
  EXPECT_EQ(version("1")->archive_version, 1U);
  EXPECT_EQ(version("4294967295")->archive_version, 4294967295U);
  for (const std::string_view bad :
       {"", "0", "01", "+1", "-1", "1 ", " 1", "1.0", "0x1", "4294967296", "99999999999"}) {
    EXPECT_FALSE(version(bad).ok()) << bad;
  }
}

TEST(RelayName, IsMadeOfTheRegion) {
  EXPECT_EQ(RelayDnsName(RegionId::Parse(kA).value()),
            "relay.11111111-1111-4111-8111-111111111111.renkei.internal");
}

TEST(Name, TakesNamesOfPeopleAndInstitutions) {
  for (const std::string_view name :
       {"山田 太郎", "山田　太郎", "やまだ", "Dr. Suzuki", "O'Brien",
        "医療法人社団 架空会 ひがし在宅クリニック", "葛\xF3\xA0\x84\x80城", "𠮷田", "ｻｸﾗ薬局", "A",
        "(株)さくら・№1", "suzuki"}) {
    EXPECT_TRUE(CheckName(name).ok()) << name;
  }
  std::string longest;
  for (int i = 0; i < 64; ++i) {
    longest += "連";
  }
  EXPECT_TRUE(CheckName(longest).ok());
  EXPECT_FALSE(CheckName(longest + "携").ok());
}

TEST(Name, RefusesWhatHidesOrBreaksALine) {
  for (const std::string_view name :
       {"", " 山田", "山田 ", "　山田", "山田　", " ", "山\n田", "山\t田", "山\x7F田", "山\u200B田",
        "山\u202E田", "山\u2066田", "山\uFEFF田", "山\u2028田", "山\u00AD田", "山\uE000田",
        "\u3164", "山\u0085田"}) {
    EXPECT_EQ(CheckName(name).error().code(), Code::kMalformed) << name;
  }
  EXPECT_FALSE(CheckName(std::string_view("a\0b", 3)).ok());
}

TEST(Name, RefusesWhatIsNotUtf8) {
  for (const std::string_view name :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE3\x81", "\xE3\x81\x41", "\x8E\x52",
        "a\xC3"}) {
    EXPECT_EQ(CheckName(name).error().code(), Code::kMalformed) << ToHex(AsBytes(name));
  }
}

TEST(Name, RefusesWhatTlsTakesForAHost) {
  for (const std::string_view name :
       {"Dr.Suzuki", "relay.example", "a.b", "clinic-1.local", "192.0.2.1", "x_y.z", "."}) {
    EXPECT_FALSE(CheckName(name).ok()) << name;
  }
  EXPECT_TRUE(CheckName("Dr.鈴木").ok());
}

}  // namespace
}  // namespace renkei::pki
