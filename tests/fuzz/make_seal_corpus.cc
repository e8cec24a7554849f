// Writes the first corpus of the targets in thread.cmake and seal.cmake:  make_seal_corpus DIR
// Valid messages out of the vectors; what fuzzing finds is added beside them.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/seal/archive.h"
#include "crypto/thread/card.h"
#include "crypto/thread/encoding.h"
#include "crypto/thread/entry.h"
#include "tests/crypto/seal/vectors.h"

namespace {

using namespace renkei;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}

  void Add(const std::string& target, const std::string& name, ByteView bytes) const {
    std::filesystem::create_directories(root_ / target);
    std::ofstream out(root_ / target / name, std::ios::binary);
    out << AsText(bytes);
  }
  void AddHex(const std::string& target, const std::string& name, const test::Json& hex) const {
    Add(target, name, FromHex(hex.get<std::string>()).value());
  }

 private:
  std::filesystem::path root_;
};

void AddThread(const Corpus& corpus, const test::Json& json) {
  corpus.AddHex("signed_notice", "head", json.at("signed_head"));
  corpus.AddHex("signed_notice", "relay_note", json.at("signed_relay_note"));
  corpus.AddHex("signed_notice", "closing", json.at("signed_closing_notice"));
  corpus.AddHex("signed_notice", "deletion", json.at("signed_deletion_certificate"));
  for (const test::Json& entry : json.at("entries")) {
    corpus.AddHex("thread_entry", "entry" + entry.at("seq").dump(), entry.at("thread_entry"));
  }
}

void AddCards(const Corpus& corpus, const test::Json& json) {
  corpus.AddHex("link", "link", json.at("signed_link"));
  corpus.AddHex("signed_notice", "leave", json.at("signed_leave_request"));
  int number = 0;
  for (const test::Json& item : json.at("cards")) {
    const std::string name = "card" + std::to_string(number++);
    const Bytes bytes = FromHex(item.at("signed_card").get<std::string>()).value();
    const Bytes commit = FromHex(item.at("commit").get<std::string>()).value();
    const thread::SignedCard card = thread::ParseSignedCard(bytes).value();
    corpus.Add("signed_card", name, bytes);
    corpus.Add("commit_frame", name, commit);
    corpus.Add("commit_payload", name, thread::SerializeCommitPayload(card, commit).value());
    corpus.Add("case_policy", name, thread::SerializePolicy(card.card.policy));
  }
}

void AddArchive(const Corpus& corpus, const test::Json& pack) {
  corpus.AddHex("pack", "pack", pack.at("pack"));
  corpus.AddHex("signed_notice", "pack_notice", pack.at("signed_notice"));
  corpus.Add("sealed_content", "pack", thread::Encode([&](thread::FieldWriter& out) {
               for (const test::Json& secret : pack.at("secrets")) {
                 out.MessageItem(1, [&](thread::FieldWriter& item) {
                   item.U64(1, secret.at("generation").get<std::uint64_t>());
                   item.U64(2, secret.at("epoch").get<std::uint64_t>());
                   item.Blob(3, FromHex(secret.at("archive_secret").get<std::string>()).value());
                 });
               }
             }));
}

void AddLinkPackage(const Corpus& corpus, const test::Json& json) {
  const auto get = [&](const char* field) {
    return FromHex(json.at(field).get<std::string>()).value();
  };
  corpus.Add("sealed_content", "link_package", thread::Encode([&](thread::FieldWriter& out) {
               out.MessageItem(1, [&](thread::FieldWriter& key) {
                 key.U64(1, 1);
                 key.Blob(2, get("archive_private_key"));
                 key.Blob(3, get("archive_certificate"));
               });
               out.MessageItem(2, [&](thread::FieldWriter& position) {
                 position.Blob(1, get("new_device"));
                 position.U64(2, 17);
                 position.Blob(3, get("thread_hash"));
                 position.U64(5, 4);
                 position.Blob(6, get("thread_hash"));
               });
             }));
}

void AddJoining(const Corpus& corpus, const test::Json& invitations, const test::Json& requests) {
  for (const test::Json& item : invitations) {
    const std::string code = item.at("code").get<std::string>();
    corpus.Add("invitation", "purpose" + item.at("purpose").dump(), AsBytes(code));
  }
  for (const test::Json& item : requests.at("requests")) {
    corpus.AddHex("join_request", "purpose" + item.at("purpose").dump(),
                  item.at("signed_join_request"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  const Corpus corpus(argv[1]);
  test::Json all;
  for (const test::VectorFile& file : test::MakeVectors()) {
    all[file.name] = file.content;
  }
  AddThread(corpus, all.at("thread.json"));
  AddCards(corpus, all.at("cards.json"));
  corpus.AddHex("sealed_record", "record", all.at("record.json").at("sealed_record"));
  corpus.AddHex("envelope", "envelope", all.at("envelope.json").at("envelope"));
  AddArchive(corpus, all.at("pack.json"));
  AddLinkPackage(corpus, all.at("link_package.json"));
  AddJoining(corpus, all.at("invitations.json"), all.at("join_requests.json"));
  return 0;
}
