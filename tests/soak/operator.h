// Who looks after the relay: starts it, makes backups of it while it runs, renews its certificate,
// restarts it at night, and sees it killed in the morning's rush.
#ifndef RENKEI_TESTS_SOAK_OPERATOR_H_
#define RENKEI_TESTS_SOAK_OPERATOR_H_

#include <string>
#include <vector>

#include "tests/crash/relay_process.h"
#include "tests/soak/care_region.h"
#include "tests/soak/day.h"
#include "tests/soak/samples.h"

namespace renkei::soak {

inline constexpr double kKillAt = 8.5;

// Notes of refusals wait for the next write: what is refused right before a kill may be lost. So
// nobody makes mistakes then.
inline bool IsJustBeforeKill(double hour) {
  return hour > kKillAt - 0.25 && hour < kKillAt + 0.05;
}

struct Event {
  double hour = 0;
  std::string name;
};

// The main thread: the relay's process ends with the thread that started it.
class Operator {
 public:
  // `data`: the relay's folder. `work`: for backups and what else is left by it.
  Operator(const std::string& program, const std::filesystem::path& data,
           const std::filesystem::path& work, CareRegion& region, Door& door);

  // The relay's next life; the door is open then.
  void Start();
  // All that is planned, until midnight.
  void Work(const Day& day, Sampler& sampler);
  // Whole the first time, then what changed since the one before.
  void BackUp();
  // SIGTERM; everything is verified, and the last backup is restored into work/restored.
  void Close();

  const std::vector<Event>& events() const { return events_; }
  // Descriptors of this life before anybody came.
  std::uint64_t descriptors_at_start() const { return descriptors_at_start_; }
  const std::filesystem::path& restored() const { return restored_; }

 private:
  void Restart();
  void KillAndStart();
  void LookForCertificate();
  void RenewCertificate();
  // It must exit with 0.
  void Run(const char* what, const std::vector<std::string>& arguments);

  const std::filesystem::path data_;
  const std::filesystem::path work_;
  const std::filesystem::path restored_;
  CareRegion& region_;
  Door& door_;
  crash::RelayProcess relay_;
  std::vector<std::filesystem::path> backups_;
  std::vector<Event> events_;
  std::uint64_t descriptors_at_start_ = 0;
};

}  // namespace renkei::soak

#endif  // RENKEI_TESTS_SOAK_OPERATOR_H_
