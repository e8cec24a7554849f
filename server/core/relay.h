// The relay's core, put together: everything but sockets and files. main.cc gives it SQLite and the
// machine's clock and puts gRPC in front (server/rpc); the simulation gives it a store in memory
// and a clock of its own and calls it in one thread.
#ifndef RENKEI_SERVER_CORE_RELAY_H_
#define RENKEI_SERVER_CORE_RELAY_H_

#include "server/core/alerts.h"
#include "server/core/callers.h"
#include "server/core/enrolment.h"
#include "server/core/envelopes.h"
#include "server/core/key_packages.h"
#include "server/core/limits.h"
#include "server/core/mailbox.h"
#include "server/core/retention.h"
#include "server/core/thread_reader.h"
#include "server/core/threads.h"
#include "server/core/usage.h"
#include "server/core/watch_hub.h"
#include "server/core/watch_session.h"

namespace renkei::server {

// Who this relay is and whom it believes.
struct RelayIdentity {
  pki::Certificate root;
  pki::Certificate issuing;
  pki::Certificate signing_certificate;
  SigningKey signing_key;
  InstitutionId operator_institution;
};

// Immutable after Open; its parts say what they allow. Any thread.
class Relay {
 public:
  // Makes the store's incarnation if it has none or was restored from a backup (meta "restored"),
  // publishes the region's own certificates.
  //   kAuthFailed  the certificates do not lead to the root as of now
  //   kUnavailable, kCorrupt  the store
  // limits: how many bytes a device and an institution may have in the store. store, clock, random
  // and elapsed must outlive the relay. elapsed null: `clock` is one that never jumps
  // (SameElapsedClock).
  static Result<std::unique_ptr<Relay>> Open(Store& store, const Clock& clock, Random& random,
                                             RelayIdentity identity,
                                             const ElapsedClock* elapsed = nullptr,
                                             const StoredLimits& limits = {});
  // Waits until what was handed to the store is done: it still points into here. No call may be
  // under way.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  Store& store() { return store_; }
  const Clock& clock() const { return clock_; }
  const Audit& audit() const { return audit_; }
  WatchHub& hub() { return hub_; }
  Directory& directory() { return directory_; }
  Callers& callers() { return callers_; }
  Enrolment& enrolment() { return enrolment_; }
  KeyPackages& key_packages() { return key_packages_; }
  Threads& threads() { return threads_; }
  Alerts& alerts() { return alerts_; }
  const ThreadReader& reader() const { return reader_; }
  Mailbox& mailbox() { return mailbox_; }
  const Envelopes& envelopes() const { return envelopes_; }
  const Returns& returns() const { return returns_; }
  Retention& retention() { return retention_; }
  const thread::IncarnationId& incarnation() const { return incarnation_.id; }
  // When this store, restored from a backup, was first started; none: it never was.
  const std::optional<Millis>& restored_at() const { return incarnation_.restored_at; }

 private:
  Relay(Store& store, const Clock& clock, const Incarnation& incarnation, RegionTrust trust,
        SigningKey signing_key, const ElapsedClock* elapsed, const StoredLimits& limits);

  Store& store_;
  const Clock& clock_;
  const SameElapsedClock same_elapsed_;
  const Incarnation incarnation_;
  const Audit audit_;
  const Quota quota_;
  const HeadSigner signer_;
  WatchHub hub_;
  CardCache cards_;
  Directory directory_;
  Callers callers_;
  Enrolment enrolment_;
  KeyPackages key_packages_;
  const Returns returns_;
  Threads threads_;
  Alerts alerts_;
  ThreadReader reader_;
  Mailbox mailbox_;
  Envelopes envelopes_;
  Retention retention_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_RELAY_H_
