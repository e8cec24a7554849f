#include "tests/bench/relay/stream_calls.h"

#include <condition_variable>
#include <deque>

namespace renkei::bench {
namespace {

// One stream. What comes back answers the requests in their order; Answers gives the answers in one
// message.
template <typename Request, typename Response, typename Answer>
class Calls final : public grpc::ClientBidiReactor<Request, Response> {
 public:
  using Done = std::function<void(const Answer&)>;
  using Answers = std::function<void(const Response&, const Done&)>;

  explicit Calls(Answers answers) : answers_(std::move(answers)) {}
  ~Calls() override {
    std::unique_lock lock(mutex_);
    is_ending_ = true;
    // An answer may come before gRPC says that its request was written.
    changed_.wait(lock, [this] { return unsent_.empty(); });
    lock.unlock();
    this->StartWritesDone();
    this->RemoveHold();
    lock.lock();
    changed_.wait(lock, [this] { return is_over_; });
  }

  grpc::ClientContext& context() { return context_; }
  // Once it is bound to its method.
  void Begin() {
    this->AddHold();
    this->StartRead(&response_);
    this->StartCall();
  }
  void Send(Request request, Done done) {
    const Request* next = nullptr;
    {
      const std::lock_guard lock(mutex_);
      unanswered_.push_back(std::move(done));
      unsent_.push_back(std::move(request));
      next = unsent_.size() == 1 ? &unsent_.front() : nullptr;
    }
    if (next != nullptr) {
      this->StartWrite(next);
    }
  }

  void OnWriteDone(bool ok) override {
    const Request* next = nullptr;
    {
      const std::lock_guard lock(mutex_);
      RENKEI_CHECK(ok);
      unsent_.pop_front();
      next = unsent_.empty() ? nullptr : &unsent_.front();
      changed_.notify_all();
    }
    if (next != nullptr) {
      this->StartWrite(next);
    }
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      return;
    }
    answers_(response_, [this](const Answer& answer) {
      Done done;
      {
        const std::lock_guard lock(mutex_);
        done = std::move(unanswered_.front());
        unanswered_.pop_front();
      }
      done(answer);
    });
    this->StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    RENKEI_CHECK(is_ending_ && status.ok());
    is_over_ = true;
    changed_.notify_all();
  }

 private:
  const Answers answers_;
  grpc::ClientContext context_;
  Response response_;
  std::mutex mutex_;
  std::deque<Request> unsent_;  // the first is being written
  std::deque<Done> unanswered_;
  std::condition_variable changed_;
  bool is_ending_ = false;
  bool is_over_ = false;
};

}  // namespace

Issue AppendStreamCalls(relay::v1::Threads::Stub& stub,
                        std::vector<std::unique_ptr<RecordSource>>& to) {
  using relay::v1::AppendResponse;
  using Stream = Calls<relay::v1::AppendRequest, relay::v1::AppendStreamResponse, AppendResponse>;
  auto stream = std::make_shared<Stream>(
      [](const relay::v1::AppendStreamResponse& message, const Stream::Done& one) {
        for (const AppendResponse& outcome : message.outcomes()) {
          one(outcome);
        }
      });
  stub.async()->AppendStream(&stream->context(), stream.get());
  stream->Begin();
  auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  return [&to, turn, stream](std::function<void(bool)> done) {
    RecordSource& source = *to[turn->fetch_add(1) % to.size()];
    relay::v1::AppendRequest request;
    request.set_record(source.Next());
    stream->Send(std::move(request),
                 [&source, done = std::move(done)](const AppendResponse& outcome) {
                   if (outcome.has_accepted()) {
                     source.Saw(outcome.accepted());
                   }
                   done(outcome.has_accepted());
                 });
  };
}

Issue EmptyStreamCalls(Empty::Stub& stub, std::vector<std::unique_ptr<RecordSource>>& to) {
  using Stream = Calls<Payload, Nothing, Nothing>;
  auto stream = std::make_shared<Stream>(
      [](const Nothing& message, const Stream::Done& one) { one(message); });
  stub.async()->Talk(&stream->context(), stream.get());
  stream->Begin();
  auto turn = std::make_shared<std::atomic<std::size_t>>(0);
  return [&to, turn, stream](std::function<void(bool)> done) {
    Payload request;
    request.set_bytes(to[turn->fetch_add(1) % to.size()]->Next());
    stream->Send(std::move(request),
                 [done = std::move(done)](const Nothing& /*answer*/) { done(true); });
  };
}

}  // namespace renkei::bench
