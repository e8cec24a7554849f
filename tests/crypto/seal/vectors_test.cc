// The vectors as files: made again they are the same, and what is in them opens.
#include "tests/crypto/seal/vectors.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "crypto/mls/hpke.h"
#include "crypto/seal/archive.h"
#include "crypto/seal/envelope.h"
#include "crypto/seal/invitation.h"
#include "crypto/seal/join_request.h"
#include "crypto/seal/link_package.h"
#include "crypto/seal/pack.h"
#include "crypto/seal/padding.h"
#include "crypto/seal/record.h"
#include "crypto/thread/chain.h"
#include "crypto/thread/deletion.h"
#include "crypto/thread/head.h"
#include "crypto/thread/leave.h"
#include "crypto/thread/link.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/succession.h"

namespace renkei::test {
namespace {

std::string ReadFile(const std::string& name) {
  std::ifstream in(std::string(RENKEI_SEAL_VECTORS_DIR) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Json Load(const std::string& name) {
  return Json::parse(ReadFile(name));
}

Bytes Get(const Json& json, const char* field) {
  return FromHex(json.at(field).get<std::string>()).value();
}

SecretBytes GetSecret(const Json& json, const char* field) {
  return SecretBytes::CopyOf(Get(json, field));
}

template <std::size_t N>
ByteArray<N> GetArray(const Json& json, const char* field) {
  return ToArray<N>(Get(json, field)).value();
}

seal::ArchiveKeyRef GetKey(const Json& json) {
  return {GetArray<32>(json, "key_id"), json.at("key_version").get<std::uint32_t>(),
          GetArray<32>(json, "public_key")};
}

// A red test here means that the format has changed: old threads would not open any more.
TEST(SealVectors, AreWhatThisVersionMakes) {
  for (const VectorFile& file : MakeVectors()) {
    EXPECT_EQ(ReadFile(file.name), Text(file)) << file.name;
  }
}

TEST(SealVectors, PaddingIsAsListed) {
  for (const Json& item : Load("padding.json")) {
    EXPECT_EQ(seal::PaddedSize(item.at("size").get<std::size_t>()),
              item.at("padded").get<std::size_t>());
  }
}

TEST(SealVectors, ThreadContinuesFromItsStart) {
  const Json json = Load("thread.json");
  const CaseId case_id{GetArray<16>(json, "case_id")};
  thread::Position at = thread::StartOf(case_id);
  EXPECT_EQ(ToBytes(at.hash), Get(json, "start_hash"));
  for (const Json& item : json.at("entries")) {
    const auto entry = thread::ParseEntry(Get(item, "thread_entry"));
    ASSERT_TRUE(entry.ok());
    EXPECT_EQ(entry->payload, Get(item, "payload"));
    const auto next = thread::CheckNext(case_id, at, entry->View());
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(ToBytes(next->hash), Get(item, "hash"));
    at = *next;
  }
  const auto head = thread::VerifyHead(Get(json, "signed_head"), Get(json, "relay_key"));
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->hash, at.hash);
  for (const Json& item : json.at("signed_heads")) {
    const auto in_batch =
        thread::VerifyHead(FromHex(item.get<std::string>()).value(), Get(json, "relay_key"));
    ASSERT_TRUE(in_batch.ok());
    EXPECT_TRUE(in_batch->seq == 0 || *in_batch == *head);
  }
  EXPECT_TRUE(thread::VerifyRelayNote(Get(json, "signed_relay_note"), Get(json, "relay_key")).ok());
  const auto closing = thread::ParseClosingNotice(Get(json, "signed_closing_notice"));
  ASSERT_TRUE(closing.ok());
  EXPECT_TRUE(thread::VerifyClosingNotice(*closing, Get(json, "sender_key")).ok());
  EXPECT_TRUE(thread::VerifyDeletionCertificate(Get(json, "signed_deletion_certificate"),
                                                Get(json, "relay_key"))
                  .ok());
}

TEST(SealVectors, CardsFollowEachOther) {
  const Json json = Load("cards.json");
  const auto link = thread::ParseSignedLink(Get(json, "signed_link"));
  ASSERT_TRUE(link.ok());
  thread::JudgedEvidence evidence;
  std::optional<thread::SignedCard> previous;
  for (const Json& item : json.at("cards")) {
    const auto card = thread::ParseSignedCard(Get(item, "signed_card"));
    ASSERT_TRUE(card.ok());
    EXPECT_EQ(card->card_bytes, Get(item, "card"));
    EXPECT_EQ(ToBytes(card->hash), Get(item, "card_hash"));
    EXPECT_TRUE(thread::VerifyCard(*card, Get(item, "signing_key")).ok());
    const thread::CardMember* committer =
        thread::FindMember(card->card, card->card.committer_device);
    const thread::Signer signer{committer->person, committer->device,
                                GetArray<32>(item, "signing_key"),
                                committer->signing_certificate_hash};
    if (!card->card.evidence.link.empty()) {
      evidence.link = link->link;
    }
    const auto next = thread::CommitPayloadFromParts(*card, Get(item, "commit"));
    ASSERT_TRUE(next.ok());
    EXPECT_TRUE(
        thread::JudgeSuccession(previous ? &*previous : nullptr, *next, signer, evidence).ok());
    previous = *card;
  }
}

TEST(SealVectors, RecordOpens) {
  const Json json = Load("record.json");
  const SecretBytes secret = GetSecret(json, "archive_secret");
  EXPECT_EQ(ToBytes(seal::EpochId(secret)), Get(json, "epoch_id"));
  EXPECT_EQ(ToBytes(seal::RecordKey(secret).Expose()), Get(json, "record_key"));
  const thread::Card card = thread::ParseCard(Get(json, "card")).value();
  const auto lookup = [&](const Hash32& hash) -> Result<thread::Signer> {
    return thread::Signer{card.members[0].person, card.members[0].device,
                          GetArray<32>(json, "signing_key"), hash};
  };
  const Bytes sealed = Get(json, "sealed_record");
  const auto opened = seal::OpenRecord(sealed, secret, card, lookup);
  ASSERT_TRUE(opened.ok()) << opened.error().where();
  EXPECT_EQ(ToBytes(opened->content.Expose()), Get(json, "content"));
  EXPECT_EQ(opened->kind, json.at("kind").get<std::uint32_t>());
  EXPECT_EQ(thread::RecordData(opened->header), Get(json, "associated_data"));
}

TEST(SealVectors, EnvelopeIsRecomputedAndOpens) {
  const Json json = Load("envelope.json");
  const auto envelope = thread::ParseEnvelope(Get(json, "envelope"));
  ASSERT_TRUE(envelope.ok());
  const SecretBytes secret = GetSecret(json, "archive_secret");
  const Json& to = json.at("to");
  EXPECT_TRUE(seal::CheckEnvelope(*envelope, secret, GetKey(to)).ok());
  const auto opened =
      seal::OpenEnvelope(*envelope, GetSecret(to, "private_key"), GetArray<32>(json, "epoch_id"));
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(Equal(*opened, secret));
}

TEST(SealVectors, PackOpens) {
  const Json json = Load("pack.json");
  std::map<thread::EpochRef, Hash32> epoch_ids;
  for (const Json& item : json.at("secrets")) {
    epoch_ids[{item.at("generation").get<std::uint32_t>(), item.at("epoch").get<std::uint64_t>()}] =
        GetArray<32>(item, "epoch_id");
  }
  const Bytes pack = Get(json, "pack");
  const auto opened = seal::OpenPack(pack, GetSecret(json.at("to"), "private_key"), epoch_ids);
  ASSERT_TRUE(opened.ok());
  for (std::size_t i = 0; i < opened->size(); ++i) {
    EXPECT_EQ(ToBytes((*opened)[i].archive_secret.Expose()),
              Get(json.at("secrets").at(i), "archive_secret"));
  }
  const auto notice = thread::ParsePackNotice(Get(json, "signed_notice"));
  ASSERT_TRUE(notice.ok());
  EXPECT_TRUE(thread::VerifyPackNotice(*notice, Get(json, "sender_key")).ok());
  EXPECT_TRUE(thread::MatchPack(pack, notice->notice).ok());
}

TEST(SealVectors, LinkPackageOpens) {
  const Json json = Load("link_package.json");
  const seal::LinkPackageParties parties{DeviceId{GetArray<16>(json, "linking_device")},
                                         DeviceId{GetArray<16>(json, "new_device")},
                                         GetArray<32>(json, "device_public_key")};
  const Bytes sealed = Get(json, "sealed_link_package");
  const auto opened =
      seal::OpenLinkPackage(sealed, parties, GetSecret(json, "device_private_key"), Sha256(sealed));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(ToBytes(opened->person_archive_keys[0].private_key.Expose()),
            Get(json, "archive_private_key"));
  EXPECT_EQ(ToBytes(opened->threads[0].hash), Get(json, "thread_hash"));
}

TEST(SealVectors, InvitationsAreRead) {
  for (const Json& item : Load("invitations.json")) {
    const auto read = seal::ParseInvitation(item.at("code").get<std::string>());
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(ToBytes(read->secret.Expose()), Get(item, "secret"));
    EXPECT_EQ(ToBytes(read->ticket.view()), Get(item, "ticket"));
    EXPECT_EQ(read->relay_address, item.at("relay_address").get<std::string>());
  }
}

TEST(SealVectors, JoinRequestsVerify) {
  const Json file = Load("join_requests.json");
  for (const Json& item : file.at("requests")) {
    const auto read =
        seal::VerifyJoinRequest(Get(item, "signed_join_request"), GetSecret(item, "secret"));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(static_cast<int>(read->purpose), item.at("purpose").get<int>());
  }
}

}  // namespace
}  // namespace renkei::test
