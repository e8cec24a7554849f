// "Messages": every structure decodes and encodes to the same bytes.
#include <variant>

#include "crypto/mls/message.h"
#include "crypto/mls/tree_node.h"
#include "tests/interop/vectors/vectors.h"

namespace renkei::interop {
namespace {

template <typename T>
Verdict RoundTrip(const Json& test_case, const char* field) {
  const Bytes bytes = Hex(test_case, field);
  const auto value = wire::Parse<T>(bytes);
  if (!value.ok()) {
    return {false, std::string(field) + ": " + value.error().where()};
  }
  if (!Same(wire::Serialize(*value), bytes)) {
    return {false, std::string(field) + ": encodes to other bytes"};
  }
  return {};
}

// A proposal by itself stands there without its type.
template <typename T>
Verdict RoundTripProposal(const Json& test_case, const char* field, mls::ProposalType type) {
  wire::Writer typed;
  wire::Encode(typed, type);
  typed.Raw(Hex(test_case, field));
  const auto value = wire::Parse<mls::Proposal>(typed.view());
  if (!value.ok() || !std::holds_alternative<T>(value->value) ||
      !Same(wire::Serialize(*value), typed.view())) {
    return {false, std::string(field) + (value.ok() ? "" : value.error().where())};
  }
  return {};
}

template <typename T>
Verdict RoundTripMessage(const Json& test_case, const char* field) {
  VECTOR_TRY(RoundTrip<mls::MlsMessage>(test_case, field));
  const auto message = mls::ParseMessage(Hex(test_case, field));
  VECTOR_EXPECT(message.ok() && std::holds_alternative<T>(message->value));
  return {};
}

}  // namespace

Verdict RunMessages(const Json& test_case) {
  VECTOR_TRY(RoundTripMessage<mls::Welcome>(test_case, "mls_welcome"));
  VECTOR_TRY(RoundTripMessage<mls::GroupInfo>(test_case, "mls_group_info"));
  VECTOR_TRY(RoundTripMessage<mls::KeyPackage>(test_case, "mls_key_package"));
  VECTOR_TRY(RoundTripMessage<mls::PublicMessage>(test_case, "public_message_application"));
  VECTOR_TRY(RoundTripMessage<mls::PublicMessage>(test_case, "public_message_proposal"));
  VECTOR_TRY(RoundTripMessage<mls::PublicMessage>(test_case, "public_message_commit"));
  VECTOR_TRY(RoundTripMessage<mls::PrivateMessage>(test_case, "private_message"));
  VECTOR_TRY(RoundTrip<mls::RatchetTreeNodes>(test_case, "ratchet_tree"));
  VECTOR_TRY(RoundTrip<mls::GroupSecrets>(test_case, "group_secrets"));
  VECTOR_TRY(RoundTrip<mls::Commit>(test_case, "commit"));
  using Type = mls::ProposalType;
  VECTOR_TRY(RoundTripProposal<mls::Add>(test_case, "add_proposal", Type::kAdd));
  VECTOR_TRY(RoundTripProposal<mls::Update>(test_case, "update_proposal", Type::kUpdate));
  VECTOR_TRY(RoundTripProposal<mls::Remove>(test_case, "remove_proposal", Type::kRemove));
  VECTOR_TRY(
      RoundTripProposal<mls::PreSharedKey>(test_case, "pre_shared_key_proposal", Type::kPsk));
  VECTOR_TRY(RoundTripProposal<mls::ReInit>(test_case, "re_init_proposal", Type::kReInit));
  VECTOR_TRY(RoundTripProposal<mls::ExternalInit>(test_case, "external_init_proposal",
                                                  Type::kExternalInit));
  return RoundTripProposal<mls::GroupContextExtensions>(
      test_case, "group_context_extensions_proposal", Type::kGroupContextExtensions);
}

}  // namespace renkei::interop
