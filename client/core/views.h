// What the faces (command line, desktop) are shown: plain values, no protobuf, no keys.
#ifndef RENKEI_CLIENT_CORE_VIEWS_H_
#define RENKEI_CLIENT_CORE_VIEWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"

namespace renkei::client {

struct PersonView {
  InstitutionId institution_id;
  PersonId person_id;
  std::string name;
  std::string profession;        // name of crypto/pki's profession table, e.g. "Registered Nurse"
  std::string institution;       // its name
  std::string institution_kind;  // name of crypto/pki's table
  bool self = false;
};

// One device, as the directory has it.
struct DeviceView {
  PersonView person;
  DeviceId device;
  Millis certified_at;               // when its certificate begins
  std::optional<Millis> revoked_at;  // it, or its institution
  bool self = false;                 // this one
};

// One person's place in a case.
struct MemberView {
  PersonView person;
  std::size_t devices = 0;
  bool steward = false;
  std::optional<Millis> last_heard;  // received_at of this person's newest entry (G4)
};

// A case that a steward has closed.
struct ClosedView {
  Millis counted_from;           // the end, or the newest record behind it
  std::uint32_t keep_years = 0;  // asked for by the steward; the relay's own years may be more
  std::optional<Millis> deletion_announced_at;
};

// The relay's certificate.
struct DeletedView {
  Millis at;
  Millis counted_from;
  std::uint32_t years = 0;
  Bytes certificate;  // renkei.seal.v1.SignedDeletionCertificate
};

struct CaseView {
  CaseId case_id;
  Bytes patient;  // renkei.care.v1.Content with the newest Patient record; empty: not readable yet
  std::uint32_t generation = 0;
  std::uint64_t epoch = 0;
  std::uint64_t head_seq = 0;
  bool member = true;      // false: this person was removed
  bool can_send = true;    // this device holds the group's state (else it reads from envelopes)
  std::size_t unread = 0;  // records of others not opened yet
  std::size_t urgent_open = 0;  // urgent records nobody has acknowledged
  std::size_t waiting = 0;      // own records in the outbox
  std::optional<ClosedView> closed;
  std::optional<DeletedView> deleted;  // at the relay; what is here stays
  std::vector<MemberView> members;
  std::vector<std::string> readers;   // every archive key holder, in words (G3)
  std::vector<std::string> warnings;  // trust issues, in the user's words
};

enum class RecordState : std::uint8_t {
  kWaiting,   // in the outbox
  kSent,      // the relay has it, nobody else received it yet
  kReceived,  // at least one other person's device has it
  kOpened,
  kAcknowledged,
  kResponding,
};
const char* RecordStateName(RecordState state);  // "waiting", "sent", ...

// One call of an alert's step: a person, or a profession with no name behind it.
struct AlertCallView {
  std::optional<PersonView> person;
  std::string profession;  // name of crypto/pki's table; without a person
  // What came of it, the relay's word: "rang" (a device of theirs was connected), "left" (none was;
  // told when one comes), and skipped: "not_member", "no_device", "nobody". Empty in a plan.
  std::string outcome;
};

// One step of a plan, or one that the relay says it did.
struct AlertStepView {
  enum class Event : std::uint8_t { kCalled, kAcknowledged, kEnded };

  Event event = Event::kCalled;
  std::uint32_t step = 0;  // 1.., over all rounds
  Millis at;               // the relay's clock; in a plan: nothing
  Millis wait;             // in a plan: before the next
  std::vector<AlertCallView> calls;
  std::optional<PersonView> responder;  // who acknowledged
};

enum class AlertState : std::uint8_t {
  kWaiting,       // in the outbox: nobody is called yet
  kUnconfirmed,   // at the relay, which has not said that it began
  kCalling,       // until somebody acknowledges
  kAcknowledged,  // somebody responds
  kEnded,         // the list ended, nobody acknowledged: telephone
};
const char* AlertStateName(AlertState state);  // "waiting", "unconfirmed", ...

// The alert of an urgent record: whom it calls in which order, and what the relay says it did.
// Beside, not instead of, received, opened, acknowledged, responding: those are signed by persons.
struct AlertView {
  AlertState state = AlertState::kWaiting;
  std::uint32_t rounds = 0;
  std::vector<AlertStepView> plan;   // one round; empty: not known here yet
  std::vector<AlertStepView> steps;  // oldest first
  std::optional<PersonView> responder;
  std::optional<Millis> next_at;  // kCalling: when the next step is due, on the relay's clock
};

// Something new about an alert, for who follows it.
struct AlertNews {
  enum class Kind : std::uint8_t {
    kCallsYou,      // the relay calls this person
    kCalls,         // it calls others
    kAcknowledged,  // somebody responds; stop
    kEnded,         // the list ended and nobody has acknowledged
    kLate,          // the relay has not said that it did the next step, or does not answer
  };

  Kind kind = Kind::kCalls;
  CaseId case_id;
  RecordId record_id;
  AlertStepView step;  // kLate: the last one that it did; step 0: none
};
const char* AlertNewsName(AlertNews::Kind kind);  // "calls_you", "calls", ...

struct RecordView {
  RecordId record_id;
  CaseId case_id;
  std::uint32_t kind = 0;  // field number in renkei.care.v1.Content.body
  PersonView author;
  DeviceId device;
  Millis created_at;                  // the author's clock
  std::optional<Millis> received_at;  // the relay's clock; none while it waits
  std::uint64_t seq = 0;              // 0 while it waits
  bool urgent = false;
  RecordState state = RecordState::kWaiting;
  Bytes content;  // renkei.care.v1.Content
  std::optional<RecordId> corrects;
  std::string correction_reason;
  std::vector<RecordId> corrected_by;  // oldest first
  std::optional<RecordId> answers;     // the record that this one answers
  // Not empty: a member's record that does not count, and why; kind and content may be missing.
  std::string problem;
  std::optional<AlertView> alert;  // of a record that calls somebody
};

// One person's standing towards one record: four different states, each with its time.
struct CoverageRow {
  PersonView person;
  bool member_now = true;
  std::optional<Millis> received_at;
  std::optional<Millis> opened_at;
  std::optional<Millis> acknowledged_at;
  std::string read_back;
  std::optional<Millis> responding_at;
};

struct CoverageView {
  RecordView record;
  std::vector<CoverageRow> rows;  // every member but the author, by institution, profession, name
  std::vector<std::string> professions_missing;  // professions of which nobody has received it
  std::vector<std::string> professions_not_opened;
};

struct OutboxView {
  CaseId case_id;
  RecordId record_id;
  std::uint32_t kind = 0;
  bool urgent = false;
  Millis created_at;
  std::uint32_t attempts = 0;
  std::string waiting_for;         // in words: "no connection to the relay", ...
  std::optional<Millis> retry_at;  // the relay asked to wait until then
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_VIEWS_H_
