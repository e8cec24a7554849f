#include "crypto/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace renkei {
namespace {

constexpr std::string_view kText = "31608fdc-7362-4421-be9b-4b8e8d2a3c00";

TEST(Uuid, TextAndBytesAgree) {
  const auto bytes = ParseUuid(kText).value();
  EXPECT_EQ(ToHex(bytes), "31608fdc73624421be9b4b8e8d2a3c00");
  EXPECT_EQ(FormatUuid(bytes), kText);
  EXPECT_EQ(ParseUuid("31608FDC-7362-4421-BE9B-4B8E8D2A3C00").value(), bytes);
}

TEST(Uuid, RefusesEveryOtherSpelling) {
  for (const std::string_view text :
       {"", "31608fdc73624421be9b4b8e8d2a3c00", "31608fdc-7362-4421-be9b-4b8e8d2a3c0",
        "31608fdc-7362-4421-be9b-4b8e8d2a3c000", "31608fdc-7362-4421-be9b-4b8e8d2a3c0g",
        "31608fdc-7362-44210be9b-4b8e8d2a3c00", "3160-8fdc7362-4421-be9b-4b8e8d2a3c00",
        "{31608fdc-7362-4421-be9b-4b8e8d2a3c0}", "31608fdc-7362-4421-be9b-4b8e8d2a3c-0"}) {
    EXPECT_EQ(ParseUuid(text).error().code(), Code::kMalformed) << text;
  }
}

TEST(Uuid, RandomOnesAreVersionFour) {
  SeededRandom random(1);
  for (int i = 0; i < 100; ++i) {
    const std::string text = FormatUuid(RandomUuid(random));
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
  }
}

TEST(Id, RoundTripsThroughTextAndBytes) {
  SeededRandom random(2);
  const CaseId id = CaseId::Generate(random);
  EXPECT_EQ(CaseId::Parse(id.Text()).value(), id);
  EXPECT_EQ(CaseId::FromBytes(id.view()).value(), id);
  EXPECT_EQ(CaseId::FromBytes(id.view().first(15)).error().code(), Code::kMalformed);
  EXPECT_EQ(CaseId::Parse("nonsense").error().code(), Code::kMalformed);
}

TEST(Id, ZeroIsToldApart) {
  SeededRandom random(3);
  EXPECT_TRUE(PersonId{}.IsZero());
  EXPECT_FALSE(PersonId::Generate(random).IsZero());
}

TEST(Id, DifferentKindsDoNotMix) {
  static_assert(!std::is_convertible_v<CaseId, RecordId>);
  static_assert(!std::is_constructible_v<PersonId, DeviceId>);
  static_assert(!std::is_assignable_v<InstitutionId&, RegionId>);
}

}  // namespace
}  // namespace renkei
