#include "client/cli/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "client/cli/output.h"
#include "tests/client/cli/sentences_check.h"

namespace renkei::cli {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

constexpr Error kAllCodes[] = {
    Error(Code::kMalformed, "x"),   Error(Code::kAuthFailed, "x"),  Error(Code::kStaleEpoch, "x"),
    Error(Code::kFutureEpoch, "x"), Error(Code::kUnsupported, "x"), Error(Code::kNotFound, "x"),
    Error(Code::kConflict, "x"),    Error(Code::kDenied, "x"),      Error(Code::kTooLarge, "x"),
    Error(Code::kThrottled, "x"),   Error(Code::kUnavailable, "x"), Error(Code::kCorrupt, "x"),
    Error(Code::kInternal, "x")};

TEST(Sentences, ThereIsOneForEveryCodeInBothLanguages) {
  for (const char* language : {"ja", "en"}) {
    setenv("RENKEI_LANG", language, 1);
    for (const Error& error : kAllCodes) {
      const std::string sentence = Sentence(error);
      EXPECT_THAT(sentence, testing::EndsWith(" [x]")) << CodeName(error.code());
      EXPECT_GT(sentence.size(), 40U) << CodeName(error.code());
      EXPECT_EQ(sentence.find("kM"), std::string::npos);
    }
  }
  unsetenv("RENKEI_LANG");
}

TEST(Sentences, OfACodeSayWhatWasKeptAndWhatToDo) {
  for (const Error& error : kAllCodes) {
    setenv("RENKEI_LANG", "ja", 1);
    const std::string japanese = Sentence(error);
    setenv("RENKEI_LANG", "en", 1);
    ExpectSaysWhatWasKept(japanese, Sentence(error), CodeName(error.code()));
  }
  unsetenv("RENKEI_LANG");
}

TEST(Sentences, AKnownLiteralHasItsOwn) {
  setenv("RENKEI_LANG", "en", 1);
  const Error unreachable(Code::kUnavailable, "the relay cannot be reached");
  EXPECT_THAT(Sentence(unreachable), HasSubstr("nothing was changed"));
  const std::string sentence = Sentence(unreachable, Kept::kOutbox);
  EXPECT_THAT(sentence, HasSubstr("outbox"));
  EXPECT_EQ(sentence.find('['), std::string::npos);
  unsetenv("RENKEI_LANG");
}

// Where the code's general sentence would send the person the wrong way.
TEST(Sentences, WhatAVaultRefusesHasItsOwnInBothLanguages) {
  constexpr Error kOfVaults[] = {
      Error(Code::kAuthFailed, "vault: wrong passphrase"),
      Error(Code::kDenied, "vault: device key missing"),
      Error(Code::kDenied, "vault: sealed by another TPM"),
      Error(Code::kDenied, "vault: the device keys lie inside the vault's directory"),
      Error(Code::kUnavailable, "vault: the TPM cannot be used"),
      Error(Code::kUnavailable, "vault: not enough memory to check the passphrase"),
      Error(Code::kCorrupt, "vault: device key damaged"),
      Error(Code::kConflict, "vault: there is one already"),
      Error(Code::kConflict, "vault: open in another process")};
  for (const Error& error : kOfVaults) {
    setenv("RENKEI_LANG", "ja", 1);
    const std::string japanese = Sentence(error);
    setenv("RENKEI_LANG", "en", 1);
    const std::string english = Sentence(error);
    EXPECT_NE(japanese, english);
    for (const std::string& sentence : {japanese, english}) {
      EXPECT_THAT(sentence, testing::Not(HasSubstr("["))) << error.where();
    }
    EXPECT_THAT(english, testing::AnyOf(HasSubstr("Nothing was"), HasSubstr("is kept")));
    EXPECT_THAT(japanese, testing::AnyOf(HasSubstr("いません"), HasSubstr("残っています")));
  }
  unsetenv("RENKEI_LANG");
}

TEST(Reports, GoToStderrAndAsOneJsonObjectToStdout) {
  CaptureStderr();
  CaptureStdout();
  Report(true, "kDenied", "だめです");
  EXPECT_EQ(GetCapturedStderr(), "だめです\n");
  const Json object = Json::parse(GetCapturedStdout());
  EXPECT_EQ(object["error"]["code"], "kDenied");
  EXPECT_EQ(object["error"]["message"], "だめです");
}

TEST(Reports, WriteNothingToStdoutWithoutJson) {
  CaptureStderr();
  CaptureStdout();
  Report(false, Error(Code::kNotFound, "x"));
  EXPECT_FALSE(GetCapturedStderr().empty());
  EXPECT_EQ(GetCapturedStdout(), "");
}

}  // namespace
}  // namespace renkei::cli
