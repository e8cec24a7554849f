#include "crypto/pki/role.h"

#include <array>

#include "crypto/base/result.h"

namespace renkei::pki {
namespace {

// Our arc is the UUID 31608fdc-7362-4421-be9b-4b8e8d2a3c00 under 2.25 (ITU-T X.667), which needs
// no registration. The next arc is the profile's version: a change of what a role may contain is a
// new version, because parsing is exact.
#define RENKEI_ROLE_OID(n) "2.25.65633550142358869154825329332928003072.1." #n

constexpr std::array<RoleProfile, 10> kRoles = {{
    {CertRole::kRegionRoot, "region root", RENKEI_ROLE_OID(1), CertRole::kRegionRoot,
     KeyType::kEd25519, KeyUse::kCertAndCrlSign, ExtendedUse::kNone, UriForm::kRegion, 2, false,
     false, Days(10958)},
    {CertRole::kRegionIssuing, "region issuing", RENKEI_ROLE_OID(2), CertRole::kRegionRoot,
     KeyType::kEd25519, KeyUse::kCertAndCrlSign, ExtendedUse::kNone, UriForm::kRegion, 1, false,
     false, Days(3653)},
    {CertRole::kInstitution, "institution", RENKEI_ROLE_OID(3), CertRole::kRegionIssuing,
     KeyType::kEd25519, KeyUse::kCertAndCrlSign, ExtendedUse::kInstitutionCa, UriForm::kInstitution,
     0, false, false, Days(1827)},
    {CertRole::kDeviceSigning, "device signing", RENKEI_ROLE_OID(4), CertRole::kInstitution,
     KeyType::kEd25519, KeyUse::kDigitalSignature, ExtendedUse::kApplication, UriForm::kDevice, -1,
     false, true, Days(800)},
    {CertRole::kDeviceKey, "device key", RENKEI_ROLE_OID(5), CertRole::kInstitution,
     KeyType::kX25519, KeyUse::kKeyAgreement, ExtendedUse::kApplication, UriForm::kDevice, -1,
     false, true, Days(800)},
    {CertRole::kDeviceTls, "device tls", RENKEI_ROLE_OID(6), CertRole::kInstitution,
     KeyType::kEd25519, KeyUse::kDigitalSignature, ExtendedUse::kTlsClient, UriForm::kDevice, -1,
     false, true, Days(800)},
    {CertRole::kPersonArchive, "person archive", RENKEI_ROLE_OID(7), CertRole::kInstitution,
     KeyType::kX25519, KeyUse::kKeyAgreement, ExtendedUse::kApplication, UriForm::kPersonArchive,
     -1, false, true, Days(800)},
    {CertRole::kInstitutionArchive, "institution archive", RENKEI_ROLE_OID(8),
     CertRole::kInstitution, KeyType::kX25519, KeyUse::kKeyAgreement, ExtendedUse::kApplication,
     UriForm::kInstitutionArchive, -1, false, false, Days(1827)},
    {CertRole::kRelayTls, "relay tls", RENKEI_ROLE_OID(9), CertRole::kRegionIssuing,
     KeyType::kEd25519, KeyUse::kDigitalSignature, ExtendedUse::kTlsServer, UriForm::kRelay, -1,
     true, false, Days(800)},
    {CertRole::kRelaySigning, "relay signing", RENKEI_ROLE_OID(10), CertRole::kRegionIssuing,
     KeyType::kEd25519, KeyUse::kDigitalSignature, ExtendedUse::kApplication, UriForm::kRelay, -1,
     false, false, Days(1827)},
}};

#undef RENKEI_ROLE_OID

}  // namespace

std::span<const RoleProfile> AllRoles() {
  return kRoles;
}

const RoleProfile& ProfileOf(CertRole role) {
  const auto index = static_cast<std::size_t>(role) - 1;
  RENKEI_CHECK(index < kRoles.size() && kRoles.at(index).role == role);
  return kRoles.at(index);
}

std::optional<CertRole> RoleFromOid(std::string_view oid) {
  for (const RoleProfile& profile : kRoles) {
    if (profile.oid == oid) {
      return profile.role;
    }
  }
  return std::nullopt;
}

}  // namespace renkei::pki
