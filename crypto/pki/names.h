// The names inside certificates: URIs that carry our ids, the relay's DNS name, and the rules for
// names of people and institutions (crypto/pki/README.md "Names"). Values; any thread.
#ifndef RENKEI_CRYPTO_PKI_NAMES_H_
#define RENKEI_CRYPTO_PKI_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/ids.h"
#include "crypto/pki/role.h"

namespace renkei::pki {

inline constexpr std::size_t kMaxNameCharacters = 64;  // X.520 ub-common-name, in code points

// The ids that a URI carries. Those that its form does not have are zero.
struct SubjectIds {
  RegionId region;
  InstitutionId institution;
  PersonId person;
  DeviceId device;
  std::uint32_t archive_version = 0;  // 1.. in archive forms

  friend bool operator==(const SubjectIds&, const SubjectIds&) = default;
};

// The URI in the one spelling that ParseUri accepts: lowercase UUIDs, decimal version without
// leading zeros. Ids that the form does not have are ignored.
std::string FormatUri(UriForm form, const SubjectIds& ids);

// kMalformed for another form or another spelling, a zero id or version 0. At most 200 bytes.
Result<SubjectIds> ParseUri(UriForm form, std::string_view uri);

// "relay.<region>.renkei.internal": the name that clients expect of their relay in TLS, whatever
// address they dial.
std::string RelayDnsName(const RegionId& region);

// A name that people read (person, institution, region): 1..64 characters of valid UTF-8 without
// control, line or direction characters or invisible ones, not beginning or ending with a space,
// and not something TLS would take for a host name (ASCII letters, digits, '-', '_' and at least
// one '.'). kMalformed otherwise: ask for another spelling.
Status CheckName(std::string_view name);

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_NAMES_H_
