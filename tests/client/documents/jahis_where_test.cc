#include "client/documents/jahis_where.h"

#include <gtest/gtest.h>

#include "client/documents/text.h"

namespace renkei::documents {
namespace {

const JahisLine kDrugLine{7, "201,1", {"201", "1"}};
const JahisLine kUsageLine{9, "301,1", {"301", "1"}};

TEST(JahisWhere, AFieldHasItsLineElseTheMessageAroundIt) {
  JahisWhere where;
  where.PutMessage("dispensings[0].drugs[1]", kDrugLine);
  where.PutMessage("dispensings[0].drugs[1]", kUsageLine);
  where.PutField("dispensings[0].drugs[1].qty", kUsageLine);
  EXPECT_EQ(where.Name({"dispensings[0].drugs[1].qty", "x", "x"}).path, "9行目 (301)");
  EXPECT_EQ(where.Name({"dispensings[0].drugs[1].code", "x", "x"}).path, "7行目 (201)");
  EXPECT_EQ(where.Name({"dispensings[0].drugs[1].prescriber.name", "x", "x"}).path, "7行目 (201)");
  EXPECT_EQ(where.Name({"dispensings[0].drugs[2].code", "x", "x"}).path,
            "dispensings[0].drugs[2].code");
  EXPECT_EQ(where.Name({"", "x", "x"}).path, "");
  EXPECT_TRUE(where.Has("dispensings[0].drugs[1].qty"));
  EXPECT_FALSE(where.Has("dispensings[0].drugs[1].code"));
}

TEST(JahisWhere, TheLongPathGoesFromTheMessage) {
  JahisWhere where;
  where.PutMessage("drugs[0]", kDrugLine);
  const FormProblem named =
      where.Name({"drugs[0].code", "種別 (drugs[0].code_type) と コード (drugs[0].code)",
                  "drugs[0].code is needed"});
  EXPECT_EQ(named.message_ja, "7行目 (201): 種別 (code_type) と コード (code)");
  EXPECT_EQ(named.message_en, "line 7 (201): code is needed");
}

TEST(JahisWhere, ARecordNumberCanBeAnything) {
  const JahisLine line{3, "", {"\x1b[2J" + std::string(1000, '9')}};
  EXPECT_EQ(FindForbidden(NameOfLine(line), false), std::nullopt);
  EXPECT_LT(NameOfLine(line).size(), 60U);
}

}  // namespace
}  // namespace renkei::documents
