#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>

#include "renkei/care/v1/options.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::At;
using testing::FormKinds;
using testing::Now;
using testing::Say;
using testing::Spot;

TEST(Template, HoldsEveryKeyOfTheForm) {
  for (const Spot& spot : testing::AllSpots()) {
    JsonValue form;
    ASSERT_EQ(ParseJson(EmptyForm(spot.kind), kMaxJsonDepth, form).what, JsonFault::What::kNone);
    At(form, spot);  // stops the test program if the key is not there
  }
}

// As it is, an empty form says nothing: what is missing is exactly what is required at the top.
TEST(Template, PostedAsItIsOnlyMissesWhatIsRequired) {
  for (const Kind kind : FormKinds()) {
    const FormOutcome outcome = ParseForm(kind, EmptyForm(kind), Now());
    std::set<std::string> missing;
    for (const FormProblem& problem : outcome.problems) {
      missing.insert(problem.path);
    }
    std::set<std::string> required;
    for (const Field* field : FieldsOf(*BodyField(kind).message_type())) {
      if (RuleOf(*field).required()) {
        required.insert(KeyOf(*field));
      }
    }
    if (!FormRuleOf(*BodyField(kind).message_type()).check().empty() && required.empty()) {
      required.insert("");  // "one of these is needed"
    }
    EXPECT_EQ(missing, required) << KindName(kind) << "\n" << Say(outcome);
  }
}

TEST(Template, FilledWhereRequiredItIsAccepted) {
  JsonValue form;
  ASSERT_EQ(ParseJson(EmptyForm(Kind::kNote), kMaxJsonDepth, form).what, JsonFault::What::kNone);
  for (auto& [key, value] : form.members) {
    if (key == "text") {
      value = JsonString("本文");
    }
  }
  const FormOutcome outcome = ParseForm(Kind::kNote, WriteJson(form, 2), Now());
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(*RenderJson(outcome.content), R"({"text":"本文"})");
}

TEST(Template, TellsListsRangesAndLimits) {
  const std::string form = EmptyForm(Kind::kUrgentReport);
  for (const char* part : {"［任意 呼吸数: 数値 4〜70 /分",
                           "［必須 S 状況:", "green, yellow, red］", "［任意 発生日時: 日時"}) {
    EXPECT_NE(form.find(part), std::string::npos) << part << "\n" << form;
  }
}

}  // namespace
}  // namespace renkei::documents
