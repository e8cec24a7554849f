#include "client/vault/unlock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "client/vault/files.h"
#include "tests/client/vault/temp_vault.h"

namespace renkei::client {
namespace {

class Unlock : public testing::Test {
 protected:
  void Make() {
    auto vault = place_.Create();
    ASSERT_TRUE(vault->Put(Table::kMeta, AsBytes("k"), AsBytes("kept")).ok());
  }
  static std::string Kept(Vault& vault) {
    const auto value = vault.Get(Table::kMeta, AsBytes("k"));
    return value.ok() && value->has_value() ? ToString(**value) : "-";
  }
  // What opening with the right passphrase comes to; "kept" if it finds what Make put there.
  std::string OpenOutcome(const char* passphrase = kPassphrase) {
    const auto vault = place_.TryOpen(passphrase);
    return vault.ok() ? Kept(**vault) : Outcome(vault);
  }

  TempVault place_;
};

TEST_F(Unlock, CreatedVaultOpensAgain) {
  Make();
  EXPECT_EQ(OpenOutcome(), "kept");
  EXPECT_EQ(OpenOutcome(), "kept");
}

TEST_F(Unlock, FilesAreTheOwnersAloneAndNothingElseIsThere) {
  const ::mode_t before = ::umask(0);
  const auto vault = place_.Create();
  ASSERT_TRUE(vault->Put(Table::kMeta, AsBytes("k"), AsBytes("v")).ok());
  ::umask(before);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(place_.directory())) {
    names.push_back(entry.path().filename().string());
    struct ::stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << names.back();
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"lock", "vault.db", "vault.db-wal", "vault.header"}));
}

TEST_F(Unlock, NoVaultThere) {
  EXPECT_EQ(OpenOutcome(), "kNotFound: vault: none there");
  EXPECT_FALSE(FileExists(place_.directory()));
  ASSERT_TRUE(MakeDirectories(place_.directory()).ok());
  EXPECT_EQ(OpenOutcome(), "kNotFound: vault: none there");
  EXPECT_FALSE(FileExists(place_.file("lock")));
}

TEST_F(Unlock, SecondCreateIsRefusedAndHarmless) {
  Make();
  EXPECT_EQ(Outcome(place_.TryCreate()), "kConflict: vault: there is one already");
  EXPECT_EQ(OpenOutcome(), "kept");
  const auto vault = place_.Open();
  EXPECT_EQ(Outcome(place_.TryCreate()), "kConflict: vault: open in another process");
}

TEST_F(Unlock, CreateLeavesOtherFilesInTheDirectoryAlone) {
  ASSERT_TRUE(MakeDirectories(place_.directory()).ok());
  WriteAll(place_.file("letter.txt"), "mine");
  Make();
  EXPECT_EQ(ReadAll(place_.file("letter.txt")), "mine");
}

TEST_F(Unlock, G9_DeviceKeyAloneOpensNothing) {
  Make();
  EXPECT_EQ(OpenOutcome("correct horse"), "kAuthFailed: vault: wrong passphrase");
  EXPECT_EQ(OpenOutcome(""), "kMalformed: passphrase: empty, too long, or not UTF-8");
  EXPECT_EQ(OpenOutcome(), "kept");
}

TEST_F(Unlock, G9_PassphraseAloneOpensNothing) {
  Make();
  std::filesystem::remove(place_.key_file(".key"));
  EXPECT_EQ(OpenOutcome(), "kDenied: vault: device key missing");
}

TEST_F(Unlock, G9_VaultCopiedToAnotherMachineSaysSo) {
  Make();
  TempVault other;
  std::filesystem::copy(place_.directory(), other.directory());
  EXPECT_EQ(Outcome(other.TryOpen()), "kDenied: vault: device key missing");
  EXPECT_EQ(OpenOutcome(), "kept");
}

TEST_F(Unlock, G9_AnotherDeviceKeyDoesNotOpen) {
  Make();
  FlipByte(place_.key_file(".key"), 0);
  EXPECT_EQ(OpenOutcome(), "kAuthFailed: vault: wrong passphrase");
}

// Breaks G9 on purpose: with both factors copied the vault opens, so the two tests above do not
// pass by accident.
TEST_F(Unlock, BothFactorsTogetherOpenAnywhere) {
  Make();
  TempVault other;
  std::filesystem::copy(place_.directory(), other.directory());
  std::filesystem::create_directories(std::filesystem::path(other.key_directory()).parent_path());
  std::filesystem::copy(place_.key_directory(), other.key_directory());
  EXPECT_EQ(Outcome(other.TryOpen()), "ok");
}

TEST_F(Unlock, DamagedDeviceKeyIsNoWrongPassphrase) {
  Make();
  WriteAll(place_.key_file(".key"), "short");
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: device key damaged");
}

TEST_F(Unlock, KeyboardSettingDoesNotMatter) {
  ASSERT_TRUE(place_.unlocker().Create(place_.directory(), AsBytes("ｓａｋｕｒａ２")).ok());
  EXPECT_EQ(Outcome(place_.TryOpen("sakura2")), "ok");
}

TEST_F(Unlock, DamagedHeaderIsTold) {
  Make();
  const std::string good = ReadAll(place_.file("vault.header"));
  FlipByte(place_.file("vault.header"), 80);
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the header is damaged");
  for (const std::size_t size : {0U, 3U, 155U}) {
    WriteAll(place_.file("vault.header"), good.substr(0, size));
    EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the header is damaged");
  }
  WriteAll(place_.file("vault.header"), std::string(100'000, 'x'));
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the header is damaged");
  std::filesystem::remove(place_.file("vault.header"));
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the header is missing");
  EXPECT_EQ(Outcome(place_.TryCreate()), "kConflict: vault: there is one already");
  WriteAll(place_.file("vault.header"), good);
  EXPECT_EQ(OpenOutcome(), "kept");
}

TEST_F(Unlock, AlteredKdfParametersDoNotOpen) {
  Make();
  Bytes bytes = ToBytes(ReadAll(place_.file("vault.header")));
  VaultHeader header = VaultHeader::Parse(bytes).value();
  header.kdf.passes = 2;
  WriteAll(place_.file("vault.header"), AsText(header.Encode()));
  EXPECT_EQ(OpenOutcome(), "kAuthFailed: vault: wrong passphrase");
}

TEST_F(Unlock, HeaderOfANewerProgramIsTold) {
  Make();
  std::string bytes = ReadAll(place_.file("vault.header"));
  bytes[9] = 9;
  WriteAll(place_.file("vault.header"), bytes);
  EXPECT_EQ(OpenOutcome(), "kUnsupported: vault: made by a newer program");
}

TEST_F(Unlock, DamagedOrMissingDatabaseIsTold) {
  Make();
  const std::string good = ReadAll(place_.file("vault.db"));
  FlipByte(place_.file("vault.db"), 100);
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the database is damaged");
  for (const std::size_t size : {0U, 10U, 4096U}) {
    WriteAll(place_.file("vault.db"), good.substr(0, size));
    EXPECT_EQ(OpenOutcome().substr(0, 8), "kCorrupt") << size;
  }
  std::filesystem::remove(place_.file("vault.db"));
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the database is missing");
  EXPECT_FALSE(FileExists(place_.file("vault.db")));
  WriteAll(place_.file("vault.db"), good);
  EXPECT_EQ(OpenOutcome(), "kept");
}

// SQLCipher 4 has a log of its own, on stderr, where a person expects one sentence.
TEST_F(Unlock, DamageIsToldByTheAnswerAlone) {
  Make();
  FlipByte(place_.file("vault.db"), 100);
  testing::internal::CaptureStderr();
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the database is damaged");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Unlock, DatabaseOfAnotherVaultIsRefused) {
  Make();
  TempVault other;
  other.Create().reset();
  std::filesystem::copy(other.file("vault.db"), place_.file("vault.db"),
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(OpenOutcome(), "kCorrupt: vault: the database is damaged");
}

TEST_F(Unlock, OpenInTwoPlacesOfOneProgramIsRefused) {
  Make();
  const auto vault = place_.Open();
  EXPECT_EQ(OpenOutcome(), "kConflict: vault: open in another process");
  EXPECT_EQ(Kept(*vault), "kept");
}

TEST_F(Unlock, SecondProcessIsToldAtOnce) {
  Make();
  const auto vault = place_.Open();
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::_exit(OpenOutcome("not even the passphrase") == "kConflict: vault: open in another process"
                ? 0
                : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(Unlock, NewPassphraseOpensAndTheOldOneDoesNot) {
  Make();
  const std::string database = ReadAll(place_.file("vault.db"));
  {
    const auto vault = place_.Open();
    ASSERT_EQ(Outcome(place_.unlocker().ChangePassphrase(*vault, AsBytes(kPassphrase),
                                                         AsBytes("something new"))),
              "ok");
    EXPECT_EQ(Kept(*vault), "kept");
  }
  EXPECT_EQ(OpenOutcome(), "kAuthFailed: vault: wrong passphrase");
  EXPECT_EQ(OpenOutcome("something new"), "kept");
}

TEST_F(Unlock, FailedChangeKeepsTheOldPassphrase) {
  Make();
  {
    const auto vault = place_.Open();
    EXPECT_EQ(Outcome(place_.unlocker().ChangePassphrase(*vault, AsBytes("wrong"), AsBytes("n"))),
              "kAuthFailed: vault: wrong passphrase");
    EXPECT_EQ(Outcome(place_.unlocker().ChangePassphrase(*vault, AsBytes(kPassphrase), {})),
              "kMalformed: passphrase: empty, too long, or not UTF-8");
  }
  EXPECT_EQ(OpenOutcome(), "kept");
}

TEST_F(Unlock, ChangeNeverUsesASaltOrNonceTwice) {
  Make();
  const auto header = [this] {
    return VaultHeader::Parse(ToBytes(ReadAll(place_.file("vault.header")))).value();
  };
  const VaultHeader before = header();
  const auto vault = place_.Open();
  ASSERT_TRUE(
      place_.unlocker().ChangePassphrase(*vault, AsBytes(kPassphrase), AsBytes(kPassphrase)).ok());
  EXPECT_EQ(header().id, before.id);
  EXPECT_NE(header().salt, before.salt);
  EXPECT_NE(header().nonce, before.nonce);
  EXPECT_NE(header().wrapped_key, before.wrapped_key);
}

TEST_F(Unlock, G9_KeysInsideTheVaultAreRefused) {
  FileDeviceKeyStore inside(place_.directory() + "/keys");
  SystemRandom random;
  VaultUnlocker unlocker(inside, random, kCheapKdf);
  EXPECT_EQ(Outcome(unlocker.Create(place_.directory(), AsBytes(kPassphrase))),
            "kDenied: vault: the device keys lie inside the vault's directory");
  EXPECT_FALSE(FileExists(place_.directory()));
}

TEST_F(Unlock, RefusedPassphraseLeavesNothing) {
  EXPECT_EQ(Outcome(place_.unlocker().Create(place_.directory(), {})),
            "kMalformed: passphrase: empty, too long, or not UTF-8");
  EXPECT_FALSE(FileExists(place_.directory()));
  EXPECT_FALSE(FileExists(place_.key_directory()));
}

// The states in which a killed Create can leave things.
TEST_F(Unlock, UnfinishedVaultIsNoneAndIsMadeAnew) {
  Make();
  const std::string id = std::filesystem::path(place_.key_file(".key")).stem().string();
  std::filesystem::remove(place_.file("vault.header"));
  WriteAll(place_.file("creating"), id);
  WriteAll(place_.file("vault.header.new"), "half");
  EXPECT_EQ(OpenOutcome(), "kNotFound: vault: none there");
  EXPECT_EQ(Outcome(place_.TryCreate()), "ok");
  EXPECT_EQ(OpenOutcome(), "-");
  EXPECT_FALSE(FileExists(place_.file("creating")));
  EXPECT_FALSE(FileExists(place_.file("vault.header.new")));
  EXPECT_FALSE(FileExists(place_.key_directory() + "/" + id + ".key"));
}

TEST_F(Unlock, MarkerLeftBesideAFinishedVaultIsHarmless) {
  Make();
  WriteAll(place_.file("creating"), std::filesystem::path(place_.key_file(".key")).stem().string());
  EXPECT_EQ(Outcome(place_.TryCreate()), "kConflict: vault: there is one already");
  EXPECT_EQ(OpenOutcome(), "kept");
  EXPECT_FALSE(FileExists(place_.file("creating"))) << "or a lost header would pass for unfinished";
}

TEST_F(Unlock, DiscardedVaultLeavesNothingAndOneCutShortIsMadeAnew) {
  SystemRandom random;
  VaultUnlocker unlocker(place_.store(), random);
  Make();
  ASSERT_TRUE(unlocker.Discard(place_.directory()).ok());
  EXPECT_FALSE(std::filesystem::exists(place_.directory()));
  EXPECT_FALSE(FileExists(place_.key_file(".key")));
  Make();
  WriteAll(place_.file("creating"), std::filesystem::path(place_.key_file(".key")).stem().string());
  std::filesystem::remove(place_.file("vault.header"));
  EXPECT_EQ(OpenOutcome(), "kNotFound: vault: none there");
  EXPECT_EQ(Outcome(place_.TryCreate()), "ok");
}

TEST_F(Unlock, ProductionParametersAreTheDefault) {
  SystemRandom random;
  VaultUnlocker unlocker(place_.store(), random);
  ASSERT_TRUE(unlocker.Create(place_.directory(), AsBytes(kPassphrase)).ok());
  const auto header = VaultHeader::Parse(ToBytes(ReadAll(place_.file("vault.header"))));
  EXPECT_EQ(header->kdf, kProductionKdf);
  EXPECT_GE(kProductionKdf.memory_kib, 256U * 1024U);
  EXPECT_GE(kProductionKdf.passes, 4U);
  // And what was made so opens with any unlocker: the header says how.
  EXPECT_EQ(Outcome(place_.TryOpen()), "ok");
}

}  // namespace
}  // namespace renkei::client
