// The epoch card (crypto/README.md "Epoch card"): what the relay may know of a case's membership,
// signed by whoever committed. The chain of cards is the case's membership history (G3). This file
// checks one card by itself; succession.h, whether it may follow another. Functions on values; any
// thread.
#ifndef RENKEI_CRYPTO_THREAD_CARD_H_
#define RENKEI_CRYPTO_THREAD_CARD_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/result.h"
#include "crypto/base/sign.h"
#include "crypto/thread/names.h"
#include "crypto/thread/policy.h"

namespace renkei::thread {

inline constexpr std::size_t kMaxCardBytes = 65536;
inline constexpr std::size_t kMaxSignedCardBytes = kMaxCardBytes + 128;
inline constexpr std::size_t kMaxMembers = 200;
inline constexpr std::size_t kMinGroupIdBytes = 16;
inline constexpr std::size_t kMaxGroupIdBytes = 64;
inline constexpr std::size_t kMaxEvidenceItems = 16;

struct CardMember {
  std::uint32_t leaf_index = 0;
  PersonRef person;
  DeviceId device;
  Hash32 signing_certificate_hash{};
  std::uint64_t joined_epoch = 0;  // JoinedEpoch() below

  friend bool operator==(const CardMember&, const CardMember&) = default;
};

struct CardInstitution {
  InstitutionId institution;
  PublicKey ca_key{};

  friend bool operator==(const CardInstitution&, const CardInstitution&) = default;
};

struct CardRecipient {
  InstitutionId institution;
  std::optional<PersonId> person;  // none: the institution's own archive key
  Hash32 key_id{};
  std::uint32_t key_version = 1;

  friend bool operator==(const CardRecipient&, const CardRecipient&) = default;
};

struct CardEvidence {
  std::vector<Bytes> revocation_lists;  // DER; 0..16
  Bytes link;                           // SignedLink (link.h) or empty
  std::vector<Bytes> leave_requests;    // SignedLeaveRequest (leave.h); 0..16

  friend bool operator==(const CardEvidence&, const CardEvidence&) = default;
};

struct Card {
  CaseId case_id;
  EpochRef at;
  Hash32 epoch_id{};
  Hash32 commit_hash{};         // zeros at epoch 0
  Hash32 previous_card_hash{};  // zeros on a case's first card
  CasePolicy policy;
  Hash32 group_info_hash{};
  Bytes mls_group_id;  // 16..64 bytes
  DeviceId committer_device;
  std::vector<CardMember> members;            // by leaf index
  std::vector<CardInstitution> institutions;  // by id; exactly those of the members
  std::vector<CardRecipient> recipients;      // by (institution, person), own key first
  CardEvidence evidence;
  std::optional<Hash32> trust_head;  // reserved

  friend bool operator==(const Card&, const Card&) = default;
};

// A card with the bytes that were hashed and signed. Parsing does not verify the signature.
struct SignedCard {
  Card card;
  Bytes card_bytes;  // the exact EpochCard bytes
  Hash32 hash{};     // SHA-256 of card_bytes: the "card hash" everywhere
  Signature signature{};
};

// Every structural rule of card.proto that one card can be checked for by itself: order,
// duplicates, bounds, the committer among the members, institutions exactly the members', exactly
// one recipient for each member person and each institution, nobody else (G3).
// kMalformed or kTooLarge; kDenied for a recipient too many or too few. Each rule has a literal of
// its own.
Status ValidateCard(const Card& card);

// The one encoding of a card that ValidateCard accepts. Too large, or not valid: that error.
Result<Bytes> SerializeCard(const Card& card);

// EpochCard bytes, 1..kMaxCardBytes.
//   kMalformed, kTooLarge, kDenied  not the one encoding of a valid card (ValidateCard)
//   kUnsupported  a version, or a reserved field, of a later Renkei: update the program
Result<Card> ParseCard(ByteView card_bytes);

// Serializes and signs. `key`: see SignerCertificateHash (succession.h) for which one.
Result<SignedCard> SignCard(const Card& card, const SigningKey& key);

// Bytes of renkei.seal.v1.SignedCard and back; or its two fields, for who has the message already.
Result<SignedCard> ParseSignedCard(ByteView signed_card);
Result<SignedCard> SignedCardFromParts(ByteView card_bytes, ByteView signature);
Bytes SerializeSignedCard(const SignedCard& signed_card);

// `signing_key`: 32 bytes, of the certificate that SignerCertificateHash names, verified by the
// caller. kAuthFailed: not signed by it.
Status VerifyCard(const SignedCard& signed_card, ByteView signing_key);

// SHA-256 of the EpochCard bytes.
Hash32 CardHash(ByteView card_bytes);

// Null if there is none. The pointers live as long as `card` is unchanged.
const CardMember* FindMember(const Card& card, const DeviceId& device);
const CardMember* FindLeaf(const Card& card, std::uint32_t leaf_index);
const CardRecipient* FindRecipient(const Card& card, const InstitutionId& institution,
                                   const std::optional<PersonId>& person);
const CardRecipient* FindRecipientKey(const Card& card, const Hash32& key_id);
bool HasPerson(const Card& card, const PersonRef& person);

}  // namespace renkei::thread

#endif  // RENKEI_CRYPTO_THREAD_CARD_H_
