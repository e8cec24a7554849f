// Extensions (RFC 9420 §7.2, §13.4) and the contents of those the RFC defines. Unknown and GREASE
// extensions are kept byte for byte. Values; any thread.
#ifndef RENKEI_CRYPTO_MLS_EXTENSION_H_
#define RENKEI_CRYPTO_MLS_EXTENSION_H_

#include <vector>

#include "crypto/mls/credential.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

struct Extension {
  ExtensionType type{};
  Bytes data;
  friend bool operator==(const Extension&, const Extension&) = default;
};

// In the order they came. Never two of one type (RFC 9420 §13.4): decoding refuses that.
using Extensions = std::vector<Extension>;

void Encode(wire::Writer& out, const Extension& value);
Status Decode(wire::Reader& in, Extension& value);
// Extension extensions<V>. kMalformed on a repeated type, kTooLarge above kMaxExtensions.
void EncodeExtensions(wire::Writer& out, const Extensions& values);
Status DecodeExtensions(wire::Reader& in, Extensions& values);
// kMalformed if a type stands twice (RFC 9420 §13.4); for lists that were built, not decoded.
Status CheckNoRepeatedExtension(const Extensions& values);

// Null if there is none; else a pointer into `values`.
const Extension* FindExtension(const Extensions& values, ExtensionType type);

// RFC 9420 §11.1; in GroupContext.
struct RequiredCapabilities {
  static constexpr ExtensionType kType = ExtensionType::kRequiredCapabilities;
  std::vector<ExtensionType> extension_types;
  std::vector<ProposalType> proposal_types;
  std::vector<CredentialType> credential_types;
  friend bool operator==(const RequiredCapabilities&, const RequiredCapabilities&) = default;
};
void Encode(wire::Writer& out, const RequiredCapabilities& value);
Status Decode(wire::Reader& in, RequiredCapabilities& value);

// RFC 9420 §12.1.8.1; in GroupContext. A Sender of type external names one by its position.
struct ExternalSender {
  Bytes signature_key;
  Credential credential;
  friend bool operator==(const ExternalSender&, const ExternalSender&) = default;
};
struct ExternalSenders {
  static constexpr ExtensionType kType = ExtensionType::kExternalSenders;
  std::vector<ExternalSender> senders;
  friend bool operator==(const ExternalSenders&, const ExternalSenders&) = default;
};
void Encode(wire::Writer& out, const ExternalSender& value);
void Encode(wire::Writer& out, const ExternalSenders& value);
Status Decode(wire::Reader& in, ExternalSender& value);
Status Decode(wire::Reader& in, ExternalSenders& value);

// RFC 9420 §12.4.3.2; in GroupInfo.
struct ExternalPub {
  static constexpr ExtensionType kType = ExtensionType::kExternalPub;
  Bytes external_pub;  // HPKE public key
  friend bool operator==(const ExternalPub&, const ExternalPub&) = default;
};
void Encode(wire::Writer& out, const ExternalPub& value);
Status Decode(wire::Reader& in, ExternalPub& value);

// RFC 9420 §5.3.3; in LeafNode.
struct ApplicationId {
  static constexpr ExtensionType kType = ExtensionType::kApplicationId;
  Bytes application_id;
  friend bool operator==(const ApplicationId&, const ApplicationId&) = default;
};
void Encode(wire::Writer& out, const ApplicationId& value);
Status Decode(wire::Reader& in, ApplicationId& value);

// MakeExtension(RequiredCapabilities{...}) and back. ParseExtension: kNotFound if the list has no
// such extension, else what Decode says. (RatchetTree is in tree_node.h.)
template <typename T>
Extension MakeExtension(const T& content) {
  return Extension{T::kType, wire::Serialize(content)};
}
template <typename T>
Result<T> ParseExtension(const Extensions& values) {
  const Extension* found = FindExtension(values, T::kType);
  if (found == nullptr) {
    return Error(Code::kNotFound, "mls: extension not present");
  }
  return wire::Parse<T>(found->data);
}

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_EXTENSION_H_
