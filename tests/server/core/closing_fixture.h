// A case of a station and a clinic that its steward, the nurse, ends.
#ifndef RENKEI_TESTS_SERVER_CORE_CLOSING_FIXTURE_H_
#define RENKEI_TESTS_SERVER_CORE_CLOSING_FIXTURE_H_

#include "crypto/thread/closing.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {

class ClosingFixture : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    const CommitParts first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    parts = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    ASSERT_EQ(NameOf(Commit(nurse, parts)), "accepted");
    case_id = first.card.card.case_id;
    ASSERT_EQ(NameOf(Append(doctor, Record(doctor))), "accepted");
  }
  Bytes Record(const Handset& by) { return world.Record(parts.card, by, HeadOf(case_id)); }
  thread::ClosingNotice Notice(const Handset& by, thread::ClosingAction action) {
    const thread::Position head = HeadOf(case_id);
    return {case_id, parts.card.card.at, action, by.device.id, head.seq, head.hash, 0, clock.Now()};
  }
  Result<server::PostOutcome> Send(const Handset& by, const thread::ClosingNotice& notice) {
    const Bytes bytes = thread::MakeClosingNotice(notice, by.device.signing.key).value();
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->threads().AppendClosing(by.Caller(), bytes, reply);
    });
  }
  Result<server::PostOutcome> Close(const Handset& by) {
    return Send(by, Notice(by, thread::ClosingAction::kClose));
  }
  Result<server::PostOutcome> Reopen(const Handset& by) {
    return Send(by, Notice(by, thread::ClosingAction::kReopen));
  }
  std::optional<server::ThreadRow> Row() {
    std::optional<server::ThreadRow> out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.FindThread(case_id));
                      return Ok();
                    })
                    .ok());
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  CommitParts parts;
  CaseId case_id;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_CORE_CLOSING_FIXTURE_H_
