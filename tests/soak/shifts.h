// Devices that listen: one desk of each institution all day, the tablets of whoever is on duty.
#ifndef RENKEI_TESTS_SOAK_SHIFTS_H_
#define RENKEI_TESTS_SOAK_SHIFTS_H_

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/soak/day.h"
#include "tests/soak/watcher.h"

namespace renkei::soak {

class Shifts {
 public:
  // The desks' streams are opened at once.
  Shifts(const Scene& scene, const Day& day);
  ~Shifts();
  // Midnight has come: everybody goes home, the desks when they have everything that was
  // acknowledged (else this program ends). Where the desks stand then, by case.
  Positions Finish();

 private:
  // Where a device is listened at.
  struct Seat {
    Member* member;
    std::unique_ptr<Line> line;
    std::unique_ptr<Watcher> watcher;
  };

  void Run();
  void Tend(Seat& seat, bool is_wanted);
  void Open(Seat& seat);
  void Close(Seat& seat);
  void WaitForAll(Seat& seat) const;

  const Scene scene_;
  const Day& day_;
  std::vector<Seat> desks_;
  std::vector<Seat> shifts_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_SHIFTS_H_
