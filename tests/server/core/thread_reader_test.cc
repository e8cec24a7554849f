#include "server/core/thread_reader.h"

#include <set>

#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

// Who reads what: joining, leaving, coming back.
class Reading : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
  }
  void Begin(thread::History history) {
    const CommitParts first = world.NewCase(nurse, history);
    card = first.card;
    ASSERT_EQ(NameOf(Create(nurse, first)), "accepted");
    case_id = card.card.case_id;
  }
  void Members(const std::vector<const Handset*>& members) {
    const CommitParts next = world.NextCommit(card, nurse, members);
    ASSERT_EQ(NameOf(Commit(nurse, next)), "accepted");
    card = next.card;
  }
  void Post() {
    ASSERT_EQ(NameOf(Append(nurse, world.Record(card, nurse, HeadOf(case_id)))), "accepted");
  }
  // All sequence numbers that the reader gets, page by page.
  std::vector<std::uint64_t> SeqsOf(const Handset& reader, std::size_t page_size = 2) {
    std::vector<std::uint64_t> out;
    for (int i = 0; i < 100; ++i) {
      const auto page =
          relay->reader().Read(reader.Caller(), case_id, out.empty() ? 0 : out.back(), page_size);
      EXPECT_TRUE(page.ok());
      if (!page.ok() || !*page) {
        return out;
      }
      for (const server::EntryRow& row : (*page)->entries) {
        out.push_back(row.seq);
      }
      if ((*page)->complete) {
        const auto head = thread::VerifyHead((*page)->signed_head,
                                             world.Identity().signing_certificate.public_key());
        EXPECT_EQ(head->seq, out.empty() ? 0 : out.back());
        return out;
      }
    }
    ADD_FAILURE() << "never complete";
    return out;
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Office& clinic = world.AddOffice("医院（架空）", pki::InstitutionKind::kClinic);
  Handset& nurse = world.AddMember(station);
  Handset& doctor = world.AddMember(clinic);
  thread::SignedCard card;
  CaseId case_id;
};

using testing::ElementsAre;

TEST_F(Reading, NewcomerReadsEverythingWhereThePolicySaysSo) {
  Begin(thread::History::kAll);
  Post();
  Members({&nurse, &doctor});
  EXPECT_THAT(SeqsOf(doctor), ElementsAre(1, 2, 3));
}

TEST_F(Reading, NewcomerReadsFromJoiningOnWhereThePolicySaysSo) {
  Begin(thread::History::kNone);
  Post();
  Members({&nurse, &doctor});
  Post();
  EXPECT_THAT(SeqsOf(doctor), ElementsAre(3, 4));
  EXPECT_THAT(SeqsOf(nurse), ElementsAre(1, 2, 3, 4));
}

TEST_F(Reading, G6_WhoWasRemovedReadsUpToTheRemovalAndNoFurther) {
  Begin(thread::History::kAll);
  Members({&nurse, &doctor});
  Members({&nurse});
  Post();
  EXPECT_THAT(SeqsOf(doctor), ElementsAre(1, 2, 3));
  const auto list = relay->reader().List(doctor.Caller(), {});
  ASSERT_EQ(list->threads.size(), 1U);
  EXPECT_TRUE(list->complete);
  EXPECT_FALSE(list->threads[0].member);
  const auto head = thread::VerifyHead(list->threads[0].signed_head,
                                       world.Identity().signing_certificate.public_key());
  EXPECT_EQ(head->seq, 3U);
  EXPECT_FALSE(*relay->reader().GroupInfo(doctor.Caller(), case_id));
}

// Whoever adds somebody to a thousand cases of their own must not make the answer one that no
// client takes.
TEST_F(Reading, ThreadsAreListedInPages) {
  std::set<CaseId> made;
  for (std::size_t i = 0; i < server::kMaxListed + 3; ++i) {
    const CommitParts parts = world.NewCase(nurse);
    made.insert(parts.card.card.case_id);
    ASSERT_EQ(NameOf(Create(nurse, parts)), "accepted");
  }
  std::set<CaseId> listed;
  CaseId after;
  for (bool is_complete = false; !is_complete;) {
    const auto page = relay->reader().List(nurse.Caller(), after);
    ASSERT_TRUE(page.ok());
    ASSERT_FALSE(page->threads.empty());
    EXPECT_LE(page->threads.size(), server::kMaxListed);
    for (const server::ListedThread& thread : page->threads) {
      ASSERT_TRUE(listed.insert(thread.case_id).second) << "told twice";
    }
    after = page->threads.back().case_id;
    is_complete = page->complete;
  }
  EXPECT_EQ(listed, made);
}

TEST_F(Reading, WhoComesBackDoesNotReadWhatLayBetween) {
  Begin(thread::History::kNone);
  Members({&nurse, &doctor});  // 2
  Members({&nurse});           // 3
  Post();                      // 4
  Members({&nurse, &doctor});  // 5
  Post();                      // 6
  EXPECT_THAT(SeqsOf(doctor), ElementsAre(2, 3, 5, 6));
  EXPECT_THAT(SeqsOf(doctor, 500), ElementsAre(2, 3, 5, 6));
}

TEST_F(Reading, WhoComesBackReadsAllWhereThePolicySaysSo) {
  Begin(thread::History::kAll);
  Members({&nurse, &doctor});
  Members({&nurse});
  Post();
  Members({&nurse, &doctor});
  EXPECT_THAT(SeqsOf(doctor), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(Reading, EveryDeviceOfAMemberReads) {
  Begin(thread::History::kAll);
  Handset& tablet = world.AddHandset(*nurse.person);
  EXPECT_THAT(SeqsOf(tablet), ElementsAre(1));
  EXPECT_TRUE(*relay->reader().GroupInfo(tablet.Caller(), case_id));
}

TEST_F(Reading, G1_StrangerAndUnknownThreadAreNotToldApart) {
  Begin(thread::History::kAll);
  EXPECT_FALSE(*relay->reader().Read(doctor.Caller(), case_id, 0, 10));
  EXPECT_FALSE(*relay->reader().Read(doctor.Caller(), CaseId::Generate(world.random()), 0, 10));
  EXPECT_FALSE(*relay->reader().GroupInfo(doctor.Caller(), case_id));
}

TEST_F(Reading, SamePersonIdInAnotherInstitutionIsSomebodyElse) {
  Begin(thread::History::kAll);
  server::Caller twin = nurse.Caller();
  twin.person.institution = doctor.person->Ref().institution;
  EXPECT_FALSE(*relay->reader().Read(twin, case_id, 0, 10));
}

TEST_F(Reading, LimitOutOfRangeIsMalformed) {
  Begin(thread::History::kAll);
  for (const std::size_t limit : {std::size_t{0}, server::kMaxReadEntries + 1}) {
    const auto page = relay->reader().Read(nurse.Caller(), case_id, 0, limit);
    ASSERT_FALSE(page.ok());
    EXPECT_EQ(page.error().code(), Code::kMalformed);
  }
}

}  // namespace
}  // namespace renkei::test
