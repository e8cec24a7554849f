// People with devices, vaults and sessions around a FakeRelay: what tests of client/core play with.
// All names are invented. One thread.
#ifndef RENKEI_TESTS_SUPPORT_TEST_REGION_H_
#define RENKEI_TESTS_SUPPORT_TEST_REGION_H_

#include <memory>
#include <string>
#include <vector>

#include "client/core/identity.h"
#include "client/core/session.h"
#include "tests/support/fake_relay.h"
#include "tests/support/memory_vault.h"
#include "tests/support/region.h"

namespace renkei::test {

class TestRegion;

// One device of one person, with its own vault and randomness.
class Actor {
 public:
  Actor(TestRegion& region, const client::Identity& identity, std::uint64_t seed);

  client::Session& operator*() { return *session_; }
  client::Session* operator->() { return session_.get(); }
  client::MemoryVault& vault() { return vault_; }
  SeededRandom& random() { return random_; }
  const DeviceId& device() const { return device_; }
  const thread::PersonRef& person() const { return person_; }
  client::Identity Identity();
  client::Environment Env();

  // The process ends and starts again; what was not committed is gone.
  void Restart();
  // Sync() that must succeed.
  client::SyncReport Sync();

 private:
  TestRegion& region_;
  client::MemoryVault vault_;
  SeededRandom random_;
  DeviceId device_;
  thread::PersonRef person_;
  std::unique_ptr<client::Session> session_;
};

class TestRegion {
 public:
  explicit TestRegion(std::uint64_t seed = 1);

  // A person with a first device; an institution is made for each new name.
  std::unique_ptr<Actor> AddPerson(const std::string& institution, pki::InstitutionKind kind,
                                   const std::string& name, pki::Profession profession);
  // Another device of the same person, linked by `from`, which may be switched off afterwards.
  std::unique_ptr<Actor> AddDevice(Actor& from);
  // Its institution puts the device on its revocation list and publishes it.
  void Revoke(Actor& actor);

  ManualClock clock;
  Region authority;
  Leaf relay_signing;
  FakeRelay relay;
  FakeConnector connector;

 private:
  const pki::Issuer& InstitutionOf(const std::string& name, pki::InstitutionKind kind);

  std::uint64_t next_seed_;
  std::map<std::string, std::unique_ptr<pki::Issuer>> institutions_;
  std::map<InstitutionId, SecretBytes> institution_archives_;
  std::map<InstitutionId, std::vector<pki::Revocation>> revoked_;
};

// Contents of fictitious forms.
Bytes PatientForm(const std::string& name);
Bytes NoteForm(const std::string& text);
std::string NoteText(const client::RecordView& record);

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_TEST_REGION_H_
