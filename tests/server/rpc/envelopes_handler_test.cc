#include "server/rpc/envelopes_handler.h"

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
  for (const std::size_t size : {0, 15, 17}) {
    fetch.set_case_id(std::string(size, 'c'));
    packs.set_case_id(std::string(size, 'c'));
    EXPECT_EQ(Told(), "kMalformed") << size;
    EXPECT_EQ(ToldOfPacks(), "kMalformed") << size;
  }
  fetch.set_case_id(std::string(16, 'c'));
  packs.set_case_id(std::string(16, 'c'));
  for (const std::size_t size : {0, 31, 33}) {
    fetch.set_key_id(std::string(size, 'k'));
    packs.set_key_id(std::string(size, 'k'));
    EXPECT_EQ(Told(), "kMalformed") << size;
    EXPECT_EQ(ToldOfPacks(), "kMalformed") << size;
  }
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
