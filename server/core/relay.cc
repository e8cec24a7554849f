#include "server/core/relay.h"

#include <array>
#include <future>

namespace renkei::server {
namespace {

constexpr const char* kIncarnation = "incarnation";
constexpr const char* kRestored = "restored";       // set by whoever brought a backup back
constexpr const char* kRestoredAt = "restored-at";  // i64 milliseconds UTC, of the newest time
constexpr std::size_t kCards = 2048;
constexpr std::size_t kTimeBytes = 8;

Result<bool> IsMarkedRestored(ReadTransaction& transaction) {
  RENKEI_ASSIGN(const std::optional<Bytes> mark, transaction.FindMeta(kRestored));
  return mark && !mark->empty() && mark->front() != 0 && mark->front() != '0';
}

Bytes SerializeTime(Millis at) {
  Bytes out;
  for (std::size_t i = kTimeBytes; i > 0; --i) {
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(at.value) >> (8 * (i - 1))));
  }
  return out;
}

Result<Millis> ParseTime(ByteView bytes) {
  if (bytes.size() != kTimeBytes) {
    return Error(Code::kCorrupt, "store: when it was restored is damaged");
  }
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value = (value << 8U) | byte;
  }
  return Millis{static_cast<std::int64_t>(value)};
}

Status MakeIncarnation(WriteTransaction& transaction, const thread::IncarnationId& fresh,
                       Millis now, bool restored) {
  RENKEI_TRY(transaction.PutMeta(kIncarnation, fresh.view()));
  if (!restored) {
    return Ok();
  }
  static constexpr std::uint8_t kNo = 0;
  RENKEI_TRY(transaction.PutMeta(kRestored, ByteView(&kNo, 1)));
  return transaction.PutMeta(kRestoredAt, SerializeTime(now));
}

// Made once; another one is written only when the store was restored from a backup.
Result<Incarnation> ReadOrMakeIncarnation(Store& store, const Clock& clock, Random& random) {
  struct Job {
    thread::IncarnationId fresh;
    Incarnation result;
    std::promise<Status> done;
  };
  auto job = std::make_shared<Job>();
  job->fresh = thread::IncarnationId::Generate(random);
  const Millis now = clock.Now();
  store.Write(
      [job, now](WriteTransaction& transaction) -> Status {
        RENKEI_ASSIGN(std::optional<Bytes> there, transaction.FindMeta(kIncarnation));
        RENKEI_ASSIGN(const bool restored, IsMarkedRestored(transaction));
        if (!there || restored) {
          RENKEI_TRY(MakeIncarnation(transaction, job->fresh, now, restored));
          there = ToBytes(job->fresh.view());
        }
        RENKEI_ASSIGN(job->result.id, thread::IncarnationId::FromBytes(*there));
        RENKEI_ASSIGN(const std::optional<Bytes> since, transaction.FindMeta(kRestoredAt));
        if (since) {
          RENKEI_ASSIGN(job->result.restored_at, ParseTime(*since));
        }
        return Ok();
      },
      [job](const Status& status) { job->done.set_value(status); });
  RENKEI_TRY(job->done.get_future().get());
  return job->result;
}

}  // namespace

Relay::Relay(Store& store, const Clock& clock, const Incarnation& incarnation, RegionTrust trust,
             SigningKey signing_key, const ElapsedClock* elapsed, const StoredLimits& limits)
    : store_(store),
      clock_(clock),
      same_elapsed_(clock),
      incarnation_(incarnation),
      audit_(store, clock),
      quota_(limits),
      signer_(std::move(signing_key), incarnation.id),
      cards_(kCards),
      directory_(store, clock, audit_, quota_, hub_, std::move(trust)),
      callers_(store, clock, directory_),
      enrolment_(store, clock, audit_, directory_, hub_),
      key_packages_(store, clock, audit_, directory_),
      returns_(store, clock, audit_, directory_, cards_, signer_, hub_, incarnation),
      threads_(store, clock, audit_, directory_, cards_, signer_, returns_, quota_, hub_),
      alerts_(store, clock, elapsed != nullptr ? *elapsed : same_elapsed_, audit_, directory_,
              cards_, signer_, returns_, threads_, hub_),
      reader_(store, audit_, cards_, signer_, returns_),
      mailbox_(store),
      envelopes_(store, audit_, directory_),
      retention_(store, clock, audit_, cards_, signer_, returns_, hub_, incarnation.id) {
  store_.AfterDones([this] { threads_.AnswerRun(); });
}

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
  store_.AfterDones({});
}

Result<std::unique_ptr<Relay>> Relay::Open(Store& store, const Clock& clock, Random& random,
                                           RelayIdentity identity, const ElapsedClock* elapsed,
                                           const StoredLimits& limits) {
  RENKEI_ASSIGN(const Incarnation incarnation, ReadOrMakeIncarnation(store, clock, random));
  RENKEI_ASSIGN(pki::ChainVerifier verifier, pki::ChainVerifier::Create(identity.root));
  RegionTrust trust{std::move(verifier), identity.issuing, identity.operator_institution};
  std::unique_ptr<Relay> relay(new Relay(store, clock, incarnation, std::move(trust),
                                         std::move(identity.signing_key), elapsed, limits));
  const std::array own = {identity.issuing, identity.signing_certificate};
  RENKEI_TRY(relay->directory_.Open(own));
  return relay;
}

}  // namespace renkei::server
