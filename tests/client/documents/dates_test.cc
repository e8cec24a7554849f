#include "client/documents/dates.h"

#include <gtest/gtest.h>

#include <utility>

namespace renkei::documents {
namespace {

TEST(Dates, DayNumbersGoBothWays) {
  EXPECT_EQ(DayNumber({1970, 1, 1}), 0);
  EXPECT_EQ(DayNumber({2000, 2, 29}), 11016);
  for (std::int64_t day = -40000; day < 40000; day += 7) {
    EXPECT_EQ(DayNumber(DateOfDay(day)), day);
  }
}

TEST(Dates, TodayIsJapans) {
  EXPECT_EQ(Today(Millis{0}), (Date{1970, 1, 1}));
  EXPECT_EQ(Today(Hours(15)), (Date{1970, 1, 2}));
  EXPECT_EQ(Today(Hours(15) - Millis{1}), (Date{1970, 1, 1}));
  EXPECT_EQ(Today(Millis{0} - Hours(9) - Millis{1}), (Date{1969, 12, 31}));
}

TEST(Dates, AgeChangesOnTheBirthday) {
  EXPECT_EQ(AgeAt({1943, 6, 12}, {2026, 6, 11}), 82);
  EXPECT_EQ(AgeAt({1943, 6, 12}, {2026, 6, 12}), 83);
}

TEST(Dates, ReadsEveryWayInWhichJapanWritesADate) {
  for (const char* text :
       {"2026-03-10", "2026/3/10", "2026.3.10", "20260310", "2026年3月10日", "R080310", "R8.3.10",
        "R8/3/10", "令和8年3月10日", "２０２６－０３－１０", " 令和８年３月１０日　"}) {
    const auto date = ReadDate(text);
    ASSERT_TRUE(date.has_value()) << text;
    EXPECT_EQ(DateText(*date), "2026-03-10") << text;
  }
  EXPECT_EQ(DateText(*ReadDate("S180612")), "1943-06-12");
  EXPECT_EQ(DateText(*ReadDate("平成元年1月8日")), "1989-01-08");
  EXPECT_EQ(DateText(*ReadDate("T15.12.24")), "1926-12-24");
  EXPECT_EQ(DateText(*ReadDate("M330101")), "1900-01-01");
}

TEST(Dates, RefusesDaysThatDoNotExist) {
  for (const char* text :
       {"2026-02-29", "2026-13-01", "2026-00-10", "2026-03-00", "2026-04-31", "20260230", "R0.1.1",
        "1867-12-31", "2026-3", "2026-03-10x", "", "きのう", "2026-03/10", "26-03-10", "X080310",
        "2026年3月10", "99999999", "令和年3月10日"}) {
    EXPECT_FALSE(ReadDate(text).has_value()) << text;
  }
}

TEST(Dates, CanonicalTimesAreJapans) {
  const std::pair<const char*, const char*> cases[] = {
      {"2026-03-10T21:40", "2026-03-10T21:40:00+09:00"},
      {"2026-03-10 21:40:05", "2026-03-10T21:40:05+09:00"},
      {"2026-03-10T21:40:05.123Z", "2026-03-11T06:40:05+09:00"},
      {"2026-03-10T01:00:00-05:00", "2026-03-10T15:00:00+09:00"},
      {"2026-01-01T08:00:00+10:00", "2026-01-01T07:00:00+09:00"},
      {"2026-01-01T00:30+1000", "2025-12-31T23:30:00+09:00"},
      {"令和8年3月10日 21時5分", "2026-03-10T21:05:00+09:00"},
      {"2026/3/10 9:05", "2026-03-10T09:05:00+09:00"},
      {"1969-12-31T20:00Z", "1970-01-01T05:00:00+09:00"}};
  for (const auto& [text, canonical] : cases) {
    EXPECT_EQ(CanonicalDateTime(text).value_or("none"), canonical) << text;
  }
}

TEST(Dates, RefusesTimesThatDoNotExist) {
  for (const char* text :
       {"2026-03-10", "2026-03-10T24:00", "2026-03-10T12:60", "2026-03-10T12:00:60",
        "2026-03-10T12:5", "2026-03-10T12", "2026-03-10T12:00+15:00", "2026-03-10T12:00+9",
        "2026-03-10T12:00 JST", "T12:00", "2026-02-30T12:00"}) {
    EXPECT_FALSE(CanonicalDateTime(text).has_value()) << text;
  }
}

TEST(Dates, EyesSeeJapaneseDates) {
  EXPECT_EQ(MomentForEyes("2026-03-10"), "2026年3月10日");
  EXPECT_EQ(MomentForEyes("2026-03-10T08:05:00+09:00"), "2026年3月10日 8:05");
  EXPECT_EQ(MomentForEyes("2026-03-10T21:40:00+09:00"), "2026年3月10日 21:40");
  EXPECT_EQ(MomentForEyes("not a date"), "not a date");
  EXPECT_EQ(DateDigits({2026, 3, 10}), "20260310");
}

TEST(Dates, OnlyCanonicalTextHasADate) {
  EXPECT_TRUE(DateOfMoment("2026-03-10").has_value());
  EXPECT_TRUE(DateOfMoment("2026-03-10T21:40:00+09:00").has_value());
  EXPECT_FALSE(DateOfMoment("2026/03/10").has_value());
  EXPECT_FALSE(DateOfMoment("2026-03-10T21:40").has_value());
  EXPECT_FALSE(DateOfMoment("20260310").has_value());
  EXPECT_FALSE(DateOfMoment("").has_value());
}

}  // namespace
}  // namespace renkei::documents
