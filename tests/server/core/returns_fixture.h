// A relay that was restored from a backup, and a member's copy of what it had acknowledged since.
#ifndef RENKEI_TESTS_SERVER_CORE_RETURNS_FIXTURE_H_
#define RENKEI_TESTS_SERVER_CORE_RETURNS_FIXTURE_H_

#include "server/core/returns.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {

class Returning : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    first = world.NewCase(nurse);
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    second = world.NextCommit(first.card, nurse, {&nurse, &doctor});
    ASSERT_EQ(NameOf(Commit(nurse, second)), "accepted");
    case_id = first.card.card.case_id;
    ASSERT_NE(ArmOf<server::Accepted>(Append(nurse, Record(nurse, second))), nullptr);
    backup = store.Backup();
    backed_up = HeadOf(case_id);
    // What the backup does not have: a record, a commit that takes the doctor's colleague in, a
    // record of that epoch.
    record = Record(doctor, second);
    ASSERT_NE(ArmOf<server::Accepted>(Append(doctor, record)), nullptr);
    third = world.NextCommit(second.card, nurse, {&nurse, &doctor, &deputy});
    ASSERT_EQ(NameOf(Commit(nurse, third)), "accepted");
    ASSERT_NE(ArmOf<server::Accepted>(Append(nurse, Record(nurse, third))), nullptr);
    held = HeadOf(case_id);
    TakeCopy();
  }

  Bytes Record(const Handset& sender, const CommitParts& in_force) {
    return world.Record(in_force.card, sender, HeadOf(case_id));
  }

  // What a member's vault keeps: entries as received, and the newest signed head.
  void TakeCopy() {
    auto page = relay->reader().Read(nurse.Caller(), case_id, 0, 100);
    ASSERT_TRUE(page.ok() && *page && (*page)->complete);
    entries = std::move((*page)->entries);
    proof = (*page)->signed_head;
  }

  void Restore() {
    relay.reset();
    store.Restore(*backup);
    ASSERT_TRUE(Mark());
    Open();
  }
  bool Mark() {
    bool marked = false;
    store.Write(
        [](server::WriteTransaction& transaction) {
          static constexpr std::uint8_t kYes = 1;
          return transaction.PutMeta("restored", ByteView(&kYes, 1));
        },
        [&](const Status& status) { marked = status.ok(); });
    return marked;
  }

  server::GiveBackView At(const thread::Position& position) const {
    server::GiveBackView view;
    view.case_id = case_id;
    view.held_seq = position.seq;
    view.held_hash = position.hash;
    return view;
  }
  // With the entries first..last, the rest up to `held` as links.
  server::GiveBackView Giving(std::uint64_t first_seq, std::uint64_t last) const {
    server::GiveBackView view = At(held);
    view.proof = proof;
    view.envelopes = third.envelopes;
    for (const server::EntryRow& row : entries) {
      if (row.seq >= first_seq && row.seq <= last) {
        view.entries.push_back(
            {case_id, row.seq, row.kind, row.received_at, row.payload, row.hash});
      } else if (row.seq > last) {
        view.links.push_back({row.kind, row.received_at, Sha256(row.payload)});
      }
    }
    return view;
  }
  server::GiveBackView Giving() const { return Giving(backed_up.seq + 1, held.seq); }

  Result<server::GiveBackOutcome> GiveBack(const Handset& by, const server::GiveBackView& view) {
    return Await<server::GiveBackOutcome>([&](const server::Reply<server::GiveBackOutcome>& reply) {
      relay->returns().GiveBack(by.Caller(), view, reply);
    });
  }
  // Aborts the test's expectation with what came instead.
  server::Standing StandingAfter(const Handset& by, const server::GiveBackView& view) {
    const auto outcome = GiveBack(by, view);
    EXPECT_TRUE(outcome.ok()) << outcome.error().where();
    const auto* standing = outcome.ok() ? std::get_if<server::Standing>(&*outcome) : nullptr;
    EXPECT_NE(standing, nullptr) << (outcome.ok() ? outcome->index() : 9);
    return standing != nullptr ? *standing : server::Standing{};
  }
  void ExpectRefused(const Handset& by, const server::GiveBackView& view,
                     server::ReturnRefusal refusal) {
    const thread::Position before = HeadOf(case_id);
    const auto outcome = GiveBack(by, view);
    ASSERT_TRUE(outcome.ok()) << outcome.error().where();
    const auto* refused = std::get_if<server::ReturnRefusal>(&*outcome);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(*refused, refusal);
    EXPECT_EQ(HeadOf(case_id), before) << "a refusal changes nothing";
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  Handset& deputy = world.AddMember(clinic);
  Handset& stranger = world.AddMember(clinic);
  CommitParts first;
  CommitParts second;
  CommitParts third;
  CaseId case_id;
  std::shared_ptr<const MemoryStore::Content> backup;
  thread::Position backed_up;
  thread::Position held;
  Bytes record;
  std::vector<server::EntryRow> entries;
  Bytes proof;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_CORE_RETURNS_FIXTURE_H_
