#include "server/store/scrubber.h"

#include <utility>

#include "server/store/scrub.h"

namespace renkei::server {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kRestsForWork = 19;
constexpr std::chrono::milliseconds kUntilInterrupted{10};
constexpr std::chrono::seconds kAgain{5};  // after a slice that could not be read

}  // namespace

Scrubber::Scrubber(std::unique_ptr<Database> database, std::chrono::seconds every, Found found)
    : database_(std::move(database)),
      every_(every),
      found_(std::move(found)),
      thread_([this] { Run(); }) {}

Scrubber::~Scrubber() {
  {
    std::unique_lock lock(mutex_);
    is_stopped_ = true;
    changed_.notify_all();
    // Again and again: a statement that was about to begin is not interrupted.
    while (!has_ended_) {
      database_->Interrupt();
      changed_.wait_for(lock, kUntilInterrupted);
    }
  }
  thread_.join();
}

Result<std::unique_ptr<Scrubber>> Scrubber::Start(const std::string& path,
                                                  std::chrono::seconds every, Found found) {
  RENKEI_ASSIGN(auto database, Database::Open(path, Database::Mode::kReadOnly));
  return std::unique_ptr<Scrubber>(new Scrubber(std::move(database), every, std::move(found)));
}

std::optional<SteadyClock::time_point> Scrubber::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

void Scrubber::Run() {
  PassAgainAndAgain();
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_all();
}

void Scrubber::PassAgainAndAgain() {
  while (Pass()) {
    {
      const std::lock_guard lock(mutex_);
      finished_ = SteadyClock::now();
    }
    if (!Rest(every_)) {
      return;
    }
  }
}

bool Scrubber::Pass() {
  Scrub scrub(*database_);
  for (;;) {
    const auto begin = SteadyClock::now();
    const auto more = scrub.Next();
    if (!more.ok() && more.error().code() == Code::kCorrupt) {
      found_(more.error(), database_->last_failure());
      return false;
    }
    if (more.ok() && !*more) {
      return true;
    }
    if (!Rest(more.ok() ? kRestsForWork * (SteadyClock::now() - begin) : kAgain)) {
      return false;
    }
  }
}

bool Scrubber::Rest(std::chrono::nanoseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return is_stopped_; });
}

}  // namespace renkei::server
