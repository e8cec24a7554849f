#include "tests/soak/watcher.h"

#include <algorithm>

#include "renkei/relay/v1/threads.grpc.pb.h"
#include "tests/crash/relay_process.h"

namespace renkei::soak {
namespace {

constexpr auto kLongestWait = std::chrono::minutes(1);

relay::v1::WatchRequest RequestFrom(const Positions& from) {
  relay::v1::WatchRequest out;
  for (const auto& [case_id, at] : from) {
    auto& position = *out.add_positions();
    position.set_case_id(ToString(case_id.view()));
    position.set_after(at.seq);
  }
  return out;
}

}  // namespace

class Watcher::Stream final : public grpc::ClientReadReactor<relay::v1::WatchEvent> {
 public:
  Stream(Watcher& owner, const std::shared_ptr<grpc::Channel>& channel)
      : owner_(owner),
        stub_(relay::v1::Threads::NewStub(channel)),
        request_(RequestFrom(owner.reached_)) {
    stub_->async()->Watch(&context_, &request_, this);
    StartRead(&event_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (ok) {
      owner_.Take(event_);
      StartRead(&event_);
    }
  }
  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(owner_.mutex_);
    owner_.is_over_ = true;
    owner_.end_ = std::to_string(status.error_code()) + " " + status.error_message();
    owner_.changed_.notify_all();
  }

 private:
  Watcher& owner_;
  const std::unique_ptr<relay::v1::Threads::Stub> stub_;
  const relay::v1::WatchRequest request_;
  grpc::ClientContext context_;
  relay::v1::WatchEvent event_;
};

Watcher::Watcher(const Scene& scene, Line& line, Positions from)
    : scene_(scene), reached_(std::move(from)) {
  ++scene_.tally.streams;
  stream_ = std::make_unique<Stream>(*this, line.channel());
}

Watcher::~Watcher() {
  stream_->Cancel();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_over_; });
}

void Watcher::Take(const relay::v1::WatchEvent& event) {
  const std::lock_guard lock(mutex_);
  scene_.tally.rings += event.ping().alert() ? 1 : 0;
  is_caught_up_ = is_caught_up_ || event.caught_up();
  for (const seal::v1::ThreadEntry& entry : event.batch().entries()) {
    const auto case_id = CaseId::FromBytes(AsBytes(entry.case_id()));
    const auto at = case_id.ok() ? reached_.find(*case_id) : reached_.end();
    const auto hash = ToArray<kHashBytes>(AsBytes(entry.hash()));
    if (at == reached_.end() || !hash.ok()) {
      crash::Fail("a watcher was sent an entry of a case that is not theirs");
    }
    const auto next = thread::CheckNext(at->first, at->second,
                                        {at->first,
                                         entry.seq(),
                                         static_cast<thread::EntryKind>(entry.kind()),
                                         {entry.received_at()},
                                         AsBytes(entry.payload()),
                                         *hash});
    if (!next.ok()) {
      crash::Fail("a watcher who stood at entry " + std::to_string(at->second.seq) + " of " +
                  at->first.Text() + " was sent entry " + std::to_string(entry.seq()) +
                  ", which does not continue it");
    }
    at->second = *next;
    ++scene_.tally.delivered;
  }
  changed_.notify_all();
}

bool Watcher::WaitUntilCaughtUp() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kLongestWait, [this] { return is_caught_up_ || is_over_; });
  return is_caught_up_;
}

bool Watcher::WaitFor(const Positions& wanted) {
  std::unique_lock lock(mutex_);
  const auto has_all = [&] {
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& item) {
      const auto at = reached_.find(item.first);
      return at != reached_.end() && at->second.seq >= item.second.seq;
    });
  };
  changed_.wait_for(lock, kLongestWait, [&] { return is_over_ || has_all(); });
  return has_all();
}

bool Watcher::IsOver() const {
  const std::lock_guard lock(mutex_);
  return is_over_;
}

std::string Watcher::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

Positions Watcher::reached() const {
  const std::lock_guard lock(mutex_);
  return reached_;
}

}  // namespace renkei::soak
