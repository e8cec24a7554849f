#include "client/vault/tpm.h"

#include <gtest/gtest.h>
#include <tss2/tss2_tpm2_types.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "client/vault/device_key_store.h"
#include "tests/client/vault/swtpm.h"

namespace renkei::client {
namespace {

constexpr std::uint8_t kMask = 0x5A;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

// How often the bytes stand in this process's writable memory, given so that the question itself
// does not put them there.
std::size_t CountInMemory(const ByteArray<kDeviceKeyBytes>& masked) {
  std::ifstream maps("/proc/self/maps");
  std::size_t found = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    char rights[5] = {};
    const bool read = std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) == 3;
    if (!read || std::string_view(rights).substr(0, 2) != "rw" ||
        line.find("[v") != std::string::npos) {
      continue;
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
    for (std::size_t at = 0; at + masked.size() <= to - from; ++at) {
      std::size_t same = 0;
      while (same < masked.size() && bytes[at + same] == (masked[same] ^ kMask)) {
        ++same;
      }
      found += same == masked.size() ? 1 : 0;
    }
  }
  return found;
}

class Tpms : public testing::Test {
 protected:
  void SetUp() override {
    RENKEI_NEEDS_SWTPM();
    chip_ = std::make_unique<Swtpm>();
  }

  Swtpm& chip() { return *chip_; }
  Tpm tpm() { return Tpm(chip_->tcti()); }
  SealedKey Sealed() { return tpm().Seal(id_, key_).value(); }
  static bool Holds(ByteView haystack, ByteView needle) {
    return std::search(haystack.begin(), haystack.end(), needle.begin(), needle.end()) !=
           haystack.end();
  }

  std::unique_ptr<Swtpm> chip_;
  SeededRandom random_{7};
  VaultId id_ = VaultId::Generate(random_);
  SecretBytes key_ = random_.NextSecret(kDeviceKeyBytes);
};

TEST_F(Tpms, SealedKeyOpensAgain) {
  const SealedKey sealed = Sealed();
  EXPECT_EQ(sealed.id, id_);
  const auto key = tpm().Unseal(sealed);
  ASSERT_EQ(Outcome(key), "ok");
  EXPECT_TRUE(Equal(*key, key_));
}

TEST_F(Tpms, SealedKeyOpensAfterAReboot) {
  const SealedKey sealed = Sealed();
  chip().Stop();
  EXPECT_EQ(Outcome(tpm().Unseal(sealed)), "kUnavailable: vault: the TPM cannot be used");
  chip().Reboot();
  EXPECT_EQ(Outcome(tpm().Unseal(sealed)), "ok");
}

TEST_F(Tpms, G9_AnotherTpmDoesNotOpenIt) {
  const SealedKey sealed = Sealed();
  Swtpm other;
  EXPECT_EQ(Outcome(Tpm(other.tcti()).Unseal(sealed)), "kDenied: vault: sealed by another TPM");
  EXPECT_EQ(Outcome(tpm().Unseal(sealed)), "ok");
}

// The comparison of the primary is for the sentence; what keeps the key is the TPM itself.
TEST_F(Tpms, G9_AnotherTpmDoesNotOpenItEvenIfItIsSaidToBeItsOwn) {
  SealedKey sealed = Sealed();
  Swtpm other;
  sealed.parent = Tpm(other.tcti()).Seal(id_, key_)->parent;
  EXPECT_EQ(Outcome(Tpm(other.tcti()).Unseal(sealed)), "kCorrupt: vault: device key damaged");
}

TEST_F(Tpms, G9_ClearedTpmDoesNotOpenIt) {
  const SealedKey sealed = Sealed();
  chip().Clear();
  EXPECT_EQ(Outcome(tpm().Unseal(sealed)), "kDenied: vault: sealed by another TPM");
}

TEST_F(Tpms, G9_SealedBytesDoNotHoldTheKey) {
  EXPECT_FALSE(Holds(Sealed().Encode(), key_.Expose()));
}

TEST_F(Tpms, AlteredBytesAreToldFromARefusal) {
  const SealedKey good = Sealed();
  for (std::size_t at = 0; at < good.sealed.size(); at += 13) {
    SealedKey bad = good;
    bad.sealed[at] ^= 1;
    EXPECT_EQ(Outcome(tpm().Unseal(bad)), "kCorrupt: vault: device key damaged") << at;
  }
  SealedKey bad = good;
  bad.unique[0] ^= 1;
  EXPECT_EQ(Outcome(tpm().Unseal(bad)), "kCorrupt: vault: device key damaged");
  for (const std::size_t size : {std::size_t{1}, good.sealed.size() - 1, good.sealed.size() + 1,
                                 SealedKey::kMaxSealedBytes}) {
    bad = good;
    bad.sealed.resize(size);
    EXPECT_EQ(Outcome(tpm().Unseal(bad)), "kCorrupt: vault: device key damaged") << size;
  }
}

TEST_F(Tpms, OwnersPasswordIsARefusal) {
  const SealedKey sealed = Sealed();
  chip().SetOwnerPassword("of another program");
  EXPECT_EQ(Outcome(tpm().Seal(id_, key_)), "kUnavailable: vault: the TPM cannot be used");
  EXPECT_EQ(Outcome(tpm().Unseal(sealed)), "kUnavailable: vault: the TPM cannot be used");
}

TEST_F(Tpms, LockedOutIsARefusalAndNoDamage) {
  const SealedKey sealed = Sealed();
  const TpmWire wire(chip(), [](std::uint32_t command, Bytes& answer) {
    if (command == TPM2_CC_Load) {
      answer = TpmRefusal(TPM2_RC_LOCKOUT);
    }
  });
  EXPECT_EQ(Outcome(Tpm(wire.tcti()).Unseal(sealed)),
            "kUnavailable: vault: the TPM cannot be used");
  EXPECT_EQ(wire.CommandsOf(TPM2_CC_Load), 1U);
}

TEST_F(Tpms, G9_KeyDoesNotCrossTheWireInClear) {
  const TpmWire wire(chip());
  Tpm tapped(wire.tcti());
  const auto sealed = tapped.Seal(id_, key_);
  ASSERT_EQ(Outcome(sealed), "ok");
  ASSERT_TRUE(Equal(*tapped.Unseal(*sealed), key_));
  EXPECT_GE(wire.CommandsOf(TPM2_CC_Create), 1U);
  EXPECT_EQ(wire.CommandsOf(TPM2_CC_Unseal), 1U);
  const Bytes heard = wire.Heard();
  EXPECT_TRUE(Holds(heard, sealed->sealed));  // the wire is the one that was used
  for (std::size_t at = 0; at + 4 <= kDeviceKeyBytes; at += 4) {
    EXPECT_FALSE(Holds(heard, key_.Expose().subspan(at, 4))) << at;
  }
}

// After an answer that does not verify the library speaks no more, so what it made stays in the
// TPM; a resource manager would take that back, here a reboot does.
TEST_F(Tpms, AnswerAlteredOnTheWireIsNoKey) {
  const SealedKey sealed = Sealed();
  for (std::size_t at = 14; at < 50; at += 7) {
    chip().Reboot();
    const TpmWire wire(chip(), [at](std::uint32_t command, Bytes& answer) {
      if (command == TPM2_CC_Unseal) {
        answer.at(at) ^= 1;
      }
    });
    EXPECT_EQ(Outcome(Tpm(wire.tcti()).Unseal(sealed)),
              "kUnavailable: vault: the TPM cannot be used")
        << at;
    EXPECT_EQ(wire.CommandsOf(TPM2_CC_Unseal), 1U) << at;
  }
}

TEST_F(Tpms, AnswersThatAreNoneAreSurvived) {
  const SealedKey sealed = Sealed();
  for (const std::uint32_t command :
       {TPM2_CC_CreatePrimary, TPM2_CC_StartAuthSession, TPM2_CC_Load, TPM2_CC_Unseal}) {
    for (const std::size_t keep : {10U, 11U, 14U, 40U}) {
      chip().Reboot();
      const TpmWire wire(chip(), [command, keep](std::uint32_t code, Bytes& answer) {
        if (code == command) {
          answer.resize(keep);
          answer[4] = 0;
          answer[5] = static_cast<std::uint8_t>(keep);
          std::fill(answer.begin() + 10, answer.end(), std::uint8_t{0xFF});
        }
      });
      EXPECT_EQ(Outcome(Tpm(wire.tcti()).Unseal(sealed)),
                "kUnavailable: vault: the TPM cannot be used")
          << command << " " << keep;
      EXPECT_EQ(wire.CommandsOf(command), 1U) << command << " " << keep;
    }
  }
}

TEST_F(Tpms, NothingOfTheKeyStaysInMemory) {
  if (kSanitized) {
    GTEST_SKIP() << "a sanitizer keeps freed memory and watches who reads it";
  }
  SecretBytes fresh = SystemRandom().NextSecret(kDeviceKeyBytes);
  ByteArray<kDeviceKeyBytes> masked{};
  for (std::size_t i = 0; i < masked.size(); ++i) {
    masked[i] = fresh.Expose()[i] ^ kMask;
  }
  EXPECT_GE(CountInMemory(masked), 1U);  // what is there is found
  const auto sealed = tpm().Seal(id_, fresh);
  fresh.Wipe();
  EXPECT_EQ(CountInMemory(masked), 0U);
  {
    const auto key = tpm().Unseal(*sealed);
    ASSERT_EQ(Outcome(key), "ok");
    EXPECT_EQ(CountInMemory(masked), 1U);
  }
  EXPECT_EQ(CountInMemory(masked), 0U);
}

TEST_F(Tpms, NothingStaysInside) {
  for (int i = 0; i < 5; ++i) {
    SealedKey sealed = Sealed();
    ASSERT_EQ(Outcome(tpm().Unseal(sealed)), "ok") << i;
    sealed.sealed[20] ^= 1;
    ASSERT_FALSE(tpm().Unseal(sealed).ok());
  }
  EXPECT_EQ(chip().LeftInside(), 0U);
}

TEST(TpmsThatAreNotThere, AreToldWithoutAsking) {
  SeededRandom random(1);
  const SecretBytes key = random.NextSecret(kDeviceKeyBytes);
  const VaultId id = VaultId::Generate(random);
  for (const char* tcti : {"", "device:/nonexistent/tpm"}) {
    Tpm tpm{std::string(tcti)};
    EXPECT_FALSE(tpm.Present());
    EXPECT_EQ(Outcome(tpm.Seal(id, key)), "kUnavailable: vault: the TPM cannot be used");
    SealedKey sealed;
    EXPECT_EQ(Outcome(tpm.Unseal(sealed)), "kUnavailable: vault: the TPM cannot be used");
  }
  EXPECT_FALSE(Tpm("").Wanted());
  EXPECT_TRUE(Tpm("device:/nonexistent/tpm").Wanted());
}

TEST(TpmsThatAreNotThere, DeviceThatIsNoTpmRefuses) {
  SeededRandom random(1);
  const SecretBytes key = random.NextSecret(kDeviceKeyBytes);
  for (const char* tcti : {"device:/dev/null", "swtpm:host=127.0.0.1,port=1", "no-such-tcti"}) {
    Tpm tpm{std::string(tcti)};
    EXPECT_TRUE(tpm.Present()) << tcti;
    EXPECT_EQ(Outcome(tpm.Seal(VaultId::Generate(random), key)),
              "kUnavailable: vault: the TPM cannot be used")
        << tcti;
  }
}

}  // namespace
}  // namespace renkei::client
