// A case of a station and a clinic with urgent alerts, over clocks that a test turns.
#ifndef RENKEI_TESTS_SERVER_SUPPORT_ALERT_FIXTURE_H_
#define RENKEI_TESTS_SERVER_SUPPORT_ALERT_FIXTURE_H_

#include "crypto/pki/profession.h"
#include "crypto/pki/revocation.h"
#include "crypto/thread/notice.h"
#include "server/core/alert_calls.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {

// The machine's clock since it was started.
class ManualElapsed final : public server::ElapsedClock {
 public:
  server::Elapsed Now() const override { return now; }
  server::Elapsed now{{1}, Hours(1)};
};

class AlertFixture : public RelayFixture {
 protected:
  void SetUp() override {
    Open();
    PublishAll();
    const CommitParts first = world.NewCase(nurse);
    case_id = first.card.card.case_id;
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    parts = world.NextCommit(first.card, nurse, {&nurse, &doctor, &deputy});
    ASSERT_EQ(NameOf(Commit(nurse, parts)), "accepted");
    plan.steps = {{{Whom(doctor)}, Minutes(5)}, {{Whom(deputy)}, Minutes(10)}};
  }
  // A new process over the same store.
  void Open() {
    relay.reset();
    auto opened =
        server::Relay::Open(store, clock, world.random(), world.Identity(), &elapsed, limits);
    ASSERT_TRUE(opened.ok()) << opened.error().where();
    relay = std::move(*opened);
  }
  void GoOn(Millis by) {
    clock.Advance(by);
    elapsed.now.since = elapsed.now.since + by;
  }

  static thread::AlertTarget Whom(const Handset& handset) {
    return {handset.person->Ref().institution, handset.person->Ref().person, 0};
  }
  // A record that names the plan's hash.
  Bytes Urgent(const Handset& by, ByteView plan_bytes,
               thread::Urgency urgency = thread::Urgency::kUrgent) {
    auto record = *thread::ParseSealedRecord(world.Record(parts.card, by, HeadOf(case_id)));
    record.header.urgency = urgency;
    record.header.alert_plan_hash = Sha256(plan_bytes);
    return thread::SerializeSealedRecord(record);
  }
  Result<server::PostOutcome> Begin(const Handset& by, ByteView record, ByteView plan_bytes) {
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->alerts().Append(by.Caller(), record, plan_bytes, reply);
    });
  }
  // The seq of the record; 0: refused.
  std::uint64_t Begin(const Handset& by) {
    const Bytes bytes = thread::SerializeAlertPlan(plan);
    const auto outcome = Begin(by, Urgent(by, bytes), bytes);
    const auto* accepted = ArmOf<server::Accepted>(outcome);
    return accepted != nullptr ? accepted->entry.at.seq : 0;
  }
  // A sealed acknowledgement as of now; what is in it the relay cannot read.
  Bytes Reply(const Handset& by) { return world.Record(parts.card, by, HeadOf(case_id)); }
  Result<server::AcknowledgeOutcome> Acknowledge(const Handset& by, ByteView record,
                                                 std::uint64_t seq) {
    return Await<server::AcknowledgeOutcome>(
        [&](const server::Reply<server::AcknowledgeOutcome>& reply) {
          relay->alerts().Acknowledge(by.Caller(), record, seq, reply);
        });
  }
  static std::string NameOfAck(const Result<server::AcknowledgeOutcome>& outcome) {
    return outcome.ok() ? std::string(server::OutcomeName(outcome->post))
                        : std::string("error ") + CodeName(outcome.error().code());
  }
  std::optional<Millis> RunDue() {
    const auto next = Await<std::optional<Millis>>(
        [&](const server::Reply<std::optional<Millis>>& reply) { relay->alerts().RunDue(reply); });
    EXPECT_TRUE(next.ok());
    return next.ok() ? *next : std::nullopt;
  }
  std::optional<server::AlertRow> Row(std::uint64_t seq) {
    std::optional<server::AlertRow> out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.FindAlert(case_id, seq));
                      return Ok();
                    })
                    .ok());
    return out;
  }
  // What the relay said in the thread, in order, each verified.
  std::vector<thread::RelayNote> Notes() {
    std::vector<thread::RelayNote> out;
    std::vector<server::EntryRow> rows;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(rows, transaction.ReadEntries(case_id, 1, 10000, 10000,
                                                                  std::size_t{1} << 30U));
                      return Ok();
                    })
                    .ok());
    const PublicKey key = world.Identity().signing_certificate.public_key();
    for (const server::EntryRow& row : rows) {
      if (row.kind == thread::EntryKind::kRelayNote) {
        const auto note = thread::VerifyRelayNote(row.payload, key);
        EXPECT_TRUE(note.ok());
        out.push_back(*note);
      }
    }
    return out;
  }
  // "begun", "called 1 doctor:left", ... in short.
  std::vector<std::string> Told() {
    std::vector<std::string> out;
    for (const thread::RelayNote& note : Notes()) {
      if (!note.alert) {
        continue;
      }
      switch (note.alert->event) {
        case thread::AlertEvent::kBegun:
          out.emplace_back("begun");
          break;
        case thread::AlertEvent::kCalled:
          out.push_back("called " + std::to_string(note.alert->step) + Outcomes(*note.alert));
          break;
        case thread::AlertEvent::kAcknowledged:
          out.emplace_back("acknowledged");
          break;
        case thread::AlertEvent::kEnded:
          out.emplace_back("ended");
          break;
      }
    }
    return out;
  }
  std::string NameOfPerson(const thread::AlertTarget& who) const {
    for (const auto& [name, handset] : std::vector<std::pair<std::string, const Handset*>>{
             {"nurse", &nurse}, {"doctor", &doctor}, {"deputy", &deputy}, {"other", &stranger}}) {
      if (Whom(*handset) == who) {
        return name;
      }
    }
    return who.person ? "somebody" : "profession";
  }
  std::string Outcomes(const thread::AlertNote& note) const {
    std::string out;
    for (const thread::AlertCall& call : note.calls) {
      static const char* const kNames[] = {"", "rang", "left", "no member", "no device", "nobody"};
      out += " " + NameOfPerson(call.who) + ":" + kNames[static_cast<std::size_t>(call.outcome)];
    }
    return out;
  }
  std::size_t AlertsThatCall(const Handset& handset) {
    return relay->mailbox().Alerts(handset.Caller())->size();
  }

  ManualElapsed elapsed;
  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& deputy = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  CommitParts parts;
  CaseId case_id;
  thread::AlertPlan plan;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_SUPPORT_ALERT_FIXTURE_H_
