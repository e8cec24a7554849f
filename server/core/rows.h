// What the relay keeps, row by row (server/README.md "Store"). Plain values between core and the
// store; nothing here opens anything sealed. Any thread.
#ifndef RENKEI_SERVER_CORE_ROWS_H_
#define RENKEI_SERVER_CORE_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/hash.h"
#include "crypto/base/ids.h"
#include "crypto/base/sign.h"
#include "crypto/pki/certificate.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/closing.h"
#include "crypto/thread/names.h"

namespace renkei::server {

using thread::EpochRef;
using thread::PersonRef;

// Tells a retry: the first 16 bytes of a hash of what makes an entry the same (record: sender and
// record id; commit: card; pack: notice). Whoever finds a collision repeats only their own entries.
using EntryKey = ByteArray<16>;

struct ThreadRow {
  CaseId case_id;
  thread::Position head;
  EpochRef in_force;
  Hash32 card_hash{};          // of the card in force
  std::uint64_t card_seq = 0;  // the entry that carries it
  thread::Closing closing{};

  friend bool operator==(const ThreadRow&, const ThreadRow&) = default;
};

struct EntryRow {
  std::uint64_t seq = 0;
  thread::EntryKind kind = thread::EntryKind::kCommit;
  Millis received_at;
  Bytes payload;
  Hash32 hash{};
};

// An entry on its way in. `payload` must live until the transaction is over.
struct NewEntry {
  thread::Position at;  // its own place: seq, chain hash, received_at
  thread::EntryKind kind = thread::EntryKind::kCommit;
  ByteView payload;
  std::optional<EntryKey> key;
};

// From `first` to `last` (both included) a person may read; open: still a member.
struct Span {
  std::uint64_t first = 1;
  std::optional<std::uint64_t> last;

  friend bool operator==(const Span&, const Span&) = default;
};

struct EnvelopeRow {
  EpochRef at;
  Bytes envelope;  // renkei.seal.v1.Envelope
};

struct PackRow {
  std::uint64_t seq = 0;  // of its notice
  Bytes pack;             // renkei.seal.v1.Pack
};

struct MailRow {
  std::uint64_t id = 0;  // ascending within a device
  CaseId case_id;
  std::uint64_t seq = 0;  // of the commit it belongs to
  Bytes welcome;
};

// One item of the directory, in the order of publication. Ids that the role lacks are zero.
struct CertificateRow {
  Hash32 fingerprint{};
  pki::CertRole role = pki::CertRole::kDeviceSigning;
  PersonRef person;
  DeviceId device;
  pki::KeyId subject_key_id{};  // by which its issuer is found from a certificate
  PublicKey institution_key{};  // of the institution CA above it, verified; zeros: region and relay
  Bytes der;
};

struct RevocationRow {
  pki::KeyId issuer_key_id{};
  std::uint64_t number = 0;
  Bytes der;
};

struct DirectoryItem {
  std::uint64_t position = 0;  // 1.., ascending, gaps allowed
  bool is_revocation_list = false;
  Bytes der;
};

struct DeviceCertificate {
  DeviceId device;
  Hash32 fingerprint{};
};

struct KeyPackageRow {
  std::uint64_t id = 0;
  bool handed_out = false;  // the last one of its device, given away but kept
  Bytes key_package;
};

// Whose stored bytes are counted (usage.h). Of two kinds, because a device chooses its own id.
enum class UsageOf : std::uint8_t { kDevice = 1, kInstitution = 2 };

// A welcome that the last of its devices has deleted.
struct GoneWelcome {
  CaseId case_id;
  std::uint64_t seq = 0;  // of the commit it belonged to
  std::size_t bytes = 0;
};

enum class TicketState : std::uint8_t { kOpen = 1, kRequested = 2, kLinked = 3, kApproved = 4 };

// A join under way. The bytes are those of enrolment.proto.
struct TicketRow {
  TicketId ticket;
  std::uint8_t purpose = 0;  // renkei.seal.v1.TicketPurpose
  PersonRef creator;
  DeviceId creator_device;
  Millis expires_at;
  TicketState state = TicketState::kOpen;
  Bytes signed_request;
  Bytes signed_link;
  Bytes sealed_package;
  std::vector<Bytes> certificates;  // leaves that were approved, DER
  std::vector<Bytes> chain;         // their CAs, DER

  friend bool operator==(const TicketRow&, const TicketRow&) = default;
};

enum class AlertState : std::uint8_t { kOpen = 1, kAcknowledged = 2, kEnded = 3 };

// When the next step is due (server/core/elapsed.h): `wait` after a mark, kept on two clocks.
struct AlertTimer {
  ByteArray<16> boot{};  // of which start of the machine `elapsed` is
  Millis elapsed;
  Millis wall;
  Millis wait;

  friend bool operator==(const AlertTimer&, const AlertTimer&) = default;
};

// An urgent record's alert, by case and seq of the record.
struct AlertRow {
  CaseId case_id;
  std::uint64_t seq = 0;
  RecordId record;
  PersonRef sender;
  DeviceId sender_device;
  AlertState state = AlertState::kOpen;
  std::uint32_t next_step = 0;        // over all rounds; CallsIn(plan): the end of the list
  AlertTimer timer;                   // of that step
  std::optional<DeviceId> responder;  // exactly with kAcknowledged
  Bytes plan;                         // renkei.seal.v1.AlertPlan

  friend bool operator==(const AlertRow&, const AlertRow&) = default;
};

// The thread was told that it will be deleted (retention.h).
struct AnnouncementRow {
  CaseId case_id;
  Millis counted_from;  // of the closing that it was for
  Millis at;
  Millis ran;  // how long this store's relay had run by then

  friend bool operator==(const AnnouncementRow&, const AnnouncementRow&) = default;
};

// What is left of a case that was deleted.
struct DeletionRow {
  CaseId case_id;
  Millis at;
  Bytes certificate;               // renkei.seal.v1.SignedDeletionCertificate
  std::vector<PersonRef> readers;  // members at the end: who may have it

  friend bool operator==(const DeletionRow&, const DeletionRow&) = default;
};

// Who did what when; metadata only. `subject` is a case, person, device or ticket id, or zeros.
struct AuditRow {
  std::uint64_t seq = 0;  // 1.. without gaps
  Millis at;
  PersonRef person;  // zeros: nobody certified, or the relay itself
  DeviceId device;
  std::string action;   // at most 40 bytes of ASCII, a literal of ours
  std::string outcome;  // the same
  ByteArray<kIdBytes> subject{};
  Hash32 hash{};  // chain over all before (audit.h)
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ROWS_H_
