// An epoch of a group of three in a tree of four (leaf 2 is blank), with an external sender: all
// that message protection needs. Made from a seed.
#ifndef RENKEI_TESTS_CRYPTO_MLS_SUPPORT_ONE_EPOCH_H_
#define RENKEI_TESTS_CRYPTO_MLS_SUPPORT_ONE_EPOCH_H_

#include <map>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/base/sign.h"
#include "crypto/mls/authenticate.h"
#include "crypto/mls/secret_tree.h"

namespace renkei::mls::test {

inline constexpr LeafIndex kBlankLeaf{2};
inline constexpr std::uint32_t kLeaves = 4;

class OneEpoch final : public MemberKeys {
 public:
  OneEpoch();

  const Bytes* SignatureKeyOf(LeafIndex leaf) const override;

  FramingEpoch framing() const;
  SecretTree Tree() const;
  const SigningKey& key(LeafIndex leaf) const { return keys_.at(leaf.value); }
  const SigningKey& external_key() const { return external_key_; }
  const Bytes& encoded_context() const { return encoded_; }
  GroupContext& context() { return context_; }
  SecretBytes& membership_key() { return membership_key_; }
  const SecretBytes& sender_data_secret() const { return sender_data_secret_; }
  void EncodeContext() { encoded_ = wire::Serialize(context_); }

  // Content of this epoch by `sender`, unsigned.
  FramedContent Content(Sender sender, mls::Content content) const;
  // The same by the member at `leaf`, signed; commits get some confirmation tag.
  AuthenticatedContent Signed(WireFormat format, LeafIndex leaf, mls::Content content) const;

 private:
  SeededRandom random_{5};
  std::vector<SigningKey> keys_;
  std::vector<Bytes> public_keys_;
  SigningKey external_key_;
  GroupContext context_;
  Bytes encoded_;
  SecretBytes membership_key_;
  SecretBytes sender_data_secret_;
  SecretBytes encryption_secret_;
};

}  // namespace renkei::mls::test

#endif  // RENKEI_TESTS_CRYPTO_MLS_SUPPORT_ONE_EPOCH_H_
