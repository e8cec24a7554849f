#include "crypto/thread/card.h"

#include <algorithm>

#include "crypto/base/labels.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {

Result<SignedCard> SignCard(const Card& card, const SigningKey& key) {
  SignedCard out;
  RENKEI_ASSIGN(out.card_bytes, SerializeCard(card));
  out.card = card;
  out.hash = CardHash(out.card_bytes);
  out.signature = key.SignLabelled(labels::kEpochCard, out.card_bytes);
  return out;
}

Result<SignedCard> ParseSignedCard(ByteView signed_card) {
  if (signed_card.size() > kMaxSignedCardBytes) {
    return Error(Code::kTooLarge, "card: too large");
  }
  FieldReader in(signed_card);
  const ByteView card_bytes = in.Blob(1);
  const ByteView signature = in.Blob(2);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "card: not the one encoding of a signed card")));
  return SignedCardFromParts(card_bytes, signature);
}

Result<SignedCard> SignedCardFromParts(ByteView card_bytes, ByteView signature) {
  SignedCard out;
  RENKEI_ASSIGN(out.signature, ToArray<kSignatureBytes>(signature));
  RENKEI_ASSIGN(out.card, ParseCard(card_bytes));
  out.card_bytes = ToBytes(card_bytes);
  out.hash = CardHash(card_bytes);
  return out;
}

Bytes SerializeSignedCard(const SignedCard& signed_card) {
  return Encode([&](FieldWriter& out) {
    out.Blob(1, signed_card.card_bytes);
    out.Blob(2, signed_card.signature);
  });
}

Status VerifyCard(const SignedCard& signed_card, ByteView signing_key) {
  return VerifyLabelled(signing_key, labels::kEpochCard, signed_card.card_bytes,
                        signed_card.signature);
}

Hash32 CardHash(ByteView card_bytes) {
  return Sha256(card_bytes);
}

namespace {

template <typename List, typename Match>
auto FindIf(const List& list, const Match& match) -> decltype(list.data()) {
  const auto it = std::find_if(list.begin(), list.end(), match);
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

const CardMember* FindMember(const Card& card, const DeviceId& device) {
  return FindIf(card.members, [&](const CardMember& m) { return m.device == device; });
}

const CardMember* FindLeaf(const Card& card, std::uint32_t leaf_index) {
  return FindIf(card.members, [&](const CardMember& m) { return m.leaf_index == leaf_index; });
}

const CardRecipient* FindRecipient(const Card& card, const InstitutionId& institution,
                                   const std::optional<PersonId>& person) {
  return FindIf(card.recipients, [&](const CardRecipient& r) {
    return r.institution == institution && r.person == person;
  });
}

const CardRecipient* FindRecipientKey(const Card& card, const Hash32& key_id) {
  return FindIf(card.recipients, [&](const CardRecipient& r) { return r.key_id == key_id; });
}

bool HasPerson(const Card& card, const PersonRef& person) {
  return FindIf(card.members, [&](const CardMember& m) { return m.person == person; }) != nullptr;
}

}  // namespace renkei::thread
