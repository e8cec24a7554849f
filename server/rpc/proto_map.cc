#include "server/rpc/proto_map.h"

#include "renkei/seal/v1/card.pb.h"
#include "renkei/seal/v1/thread.pb.h"

namespace renkei::server {

Result<Hash32> MapHash(const std::string& bytes) {
  return ToArray<kHashBytes>(AsBytes(bytes));
}

Result<PersonRef> MapPerson(const seal::v1::PersonRef& person) {
  PersonRef out;
  RENKEI_ASSIGN(out.institution, MapId<InstitutionId>(person.institution()));
  RENKEI_ASSIGN(out.person, MapId<PersonId>(person.person()));
  return out;
}

std::string ToText(ByteView bytes) {
  return ToString(bytes);
}

void FillPerson(const PersonRef& person, seal::v1::PersonRef& out) {
  out.set_institution(ToText(person.institution.view()));
  out.set_person(ToText(person.person.view()));
}

void FillHead(ByteView signed_head, seal::v1::SignedHead& out) {
  RENKEI_CHECK(out.ParseFromArray(signed_head.data(), static_cast<int>(signed_head.size())));
}

void FillEntry(const CaseId& case_id, const EntryRow& row, seal::v1::ThreadEntry& out) {
  out.set_case_id(ToText(case_id.view()));
  out.set_seq(row.seq);
  out.set_kind(static_cast<seal::v1::EntryKind>(row.kind));
  out.set_received_at(row.received_at.value);
  out.set_payload(row.payload.data(), row.payload.size());
  out.set_hash(row.hash.data(), row.hash.size());
}

}  // namespace renkei::server
