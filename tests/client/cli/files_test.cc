#include "client/cli/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace renkei::cli {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / ("renkei-files-" + std::to_string(getpid()));
  App app_{GlobalOptions{}, Programs{}};
};

TEST_F(Files, AreReadWhole) {
  const std::string content(200'000, 'x');
  std::ofstream(folder_ / "file", std::ios::binary) << content;
  const auto read = ReadInput(folder_ / "file");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(ToString(*read), content);
}

TEST_F(Files, OverTheLimitAreRefused) {
  std::ofstream(folder_ / "file", std::ios::binary) << std::string(kMaxInputBytes + 1, 'x');
  EXPECT_EQ(ReadInput(folder_ / "file").error().code(), Code::kTooLarge);
}

TEST_F(Files, ThatAreMissingOrFoldersAreNotFound) {
  EXPECT_EQ(ReadInput(folder_ / "nothing").error().code(), Code::kNotFound);
  EXPECT_EQ(ReadInput(folder_).error().code(), Code::kNotFound);
}

TEST_F(Files, OfTheRelayAreForItsOwnerAlone) {
  const std::string data = folder_ / "data";
  ASSERT_EQ(PrepareRelayFolder(app_, data, std::nullopt), kExitDone);
  client::Region region;
  region.relay_files.push_back({"signing.key", SecretBytes::CopyOf(AsBytes("seed"))});
  ASSERT_EQ(WriteRelayFiles(app_, data, region), kExitDone);
  struct stat status {};
  ASSERT_EQ(stat((data + "/relay/signing.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat((data + "/relay").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_EQ(std::distance(fs::directory_iterator(data + "/relay"), fs::directory_iterator()), 1);
}

// The second cannot be written: its place beside the old one is taken by a folder.
TEST_F(Files, OfTheRelayAreAllReplacedOrNone) {
  const std::string data = folder_ / "data";
  const fs::path relay = fs::path(data) / "relay";
  ASSERT_EQ(PrepareRelayFolder(app_, data, std::nullopt), kExitDone);
  client::Region region;
  region.relay_files.push_back({"tls.key.pem", SecretBytes::CopyOf(AsBytes("new key"))});
  region.relay_files.push_back({"tls.crt.pem", SecretBytes::CopyOf(AsBytes("new certificate"))});
  std::ofstream(relay / "tls.key.pem") << "old key";
  fs::create_directories(relay / "tls.crt.pem.new");
  EXPECT_EQ(WriteRelayFiles(app_, data, region), kExitFailed);
  EXPECT_EQ(ToString(*ReadInput(relay / "tls.key.pem")), "old key");
  EXPECT_FALSE(fs::exists(relay / "tls.key.pem.new")) << "a key that nobody uses";
  fs::remove(relay / "tls.crt.pem.new");
  ASSERT_EQ(WriteRelayFiles(app_, data, region), kExitDone);
  EXPECT_EQ(ToString(*ReadInput(relay / "tls.key.pem")), "new key");
  EXPECT_EQ(ToString(*ReadInput(relay / "tls.crt.pem")), "new certificate");
}

TEST_F(Files, OfAnotherRegionAreNotOverwritten) {
  const std::string data = folder_ / "data";
  ASSERT_EQ(PrepareRelayFolder(app_, data, std::nullopt), kExitDone);
  std::ofstream(data + "/relay/root.crt.der") << "x";
  EXPECT_EQ(PrepareRelayFolder(app_, data, std::nullopt), kExitFailed);
}

TEST_F(Files, OfAnInterruptedFoundingAreWrittenAgainUntilTheFolderIsAnothers) {
  const std::string data = folder_ / "data";
  client::Region region;
  region.relay_files.push_back({"region.json", SecretBytes::CopyOf(AsBytes("ours"))});
  const std::optional<client::Region> unfinished(std::move(region));
  ASSERT_EQ(PrepareRelayFolder(app_, data, std::nullopt), kExitDone);
  std::ofstream(data + "/relay/root.crt.der") << "x";
  EXPECT_EQ(PrepareRelayFolder(app_, data, unfinished), kExitDone);
  ASSERT_EQ(WriteRelayFiles(app_, data, *unfinished), kExitDone);
  EXPECT_EQ(PrepareRelayFolder(app_, data, unfinished), kExitDone);
  std::ofstream(data + "/relay/region.json") << "another";
  EXPECT_EQ(PrepareRelayFolder(app_, data, unfinished), kExitFailed);
}

}  // namespace
}  // namespace renkei::cli
