// Messages that are signed and bound to the membership, but readable (RFC 9420 §6.2). Functions;
// any thread.
#ifndef RENKEI_CRYPTO_MLS_PUBLIC_MESSAGE_H_
#define RENKEI_CRYPTO_MLS_PUBLIC_MESSAGE_H_

#include "crypto/base/secret.h"
#include "crypto/mls/authenticate.h"
#include "crypto/mls/framing.h"

namespace renkei::mls {

// `content` was signed for kPublicMessage and, if a commit, has its confirmation tag.
// `membership_key` may be null for senders that are not members. kDenied: application data, which
// is never sent in the clear (§6), or content that was signed for another wire format.
Result<PublicMessage> ProtectPublic(AuthenticatedContent content, const SecretBytes* membership_key,
                                    ByteView encoded_group_context);

// Everything §6.1 and §6.2 ask for except a commit's confirmation tag, for which the next epoch has
// to be known. Codes: those of CheckAddressed(), kMalformed for a sender or content that may not
// be, kAuthFailed for tag and signature.
Result<AuthenticatedContent> UnprotectPublic(PublicMessage message, const FramingEpoch& epoch);

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_PUBLIC_MESSAGE_H_
