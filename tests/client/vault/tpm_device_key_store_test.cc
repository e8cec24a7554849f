#include "client/vault/tpm_device_key_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tss2/tss2_tpm2_types.h>

#include <filesystem>

#include "client/vault/files.h"
#include "client/vault/unlock.h"
#include "tests/client/vault/swtpm.h"

namespace renkei::client {
namespace {

constexpr const char* kNoDevice = "device:/nonexistent/tpm";

// A machine: a vault's directory, a directory for device keys, and what it has for a TPM.
class Machine {
 public:
  explicit Machine(std::string tcti) : tcti_(std::move(tcti)) {}

  std::string vault() const { return root_.path() + "/vault"; }
  std::string keys() const { return root_.path() + "/keys"; }
  void SetTpm(const std::string& tcti) { tcti_ = tcti; }

  // A new process each time.
  std::string Create() {
    TpmDeviceKeyStore store(keys(), tcti_);
    VaultUnlocker unlocker(store, random_, kCheapKdf);
    return Outcome(unlocker.Create(vault(), AsBytes(kPassphrase)));
  }
  std::string Open(const char* passphrase = kPassphrase) {
    TpmDeviceKeyStore store(keys(), tcti_);
    VaultUnlocker unlocker(store, random_, kCheapKdf);
    return Outcome(unlocker.Open(vault(), AsBytes(passphrase)));
  }
  std::string Form() {
    TpmDeviceKeyStore store(keys(), tcti_);
    VaultUnlocker unlocker(store, random_, kCheapKdf);
    const auto form = unlocker.KeyForm(vault());
    return form.ok() ? DeviceKeyFormName(*form) : Outcome(form);
  }
  std::string KeyFile(const char* ending) const {
    for (const auto& entry : std::filesystem::directory_iterator(keys())) {
      if (entry.path().extension() == ending) {
        return entry.path().string();
      }
    }
    return "";
  }
  void CopyTo(const Machine& other, bool with_keys) const {
    std::filesystem::copy(vault(), other.vault(), std::filesystem::copy_options::recursive);
    if (with_keys) {
      std::filesystem::copy(keys(), other.keys(), std::filesystem::copy_options::recursive);
    }
  }

 private:
  TempDirectory root_;
  SystemRandom random_;
  std::string tcti_;
};

class TpmVaults : public testing::Test {
 protected:
  void SetUp() override {
    RENKEI_NEEDS_SWTPM();
    chip_ = std::make_unique<Swtpm>();
    machine_ = std::make_unique<Machine>(chip_->tcti());
  }
  Machine& machine() { return *machine_; }

  std::unique_ptr<Swtpm> chip_;
  std::unique_ptr<Machine> machine_;
};

TEST_F(TpmVaults, KeyIsSealedWhereThereIsATpm) {
  ASSERT_EQ(machine().Create(), "ok");
  EXPECT_EQ(machine().Form(), "tpm");
  EXPECT_EQ(machine().Open(), "ok");
  EXPECT_EQ(machine().Open("not it"), "kAuthFailed: vault: wrong passphrase");
  EXPECT_EQ(machine().KeyFile(".key"), "");
  struct ::stat info {};
  ASSERT_EQ(::stat(machine().KeyFile(".tpm").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_TRUE(FileExists(machine().keys() + "/.nobackup"));
}

TEST_F(TpmVaults, G9_VaultWithItsKeyFilesDoesNotOpenOnAnotherMachine) {
  ASSERT_EQ(machine().Create(), "ok");
  Swtpm other_chip;
  Machine other(other_chip.tcti());
  machine().CopyTo(other, true);
  EXPECT_EQ(other.Open(), "kDenied: vault: sealed by another TPM");
  other.SetTpm(kNoDevice);
  EXPECT_EQ(other.Open(), "kUnavailable: vault: the TPM cannot be used");
  other.SetTpm("");
  EXPECT_EQ(other.Open(), "kUnavailable: vault: the TPM cannot be used");
  Machine bare(other_chip.tcti());
  machine().CopyTo(bare, false);
  EXPECT_EQ(bare.Open(), "kDenied: vault: device key missing");
  EXPECT_EQ(bare.Form(), "kDenied: vault: device key missing");
  EXPECT_EQ(machine().Open(), "ok");
}

// Breaks G9 on purpose: on the TPM that sealed, the same copy opens. So what refuses above is the
// other TPM.
TEST_F(TpmVaults, VaultWithItsKeyFilesOpensBesideItself) {
  ASSERT_EQ(machine().Create(), "ok");
  Machine beside(chip_->tcti());
  machine().CopyTo(beside, true);
  EXPECT_EQ(beside.Open(), "ok");
}

TEST_F(TpmVaults, ClearedTpmIsToldAndNothingIsChanged) {
  ASSERT_EQ(machine().Create(), "ok");
  const std::string sealed = ReadAll(machine().KeyFile(".tpm"));
  chip_->Clear();
  EXPECT_EQ(machine().Open(), "kDenied: vault: sealed by another TPM");
  EXPECT_EQ(ReadAll(machine().KeyFile(".tpm")), sealed);
}

TEST_F(TpmVaults, TpmThatIsAwayForAWhileIsToldAndWaitedFor) {
  ASSERT_EQ(machine().Create(), "ok");
  chip_->Stop();
  EXPECT_EQ(machine().Open(), "kUnavailable: vault: the TPM cannot be used");
  EXPECT_EQ(machine().Form(), "tpm");
  EXPECT_EQ(machine().Create(), "kConflict: vault: there is one already");
  chip_->Reboot();
  machine().SetTpm(chip_->tcti());
  EXPECT_EQ(machine().Open(), "ok");
}

TEST_F(TpmVaults, TpmThatRefusesMeansAFileAndIsRemembered) {
  chip_->SetOwnerPassword("of another program");
  ASSERT_EQ(machine().Create(), "ok");
  EXPECT_EQ(machine().Form(), "file-tpm-refused");
  EXPECT_EQ(machine().KeyFile(".tpm"), "");
  EXPECT_EQ(machine().Open(), "ok");
  chip_->Stop();
  EXPECT_EQ(machine().Open(), "ok");
  EXPECT_EQ(machine().Form(), "file-tpm-refused");
}

TEST_F(TpmVaults, TpmThatSealsButDoesNotOpenIsNotReliedOn) {
  const TpmWire wire(*chip_, [](std::uint32_t command, Bytes& answer) {
    if (command == TPM2_CC_Unseal) {
      answer = TpmRefusal(TPM2_RC_FAILURE);
    }
  });
  machine().SetTpm(wire.tcti());
  ASSERT_EQ(machine().Create(), "ok");
  EXPECT_GE(wire.CommandsOf(TPM2_CC_Create), 1U);
  EXPECT_EQ(wire.CommandsOf(TPM2_CC_Unseal), 1U);
  EXPECT_EQ(machine().Form(), "file-tpm-refused");
  EXPECT_EQ(machine().Open(), "ok");
}

TEST_F(TpmVaults, VaultMadeWithAFileStaysSo) {
  for (const bool old : {true, false}) {
    Machine before(kNoDevice);
    if (old) {  // by a program that knew no TPM
      FileDeviceKeyStore store(before.keys());
      SystemRandom random;
      VaultUnlocker unlocker(store, random, kCheapKdf);
      ASSERT_EQ(Outcome(unlocker.Create(before.vault(), AsBytes(kPassphrase))), "ok");
    } else {
      ASSERT_EQ(before.Create(), "ok");
    }
    const std::string key = ReadAll(before.KeyFile(".key"));
    EXPECT_EQ(key.size(), old ? 32U : 33U);
    before.SetTpm(chip_->tcti());
    EXPECT_EQ(before.Open(), "ok");
    EXPECT_EQ(before.Form(), old ? "file" : "file-no-tpm");
    EXPECT_EQ(ReadAll(before.KeyFile(".key")), key);
    EXPECT_EQ(before.KeyFile(".tpm"), "");
  }
}

TEST_F(TpmVaults, DamagedOrForeignSealedKeyIsNoWrongPassphrase) {
  ASSERT_EQ(machine().Create(), "ok");
  const std::string file = machine().KeyFile(".tpm");
  const std::string good = ReadAll(file);
  for (const std::size_t at : {0U, 30U, 100U}) {
    FlipByte(file, at);
    EXPECT_EQ(machine().Open(), "kCorrupt: vault: device key damaged") << at;
    EXPECT_EQ(machine().Form(), "kCorrupt: vault: device key damaged") << at;
    WriteAll(file, good);
  }
  for (const std::size_t size : {0U, 50U, 5000U}) {
    WriteAll(file, std::string(size, 'x'));
    EXPECT_EQ(machine().Open(), "kCorrupt: vault: device key damaged") << size;
  }
  Machine other(chip_->tcti());
  ASSERT_EQ(other.Create(), "ok");
  WriteAll(file, ReadAll(other.KeyFile(".tpm")));
  EXPECT_EQ(machine().Open(), "kCorrupt: vault: device key damaged");
  WriteAll(file, good);
  EXPECT_EQ(machine().Open(), "ok");
}

TEST_F(TpmVaults, RemovedKeyIsGoneAndASecondOneRefused) {
  SystemRandom random;
  TpmDeviceKeyStore store(machine().keys(), chip_->tcti());
  const VaultId id = VaultId::Generate(random);
  const SecretBytes key = random.NextSecret(kDeviceKeyBytes);
  ASSERT_EQ(Outcome(store.Create(id, key)), "ok");
  EXPECT_EQ(store.Create(id, key).error().code(), Code::kConflict);
  EXPECT_TRUE(Equal(*store.Load(id), key));
  EXPECT_EQ(*store.LoadCounter(id), 0U);
  std::filesystem::remove(machine().KeyFile(".counter"));
  EXPECT_EQ(TpmDeviceKeyStore(machine().keys(), "").Create(id, key).error().code(),
            Code::kConflict);
  ASSERT_TRUE(store.StoreCounter(id, 7, true).ok());
  EXPECT_EQ(*store.LoadCounter(id), 7U);
  ASSERT_TRUE(store.Remove(id).ok());
  EXPECT_EQ(store.Load(id).error().code(), Code::kNotFound);
  EXPECT_EQ(store.LoadCounter(id).error().code(), Code::kNotFound);
  EXPECT_EQ(machine().KeyFile(".tpm"), "");
  EXPECT_TRUE(store.Remove(id).ok());
}

TEST_F(TpmVaults, PassphraseChangesUnderASealedKey) {
  ASSERT_EQ(machine().Create(), "ok");
  {
    TpmDeviceKeyStore store(machine().keys(), chip_->tcti());
    SystemRandom random;
    VaultUnlocker unlocker(store, random, kCheapKdf);
    const auto vault = unlocker.Open(machine().vault(), AsBytes(kPassphrase));
    ASSERT_EQ(Outcome(vault), "ok");
    EXPECT_EQ(Outcome(unlocker.ChangePassphrase(**vault, AsBytes(kPassphrase), AsBytes("another"))),
              "ok");
  }
  EXPECT_EQ(machine().Open(), "kAuthFailed: vault: wrong passphrase");
  EXPECT_EQ(machine().Open("another"), "ok");
}

TEST(VaultsWithoutTpm, SayWhy) {
  Machine none(kNoDevice);
  ASSERT_EQ(none.Create(), "ok");
  EXPECT_EQ(none.Form(), "file-no-tpm");
  EXPECT_EQ(none.Open(), "ok");
  Machine off("");
  ASSERT_EQ(off.Create(), "ok");
  EXPECT_EQ(off.Form(), "file-tpm-off");
  EXPECT_EQ(off.Open(), "ok");
  EXPECT_EQ(Machine(kNoDevice).Form(), "kNotFound: vault: none there");
}

}  // namespace
}  // namespace renkei::client
