#include "client/cli/device_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace renkei::cli {
namespace {

using testing::HasSubstr;

class DeviceKeySentences : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { setenv("RENKEI_LANG", GetParam(), 1); }
  void TearDown() override { unsetenv("RENKEI_LANG"); }
  bool English() const { return std::string_view(GetParam()) == "en"; }
};

constexpr const char* kWeakerForms[] = {"file", "file-no-tpm", "file-tpm-refused", "file-tpm-off"};

TEST_P(DeviceKeySentences, WeakerFormIsCalledSoWhateverTheReason) {
  std::set<std::string> sentences;
  for (const char* form : kWeakerForms) {
    EXPECT_TRUE(IsWeakerForm(form));
    const std::string sentence = DeviceKeySentence(form);
    EXPECT_THAT(sentence, HasSubstr(English() ? "weaker" : "弱い形")) << form;
    EXPECT_THAT(sentence, HasSubstr(English() ? "passphrase" : "パスフレーズ")) << form;
    sentences.insert(sentence);
  }
  EXPECT_EQ(sentences.size(), 4U);
}

TEST_P(DeviceKeySentences, SealedKeyIsNotCalledWeak) {
  EXPECT_FALSE(IsWeakerForm("tpm"));
  const std::string sentence = DeviceKeySentence("tpm");
  EXPECT_THAT(sentence, HasSubstr("TPM"));
  EXPECT_THAT(sentence, testing::Not(HasSubstr(English() ? "weaker" : "弱い形")));
}

TEST_P(DeviceKeySentences, WhatNobodyKnowsIsTakenForTheWeakerForm) {
  EXPECT_TRUE(IsWeakerForm("?"));
  EXPECT_EQ(DeviceKeySentence("?"), DeviceKeySentence("file"));
}

TEST_P(DeviceKeySentences, OnlyARefusalIsASurpriseAndSaysWhatToDo) {
  EXPECT_TRUE(IsSurprisingForm("file-tpm-refused"));
  EXPECT_THAT(DeviceKeySentence("file-tpm-refused"), HasSubstr("renkei device add"));
  for (const char* form : {"tpm", "file", "file-no-tpm", "file-tpm-off"}) {
    EXPECT_FALSE(IsSurprisingForm(form)) << form;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, DeviceKeySentences, testing::Values("ja", "en"));

}  // namespace
}  // namespace renkei::cli
