#include "tests/crash/load.h"

#include "crypto/thread/entry.h"
#include "crypto/thread/head.h"
#include "renkei/seal/v1/thread.pb.h"
#include "tests/crash/append_over_stream.h"
#include "tests/crash/relay_process.h"
#include "tests/support/relay_request.h"

namespace renkei::crash {
namespace {

constexpr std::size_t kThreads = 6;
constexpr std::size_t kDevices = 4;  // of which the last comes and goes, and only reads
constexpr std::size_t kAppenders = 8;
// In one life of this many there is one, and nobody commits, so that its records are written by who
// takes them (server/store/lone_writes.h).
constexpr std::size_t kAlone = 3;
constexpr std::uint32_t kPage = 500;

using relay::v1::AppendResponse;
using relay::v1::CommitResponse;

void SetLimit(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
}

// Refused by the store, or cut off: no answer. Anything else is told by the caller.
bool IsNoAnswer(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::CANCELLED ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::UNKNOWN;
}

std::string Text(const grpc::Status& status) {
  return std::to_string(status.error_code()) + " " + status.error_message();
}

void Expect(const std::string& problem) {
  if (!problem.empty()) {
    Fail(problem);
  }
}

}  // namespace

struct Load::Thread {
  explicit Thread(const bench::Case& at) : ledger(at.card.card.case_id), now(at) {}

  // The commits with which it began.
  void AdoptCards(server::SqliteStore& store) {
    RENKEI_CHECK(
        store
            .Read([this](server::ReadTransaction& transaction) -> Status {
              RENKEI_ASSIGN(const auto rows, transaction.ReadEntries(ledger.case_id(), 1, kPage,
                                                                     kPage, std::size_t{1} << 24U));
              for (const server::EntryRow& row : rows) {
                RENKEI_ASSIGN(const auto payload, thread::ParseCommitPayload(row.payload));
                (void)ledger.Acknowledged(payload.card.hash, {row.seq, row.hash, row.received_at});
              }
              return Ok();
            })
            .ok());
  }

  Ledger ledger;
  std::mutex mutex;
  bench::Case now;                          // card in force, and a position on the chain
  std::optional<test::CommitParts> commit;  // under way
  bool all_members = true;
};

struct Load::Waiting {
  Thread* thread;
  std::size_t device;
  std::string record;
};

Load::Load(const std::filesystem::path& folder, std::uint64_t seed)
    : region_(folder, ""),
      devices_(region_.AddMembers(kDevices)),
      relay_key_(ToBytes(region_.world().Identity().signing_certificate.public_key())),
      dice_(seed) {
  fewer_.assign(devices_.begin(), devices_.end() - 1);
  region_.Prepare([this](server::Relay& relay, server::SqliteStore& store) {
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads_.push_back(std::make_unique<Thread>(region_.BeginCase(relay, devices_)));
      threads_.back()->AdoptCards(store);
    }
  });
}

Load::~Load() = default;

std::unique_ptr<Load::Stubs> Load::Connect(int port) {
  auto out = std::make_unique<Stubs>();
  for (const test::Handset* device : devices_) {
    out->of_device.push_back(relay::v1::Threads::NewStub(region_.Channel(*device, port)));
  }
  return out;
}

void Load::Start(int port) {
  stubs_ = Connect(port);
  is_over_ = false;
  const std::size_t appenders = dice_() % kAlone == 0 ? 1 : kAppenders;
  for (std::size_t i = 0; i < appenders; ++i) {
    workers_.emplace_back([this, seed = dice_()] { RunAppends(seed); });
  }
  if (appenders > 1) {
    workers_.emplace_back([this, seed = dice_()] { RunCommits(seed); });
  }
}

void Load::Stop() {
  is_over_ = true;
  for (std::thread& worker : workers_) {
    worker.join();
  }
  workers_.clear();
}

std::string Load::SomeRecord(Thread& thread, std::size_t device, std::mt19937_64& dice) {
  thread::SealedRecord record;
  {
    const std::lock_guard lock(thread.mutex);
    record.header.case_id = thread.now.card.card.case_id;
    record.header.at = thread.now.card.card.at;
    record.header.epoch_id = thread.now.card.card.epoch_id;
    record.header.seen_seq = thread.now.head.seq;
    record.header.seen_hash = thread.now.head.hash;
  }
  SystemRandom random;
  record.header.record_id = RecordId::Generate(random);
  record.header.sender_device = devices_[device]->device.id;
  random.Fill(record.nonce);
  record.ciphertext = random.NextBytes(thread::kMinCiphertextBytes + dice() % 4 * 1024);
  return ToString(thread::SerializeSealedRecord(record));
}

void Load::RunAppends(std::uint64_t seed) {
  std::mt19937_64 dice(seed);
  while (!is_over_) {
    Thread& thread = *threads_[dice() % threads_.size()];
    const std::size_t device = dice() % fewer_.size();
    const std::string record = SomeRecord(thread, device, dice);
    thread.ledger.Sending(Sha256(AsBytes(record)));
    const Answer answer = Append(thread, device, record);
    if (answer == Answer::kNone) {
      const std::lock_guard lock(waiting_mutex_);
      waiting_.push_back({&thread, device, record});
    }
    if (answer == Answer::kNone) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    } else if (answer != Answer::kStale && dice() % 8 == 0) {
      const Answer again = Append(thread, device, record);
      Expect(again == Answer::kNone || again == Answer::kDuplicate
                 ? ""
                 : "a retry was not told as a duplicate");
    }
  }
}

Load::Answer Load::Append(Thread& thread, std::size_t device, const std::string& record) {
  grpc::ClientContext context;
  SetLimit(context);
  relay::v1::AppendRequest request;
  request.set_record(record);
  AppendResponse response;
  const What what = Sha256(AsBytes(record));
  relay::v1::Threads::Stub& stub = *stubs_->of_device[device];
  const grpc::Status status = what[0] % 2 == 0 ? AppendOverStream(stub, context, request, response)
                                               : stub.Append(&context, request, &response);
  if (!status.ok()) {
    Expect(IsNoAnswer(status) ? "" : "an append ended in " + Text(status));
    ++counts_.unanswered;
    return Answer::kNone;
  }
  if (response.has_stale_epoch()) {
    thread.ledger.Refused(what);
    return Answer::kStale;
  }
  const bool is_duplicate = response.has_duplicate();
  Expect(is_duplicate || response.has_accepted()
             ? ""
             : "an honest append was refused: " + response.ShortDebugString());
  const AppendResponse::Done& done = is_duplicate ? response.duplicate() : response.accepted();
  Expect(done.payload_hash() == ToString(what) ? ""
                                               : "an append was acknowledged with another's hash");
  Note(thread, what, done.seq(), done.head());
  ++(is_duplicate ? counts_.duplicates : counts_.acknowledged);
  return is_duplicate ? Answer::kDuplicate : Answer::kAccepted;
}

void Load::Note(Thread& thread, const What& what, std::uint64_t seq,
                const seal::v1::SignedHead& signed_head) {
  const auto head = thread::VerifyHead(AsBytes(signed_head.SerializeAsString()), relay_key_);
  Expect(head.ok() && head->seq == seq ? "" : "an acknowledgement's head is not its entry's");
  const thread::Position at{head->seq, head->hash, head->received_at};
  Expect(thread.ledger.Acknowledged(what, at));
  const std::lock_guard lock(thread.mutex);
  if (at.seq > thread.now.head.seq) {
    thread.now.head = at;
  }
}

void Load::RunCommits(std::uint64_t seed) {
  std::mt19937_64 dice(seed);
  while (!is_over_) {
    Thread& thread = *threads_[dice() % threads_.size()];
    if (!thread.commit) {
      const std::lock_guard lock(thread.mutex);
      thread.all_members = !thread.all_members;
      thread.commit = region_.world().NextCommit(thread.now.card, *devices_.front(),
                                                 thread.all_members ? devices_ : fewer_);
      thread.ledger.Sending(thread.commit->card.hash);
    }
    (void)Commit(thread);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + dice() % 30));
  }
}

bool Load::Commit(Thread& thread) {
  grpc::ClientContext context;
  SetLimit(context);
  CommitResponse response;
  const grpc::Status status =
      stubs_->of_device.front()->Commit(&context, test::RequestOf(*thread.commit), &response);
  if (!status.ok()) {
    Expect(IsNoAnswer(status) ? "" : "a commit ended in " + Text(status));
    ++counts_.unanswered;
    return false;
  }
  // Nobody else commits: so it cannot be stale.
  const bool is_duplicate = response.has_duplicate();
  Expect(is_duplicate || response.has_accepted()
             ? ""
             : "an honest commit was refused: " + response.ShortDebugString());
  const CommitResponse::Done& done = is_duplicate ? response.duplicate() : response.accepted();
  Note(thread, thread.commit->card.hash, done.seq(), done.head());
  const std::lock_guard lock(thread.mutex);
  thread.now.card = thread.commit->card;
  thread.commit.reset();
  counts_.stored_unseen += is_duplicate ? 1 : 0;
  ++counts_.commits;
  return true;
}

void Load::Retry(int port) {
  stubs_ = Connect(port);
  const bool commits_first = dice_() % 2 == 0;
  const auto commit_all = [this] {
    for (const auto& thread : threads_) {
      if (thread->commit && !Commit(*thread)) {
        Fail("a commit gets no answer from a relay that runs");
      }
    }
  };
  if (commits_first) {
    commit_all();
  }
  const std::uint64_t before = counts_.duplicates;
  for (const Waiting& waiting : std::exchange(waiting_, {})) {
    Expect(Append(*waiting.thread, waiting.device, waiting.record) != Answer::kNone
               ? ""
               : "a record gets no answer from a relay that runs");
  }
  counts_.stored_unseen += counts_.duplicates - before;
  if (!commits_first) {
    commit_all();
  }
}

bool Load::Check(int port, bool all, bool may_refuse) {
  stubs_ = Connect(port);
  bool is_read = true;
  for (const auto& thread : threads_) {
    if (all) {
      thread->ledger.BeginAnew();
    }
    is_read = CheckThread(*thread, may_refuse) && is_read;
  }
  return is_read;
}

bool Load::CheckThread(Thread& thread, bool may_refuse) {
  for (bool is_complete = false; !is_complete;) {
    const auto response = ReadOn(thread, may_refuse);
    if (!response) {
      ++counts_.refused_reads;
      return false;
    }
    for (const seal::v1::ThreadEntry& entry : response->entries().entries()) {
      const auto hash = ToArray<kHashBytes>(AsBytes(entry.hash()));
      Expect(thread.ledger.Take({thread.ledger.case_id(),
                                 entry.seq(),
                                 static_cast<thread::EntryKind>(entry.kind()),
                                 {entry.received_at()},
                                 AsBytes(entry.payload()),
                                 hash.ok() ? *hash : Hash32{}}));
    }
    is_complete = response->entries().complete();
    const auto head =
        thread::VerifyHead(AsBytes(response->entries().head().SerializeAsString()), relay_key_);
    const thread::Position& at = thread.ledger.at();
    Expect(head.ok() && (!is_complete || (head->seq == at.seq && head->hash == at.hash))
               ? ""
               : "the head that the relay signs is not the thread's last entry");
  }
  Expect(thread.ledger.End());
  return true;
}

std::optional<relay::v1::ReadResponse> Load::ReadOn(Thread& thread, bool may_refuse) {
  grpc::ClientContext context;
  SetLimit(context);
  relay::v1::ReadRequest request;
  request.set_case_id(ToString(thread.ledger.case_id().view()));
  request.set_after(thread.ledger.at().seq);
  request.set_limit(kPage);
  relay::v1::ReadResponse response;
  const grpc::Status status = stubs_->of_device.front()->Read(&context, request, &response);
  if (status.ok() && response.has_entries()) {
    return response;
  }
  Expect(may_refuse ? "" : "a thread cannot be read: " + Text(status));
  return std::nullopt;
}

}  // namespace renkei::crash
