#include "client/vault/device_key_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

// What both forms of key share beyond what device_key_store_test.cc sees through the interface.
class KeyFiles : public testing::Test {
 protected:
  std::string directory() const { return root_.path() + "/keys"; }
  std::string File(const char* ending) const { return directory() + "/" + id_.Text() + ending; }
  std::string Read(const char* ending, std::size_t limit) {
    Bytes out(limit);
    const auto size = files_.Read(id_, ending, out);
    return size.ok() ? ToString(ByteView(out).first(*size)) : Outcome(size);
  }

  TempDirectory root_;
  SeededRandom random_{2};
  VaultId id_ = VaultId::Generate(random_);
  DeviceKeyFiles files_{directory()};
};

TEST_F(KeyFiles, AreReadUpToALimit) {
  EXPECT_EQ(Read(".key", 8), "kNotFound: vault: no such file");
  ASSERT_TRUE(files_.Create(id_, ".key", AsBytes("12345678")).ok());
  EXPECT_EQ(Read(".key", 8), "12345678");
  EXPECT_EQ(Read(".key", 7), "kCorrupt: vault: device key damaged");
  EXPECT_TRUE(files_.Has(id_, ".key"));
  EXPECT_FALSE(files_.Has(id_, ".tpm"));
}

TEST_F(KeyFiles, KeyWithoutACounterIsNotKept) {
  ASSERT_TRUE(MakeDirectories(directory()).ok());
  WriteAll(File(".counter"), "somebody's");
  EXPECT_EQ(files_.Create(id_, ".key", AsBytes("12345678")).error().code(), Code::kConflict);
  EXPECT_FALSE(files_.Has(id_, ".key"));
  EXPECT_EQ(ReadAll(File(".counter")), "somebody's");
}

// Through a second name, because the first is gone afterwards.
TEST_F(KeyFiles, RemovedContentIsOverwritten) {
  const std::string content(900, 'k');
  ASSERT_TRUE(files_.Create(id_, ".tpm", AsBytes(content)).ok());
  std::filesystem::create_hard_link(File(".tpm"), root_.path() + "/seen");
  ASSERT_TRUE(files_.Remove(id_, ".tpm").ok());
  EXPECT_FALSE(FileExists(File(".tpm")));
  EXPECT_EQ(ReadAll(root_.path() + "/seen"), std::string(900, '\0'));
  EXPECT_TRUE(files_.Remove(id_, ".tpm").ok());
}

TEST_F(KeyFiles, LinkInThePlaceOfAKeyIsNotFollowed) {
  ASSERT_TRUE(files_.Create(id_, ".key", AsBytes("12345678")).ok());
  WriteAll(root_.path() + "/letter", "mine");
  std::filesystem::remove(File(".key"));
  std::filesystem::create_symlink(root_.path() + "/letter", File(".key"));
  EXPECT_EQ(Read(".key", 8), "kUnavailable: vault: cannot read");
  ASSERT_TRUE(files_.Remove(id_, ".key").ok());
  EXPECT_EQ(ReadAll(root_.path() + "/letter"), "mine");
}

}  // namespace
}  // namespace renkei::client
