// Messages that are signed and encrypted (RFC 9420 §6.3). One thread per secret tree.
#ifndef RENKEI_CRYPTO_MLS_PRIVATE_MESSAGE_H_
#define RENKEI_CRYPTO_MLS_PRIVATE_MESSAGE_H_

#include <cstddef>

#include "crypto/base/random.h"
#include "crypto/base/secret.h"
#include "crypto/mls/authenticate.h"
#include "crypto/mls/framing.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// Key and nonce under which who sent it is hidden (§6.3.2); from the ciphertext's first 32 bytes.
MessageKey SenderDataKey(const SecretBytes& sender_data_secret, ByteView ciphertext);

// Encrypts `content`, which a member signed for kPrivateMessage (and whose confirmation tag, if it
// is a commit, is filled in), followed by `padding_size` zero bytes. Uses up a key of `tree`: store
// it before sending. kDenied: not a member's, or signed for another wire format; kTooLarge: over
// kMaxMessageBytes, or what NextSendKey() says. On failure no key is used.
Result<PrivateMessage> ProtectPrivate(const AuthenticatedContent& content, SecretTree& tree,
                                      const SecretBytes& sender_data_secret,
                                      std::size_t padding_size, Random& random);

// Opens and verifies; everything §6.1 and §6.3 ask for except a commit's confirmation tag. On
// success the key is gone from `tree`; on failure nothing is. Codes: those of CheckAddressed() and
// SecretTree::TryKey(), kMalformed (a blank sender, non-zero padding...), kAuthFailed, kUnsupported
// (our own).
Result<AuthenticatedContent> UnprotectPrivate(const PrivateMessage& message,
                                              const FramingEpoch& epoch, SecretTree& tree);

// The same without taking the key: for a commit, which may yet be refused for what it says. `trial`
// goes to SecretTree::Accept(), or nowhere.
struct OpenedPrivate {
  AuthenticatedContent content;
  SecretTree::Trial trial;
};
Result<OpenedPrivate> OpenPrivate(const PrivateMessage& message, const FramingEpoch& epoch,
                                  const SecretTree& tree);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_PRIVATE_MESSAGE_H_
