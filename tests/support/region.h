// A fictitious region with real certificates, made from a seed: what tests of any room need to
// have a relay, institutions and devices. Everything in it is invented.
#ifndef RENKEI_TESTS_SUPPORT_REGION_H_
#define RENKEI_TESTS_SUPPORT_REGION_H_

#include <string>
#include <vector>

#include "crypto/pki/chain.h"
#include "crypto/pki/issue.h"

namespace renkei::test {

// 2024-06-03T00:00:00Z, the region's first second.
inline constexpr Millis kRegionStart = {1717372800000};

struct Leaf {
  pki::Certificate certificate;
  SigningKey key;
};

// An X25519 public key; the private one is of no interest here.
PublicKey NewX25519(Random& random);

struct Device {
  DeviceId id;
  Leaf signing;
  Leaf tls;
  pki::Certificate key;
};

class Region {
 public:
  // `start`: from when on everything is valid; tests with real TLS need the machine's clock.
  explicit Region(std::uint64_t seed, const std::string& name = "ひがし地区医師会",
                  Millis start = kRegionStart);

  Random& random() { return random_; }
  const RegionId& id() const { return id_; }
  const pki::Issuer& root() const { return root_; }
  const pki::Issuer& issuing() const { return issuing_; }
  pki::ChainVerifier Verifier() const;

  // From the region's start, for as long as its role and issuer allow.
  pki::Issuer AddInstitution(const std::string& name, pki::InstitutionKind kind);
  Leaf AddRelay(pki::CertRole role);
  Device AddDevice(const pki::Issuer& institution, const pki::PersonSubject& person);
  Leaf AddDeviceLeaf(const pki::Issuer& institution, pki::CertRole role,
                     const pki::PersonSubject& person, const DeviceId& device);

  // What stands between an institution's leaves and the root: its CA and the issuing CA.
  std::vector<pki::Certificate> Above(const pki::Issuer& institution) const;

 private:
  SeededRandom random_;
  pki::Validity for_long_;
  RegionId id_;
  pki::Issuer root_;
  pki::Issuer issuing_;
};

// A visiting nurse and a doctor who do not exist.
pki::PersonSubject SomeNurse(Random& random);
pki::PersonSubject SomeDoctor(Random& random);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_REGION_H_
