#include "crypto/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <type_traits>

namespace renkei {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) {
    return Error(Code::kMalformed, "half: odd");
  }
  return value / 2;
}

Result<int> Quarter(int value) {
  RENKEI_ASSIGN(const int half, Half(value));
  RENKEI_ASSIGN(const int quarter, Half(half));
  return quarter;
}

Status CheckEven(int value, bool& reached_end) {
  RENKEI_TRY(Half(value));
  reached_end = true;
  return Ok();
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  EXPECT_TRUE(good.ok());
  EXPECT_TRUE(static_cast<bool>(good));
  EXPECT_EQ(*good, 7);

  const Result<int> bad = Error(Code::kDenied, "somewhere");
  EXPECT_FALSE(bad.ok());
  EXPECT_FALSE(static_cast<bool>(bad));
  EXPECT_EQ(bad.error().code(), Code::kDenied);
  EXPECT_STREQ(bad.error().where(), "somewhere");
}

TEST(Result, AssignPassesTheFirstErrorOn) {
  EXPECT_EQ(Quarter(12).value(), 3);
  EXPECT_STREQ(Quarter(6).error().where(), "half: odd");
  EXPECT_STREQ(Quarter(3).error().where(), "half: odd");
}

TEST(Result, TryReturnsBeforeTheRest) {
  bool reached_end = false;
  EXPECT_FALSE(CheckEven(1, reached_end).ok());
  EXPECT_FALSE(reached_end);
  EXPECT_TRUE(CheckEven(2, reached_end).ok());
  EXPECT_TRUE(reached_end);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  EXPECT_EQ(**result, 5);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, OfTheSameTypeAsAnIndexIsNotConfused) {
  struct Same {
    int value;
  };
  const Result<Same> result = Same{1};
  EXPECT_EQ(result->value, 1);
}

TEST(Status, IsOkUnlessGivenAnError) {
  EXPECT_TRUE(Ok().ok());
  const Status bad = Error(Code::kThrottled, "later");
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code(), Code::kThrottled);
}

TEST(ErrorText, CannotBeMadeFromRunTimeData) {
  // The constructor is consteval: an Error from a std::string or a char buffer does not compile.
  static_assert(!std::is_constructible_v<Error, Code, std::string>);
  static_assert(!std::is_default_constructible_v<Error>);
}

TEST(CodeName, GivesEachCodeItsOwnName) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Code::kInternal); ++i) {
    names.insert(CodeName(static_cast<Code>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Code::kInternal) + 1);
  EXPECT_TRUE(names.contains("kAuthFailed"));
}

TEST(ResultDeathTest, ReadingTheWrongSideAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Result<int> bad = Error(Code::kInternal, "x");
  const Result<int> good = 1;
  EXPECT_DEATH((void)bad.value(), "internal check failed");
  EXPECT_DEATH((void)good.error(), "internal check failed");
  EXPECT_DEATH((void)Ok().error(), "internal check failed");
}

TEST(CheckDeathTest, NamesThePlaceAndAbortsInEveryBuild) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(RENKEI_CHECK(1 + 1 == 3), "1 \\+ 1 == 3 .*result_test.cc");
}

}  // namespace
}  // namespace renkei
