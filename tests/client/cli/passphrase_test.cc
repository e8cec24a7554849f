#include "client/cli/passphrase.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace renkei::cli {
namespace {

class PassphraseFile : public testing::Test {
 protected:
  std::string Write(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return path_;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  const std::string path_ = testing::TempDir() + "/renkei-passphrase-" + std::to_string(getpid());
};

TEST_F(PassphraseFile, FirstLineWithoutItsEndIsThePassphrase) {
  for (const char* content : {"山の上のひみつ", "山の上のひみつ\n", "山の上のひみつ\r\nmore\n"}) {
    const auto read = PassphraseFromFile(Write(content));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(ToString(read->Expose()), "山の上のひみつ");
  }
}

TEST_F(PassphraseFile, EmptyOrTooLongIsMalformed) {
  EXPECT_EQ(PassphraseFromFile(Write("")).error().code(), Code::kMalformed);
  EXPECT_EQ(PassphraseFromFile(Write("\nsecond")).error().code(), Code::kMalformed);
  EXPECT_EQ(PassphraseFromFile(Write(std::string(kMaxPassphraseBytes + 1, 'x'))).error().code(),
            Code::kMalformed);
  EXPECT_TRUE(PassphraseFromFile(Write(std::string(kMaxPassphraseBytes, 'x'))).ok());
}

TEST_F(PassphraseFile, MissingIsNotFound) {
  EXPECT_EQ(PassphraseFromFile("/nowhere/passphrase").error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace renkei::cli
