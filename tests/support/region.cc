#include "tests/support/region.h"

#include <sodium.h>

namespace renkei::test {
namespace {

using pki::CertRole;
using pki::Issuer;
using pki::Validity;

Issuer NewRoot(Random& random, const RegionId& id, const std::string& name, Millis start) {
  const SigningKey key = SigningKey::Generate(random);
  const Millis end = start + pki::ProfileOf(CertRole::kRegionRoot).max_lifetime;
  auto root = pki::CreateRoot(key, id, name, {start, end}, random);
  return Issuer::Create(std::move(root).value(), key).value();
}

Issuer NewIssuing(Random& random, const Issuer& root, const Validity& validity) {
  const SigningKey key = SigningKey::Generate(random);
  auto issuing = root.IssueRegionIssuing(key.public_key(),
                                         root.Clip(CertRole::kRegionIssuing, validity), random);
  return Issuer::Create(std::move(issuing).value(), key).value();
}

}  // namespace

PublicKey NewX25519(Random& random) {
  InitCrypto();
  PublicKey out{};
  crypto_scalarmult_base(out.data(), random.NextArray<kSeedBytes>().data());
  return out;
}

Region::Region(std::uint64_t seed, const std::string& name, Millis start)
    : random_(seed),
      for_long_{start, start + Days(36500)},
      id_(RegionId::Generate(random_)),
      root_(NewRoot(random_, id_, name, start)),
      issuing_(NewIssuing(random_, root_, for_long_)) {}

pki::ChainVerifier Region::Verifier() const {
  return pki::ChainVerifier::Create(root_.certificate()).value();
}

Issuer Region::AddInstitution(const std::string& name, pki::InstitutionKind kind) {
  const SigningKey key = SigningKey::Generate(random_);
  auto certificate =
      issuing_.IssueInstitution(key.public_key(), {InstitutionId::Generate(random_), name, kind},
                                issuing_.Clip(CertRole::kInstitution, for_long_), random_);
  return Issuer::Create(std::move(certificate).value(), key).value();
}

Leaf Region::AddRelay(CertRole role) {
  SigningKey key = SigningKey::Generate(random_);
  auto certificate =
      issuing_.IssueRelay(role, key.public_key(), issuing_.Clip(role, for_long_), random_);
  return {std::move(certificate).value(), std::move(key)};
}

Leaf Region::AddDeviceLeaf(const Issuer& institution, CertRole role,
                           const pki::PersonSubject& person, const DeviceId& device) {
  SigningKey key = SigningKey::Generate(random_);
  auto certificate = institution.IssueDevice(role, key.public_key(), person, device,
                                             institution.Clip(role, for_long_), random_);
  return {std::move(certificate).value(), std::move(key)};
}

Device Region::AddDevice(const Issuer& institution, const pki::PersonSubject& person) {
  const DeviceId id = DeviceId::Generate(random_);
  auto key = institution.IssueDevice(CertRole::kDeviceKey, NewX25519(random_), person, id,
                                     institution.Clip(CertRole::kDeviceKey, for_long_), random_);
  return {id, AddDeviceLeaf(institution, CertRole::kDeviceSigning, person, id),
          AddDeviceLeaf(institution, CertRole::kDeviceTls, person, id), std::move(key).value()};
}

std::vector<pki::Certificate> Region::Above(const Issuer& institution) const {
  return {institution.certificate(), issuing_.certificate()};
}

pki::PersonSubject SomeNurse(Random& random) {
  return {PersonId::Generate(random), "架空 ゆき", pki::Profession::kNurse};
}

pki::PersonSubject SomeDoctor(Random& random) {
  return {PersonId::Generate(random), "架空 健一", pki::Profession::kDoctor};
}

}  // namespace renkei::test
