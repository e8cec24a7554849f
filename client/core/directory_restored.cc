// The directory of a relay that was restored from a backup: its positions mean nothing any more,
// and it may lack certificates and revocation lists. Each device publishes those of its own
// institution again; nothing is forgotten here.
#include <algorithm>
#include <set>

#include "client/core/directory.h"
#include "client/core/identity.h"
#include "client/core/keys.h"
#include "renkei/relay/v1/directory.pb.h"
#include "renkei/vault/v1/directory.pb.h"

namespace renkei::client {
namespace {

constexpr int kMaxPublished = 16;

std::set<Hash32> HashesOf(const std::vector<Bytes>& items) {
  std::set<Hash32> out;
  for (const Bytes& item : items) {
    out.insert(Sha256(item));
  }
  return out;
}

}  // namespace

Status Directory::GiveBack(Relay& relay, const std::vector<Bytes>& certificates,
                           const std::vector<Bytes>& lists) {
  RENKEI_ASSIGN(const Identity identity, LoadIdentity(vault_));
  const std::set<Hash32> there = HashesOf(certificates);
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kDirectory, AsBytes("c"), {}));
  std::vector<Bytes> lost;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredCertificate>(row.value));
    const auto certificate = pki::Certificate::Parse(AsBytes(stored.der()));
    if (certificate.ok() && certificate->ids().institution == identity.institution &&
        !there.contains(certificate->fingerprint())) {
      // The institution's CA first: the others are verified under it.
      lost.insert(certificate->profile().is_ca() ? lost.begin() : lost.end(),
                  ToBytes(certificate->der()));
    }
  }
  for (std::size_t i = 0; i < lost.size();) {
    relay::v1::PublishRequest request;
    for (; i < lost.size() && request.certificates_size() < kMaxPublished; ++i) {
      request.add_certificates(ToString(lost[i]));
    }
    // A refusal (one of them has expired) is not ours to mend: it only lacks what nobody can use.
    RENKEI_TRY(relay.Publish(request));
  }
  const std::set<Hash32> lists_there = HashesOf(lists);
  RENKEI_ASSIGN(const auto kept, vault_.Scan(Table::kTrust, AsBytes("crl/"), {}));
  for (const Row& row : kept) {
    if (!lists_there.contains(Sha256(row.value))) {
      relay::v1::PublishRevocationsRequest request;
      request.set_revocation_list(ToString(row.value));
      // Refused where it is another institution's, or the relay has a newer one.
      const auto published = relay.PublishRevocations(request);
      if (!published.ok() && published.error().code() == Code::kUnavailable) {
        return published.error();
      }
    }
  }
  return Ok();
}

}  // namespace renkei::client
