#include "client/core/same_name.h"

#include <gtest/gtest.h>

#include <string>

#include "client/core/text_fold.h"

namespace renkei::client {
namespace {

TEST(SameName, SpacesOfAnyWidthDoNotMatter) {
  EXPECT_TRUE(SameName("架空 一郎", "架空　一郎"));
  EXPECT_TRUE(SameName("架空 一郎", "架空一郎"));
  EXPECT_TRUE(SameName(" 架空一郎 ", "架空一郎"));
}

TEST(SameName, WidthKanaAndVariantKanjiDoNotMatter) {
  EXPECT_TRUE(SameName("ｶｸｳ ﾕｷ", "かくう ゆき"));
  EXPECT_TRUE(SameName("髙架 﨑子", "高架 崎子"));
  EXPECT_TRUE(SameName("ＫＡＫＵＵ", "kakuu"));
}

TEST(SameName, AnotherLetterIsAnotherName) {
  EXPECT_FALSE(SameName("架空 一郎", "架空 二郎"));
  EXPECT_FALSE(SameName("架空 一", "架空 一郎"));
}

TEST(SameName, NothingIsNobodysName) {
  EXPECT_FALSE(SameName("", ""));
  EXPECT_FALSE(SameName(" ", "　"));
  const std::string huge(kMaxFoldedTextBytes + 1, 'a');
  EXPECT_FALSE(SameName(huge, huge));
}

}  // namespace
}  // namespace renkei::client
