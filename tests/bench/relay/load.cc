#include "tests/bench/relay/load.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <thread>

#include "renkei/seal/v1/thread.pb.h"

namespace renkei::bench {
namespace {

// Of the ciphertext, which nobody opens here: when it was made, then a count.
constexpr std::size_t kStampBytes = 8;

void PutStamp(Bytes& ciphertext) {
  const std::int64_t now = SteadyClock::now().time_since_epoch().count();
  std::memcpy(ciphertext.data(), &now, kStampBytes);
}

// How many calls are under way, and waiting for none.
class UnderWay {
 public:
  void Begin() {
    const std::lock_guard lock(mutex_);
    ++count_;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) {
      idle_.notify_all();
    }
  }
  void WaitForNone() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  int count_ = 0;
  std::mutex mutex_;
  std::condition_variable idle_;
};

// What both loops measure around the load.
class Meter {
 public:
  explicit Meter(const Process& server) : server_(server), cpu_(Used()) {}
  SteadyClock::time_point begin() const { return begin_; }
  LoadResult Result(std::size_t calls) const {
    return {std::chrono::duration<double>(SteadyClock::now() - begin_).count(), Used() - cpu_,
            calls};
  }

 private:
  double Used() const { return OwnCpuSeconds() + server_.CpuSeconds(); }

  const Process& server_;
  const double cpu_;
  const SteadyClock::time_point begin_ = SteadyClock::now();
};

SteadyClock::duration Duration(double seconds) {
  return std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
}

struct Closed {
  Times& times;
  SteadyClock::time_point end;
  UnderWay under_way;
  std::atomic<std::size_t> calls = 0;

  void Start(const Issue& issue) {
    issue([this, &issue, begin = SteadyClock::now()](bool ok) {
      RENKEI_CHECK(ok);
      times.AddSince(begin);
      calls.fetch_add(1, std::memory_order_relaxed);
      if (SteadyClock::now() < end) {
        Start(issue);
      } else {
        under_way.End();
      }
    });
  }
};

}  // namespace

double Times::At(double share) {
  const std::size_t filled = std::min(count_.load(), values_.size());
  if (filled == 0) {
    return 0;
  }
  if (!sorted_) {
    std::sort(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(filled));
    sorted_ = true;
  }
  return values_[static_cast<std::size_t>(share * static_cast<double>(filled - 1))];
}

RecordSource::RecordSource(const Case& at, const test::Handset& sender) {
  SystemRandom random;
  record_.header.case_id = at.card.card.case_id;
  record_.header.at = at.card.card.at;
  record_.header.epoch_id = at.card.card.epoch_id;
  record_.header.record_id = RecordId::Generate(random);
  record_.header.sender_device = sender.device.id;
  record_.header.seen_seq = at.head.seq;
  record_.header.seen_hash = at.head.hash;
  random.Fill(record_.nonce);
  record_.ciphertext = random.NextBytes(thread::kMinCiphertextBytes);
}

std::string RecordSource::Next() {
  const std::lock_guard lock(mutex_);
  ++count_;
  std::memcpy(record_.header.record_id.bytes.data(), &count_, sizeof(count_));
  PutStamp(record_.ciphertext);
  return ToString(thread::SerializeSealedRecord(record_));
}

void RecordSource::Saw(const relay::v1::AppendResponse::Done& done) {
  // A device takes over what it has received in batches, not after each entry.
  constexpr std::uint64_t kEvery = 32;
  if (done.seq() % kEvery != 0) {
    return;
  }
  seal::v1::ThreadHead head;
  RENKEI_CHECK(head.ParseFromString(done.head().head()) && head.seq() == done.seq());
  const std::lock_guard lock(mutex_);
  if (head.seq() > record_.header.seen_seq) {
    record_.header.seen_seq = head.seq();
    record_.header.seen_hash = ToArray<kHashBytes>(AsBytes(head.hash())).value();
  }
}

SteadyClock::time_point MadeAt(ByteView payload) {
  RENKEI_CHECK(payload.size() > thread::kMinCiphertextBytes);
  std::int64_t at = 0;
  std::memcpy(&at, payload.last(thread::kMinCiphertextBytes).data(), kStampBytes);
  return SteadyClock::time_point(SteadyClock::duration(at));
}

Issue AppendCalls(relay::v1::Threads::Stub& stub, std::vector<std::unique_ptr<RecordSource>>& to) {
  struct Call {
    grpc::ClientContext context;
    relay::v1::AppendRequest request;
    relay::v1::AppendResponse response;
  };
  auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  return [&stub, &to, turn](std::function<void(bool)> done) {
    RecordSource& source = *to[turn->fetch_add(1) % to.size()];
    auto call = std::make_shared<Call>();
    call->request.set_record(source.Next());
    stub.async()->Append(&call->context, &call->request, &call->response,
                         [call, &source, done = std::move(done)](const grpc::Status& status) {
                           const bool is_accepted = status.ok() && call->response.has_accepted();
                           if (is_accepted) {
                             source.Saw(call->response.accepted());
                           }
                           done(is_accepted);
                         });
  };
}

Issue EmptyCalls(Empty::Stub& stub, std::vector<std::unique_ptr<RecordSource>>& to) {
  struct Call {
    grpc::ClientContext context;
    Payload request;
    Nothing response;
  };
  auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  return [&stub, &to, turn](std::function<void(bool)> done) {
    RecordSource& source = *to[turn->fetch_add(1) % to.size()];
    auto call = std::make_shared<Call>();
    call->request.set_bytes(source.Next());
    stub.async()->Call(
        &call->context, &call->request, &call->response,
        [call, done = std::move(done)](const grpc::Status& status) { done(status.ok()); });
  };
}

LoadResult RunClosed(std::span<const Issue> issues, int in_flight, double seconds,
                     const Process& server, Times& times) {
  const Meter meter(server);
  Closed closed{times, meter.begin() + Duration(seconds), {}, 0};
  for (int i = 0; i < in_flight; ++i) {
    closed.under_way.Begin();
    closed.Start(issues[static_cast<std::size_t>(i) % issues.size()]);
  }
  closed.under_way.WaitForNone();
  return meter.Result(closed.calls);
}

LoadResult RunOpen(const Issue& issue, double per_second, double seconds, const Process& server,
                   Times& times) {
  const Meter meter(server);
  UnderWay under_way;
  const auto count = static_cast<std::size_t>(per_second * seconds);
  for (std::size_t i = 0; i < count; ++i) {
    const auto due = meter.begin() + Duration(static_cast<double>(i) / per_second);
    std::this_thread::sleep_until(due);
    under_way.Begin();
    issue([&, due](bool ok) {
      RENKEI_CHECK(ok);
      times.AddSince(due);
      under_way.End();
    });
  }
  under_way.WaitForNone();
  return meter.Result(count);
}

}  // namespace renkei::bench
