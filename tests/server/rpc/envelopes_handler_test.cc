#include "server/rpc/envelopes_handler.h"

#include "server/core/limits.h"
#include "tests/server/support/relay_fixture.h"

namespace renkei::test {
namespace {

namespace v1 = relay::v1;

class EnvelopesCalls : public RelayFixture {
 protected:
  void SetUp() override {
    RelayFixture::SetUp();
    PublishAll();
    handler = std::make_unique<server::EnvelopesHandler>(*relay);
    fetch.set_case_id(std::string(16, 'c'));
    fetch.set_key_id(ToString(nurse.person->archive.fingerprint()));
    fetch.set_from_start(true);
    packs.set_case_id(fetch.case_id());
    packs.set_key_id(fetch.key_id());
  }
  std::string Told() {
    const auto answer = Await<v1::FetchEnvelopesResponse>(
        [&](const auto& reply) { handler->Fetch(nurse.Caller(), fetch, reply); });
    return answer.ok() ? "ok" : CodeName(answer.error().code());
  }
  std::string ToldOfPacks() {
    const auto answer = Await<v1::FetchPacksResponse>(
        [&](const auto& reply) { handler->FetchPacks(nurse.Caller(), packs, reply); });
    return answer.ok() ? "ok" : CodeName(answer.error().code());
  }

  Office& station = world.AddOffice("訪問看護ステーション（架空）");
  Handset& nurse = world.AddMember(station);
  Handset& colleague = world.AddMember(station);
  std::unique_ptr<server::EnvelopesHandler> handler;
  v1::FetchEnvelopesRequest fetch;
  v1::FetchPacksRequest packs;
};

TEST_F(EnvelopesCalls, CaseWithoutEnvelopesHasNone) {
  EXPECT_EQ(Told(), "ok");
  EXPECT_EQ(ToldOfPacks(), "ok");
}

TEST_F(EnvelopesCalls, IdsOfAnotherLengthAreMalformed) {
  for (const std::size_t size : {0U, 15U, 17U}) {
    fetch.set_case_id(std::string(size, 'c'));
    packs.set_case_id(std::string(size, 'c'));
    EXPECT_EQ(Told(), "kMalformed") << size;
    EXPECT_EQ(ToldOfPacks(), "kMalformed") << size;
  }
  fetch.set_case_id(std::string(16, 'c'));
  packs.set_case_id(std::string(16, 'c'));
  for (const std::size_t size : {0U, 31U, 33U}) {
    fetch.set_key_id(std::string(size, 'k'));
    packs.set_key_id(std::string(size, 'k'));
    EXPECT_EQ(Told(), "kMalformed") << size;
    EXPECT_EQ(ToldOfPacks(), "kMalformed") << size;
  }
}

TEST_F(EnvelopesCalls, PacksComeInPages) {
  CaseId case_id;
  case_id.bytes.fill('c');
  constexpr std::uint64_t kPacks = server::kMaxPacks + 1;
  store.Write(
      [&](server::WriteTransaction& transaction) -> Status {
        for (std::uint64_t seq = 1; seq <= kPacks; ++seq) {
          RENKEI_TRY(transaction.AddPack(case_id, nurse.person->archive.fingerprint(), seq,
                                         AsBytes("pack " + std::to_string(seq))));
        }
        return Ok();
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  const auto fetch_packs = [&] {
    return Await<v1::FetchPacksResponse>(
               [&](const auto& reply) { handler->FetchPacks(nurse.Caller(), packs, reply); })
        .value();
  };
  const v1::FetchPacksResponse first = fetch_packs();
  EXPECT_EQ(first.packs_size(), static_cast<int>(server::kMaxPacks));
  EXPECT_TRUE(first.has_more());
  EXPECT_EQ(first.last(), server::kMaxPacks);
  packs.set_after(first.last());
  const v1::FetchPacksResponse second = fetch_packs();
  ASSERT_EQ(second.packs_size(), 1);
  EXPECT_EQ(second.packs(0), "pack 65");
  EXPECT_FALSE(second.has_more());
  packs.set_after(0);
  packs.set_max_bytes(1);
  const v1::FetchPacksResponse small = fetch_packs();
  EXPECT_EQ(small.packs_size(), 1);
  EXPECT_TRUE(small.has_more());
}

TEST_F(EnvelopesCalls, KeyOfSomebodyElseIsDenied) {
  fetch.set_key_id(ToString(colleague.person->archive.fingerprint()));
  packs.set_key_id(fetch.key_id());
  EXPECT_EQ(Told(), "kDenied");
  EXPECT_EQ(ToldOfPacks(), "kDenied");
}

TEST_F(EnvelopesCalls, DamagedEnvelopeIsToldAndEndsNothing) {
  CaseId case_id;
  case_id.bytes.fill('c');
  store.Write(
      [&](server::WriteTransaction& transaction) {
        return transaction.AddEnvelope(case_id, nurse.person->archive.fingerprint(),
                                       {{0, 1}, ToBytes("\xff\xff no envelope")});
      },
      [](const Status& status) { ASSERT_TRUE(status.ok()); });
  EXPECT_EQ(Told(), "kCorrupt");
}

}  // namespace
}  // namespace renkei::test
