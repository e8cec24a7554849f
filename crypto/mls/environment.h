// What a group asks the world outside while it judges something: whose credential this is, which
// pre-shared keys there are, what time it is. Seams: the library itself knows no certificate, no
// vault and no clock. Implementations are called on the caller's thread, during the call only.
#ifndef RENKEI_CRYPTO_MLS_ENVIRONMENT_H_
#define RENKEI_CRYPTO_MLS_ENVIRONMENT_H_

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/secret.h"
#include "crypto/mls/credential.h"
#include "crypto/mls/types.h"

namespace renkei::mls {

// RFC 9420 §5.3.1, the Authentication Service. An error is handed on to the caller as it is.
class CredentialPolicy {
 public:
  virtual ~CredentialPolicy() = default;

  // Whether this credential stands for somebody acceptable and goes with `signature_key` (32
  // bytes). Asked for everything that is new to the group: added members, new credentials of
  // members, external joiners, external senders.
  virtual Status Check(const Credential& credential, ByteView signature_key, Millis now) const = 0;

  // The same for a member or external sender that was there before we joined. Expiry should be
  // forgiven here (§5.3.2): one sleeping device must not keep others out. By default Check().
  virtual Status CheckExisting(const Credential& credential, ByteView signature_key,
                               Millis now) const;

  // Whether `next` may take the place of `previous` at the same leaf (Update, commit, resync).
  // Check() is asked too when the credential changed. By default accepts.
  virtual Status CheckSuccessor(const Credential& previous, const Credential& next) const;

  // Names the client that a credential stands for, so that none gets into a group twice (§12.2).
  // By default empty: then only equal signature keys count.
  virtual Bytes ClientId(const Credential& credential) const;

  // Whether both stand for the same member, in a group and in one that continues it or branches off
  // (§11.2, §11.3). By default compares the bytes.
  virtual bool SameMember(const Credential& a, const Credential& b) const;
};

// Pre-shared keys the application holds (RFC 9420 §8.4). A group knows its own resumption secrets
// of the last kMaxPastEpochs epochs that it was in, and asks for all others: those of other groups,
// and of its own from before we left it and came back.
class PskSource {
 public:
  virtual ~PskSource() = default;
  // kNotFound: we do not have it, so the commit or welcome cannot be processed.
  virtual Result<SecretBytes> External(ByteView psk_id) const = 0;
  // By default kNotFound.
  virtual Result<SecretBytes> Resumption(ByteView group_id, Epoch epoch) const;
};

struct Environment {
  const CredentialPolicy& credentials;
  // For lifetimes of leaves that are new to the group (§7.3). Part of what is judged: members that
  // must agree have to pass the same time, e.g. when the commit was received.
  Millis now;
  const PskSource* psks = nullptr;  // null: there are none
  // Longest not_after - not_before of a key package that is accepted (§7.2 asks every application
  // for one). 0: any.
  Millis max_lifetime = {0};
  // false: lifetimes are not looked at in what others send (§7.3 recommends, does not demand).
  bool check_lifetime = true;
};

}  // namespace renkei::mls

#endif  // RENKEI_CRYPTO_MLS_ENVIRONMENT_H_
