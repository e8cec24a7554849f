// Revocation: X.509 lists (RFC 5280 §5) that a CA signs for the certificates it has issued. The
// institution's CA revokes devices and archive keys, the region's issuing CA institutions and
// relays, the root issuing CAs. Revocation is for ever.
#ifndef RENKEI_CRYPTO_PKI_REVOCATION_H_
#define RENKEI_CRYPTO_PKI_REVOCATION_H_

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "crypto/pki/certificate.h"
#include "crypto/pki/issue.h"

namespace renkei::pki {

inline constexpr std::size_t kMaxRevocationListBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxRevocations = 4096;

// CRLReason numbers (RFC 5280 §5.3.1). Holds and removals do not exist here.
enum class RevocationReason : std::uint8_t {
  kUnspecified = 0,
  kKeyCompromise = 1,  // stolen or lost device
  kCaCompromise = 2,
  kAffiliationChanged = 3,  // the person left
  kSuperseded = 4,          // replaced by a newer certificate
  kCessation = 5,           // the institution closed
};

struct Revocation {
  Serial serial{};
  Millis revoked_at;  // whole seconds; what is received from then on does not count
  RevocationReason reason = RevocationReason::kUnspecified;

  friend bool operator==(const Revocation&, const Revocation&) = default;
};

struct RevocationListFields {
  DistinguishedName issuer;
  KeyId issuer_key_id{};
  std::uint64_t number = 0;         // 1.., higher in each new list of this issuer
  Millis this_update;               // whole seconds
  Millis next_update;               // after this_update: when to ask for a newer one
  std::vector<Revocation> revoked;  // by serial, each once, none after this_update

  friend bool operator==(const RevocationListFields&, const RevocationListFields&) = default;
};

// Immutable; copies share the content; any thread.
class RevocationList {
 public:
  // der  1..kMaxRevocationListBytes bytes. As strict as Certificate::Parse.
  // kTooLarge, kMalformed: drop it. The signature is VerifyCrl's.
  static Result<RevocationList> Parse(ByteView der);

  const Bytes& der() const;
  const RevocationListFields& fields() const;
  const Hash32& fingerprint() const;

 private:
  struct Content;
  explicit RevocationList(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

// Signs a list of everything that `issuer` has revoked so far (not only what is new).
//   revoked  any order, at most kMaxRevocations; times are cut to whole seconds.
//   kMalformed  number 0, times out of order, a serial twice; kTooLarge  too many.
Result<RevocationList> CreateCrl(const Issuer& issuer, std::vector<Revocation> revoked,
                                 std::uint64_t number, Millis this_update, Millis next_update);

// kAuthFailed unless `issuer` (whose own chain the caller has verified) is a CA and signed `list`.
Status VerifyCrl(const RevocationList& list, const Certificate& issuer);

// What is known to be revoked. One thread, or guarded by the owner; reading from many is fine. Not
// stored itself: whoever keeps it keeps every list it took, and adds them again in their order.
class RevocationSet {
 public:
  // Takes over a list.
  //   issuer  the CA that must have signed it; the caller has verified its chain.
  //   kAuthFailed  it has not: drop the list.
  //   kConflict    older than what is held of this issuer, or another list of the same number:
  //                somebody serves old or forked lists; keep what is held and say so.
  //   kTooLarge    all its lists together name more than kMaxRevocations certificates.
  // The list that is held already is no error. What once was revoked stays revoked, with its
  // earliest time, even if a later list leaves it out. On failure nothing changes.
  Status Add(const RevocationList& list, const Certificate& issuer);

  // Whether the certificate counted as revoked at that moment: revoked_at <= at.
  bool IsRevoked(const Certificate& certificate, Millis at) const;
  // Its entry, whatever the time.
  std::optional<Revocation> Find(const Certificate& certificate) const;

  // The newest list held of this CA, if any: to serve it, and to ask for a newer one in time.
  std::optional<RevocationList> ListOf(const KeyId& issuer_key_id) const;

 private:
  struct Held {
    RevocationList newest;
    std::map<Serial, Revocation> revoked;
  };

  std::map<KeyId, Held> by_issuer_;
};

}  // namespace renkei::pki

#endif  // RENKEI_CRYPTO_PKI_REVOCATION_H_
