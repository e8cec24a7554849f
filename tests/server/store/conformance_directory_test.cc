// The directory's, enrolment's and audit's part of what every store must do.
#include "tests/server/store/store_fixture.h"

namespace renkei::test {
namespace {

using server::ReadTransaction;
using server::Store;
using server::TicketRow;
using server::TicketState;
using server::WriteTransaction;

class EveryStoreToo : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
  }
  Status Write(Store::Work work) { return WriteTo(*store, std::move(work)); }
  static server::CertificateRow Certificate(std::uint8_t n, std::uint8_t person,
                                            std::uint8_t device,
                                            pki::CertRole role = pki::CertRole::kDeviceSigning) {
    server::CertificateRow row;
    row.fingerprint = HashOf(n);
    row.role = role;
    row.person = PersonOf(person);
    row.device = DeviceOf(device);
    row.subject_key_id.fill(n);
    row.institution_key.fill(0xCA);
    row.der = Bytes(50, n);
    return row;
  }
  void Add(const server::CertificateRow& row) {
    ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                  RENKEI_TRY(t.AddCertificate(row));
                  return Ok();
                }).ok());
  }

  StoreFolder folder;
  std::unique_ptr<Store> store;
};

TEST_P(EveryStoreToo, CertificateIsFoundByEverythingThatNamesIt) {
  const auto row = Certificate(1, 2, 3);
  Add(row);
  const auto found =
      ReadFrom(*store, [](ReadTransaction& t) { return t.FindCertificate(HashOf(1)); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->person, row.person);
  EXPECT_EQ(found->device, row.device);
  EXPECT_EQ(found->role, row.role);
  EXPECT_EQ(found->institution_key, row.institution_key);
  EXPECT_EQ(found->der, row.der);
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.DeviceOwner(DeviceOf(3)); }),
            PersonOf(2));
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.DeviceOwner(DeviceOf(4)); }));
  EXPECT_FALSE(ReadFrom(*store, [](ReadTransaction& t) { return t.FindCertificate(HashOf(9)); }));
}

TEST_P(EveryStoreToo, CertificateThatIsThereKeepsItsPosition) {
  std::uint64_t first = 0;
  std::uint64_t again = 0;
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_ASSIGN(first, t.AddCertificate(Certificate(1, 2, 3)));
                RENKEI_TRY(t.AddCertificate(Certificate(2, 2, 3)));
                RENKEI_ASSIGN(again, t.AddCertificate(Certificate(1, 2, 3)));
                return Ok();
              }).ok());
  EXPECT_EQ(first, again);
  EXPECT_EQ(
      ReadFrom(*store, [](ReadTransaction& t) { return t.ReadDirectory(0, 10, 10000); }).size(),
      2U);
}

TEST_P(EveryStoreToo, DevicesAreNamedWithTheirNewestCertificateOfTheRole) {
  Add(Certificate(1, 2, 3));
  Add(Certificate(2, 2, 3));
  Add(Certificate(3, 2, 3, pki::CertRole::kDeviceTls));
  Add(Certificate(4, 2, 4));
  Add(Certificate(5, 9, 5));
  const auto devices = ReadFrom(*store, [](ReadTransaction& t) {
    return t.DevicesOf(PersonOf(2), pki::CertRole::kDeviceSigning);
  });
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].device, DeviceOf(3));
  EXPECT_EQ(devices[0].fingerprint, HashOf(2));
  EXPECT_EQ(devices[1].fingerprint, HashOf(4));
}

TEST_P(EveryStoreToo, OnlyCaCertificatesAreIssuers) {
  auto ca = Certificate(1, 2, 3, pki::CertRole::kInstitution);
  auto leaf = Certificate(2, 2, 3);
  leaf.subject_key_id = ca.subject_key_id;
  Add(ca);
  Add(leaf);
  const auto issuers =
      ReadFrom(*store, [&](ReadTransaction& t) { return t.FindIssuers(ca.subject_key_id); });
  ASSERT_EQ(issuers.size(), 1U);
  EXPECT_EQ(issuers[0].fingerprint, ca.fingerprint);
}

TEST_P(EveryStoreToo, NewerRevocationListTakesThePlaceOfTheOlder) {
  pki::KeyId issuer{};
  issuer.fill(7);
  Add(Certificate(1, 2, 3));
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.AddRevocations({issuer, 1, Bytes{1}}));
                RENKEI_TRY(t.AddRevocations({issuer, 2, Bytes{2}}));
                return Ok();
              }).ok());
  const auto newest = ReadFrom(*store, [](ReadTransaction& t) { return t.NewestRevocations(); });
  ASSERT_EQ(newest.size(), 1U);
  EXPECT_EQ(newest[0].number, 2U);
  EXPECT_EQ(newest[0].der, Bytes{2});
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindRevocations(issuer); })->number,
            2U);
  const auto items =
      ReadFrom(*store, [](ReadTransaction& t) { return t.ReadDirectory(0, 10, 10000); });
  ASSERT_EQ(items.size(), 2U);
  EXPECT_FALSE(items[0].is_revocation_list);
  EXPECT_TRUE(items[1].is_revocation_list);
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.DirectoryPosition(); }),
            items[1].position);
  EXPECT_EQ(
      ReadFrom(*store,
               [&](ReadTransaction& t) { return t.ReadDirectory(items[0].position, 10, 10000); })
          .size(),
      1U);
}

TEST_P(EveryStoreToo, KeyPackagesComeOldestFirst) {
  ASSERT_TRUE(Write([](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.AddKeyPackage(DeviceOf(1), AsBytes("old")));
                RENKEI_TRY(t.AddKeyPackage(DeviceOf(2), AsBytes("other")));
                return t.AddKeyPackage(DeviceOf(1), AsBytes("new"));
              }).ok());
  const auto oldest = [&] {
    return *ReadFrom(*store, [](ReadTransaction& t) { return t.OldestKeyPackage(DeviceOf(1)); });
  };
  const auto count = [&] {
    return ReadFrom(*store, [](ReadTransaction& t) { return t.CountKeyPackages(DeviceOf(1)); });
  };
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(oldest().key_package, ToBytes("old"));
  const std::uint64_t old = oldest().id;
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.DeleteKeyPackage(old); }).ok());
  EXPECT_EQ(count(), 1U);
  const std::uint64_t last = oldest().id;
  EXPECT_FALSE(oldest().handed_out);
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.MarkKeyPackageHandedOut(last); }).ok());
  EXPECT_TRUE(oldest().handed_out);
}

TicketRow Ticket(std::uint8_t n, std::uint8_t purpose, TicketState state) {
  TicketRow row;
  row.ticket.bytes.fill(n);
  row.purpose = purpose;
  row.creator = PersonOf(1);
  row.creator_device = DeviceOf(1);
  row.expires_at = {1000};
  row.state = state;
  row.signed_request = ToBytes("request");
  row.signed_link = ToBytes("link");
  row.sealed_package = Bytes(100, 1);
  row.certificates = {Bytes{1, 2, 3}, Bytes{}, Bytes{4}};
  row.chain = {Bytes(300, 5)};
  return row;
}

TEST_P(EveryStoreToo, TicketsComeBackAsTheyWent) {
  const TicketRow row = Ticket(1, 2, TicketState::kRequested);
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutTicket(row); }).ok());
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindTicket(row.ticket); }), row);
  TicketRow changed = row;
  changed.state = TicketState::kApproved;
  changed.certificates.clear();
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.PutTicket(changed); }).ok());
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.FindTicket(row.ticket); }),
            changed);
}

TEST_P(EveryStoreToo, WaitingTicketsAreTheRequestedAndLinkedOnesThatHaveTime) {
  ASSERT_TRUE(Write([&](WriteTransaction& t) -> Status {
                RENKEI_TRY(t.PutTicket(Ticket(9, 3, TicketState::kRequested)));
                RENKEI_TRY(t.PutTicket(Ticket(2, 3, TicketState::kLinked)));
                RENKEI_TRY(t.PutTicket(Ticket(3, 2, TicketState::kOpen)));
                return t.PutTicket(Ticket(4, 2, TicketState::kApproved));
              }).ok());
  const auto waiting = [&](Millis now) {
    return ReadFrom(*store,
                    [&](ReadTransaction& t) { return t.WaitingTickets(PersonOf(1), now, 10); });
  };
  ASSERT_EQ(waiting({999}).size(), 2U);
  EXPECT_EQ(waiting({999})[0].ticket.bytes[0], 9) << "the oldest first";
  EXPECT_TRUE(waiting({1000}).empty());
  const auto linked = ReadFrom(*store, [&](ReadTransaction& t) {
    return t.LinkedTickets(PersonOf(1).institution, {0}, 10);
  });
  ASSERT_EQ(linked.size(), 1U);
  EXPECT_EQ(linked[0].ticket.bytes[0], 2);
  EXPECT_EQ(ReadFrom(*store, [&](ReadTransaction& t) { return t.CountTickets(PersonOf(1), {0}); }),
            3U);
  ASSERT_TRUE(Write([](WriteTransaction& t) { return t.DeleteTicketsExpiredBefore({1001}); }).ok());
  EXPECT_TRUE(waiting({0}).empty());
}

TEST_P(EveryStoreToo, AuditRowsComeBackAsTheyWent) {
  server::AuditRow row{1, {77}, PersonOf(1), DeviceOf(2), "action", "outcome", {}, HashOf(3)};
  row.subject.fill(4);
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.AddAudit(row); }).ok());
  row.seq = 2;
  ASSERT_TRUE(Write([&](WriteTransaction& t) { return t.AddAudit(row); }).ok());
  const auto last = ReadFrom(*store, [](ReadTransaction& t) { return t.LastAudit(); });
  ASSERT_TRUE(last);
  EXPECT_EQ(last->seq, 2U);
  EXPECT_EQ(last->action, "action");
  EXPECT_EQ(last->subject, row.subject);
  const auto rows = ReadFrom(*store, [](ReadTransaction& t) { return t.ReadAudit(0, 10); });
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at, Millis{77});
  EXPECT_EQ(rows[0].hash, HashOf(3));
  EXPECT_EQ(Write([&](WriteTransaction& t) { return t.AddAudit(row); }).error().code(),
            Code::kConflict);
}

TEST_P(EveryStoreToo, MetaIsReplaced) {
  ASSERT_TRUE(Write([](WriteTransaction& t) { return t.PutMeta("a", AsBytes("1")); }).ok());
  ASSERT_TRUE(Write([](WriteTransaction& t) { return t.PutMeta("a", AsBytes("")); }).ok());
  EXPECT_EQ(ReadFrom(*store, [](ReadTransaction& t) { return t.FindMeta("a"); }), Bytes{});
}

INSTANTIATE_TEST_SUITE_P(Stores, EveryStoreToo, ::testing::Values("memory", "sqlite"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace renkei::test
