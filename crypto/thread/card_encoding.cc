// EpochCard's bytes (crypto/README.md "Epoch card"); its rules are card_rules.cc.
#include "crypto/thread/card.h"
#include "crypto/thread/encoding.h"

namespace renkei::thread {
namespace {

constexpr std::uint32_t kVersion = 1;

void WriteMembers(FieldWriter& out, const Card& card) {
  for (const CardMember& member : card.members) {
    out.MessageItem(12, [&](FieldWriter& item) {
      item.U64(1, member.leaf_index);
      item.Blob(2, member.person.institution.view());
      item.Blob(3, member.person.person.view());
      item.Blob(4, member.device.view());
      item.Blob(5, member.signing_certificate_hash);
      item.U64(6, member.joined_epoch);
    });
  }
}

void WriteInstitutions(FieldWriter& out, const Card& card) {
  for (const CardInstitution& institution : card.institutions) {
    out.MessageItem(13, [&](FieldWriter& item) {
      item.Blob(1, institution.institution.view());
      item.Blob(2, institution.ca_key);
    });
  }
}

void WriteRecipients(FieldWriter& out, const Card& card) {
  for (const CardRecipient& recipient : card.recipients) {
    out.MessageItem(14, [&](FieldWriter& item) {
      item.Blob(1, recipient.institution.view());
      item.Blob(2, recipient.person ? recipient.person->view() : ByteView());
      item.Blob(3, recipient.key_id);
      item.U64(4, recipient.key_version);
    });
  }
}

void WriteEvidence(FieldWriter& out, const CardEvidence& evidence) {
  for (const Bytes& list : evidence.revocation_lists) {
    out.Item(1, list);
  }
  out.Blob(2, evidence.link);
  for (const Bytes& request : evidence.leave_requests) {
    out.Item(4, request);
  }
}

void WriteCard(FieldWriter& out, const Card& card, ByteView policy) {
  out.U64(1, kVersion);
  out.Blob(2, card.case_id.view());
  out.U64(3, card.at.generation);
  out.U64(4, card.at.epoch);
  out.Blob(5, card.epoch_id);
  out.Blob(6, card.commit_hash);
  out.Blob(7, card.previous_card_hash);
  out.Blob(8, policy);
  out.Blob(9, card.group_info_hash);
  out.Blob(10, card.mls_group_id);
  out.Blob(11, card.committer_device.view());
  WriteMembers(out, card);
  WriteInstitutions(out, card);
  WriteRecipients(out, card);
  out.Message(15, [&](FieldWriter& item) { WriteEvidence(item, card.evidence); });
  out.Blob(16, card.trust_head ? ByteView(*card.trust_head) : ByteView());
}

Result<CardMember> ParseMember(ByteView bytes) {
  FieldReader in(bytes);
  CardMember out;
  out.leaf_index = in.U32(1);
  out.person.institution = in.Read<InstitutionId>(2);
  out.person.person = in.Read<PersonId>(3);
  out.device = in.Read<DeviceId>(4);
  out.signing_certificate_hash = in.Fixed<kHashBytes>(5);
  out.joined_epoch = in.U64(6);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "card: not the one encoding of a member")));
  return out;
}

Result<CardInstitution> ParseInstitution(ByteView bytes) {
  FieldReader in(bytes);
  CardInstitution out;
  out.institution = in.Read<InstitutionId>(1);
  out.ca_key = in.Fixed<kPublicKeyBytes>(2);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "card: not the one encoding of an institution")));
  return out;
}

Result<CardRecipient> ParseRecipient(ByteView bytes) {
  FieldReader in(bytes);
  CardRecipient out;
  out.institution = in.Read<InstitutionId>(1);
  if (const auto person = in.Maybe<kIdBytes>(2)) {
    out.person = PersonId{*person};
  }
  out.key_id = in.Fixed<kHashBytes>(3);
  out.key_version = in.U32(4);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "card: not the one encoding of a recipient")));
  return out;
}

// Takes the items of one repeated field, at most `limit`, through `parse`.
template <typename T, typename Parse>
Status ReadList(FieldReader& in, std::uint32_t field, std::size_t limit, const Parse& parse,
                std::vector<T>& out) {
  for (ByteView item; in.Next(field, item);) {
    if (out.size() == limit) {
      return Error(Code::kTooLarge, "card: a list is too long");
    }
    RENKEI_ASSIGN(T value, parse(item));
    out.push_back(std::move(value));
  }
  return Ok();
}

Result<Bytes> CopyItem(ByteView item) {
  return ToBytes(item);
}

Result<CardEvidence> ParseEvidence(ByteView bytes) {
  FieldReader in(bytes);
  CardEvidence out;
  RENKEI_TRY(ReadList(in, 1, kMaxEvidenceItems, CopyItem, out.revocation_lists));
  out.link = ToBytes(in.Blob(2));
  if (!in.Blob(3).empty()) {
    return Error(Code::kUnsupported, "card: refounding is not in this version");
  }
  RENKEI_TRY(ReadList(in, 4, kMaxEvidenceItems, CopyItem, out.leave_requests));
  if (!in.Blob(5).empty()) {
    return Error(Code::kUnsupported, "card: recovery is not in this version");
  }
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "card: not the one encoding of evidence")));
  return out;
}

}  // namespace

Result<Bytes> SerializeCard(const Card& card) {
  RENKEI_TRY(ValidateCard(card));
  const Bytes policy = SerializePolicy(card.policy);
  Bytes out = Encode([&](FieldWriter& writer) { WriteCard(writer, card, policy); });
  if (out.size() > kMaxCardBytes) {
    return Error(Code::kTooLarge, "card: too large");
  }
  return out;
}

Result<Card> ParseCard(ByteView card_bytes) {
  if (card_bytes.size() > kMaxCardBytes) {
    return Error(Code::kTooLarge, "card: too large");
  }
  FieldReader in(card_bytes);
  RENKEI_TRY(CheckVersion(in.U32(1)));
  Card card;
  card.case_id = in.Read<CaseId>(2);
  card.at.generation = in.U32(3);
  card.at.epoch = in.U64(4);
  card.epoch_id = in.Fixed<kHashBytes>(5);
  card.commit_hash = in.Fixed<kHashBytes>(6);
  card.previous_card_hash = in.Fixed<kHashBytes>(7);
  const ByteView policy = in.Blob(8);
  card.group_info_hash = in.Fixed<kHashBytes>(9);
  card.mls_group_id = ToBytes(in.Blob(10));
  card.committer_device = in.Read<DeviceId>(11);
  RENKEI_TRY(ReadList(in, 12, kMaxMembers, ParseMember, card.members));
  RENKEI_TRY(ReadList(in, 13, kMaxMembers, ParseInstitution, card.institutions));
  RENKEI_TRY(ReadList(in, 14, 2 * kMaxMembers, ParseRecipient, card.recipients));
  RENKEI_ASSIGN(card.evidence, ParseEvidence(in.Blob(15)));
  card.trust_head = in.Maybe<kHashBytes>(16);
  RENKEI_TRY(in.Finish(Error(Code::kMalformed, "card: not the one encoding of a card")));
  RENKEI_ASSIGN(card.policy, ParsePolicy(policy));
  RENKEI_TRY(ValidateCard(card));
  return card;
}

}  // namespace renkei::thread
