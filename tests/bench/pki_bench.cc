// What certificates cost: to issue, parse and verify one, and a full revocation list. Prints JSON
// lines, times in microseconds.
//   pki_bench [ROUNDS]     (500)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "crypto/pki/revocation.h"
#include "tests/support/region.h"

namespace {

using renkei::Days;
using renkei::Millis;
namespace pki = renkei::pki;
namespace test = renkei::test;

constexpr Millis kNow = test::kRegionStart + Days(30);

void Measure(const char* what, int rounds, const std::function<bool()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) {
    RENKEI_CHECK(work());
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  std::printf("{\"what\":\"%s\",\"rounds\":%d,\"us\":%.1f}\n", what, rounds, took.count() / rounds);
}

pki::RevocationList FullList(const pki::Issuer& issuer, renkei::Random& random) {
  std::vector<pki::Revocation> revoked(pki::kMaxRevocations);
  for (pki::Revocation& entry : revoked) {
    entry = {random.NextArray<pki::kSerialBytes>(), kNow, pki::RevocationReason::kKeyCompromise};
    entry.serial[0] = 0x40;
  }
  return pki::CreateCrl(issuer, std::move(revoked), 1, kNow, kNow + Days(7)).value();
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 500;
  if (rounds <= 0) {
    std::fprintf(stderr, "usage: %s [ROUNDS]\n", argv[0]);
    return 2;
  }
  test::Region region(1);
  const pki::Issuer ca = region.AddInstitution("架空病院", pki::InstitutionKind::kHospital);
  const pki::PersonSubject nurse = test::SomeNurse(region.random());
  const test::Device device = region.AddDevice(ca, nurse);
  const pki::Certificate& leaf = device.signing.certificate;
  const auto above = region.Above(ca);
  const pki::ChainVerifier verifier = region.Verifier();
  const auto issuer = verifier.VerifyIssuer(above[0], std::span(above).subspan(1), kNow).value();
  const pki::RevocationList list = FullList(ca, region.random());
  constexpr auto kRole = pki::CertRole::kDeviceSigning;

  Measure("issue a device certificate", rounds, [&] {
    return ca
        .IssueDevice(kRole, leaf.public_key(), nurse, device.id, {kNow, kNow + Days(100)},
                     region.random())
        .ok();
  });
  Measure("parse a certificate", rounds, [&] { return pki::Certificate::Parse(leaf.der()).ok(); });
  Measure("verify a chain", rounds, [&] { return verifier.Verify(leaf, above, kNow, kRole).ok(); });
  Measure("verify a leaf under a verified issuer", rounds,
          [&] { return issuer.Verify(leaf, kNow, kRole).ok(); });
  Measure("parse a full revocation list", 1 + rounds / 50,
          [&] { return pki::RevocationList::Parse(list.der()).ok(); });
  return 0;
}
