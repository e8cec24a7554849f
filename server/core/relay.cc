#include "server/core/relay.h"

#include <array>
#include <future>

namespace renkei::server {
namespace {

constexpr const char* kIncarnation = "incarnation";
constexpr std::size_t kCards = 2048;

// Made once; another one is written only when the store was restored from a backup.
Result<thread::IncarnationId> ReadOrMakeIncarnation(Store& store, Random& random) {
  struct Job {
    thread::IncarnationId fresh;
    thread::IncarnationId result;
    std::promise<Status> done;
  };
  auto job = std::make_shared<Job>();
  job->fresh = thread::IncarnationId::Generate(random);
  store.Write(
      [job](WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(const std::optional<Bytes> there, transaction.FindMeta(kIncarnation));
        if (there) {
          RENKEI_ASSIGN(job->result, thread::IncarnationId::FromBytes(*there));
          return Ok();
        }
        job->result = job->fresh;
        return transaction.PutMeta(kIncarnation, job->fresh.view());
      },
      [job](const Status& status) { job->done.set_value(status); });
  RENKEI_TRY(job->done.get_future().get());
  return job->result;
}

}  // namespace

Relay::Relay(Store& store, const Clock& clock, const thread::IncarnationId& incarnation,
             RegionTrust trust, SigningKey signing_key)
    : store_(store),
      clock_(clock),
      incarnation_(incarnation),
      audit_(store, clock),
      signer_(std::move(signing_key), incarnation),
      cards_(kCards),
      directory_(store, clock, audit_, hub_, std::move(trust)),
      callers_(store, clock, directory_),
      enrolment_(store, clock, audit_, directory_, hub_),
      key_packages_(store, clock, audit_, directory_),
      threads_(store, clock, audit_, directory_, cards_, signer_, hub_),
      reader_(store, audit_, cards_, signer_),
      mailbox_(store),
      envelopes_(store, audit_, directory_) {}

Relay::~Relay() {
  bool is_done = false;
  while (!is_done) {
    std::promise<bool> reached;
    store_.Write([](WriteTransaction&) { return Ok(); },
                 [&reached](const Status& status) {
                   // Refused because too much waits: that is what to wait for.
                   reached.set_value(status.ok() || status.error().code() != Code::kThrottled);
                 });
    // A note that came while others were written has its own work behind this one.
    is_done = reached.get_future().get() && audit_.idle();
  }
}

Result<std::unique_ptr<Relay>> Relay::Open(Store& store, const Clock& clock, Random& random,
                                           RelayIdentity identity) {
  RENKEI_ASSIGN(const thread::IncarnationId incarnation, ReadOrMakeIncarnation(store, random));
  RENKEI_ASSIGN(pki::ChainVerifier verifier, pki::ChainVerifier::Create(identity.root));
  RegionTrust trust{std::move(verifier), identity.issuing, identity.operator_institution};
  std::unique_ptr<Relay> relay(
      new Relay(store, clock, incarnation, std::move(trust), std::move(identity.signing_key)));
  const std::array own = {identity.issuing, identity.signing_certificate};
  RENKEI_TRY(relay->directory_.Open(own));
  return relay;
}

}  // namespace renkei::server
