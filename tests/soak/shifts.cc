#include "tests/soak/shifts.h"

#include <cmath>

#include "tests/crash/relay_process.h"

namespace renkei::soak {
namespace {

constexpr double kTurnsAnHour = 2;  // one comes, another goes
constexpr auto kLook = std::chrono::milliseconds(20);

}  // namespace

Shifts::Shifts(const Scene& scene, const Day& day) : scene_(scene), day_(day) {
  for (const auto& member : scene_.region.desks) {
    desks_.push_back({member.get(), nullptr, nullptr});
    Open(desks_.back());
  }
  for (const auto& member : scene_.region.shifts) {
    shifts_.push_back({member.get(), nullptr, nullptr});
  }
  thread_ = std::thread([this] { Run(); });
}

Shifts::~Shifts() {
  is_over_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Shifts::Run() {
  while (!is_over_) {
    for (Seat& seat : desks_) {
      Tend(seat, true);
    }
    const double hour = day_.Now();
    const auto on_duty =
        static_cast<std::size_t>(std::lround(Rush(hour) * static_cast<double>(shifts_.size())));
    const auto turn = static_cast<std::size_t>(hour * kTurnsAnHour);
    for (std::size_t i = 0; i < shifts_.size(); ++i) {
      Tend(shifts_[i], (i + turn) % shifts_.size() < on_duty);
    }
    std::this_thread::sleep_for(kLook);
  }
}

void Shifts::Tend(Seat& seat, bool is_wanted) {
  if (seat.watcher && seat.watcher->IsOver()) {
    if (scene_.door.IsStill(seat.line->life().number)) {
      crash::Fail("a stream was broken off by a relay that runs: " + seat.watcher->end());
    }
    Close(seat);
  }
  if (seat.watcher && !is_wanted) {
    Close(seat);
  } else if (!seat.watcher && is_wanted && scene_.door.Look().number != 0) {
    Open(seat);
  }
}

void Shifts::Open(Seat& seat) {
  seat.line = std::make_unique<Line>(scene_, *seat.member);
  seat.watcher = std::make_unique<Watcher>(scene_, *seat.line, seat.member->reached);
}

void Shifts::Close(Seat& seat) {
  seat.member->reached = seat.watcher->reached();
  seat.watcher.reset();
  seat.line.reset();
}

Positions Shifts::Finish() {
  is_over_ = true;
  thread_.join();
  Positions out;
  for (Seat& seat : desks_) {
    if (!seat.watcher) {
      Open(seat);
    }
    WaitForAll(seat);
    Close(seat);
    out.insert(seat.member->reached.begin(), seat.member->reached.end());
  }
  for (Seat& seat : shifts_) {
    if (seat.watcher) {
      Close(seat);
    }
  }
  return out;
}

void Shifts::WaitForAll(Seat& seat) const {
  Positions wanted;
  for (const CaseFile* file : seat.member->cases) {
    wanted[file->id()] = file->Now().head;
  }
  if (!seat.watcher->WaitFor(wanted)) {
    crash::Fail("a desk that listened all day was not sent everything: " + seat.watcher->end());
  }
}

}  // namespace renkei::soak
