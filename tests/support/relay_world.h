// A fictitious region seen from its relay: institutions with published certificates, devices that
// call, cases with commits and records that the relay accepts. Commits have a true front and an
// invented tail, secrets are random bytes: the relay must not be able to tell.
#ifndef RENKEI_TESTS_SUPPORT_RELAY_WORLD_H_
#define RENKEI_TESTS_SUPPORT_RELAY_WORLD_H_

#include <deque>
#include <filesystem>

#include "crypto/thread/record_header.h"
#include "server/core/relay.h"
#include "tests/support/region.h"

namespace renkei::test {

struct Office {
  pki::Issuer ca;
  pki::Certificate archive;
};

struct Person {
  const Office* office = nullptr;
  pki::PersonSubject subject;
  pki::Certificate archive;

  thread::PersonRef Ref() const;
};

// A device with everything it calls and signs with.
struct Handset {
  const Person* person = nullptr;
  Device device;

  server::Caller Caller() const;
  thread::Signer Signer() const;
  // Leaf, institution's CA, issuing CA, as TLS sends them.
  std::vector<pki::Certificate> TlsChain(const Region& region) const;
};

// What one CommitRequest holds.
struct CommitParts {
  thread::SignedCard card;
  Bytes commit;
  Bytes group_info;
  std::vector<std::pair<std::vector<DeviceId>, Bytes>> welcomes;
  std::vector<thread::Envelope> envelopes;

  server::CommitView View() const;
};

class RelayWorld {
 public:
  explicit RelayWorld(std::uint64_t seed, Millis start = kRegionStart);

  Region& region() { return region_; }
  SeededRandom& random() { return random_; }
  const std::deque<Office>& offices() const { return offices_; }
  // The operator's institution is the first one.
  Office& AddOffice(const std::string& name,
                    pki::InstitutionKind kind = pki::InstitutionKind::kVisitingNurseStation);
  Person& AddPerson(const Office& office);
  Handset& AddHandset(const Person& person);
  // A person with one device.
  Handset& AddMember(const Office& office) { return AddHandset(AddPerson(office)); }

  server::RelayIdentity Identity() const;
  // Everything of this office, its persons and their devices, in the order of publication.
  std::vector<Bytes> CertificatesOf(const Office& office) const;
  // All of it, straight into a running relay's directory.
  void PublishAll(server::Relay& relay) const;
  // DIR/relay as `renkei region init` leaves it.
  void WriteRelayFiles(const std::filesystem::path& data_dir) const;

  // A case's first commit, by its creator and steward.
  CommitParts NewCase(const Handset& creator, thread::History history = thread::History::kAll);
  // The next one: exactly these members. The committer's leaf as before; external if it had none.
  CommitParts NextCommit(const thread::SignedCard& previous, const Handset& committer,
                         const std::vector<const Handset*>& members);
  // Signs a card that a test has changed, again.
  void Resign(CommitParts& parts, const Handset& signer);
  // Bytes of a SealedRecord for this card's epoch.
  Bytes Record(const thread::SignedCard& card, const Handset& sender, const thread::Position& seen,
               std::size_t ciphertext_bytes = 1040);

 private:
  void FillReaders(thread::Card& card) const;
  void FillRest(CommitParts& parts);
  const Office* OfficeOf(const InstitutionId& institution) const;

  SeededRandom random_;
  Region region_;
  Leaf relay_tls_;
  Leaf relay_signing_;
  std::deque<Office> offices_;  // deques: references stay
  std::deque<Person> persons_;
  std::deque<Handset> handsets_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_RELAY_WORLD_H_
