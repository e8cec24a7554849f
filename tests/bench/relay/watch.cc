#include "tests/bench/relay/watch.h"

#include <grpcpp/support/client_callback.h>

#include "crypto/thread/encoding.h"

namespace renkei::bench {
namespace {

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

}  // namespace

class Watcher::Stream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(Watcher& owner, const relay::v1::WatchRequest& request)
      : owner_(owner), request_(ToBuffer(request.SerializeAsString())), stub_(owner.channel_) {
    stub_.PrepareBidiStreamingCall(&context_, "/renkei.relay.v1.Threads/Watch", {}, this);
    StartWriteLast(&request_, {});
    StartRead(&event_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      return;
    }
    grpc::Slice slice;
    RENKEI_CHECK(event_.DumpToSingleSlice(&slice).ok());
    owner_.Take({slice.begin(), slice.size()});
    event_.Clear();
    StartRead(&event_);
  }
  void OnDone(const grpc::Status& /*status*/) override {
    const std::lock_guard lock(owner_.mutex_);
    owner_.is_over_ = true;
    owner_.changed_.notify_all();
  }

 private:
  Watcher& owner_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer event_;
  grpc::GenericStub stub_;
};

Watcher::Watcher(std::shared_ptr<grpc::Channel> channel, const std::vector<Case>& from,
                 Times* times)
    : channel_(std::move(channel)), times_(times) {
  relay::v1::WatchRequest request;
  for (const Case& at : from) {
    auto& position = *request.add_positions();
    position.set_case_id(ToString(at.card.card.case_id.view()));
    position.set_after(at.head.seq);
    reached_[at.card.card.case_id] = at.head.seq;
  }
  stream_ = std::make_unique<Stream>(*this, request);
}

Watcher::~Watcher() {
  stream_->Cancel();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_over_; });
}

void Watcher::Take(ByteView event) {
  messages_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(event.size(), std::memory_order_relaxed);
  thread::FieldReader in(event);
  if (const ByteView batch = in.Blob(1); !batch.empty()) {
    TakeBatch(batch);
  }
  (void)in.Blob(2);
  const bool is_caught_up = in.U64(3) != 0;
  RENKEI_CHECK(in.Done());
  if (is_caught_up) {
    const std::lock_guard lock(mutex_);
    is_caught_up_ = true;
    changed_.notify_all();
  }
}

void Watcher::TakeBatch(ByteView batch) {
  thread::FieldReader in(batch);
  ByteView item;
  std::size_t count = 0;
  while (in.Next(1, item)) {
    thread::FieldReader entry(item);
    const auto case_id = entry.Read<CaseId>(1);
    const std::uint64_t seq = entry.U64(2);
    const auto kind = static_cast<thread::EntryKind>(entry.U32(3));
    (void)entry.U64(4);
    const ByteView payload = entry.Blob(5);
    (void)entry.Fixed<kHashBytes>(6);
    std::uint64_t& reached = reached_[case_id];
    RENKEI_CHECK(entry.Done() && seq == reached + 1);
    reached = seq;
    if (times_ != nullptr && kind == thread::EntryKind::kRecord) {
      times_->AddSince(MadeAt(payload));
    }
    ++count;
  }
  RENKEI_CHECK(in.Done());
  const std::lock_guard lock(mutex_);
  if (entries_.fetch_add(count) + count >= wanted_) {
    changed_.notify_all();
  }
}

void Watcher::WaitUntilCaughtUp() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_caught_up_ || is_over_; });
  RENKEI_CHECK(is_caught_up_);
}

bool Watcher::WaitForEntries(std::size_t entries) {
  std::unique_lock lock(mutex_);
  wanted_ = entries;
  const bool have = changed_.wait_for(lock, std::chrono::minutes(1), [this, entries] {
    return entries_.load() >= entries || is_over_;
  });
  return have && entries_.load() >= entries;
}

class SilentStream::Stream final : public grpc::ClientBidiReactor<Payload, Payload> {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel) : stub_(Empty::NewStub(channel)) {
    stub_->async()->Stream(&context_, this);
    StartRead(&message_);
    StartCall();
  }
  void OnReadInitialMetadataDone(bool ok) override {
    RENKEI_CHECK(ok);
    Set(is_open_);
  }
  void OnDone(const grpc::Status& /*status*/) override { Set(is_over_); }
  void WaitUntilOpen() { Wait(is_open_); }
  void End() {
    context_.TryCancel();
    Wait(is_over_);
  }

 private:
  void Set(bool& what) {
    const std::lock_guard lock(mutex_);
    what = true;
    changed_.notify_all();
  }
  void Wait(const bool& what) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&what] { return what; });
  }

  std::unique_ptr<Empty::Stub> stub_;
  grpc::ClientContext context_;
  Payload message_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  bool is_over_ = false;
};

SilentStream::SilentStream(std::shared_ptr<grpc::Channel> channel)
    : channel_(std::move(channel)), stream_(std::make_unique<Stream>(channel_)) {}

SilentStream::~SilentStream() {
  stream_->End();
}

void SilentStream::WaitUntilOpen() {
  stream_->WaitUntilOpen();
}

}  // namespace renkei::bench
