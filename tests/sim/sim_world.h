// People with vaults in memory and one relay, enrolled through client::Enrolment as in life.
#ifndef RENKEI_TESTS_SIM_SIM_WORLD_H_
#define RENKEI_TESTS_SIM_SIM_WORLD_H_

#include <deque>
#include <string>

#include "client/core/session.h"
#include "tests/sim/sim_relay.h"
#include "tests/support/memory_vault.h"

namespace renkei::sim {

class SimWorld;

// One device. Its session is opened anew after each crash.
class Actor {
 public:
  Actor(SimWorld& world, std::string name);

  client::Environment Env();
  client::Enrolment Enrol() { return client::Enrolment(Env()); }
  // Opens the session if there is none; a process that dies of it is started again. Aborts if the
  // vault holds nobody.
  client::Session& Open();
  // The process dies and starts again on what was committed.
  void Crash();
  // The vault is put back to an older copy of itself, and nobody is told.
  void Restore(const client::MemoryVault::Snapshot& snapshot);
  const std::string& name() const { return name_; }
  client::MemoryVault& vault() { return vault_; }

 private:
  SimWorld& world_;
  std::string name_;
  client::MemoryVault vault_;
  std::unique_ptr<client::Session> session_;
};

class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed);

  // An institution's first person; a colleague of `administrator`; another device of `first`.
  Actor& AddInstitution(const std::string& institution, const std::string& kind,
                        const std::string& person, const std::string& profession);
  Actor& AddStaff(Actor& administrator, const std::string& person, const std::string& profession);
  Actor& AddDevice(Actor& first, Actor& administrator);

  Actor& New(const std::string& name) { return actors_.emplace_back(*this, name); }
  Actor& Operator() { return actors_.front(); }

  SeededRandom random;  // keys and ids
  SeededRandom dice;    // faults and choices
  ManualClock clock;
  std::unique_ptr<RelayHost> host;
  SimConnector connector;

 private:
  std::deque<Actor> actors_;
};

Bytes PatientContent();
Bytes NoteContent(const std::string& text);
// The text of a note, or empty.
std::string NoteText(const client::RecordView& record);

}  // namespace renkei::sim

#endif  // RENKEI_TESTS_SIM_SIM_WORLD_H_
