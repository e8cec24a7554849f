#include "server/core/thread_check.h"

#include <algorithm>

#include "crypto/thread/entry.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

using testing::HasSubstr;

// Reads of a sound store, with one row changed on the way.
class Tampered final : public server::ReadTransaction {
 public:
  explicit Tampered(server::ReadTransaction& base) : base_(base) {}

  std::function<void(server::ThreadRow&)> thread;
  std::function<void(server::EntryRow&)> entry;
  std::function<void(std::vector<server::Span>&)> spans;
  std::function<void(std::vector<server::EnvelopeRow>&)> envelopes;
  std::function<void(Bytes&)> group_info;
  std::function<void(std::optional<std::uint64_t>&)> key;
  std::function<void(std::optional<server::CertificateRow>&)> certificate;
  std::function<void(std::optional<server::AlertRow>&)> alert;
  std::uint64_t missing = 0;  // this entry is not there

  Result<std::optional<server::ThreadRow>> FindThread(const CaseId& c) override {
    RENKEI_ASSIGN(auto row, base_.FindThread(c));
    if (thread && row) {
      thread(*row);
    }
    return row;
  }
  Result<std::vector<server::EntryRow>> ReadEntries(const CaseId& c, std::uint64_t first,
                                                    std::uint64_t last, std::size_t entries,
                                                    std::size_t bytes) override {
    RENKEI_ASSIGN(auto rows, base_.ReadEntries(c, first, last, entries, bytes));
    std::erase_if(rows, [&](const server::EntryRow& row) { return row.seq == missing; });
    if (entry) {
      std::for_each(rows.begin(), rows.end(), entry);
    }
    return rows;
  }
  Result<std::vector<server::Span>> SpansOf(const CaseId& c, const server::PersonRef& p) override {
    RENKEI_ASSIGN(auto rows, base_.SpansOf(c, p));
    if (spans) {
      spans(rows);
    }
    return rows;
  }
  Result<std::vector<server::EnvelopeRow>> ReadEnvelopes(
      const CaseId& c, const Hash32& k, const std::optional<server::EpochRef>& after,
      std::size_t limit) override {
    RENKEI_ASSIGN(auto rows, base_.ReadEnvelopes(c, k, after, limit));
    if (envelopes) {
      envelopes(rows);
    }
    return rows;
  }
  Result<std::optional<Bytes>> FindGroupInfo(const CaseId& c) override {
    RENKEI_ASSIGN(auto info, base_.FindGroupInfo(c));
    if (group_info && info) {
      group_info(*info);
    }
    return info;
  }
  Result<std::optional<std::uint64_t>> FindEntryKey(const CaseId& c,
                                                    const server::EntryKey& k) override {
    RENKEI_ASSIGN(auto seq, base_.FindEntryKey(c, k));
    if (key) {
      key(seq);
    }
    return seq;
  }
  Result<std::optional<server::CertificateRow>> FindCertificate(const Hash32& f) override {
    RENKEI_ASSIGN(auto row, base_.FindCertificate(f));
    if (certificate) {
      certificate(row);
    }
    return row;
  }
  Result<std::optional<server::AlertRow>> FindAlert(const CaseId& c, std::uint64_t seq) override {
    RENKEI_ASSIGN(auto row, base_.FindAlert(c, seq));
    if (alert) {
      alert(row);
    }
    return row;
  }

  // What the walk does not ask for.
  Result<std::optional<server::EntryRow>> FindEntry(const CaseId&, std::uint64_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<Hash32>> EntryHash(const CaseId& c, std::uint64_t seq) override {
    return base_.EntryHash(c, seq);
  }
  Result<std::vector<std::pair<CaseId, server::Span>>> ThreadsOf(
      const server::PersonRef&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::PackRow>> ReadPacks(const CaseId& c, const Hash32& k,
                                                 std::uint64_t after, std::size_t n,
                                                 std::size_t bytes) override {
    return base_.ReadPacks(c, k, after, n, bytes);
  }
  Result<std::vector<server::MailRow>> ReadMail(const DeviceId&, std::uint64_t, std::size_t,
                                                std::size_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::CertificateRow>> FindIssuers(const pki::KeyId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<server::PersonRef>> DeviceOwner(const DeviceId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::DeviceCertificate>> DevicesOf(const server::PersonRef&,
                                                           pki::CertRole) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::DirectoryItem>> ReadDirectory(std::uint64_t, std::size_t,
                                                           std::size_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::uint64_t> DirectoryPosition() override { return Error(Code::kInternal, "test"); }
  Result<std::optional<server::RevocationRow>> FindRevocations(const pki::KeyId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::RevocationRow>> NewestRevocations() override {
    return Error(Code::kInternal, "test");
  }
  Result<std::size_t> CountKeyPackages(const DeviceId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<server::KeyPackageRow>> OldestKeyPackage(const DeviceId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<server::TicketRow>> FindTicket(const TicketId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::TicketRow>> WaitingTickets(const server::PersonRef&, Millis,
                                                        std::size_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::TicketRow>> LinkedTickets(const InstitutionId&, Millis,
                                                       std::size_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::size_t> CountTickets(const server::PersonRef&, Millis) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::AlertRow>> OpenAlerts() override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::AlertRow>> OpenAlertsOf(const server::PersonRef&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::size_t> CountOpenAlerts(const CaseId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::size_t> CountOpenAlertsOf(const DeviceId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::uint64_t> StoredBytes(server::UsageOf, const ByteArray<kIdBytes>&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::ThreadRow>> ClosedThreads(Millis) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<server::AnnouncementRow>> FindAnnouncement(const CaseId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<server::DeletionRow>> FindDeletion(const CaseId&) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::DeletionRow>> Deletions(const CaseId&, std::size_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<server::AuditRow>> LastAudit() override {
    return Error(Code::kInternal, "test");
  }
  Result<std::vector<server::AuditRow>> ReadAudit(std::uint64_t, std::size_t) override {
    return Error(Code::kInternal, "test");
  }
  Result<std::optional<Bytes>> FindMeta(const std::string&) override {
    return Error(Code::kInternal, "test");
  }

 private:
  server::ReadTransaction& base_;
};

// A case of a nurse, joined by a doctor, who leaves again; a record in each epoch.
class ThreadCheckTest : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    Office& office = world.AddOffice("office");
    nurse = &world.AddMember(office);
    doctor = &world.AddMember(office);
    PublishAll();
    CommitParts parts = world.NewCase(*nurse);
    case_id = parts.card.card.case_id;
    ASSERT_TRUE(ArmOf<server::Accepted>(Create(*nurse, parts)));
    Post(parts);
    for (const auto& members : {std::vector<const Handset*>{nurse, doctor}, {nurse}}) {
      parts = world.NextCommit(parts.card, *nurse, members);
      ASSERT_TRUE(ArmOf<server::Accepted>(Commit(*nurse, parts)));
      Post(parts);
    }
  }
  void Post(const CommitParts& parts) {
    ASSERT_TRUE(
        ArmOf<server::Accepted>(Append(*nurse, world.Record(parts.card, *nurse, HeadOf(case_id)))));
  }
  // What the walk says first, as "SEQ what"; "" if all is well.
  std::string First(const std::function<void(Tampered&)>& tamper) {
    std::string out;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      Tampered tampered(transaction);
                      tamper(tampered);
                      server::ThreadCheck check(tampered, case_id);
                      RENKEI_TRY(check.Run());
                      if (!check.findings().empty()) {
                        out = std::to_string(check.findings().front().seq) + " " +
                              check.findings().front().what;
                      }
                      entries = check.entries();
                      spans = check.expected_spans();
                      return Ok();
                    })
                    .ok());
    return out;
  }

  Handset* nurse = nullptr;
  Handset* doctor = nullptr;
  CaseId case_id;
  std::uint64_t entries = 0;
  std::size_t spans = 0;
};

TEST_F(ThreadCheckTest, SoundThreadHasNoFindings) {
  EXPECT_EQ(First([](Tampered&) {}), "");
  EXPECT_EQ(entries, 6U);
  EXPECT_EQ(spans, 2U);
}

TEST_F(ThreadCheckTest, ChangedPayloadTimeOrHashBreaksTheChainAtItsEntry) {
  EXPECT_THAT(First([](Tampered& t) {
                t.entry = [](server::EntryRow& row) { row.payload[5] ^= row.seq == 4 ? 1 : 0; };
              }),
              HasSubstr("4 the entry does not continue"));
  EXPECT_EQ(entries, 3U) << "nothing after the break is certain";
  EXPECT_THAT(First([](Tampered& t) {
                t.entry = [](server::EntryRow& row) { row.received_at.value += row.seq == 2; };
              }),
              HasSubstr("2 the entry does not continue"));
  EXPECT_THAT(First([](Tampered& t) {
                t.entry = [](server::EntryRow& row) { row.hash[0] ^= row.seq == 6 ? 1 : 0; };
              }),
              HasSubstr("6 the entry does not continue"));
}

TEST_F(ThreadCheckTest, MissingEntryIsNamed) {
  EXPECT_THAT(First([](Tampered& t) { t.missing = 3; }), HasSubstr("3 the entry is missing"));
  EXPECT_THAT(First([](Tampered& t) { t.missing = 6; }), HasSubstr("6 the entry is missing"));
}

TEST_F(ThreadCheckTest, HeadAndCardInForceMustBeThoseOfTheEntries) {
  EXPECT_THAT(
      First([](Tampered& t) { t.thread = [](server::ThreadRow& row) { row.head.hash[0] ^= 1; }; }),
      HasSubstr("the head is not the last entry"));
  EXPECT_THAT(
      First([](Tampered& t) { t.thread = [](server::ThreadRow& row) { row.head.seq = 5; }; }),
      HasSubstr("the head is not the last entry"));
  EXPECT_THAT(
      First([](Tampered& t) { t.thread = [](server::ThreadRow& row) { row.card_seq = 1; }; }),
      HasSubstr("card in force"));
  EXPECT_THAT(
      First([](Tampered& t) { t.thread = [](server::ThreadRow& row) { ++row.in_force.epoch; }; }),
      HasSubstr("card in force"));
  EXPECT_THAT(First([](Tampered& t) { t.group_info = [](Bytes& info) { info[0] ^= 1; }; }),
              HasSubstr("GroupInfo"));
}

TEST_F(ThreadCheckTest, WhetherItIsClosedMustFollowFromTheEntries) {
  const thread::Position head = HeadOf(case_id);
  const thread::ClosingNotice notice{
      case_id, {0, 2},     thread::ClosingAction::kClose, nurse->device.id, head.seq, head.hash,
      7,       clock.Now()};
  const Bytes bytes = thread::MakeClosingNotice(notice, nurse->device.signing.key).value();
  const auto outcome =
      Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
        relay->threads().AppendClosing(nurse->Caller(), bytes, reply);
      });
  ASSERT_EQ(NameOf(outcome), "accepted");
  EXPECT_EQ(First([](Tampered&) {}), "");
  EXPECT_EQ(entries, 7U);
  for (const auto change : {+[](server::ThreadRow& row) { row.closing = {}; },
                            +[](server::ThreadRow& row) { row.closing.keep_years = 1; },
                            +[](server::ThreadRow& row) { row.closing.counted_from = {1}; }}) {
    EXPECT_THAT(First([&](Tampered& t) { t.thread = change; }),
                HasSubstr("whether the case is closed"));
  }
}

TEST_F(ThreadCheckTest, SpansMustFollowFromTheCards) {
  EXPECT_THAT(First([](Tampered& t) {
                t.spans = [](std::vector<server::Span>& rows) { rows[0].last = std::nullopt; };
              }),
              HasSubstr("what a person may read"))
      << "whoever left must not read on";
  EXPECT_THAT(
      First([](Tampered& t) { t.spans = [](std::vector<server::Span>& rows) { rows.clear(); }; }),
      HasSubstr("what a person may read"));
}

TEST_F(ThreadCheckTest, EnvelopesKeysAndSignersMustBeThere) {
  EXPECT_THAT(First([](Tampered& t) {
                t.envelopes = [](std::vector<server::EnvelopeRow>& rows) { rows.clear(); };
              }),
              HasSubstr("1 an envelope of this epoch is missing"));
  EXPECT_THAT(First([](Tampered& t) {
                t.envelopes = [](std::vector<server::EnvelopeRow>& rows) {
                  rows[0].envelope.pop_back();
                };
              }),
              HasSubstr("1 an envelope of this epoch cannot be read"));
  EXPECT_THAT(First([](Tampered& t) {
                t.key = [](std::optional<std::uint64_t>& seq) { seq = std::nullopt; };
              }),
              HasSubstr("1 the key that tells a retry"));
  EXPECT_THAT(First([](Tampered& t) {
                t.certificate = [](std::optional<server::CertificateRow>& row) { row.reset(); };
              }),
              HasSubstr("1 the certificate of the card's signer"));
  EXPECT_THAT(First([&](Tampered& t) {
                const Bytes other = ToBytes(doctor->device.signing.certificate.der());
                t.certificate = [other](std::optional<server::CertificateRow>& row) {
                  row->der = other;
                };
              }),
              HasSubstr("1 the card is not signed by its committer"));
}

TEST_F(ThreadCheckTest, UnknownThreadIsNotFound) {
  case_id.bytes[0] ^= 1;
  EXPECT_TRUE(store
                  .Read([&](server::ReadTransaction& transaction) -> Status {
                    EXPECT_EQ(server::ThreadCheck(transaction, case_id).Run().error().code(),
                              Code::kNotFound);
                    return Ok();
                  })
                  .ok());
}

TEST_F(ThreadCheckTest, AnAlertsPlanMustBeTheOneThatItsRecordNames) {
  EXPECT_THAT(First([](Tampered& t) {
                t.alert = [](std::optional<server::AlertRow>& row) {
                  row = server::AlertRow{};
                  row->plan = ToBytes(AsBytes("another"));
                };
              }),
              HasSubstr("the alert's plan"));
}

}  // namespace
}  // namespace renkei::test
