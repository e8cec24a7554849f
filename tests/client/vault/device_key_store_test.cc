#include "client/vault/device_key_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

class DeviceKeys : public testing::Test {
 protected:
  DeviceKeys() : id_(VaultId::Generate(random_)), key_(random_.NextSecret(kDeviceKeyBytes)) {}

  std::string directory() const { return root_.path() + "/state/keys"; }
  std::string File(const char* ending) const { return directory() + "/" + id_.Text() + ending; }
  static unsigned Mode(const std::string& path) {
    struct ::stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777U;
  }

  TempDirectory root_;
  SeededRandom random_{1};
  FileDeviceKeyStore store_{directory()};
  VaultId id_;
  SecretBytes key_;
};

TEST_F(DeviceKeys, KeyComesBack) {
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  const auto key = store_.Load(id_);
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(Equal(*key, key_));
  EXPECT_EQ(*store_.LoadCounter(id_), 0U);
}

TEST_F(DeviceKeys, G9_KeyIsTheOwnersAloneAndMarkedAgainstBackups) {
  const ::mode_t before = ::umask(0);
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  ::umask(before);
  EXPECT_EQ(Mode(directory()), 0700U);
  EXPECT_EQ(Mode(File(".key")), 0600U);
  EXPECT_EQ(Mode(File(".counter")), 0600U);
  EXPECT_EQ(ReadAll(directory() + "/CACHEDIR.TAG").substr(0, 43),
            "Signature: 8a477f597d28d172789f06886806bc55");
  EXPECT_TRUE(FileExists(directory() + "/.nobackup"));
}

TEST_F(DeviceKeys, RightsThatWereWidenedAreTakenBack) {
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  ASSERT_EQ(::chmod(File(".key").c_str(), 0644), 0);
  ASSERT_TRUE(store_.Load(id_).ok());
  EXPECT_EQ(Mode(File(".key")), 0600U);
}

TEST_F(DeviceKeys, SecondKeyOfOneVaultIsRefused) {
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  const SecretBytes other = random_.NextSecret(kDeviceKeyBytes);
  EXPECT_EQ(store_.Create(id_, other).error().code(), Code::kConflict);
  EXPECT_TRUE(Equal(*store_.Load(id_), key_));
}

TEST_F(DeviceKeys, MissingAndDamagedKeysAreToldApart) {
  EXPECT_EQ(store_.Load(id_).error().code(), Code::kNotFound);
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  WriteAll(File(".key"), std::string(31, 'x'));
  EXPECT_EQ(store_.Load(id_).error().code(), Code::kCorrupt);
  WriteAll(File(".key"), std::string(33, 'x'));
  EXPECT_EQ(store_.Load(id_).error().code(), Code::kCorrupt);
}

TEST_F(DeviceKeys, ReasonForTheWeakerFormIsRemembered) {
  EXPECT_EQ(store_.Form(id_).error().code(), Code::kNotFound);
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  EXPECT_STREQ(DeviceKeyFormName(*store_.Form(id_)), "file");
  for (const auto& [form, name] : {std::pair(DeviceKeyForm::kFileNoTpm, "file-no-tpm"),
                                   std::pair(DeviceKeyForm::kFileTpmRefused, "file-tpm-refused"),
                                   std::pair(DeviceKeyForm::kFileTpmOff, "file-tpm-off")}) {
    const VaultId other = VaultId::Generate(random_);
    ASSERT_TRUE(store_.CreateBecause(other, key_, form).ok());
    EXPECT_STREQ(DeviceKeyFormName(*store_.Form(other)), name);
    EXPECT_TRUE(Equal(*store_.Load(other), key_));
  }
  // A reason that no program gives, not even "tpm", is damage.
  for (const char reason : {'\x03', '\xFE', '\xFF'}) {
    WriteAll(File(".key"), std::string(32, 'k') + reason);
    EXPECT_EQ(store_.Form(id_).error().code(), Code::kCorrupt);
    EXPECT_EQ(store_.Load(id_).error().code(), Code::kCorrupt);
  }
}

TEST_F(DeviceKeys, RemovedKeyIsGone) {
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  ASSERT_TRUE(store_.Remove(id_).ok());
  EXPECT_EQ(store_.Load(id_).error().code(), Code::kNotFound);
  EXPECT_EQ(store_.LoadCounter(id_).error().code(), Code::kNotFound);
  EXPECT_TRUE(store_.Remove(id_).ok());
}

TEST_F(DeviceKeys, CounterKeepsTheLastValue) {
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  ASSERT_TRUE(store_.StoreCounter(id_, 7, false).ok());
  ASSERT_TRUE(store_.StoreCounter(id_, 0x0102030405060708U, true).ok());
  EXPECT_EQ(*store_.LoadCounter(id_), 0x0102030405060708U);
}

TEST_F(DeviceKeys, DamagedOrForeignCounterIsNoticedAndReplaced) {
  ASSERT_TRUE(store_.Create(id_, key_).ok());
  const VaultId other = VaultId::Generate(random_);
  ASSERT_TRUE(store_.Create(other, key_).ok());
  ASSERT_TRUE(store_.StoreCounter(other, 5, true).ok());
  WriteAll(File(".counter"), ReadAll(directory() + "/" + other.Text() + ".counter"));
  EXPECT_EQ(store_.LoadCounter(id_).error().code(), Code::kCorrupt);
  for (const std::size_t size : {0U, 8U, 15U, 17U}) {
    WriteAll(File(".counter"), std::string(size, '\0'));
    EXPECT_EQ(store_.LoadCounter(id_).error().code(), Code::kCorrupt);
  }
  WriteAll(File(".counter"), "");
  ASSERT_TRUE(store_.StoreCounter(id_, 9, true).ok());
  EXPECT_EQ(*store_.LoadCounter(id_), 9U);
  ASSERT_TRUE(RemoveFile(File(".counter")).ok());
  ASSERT_TRUE(store_.StoreCounter(id_, 10, false).ok());
  EXPECT_EQ(*store_.LoadCounter(id_), 10U);
}

TEST_F(DeviceKeys, G9_KeysInsideTheVaultAreRefused) {
  const auto apart = [](const std::string& keys, const std::string& vault) {
    const Status status = FileDeviceKeyStore(keys).CheckApart(vault);
    return status.ok() ? "ok" : CodeName(status.error().code());
  };
  const std::string root = root_.path();
  EXPECT_STREQ(apart(root + "/keys", root + "/vault"), "ok");
  EXPECT_STREQ(apart(root + "/vault-keys", root + "/vault"), "ok");
  EXPECT_STREQ(apart(root + "/vault", root + "/vault"), "kDenied");
  EXPECT_STREQ(apart(root + "/vault/", root + "/vault"), "kDenied");
  EXPECT_STREQ(apart(root + "/vault/keys", root + "/vault/"), "kDenied");
  EXPECT_STREQ(apart(root + "/x/../vault/keys", root + "/vault"), "kDenied");
  ASSERT_TRUE(MakeDirectories(root + "/vault").ok());
  std::filesystem::create_directory_symlink(root + "/vault", root + "/link");
  EXPECT_STREQ(apart(root + "/link/keys", root + "/vault"), "kDenied");
  EXPECT_STREQ(apart(root + "/keys", root + "/link"), "ok");
}

}  // namespace
}  // namespace renkei::client
