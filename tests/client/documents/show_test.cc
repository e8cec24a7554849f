#include <gtest/gtest.h>

#include "client/documents/content.h"
#include "client/documents/form.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::kNow;
using testing::Now;

Bytes Patient(const std::string& name, const std::string& kana, const std::string& birth) {
  return ParseForm(Kind::kPatient,
                   R"({"name":")" + name + R"(","kana":")" + kana +
                       R"(","sex":"女","birth_date":")" + birth + "\"}",
                   Now())
      .content;
}

Bytes NoteFor(const std::string& patient) {
  return ParseForm(Kind::kNote, R"({"text":"本文")" + patient + "}", Now()).content;
}

TEST(Show, TwoIdentifiersComeFromThePatientProfile) {
  const auto identity = IdentifyPatient(Patient("架空 ふみ子", "カクウ フミコ", "1943-06-12"));
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(IdentityLine(*identity, kNow),
            "架空 ふみ子（カクウ フミコ） 女 1943年6月12日生（82歳）");
  EXPECT_EQ(IdentifyPatient(NoteFor("")).error().code(), Code::kNotFound);
  EXPECT_EQ(IdentifyPatient({}).error().code(), Code::kMalformed);
}

TEST(Show, TheyHeadEveryText) {
  const auto identity = IdentifyPatient(Patient("架空 ふみ子", "カクウ フミコ", "1943-06-12"));
  const std::string text = *RenderText(NoteFor(""), {*identity, kNow});
  EXPECT_EQ(text,
            "■ 連絡ノート\n患者: 架空 ふみ子（カクウ フミコ） 女 1943年6月12日生（82歳）\n  本文: "
            "本文\n");
}

TEST(Show, AFileForAnotherPatientIsNoticed) {
  const Bytes patient = Patient("架空 ふみ子", "カクウ フミコ", "1943-06-12");
  const auto compare = [&](const std::string& stated) {
    return *ComparePatient(NoteFor(stated), patient);
  };
  EXPECT_EQ(compare(""), PatientMatch::kNotStated);
  EXPECT_EQ(compare(R"(,"patient":{"name":"架空　ふみ子","birth_date":"S18.6.12"})"),
            PatientMatch::kSame);
  EXPECT_EQ(
      compare(
          R"(,"patient":{"name":"架空 富美子","kana":"かくう ふみこ","birth_date":"19430612"})"),
      PatientMatch::kSame);
  EXPECT_EQ(compare(R"(,"patient":{"name":"架空 ふみ子","birth_date":"1943-06-13"})"),
            PatientMatch::kDifferent);
  EXPECT_EQ(compare(R"(,"patient":{"name":"見本 花子","birth_date":"1943-06-12"})"),
            PatientMatch::kDifferent);
  EXPECT_EQ(ComparePatient(NoteFor(""), NoteFor("")).error().code(), Code::kNotFound);
}

TEST(Show, ANameIsTheSameInAnyWidthSpaceAndKana) {
  EXPECT_TRUE(SameName("架空 一郎", "架空　一郎"));
  EXPECT_TRUE(SameName("架空 一郎", " 架空一郎"));
  EXPECT_TRUE(SameName("ｶｸｳ ﾕｷ", "かくう ゆき"));
  EXPECT_FALSE(SameName("斉藤 花子", "斎藤 花子")) << "two people";
  EXPECT_FALSE(SameName("架空 ユーキ", "架空 ユキ"));
  EXPECT_FALSE(SameName("", ""));
  EXPECT_FALSE(SameName(" ", "　")) << "nobody's name";
}

TEST(Show, APatientIsTheSameByNameOrKanaAndBirthDate) {
  const PatientIdentity one{"架空 高子", "カクウ タカコ", "1943-06-12", ""};
  EXPECT_TRUE(SamePatient(one, {"架空 髙子", "かくう たかこ", "1943-06-12", ""}));
  EXPECT_TRUE(SamePatient(one, {"架空　高子", "", "1943-06-12", ""}));
  EXPECT_FALSE(SamePatient(one, {"架空 高子", "カクウ タカコ", "1944-06-12", ""}));
  EXPECT_FALSE(
      SamePatient({"架空 高子", "", "1943-06-12", ""}, {"架空 髙子", "", "1943-06-12", ""}))
      << "no kana speaks for it";
}

TEST(Show, TheCorrectionsReasonIsSearchable) {
  Content content;
  content.mutable_note()->set_text("本文");
  content.set_correction_reason("転記誤り");
  EXPECT_NE(SearchText(SerializeContent(content)).find("転記誤り"), std::string::npos);
}

}  // namespace
}  // namespace renkei::documents
