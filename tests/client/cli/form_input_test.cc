#include "client/cli/form_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "client/cli/output.h"
#include "client/documents/form.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

class Forms : public testing::Test {
 protected:
  Forms() {
    programs_.clock = &clock_;
    setenv("RENKEI_LANG", "ja", 1);
  }
  ~Forms() override { unsetenv("RENKEI_LANG"); }

  std::string Write(const std::string& content) {
    const std::string path = testing::TempDir() + "/renkei-form-" + std::to_string(getpid());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  ManualClock clock_{Millis{1785000000000}};
  Programs programs_;
};

TEST_F(Forms, OfTheExamplesAreRead) {
  App app({}, programs_);
  Bytes content;
  EXPECT_EQ(ReadForm(app, "patient", std::string(RENKEI_EXAMPLES) + "/patient.json", &content),
            kExitDone);
  EXPECT_EQ(PatientName(content), "架空 ふみ子");
  EXPECT_EQ(ReadForm(app, "urgent-report", std::string(RENKEI_EXAMPLES) + "/urgent-report.json",
                     &content),
            kExitDone);
  EXPECT_EQ(PatientName(content), "");
}

TEST_F(Forms, WithAMistakeNameTheFieldOnStderrAndInJson) {
  App app({.json = true}, programs_);
  Bytes content = {1};
  CaptureStderr();
  CaptureStdout();
  EXPECT_EQ(ReadForm(app, "note", Write(R"({"text": "x", "vitals": {"rr": 400}})"), &content),
            kExitFailed);
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("400"));
  const Json object = Json::parse(GetCapturedStdout());
  EXPECT_EQ(object["error"]["problems"][0]["field"], "vitals.rr");
  EXPECT_EQ(content, Bytes{1}) << "a refused form leaves nothing";
}

TEST_F(Forms, OfAnUnknownKindListTheKnownOnes) {
  App app({}, programs_);
  CaptureStderr();
  EXPECT_EQ(ReadForm(app, "horoscope", "", nullptr), kExitUsage);
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("urgent-report"));
}

}  // namespace
}  // namespace renkei::cli
