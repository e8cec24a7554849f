// "Passive Client Scenarios": joining by a Welcome and following the commits of others.
#include <map>

#include "crypto/mls/group.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

class AcceptAll final : public mls::CredentialPolicy {
 public:
  Status Check(const mls::Credential&, ByteView, Millis) const override { return Ok(); }
};

class GivenPsks final : public mls::PskSource {
 public:
  explicit GivenPsks(const Json& list) {
    for (const Json& entry : list) {
      psks_[Hex(entry, "psk_id")] = Hex(entry, "psk");
    }
  }
  Result<SecretBytes> External(ByteView psk_id) const override {
    const auto found = psks_.find(ToBytes(psk_id));
    if (found == psks_.end()) {
      return Error(Code::kNotFound, "vector: no such psk");
    }
    return SecretBytes::CopyOf(found->second);
  }

 private:
  std::map<Bytes, Bytes> psks_;
};

std::string Describe(const char* what, std::size_t epoch, const Error& error) {
  return std::string(what) + " in epoch " + std::to_string(epoch) + ": " + CodeName(error.code()) +
         ", " + error.where();
}

Verdict Follow(mls::Group group, const Json& epochs, const mls::Environment& environment) {
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    for (const Json& proposal : epochs[i].at("proposals")) {
      const auto kept = group.Process(HexText(proposal), environment);
      if (!kept.ok()) {
        return {false, Describe("proposal", i, kept.error())};
      }
    }
    auto processed = group.Process(Hex(epochs[i], "commit"), environment);
    if (!processed.ok()) {
      return {false, Describe("commit", i, processed.error())};
    }
    auto* staged = std::get_if<mls::StagedCommit>(&*processed);
    VECTOR_EXPECT(staged != nullptr && staged->next.has_value());
    group = std::move(*staged->next);
    VECTOR_EXPECT(Same(group.EpochAuthenticator(), Hex(epochs[i], "epoch_authenticator")));
  }
  return {};
}

}  // namespace

Verdict RunPassiveClient(const Json& test_case) {
  const auto key_package = mls::OwnKeyPackage::FromParts(
      Hex(test_case, "key_package"), Hex(test_case, "init_priv"), Hex(test_case, "encryption_priv"),
      HexSigningKey(test_case, "signature_priv"));
  VECTOR_EXPECT(key_package.ok());

  const AcceptAll credentials;
  const GivenPsks psks(test_case.at("external_psks"));
  mls::Environment environment{credentials, Millis{0}, &psks};
  environment.check_lifetime = false;  // the vectors' key packages have expired
  mls::JoinOptions options;
  if (test_case.contains("ratchet_tree") && !test_case.at("ratchet_tree").is_null()) {
    options.ratchet_tree = Hex(test_case, "ratchet_tree");
  }
  auto group =
      mls::Group::JoinWelcome(Hex(test_case, "welcome"), *key_package, options, environment);
  if (!group.ok()) {
    return {false, Describe("welcome", 0, group.error())};
  }
  VECTOR_EXPECT(Same(group->EpochAuthenticator(), Hex(test_case, "initial_epoch_authenticator")));
  return Follow(std::move(group).value(), test_case.at("epochs"), environment);
}

}  // namespace renkei::interop
