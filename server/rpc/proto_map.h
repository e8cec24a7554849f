// From relay.v1 messages to what core takes, and back. Every length is checked here, so that core
// sees ids, never bytes of unknown length. Functions; any thread.
#ifndef RENKEI_SERVER_RPC_PROTO_MAP_H_
#define RENKEI_SERVER_RPC_PROTO_MAP_H_

#include <string>

#include "server/core/relay.h"

namespace renkei::seal::v1 {
class SignedHead;
class ThreadEntry;
class PersonRef;
}  // namespace renkei::seal::v1

namespace renkei::server {

// kMalformed unless 16 (32) bytes and, for an id, not all zero.
template <typename IdType>
Result<IdType> MapId(const std::string& bytes) {
  RENKEI_ASSIGN(const IdType id, IdType::FromBytes(AsBytes(bytes)));
  if (id.IsZero()) {
    return Error(Code::kMalformed, "request: an id of zeros");
  }
  return id;
}
Result<Hash32> MapHash(const std::string& bytes);
Result<PersonRef> MapPerson(const seal::v1::PersonRef& person);

// Views of a repeated bytes field; they live as long as the request.
template <typename Repeated>
std::vector<ByteView> ViewsOf(const Repeated& field) {
  std::vector<ByteView> out;
  out.reserve(static_cast<std::size_t>(field.size()));
  for (const std::string& item : field) {
    out.push_back(AsBytes(item));
  }
  return out;
}

std::string ToText(ByteView bytes);
void FillPerson(const PersonRef& person, seal::v1::PersonRef& out);
// `signed_head`: bytes of SignedHead.
void FillHead(ByteView signed_head, seal::v1::SignedHead& out);
void FillEntry(const CaseId& case_id, const EntryRow& row, seal::v1::ThreadEntry& out);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_RPC_PROTO_MAP_H_
