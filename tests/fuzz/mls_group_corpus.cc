// Writes the corpora of mls_group_process and mls_group_state:  mls_group_corpus DIR
// With --check first it compares instead: seeds made for other keys than the live group's end at
// the first signature. Exit 1 if one is missing or differs.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "crypto/mls/message.h"
#include "tests/fuzz/mls_live_group.h"

namespace {

namespace mls = renkei::mls;
namespace wire = renkei::wire;
using renkei::Bytes;
using renkei::ByteView;

bool check = false;
int differing = 0;

void Check(const std::filesystem::path& file, std::uint8_t what, ByteView body) {
  std::ifstream in(file, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string wanted = std::string(1, static_cast<char>(what)) + renkei::ToString(body);
  if (found != wanted) {
    std::printf("%s is out of date: write the corpus again\n", file.c_str());
    ++differing;
  }
}

void Write(const std::filesystem::path& directory, const char* name, std::uint8_t what,
           ByteView body) {
  if (check) {
    return Check(directory / name, what, body);
  }
  std::filesystem::create_directories(directory);
  std::ofstream out(directory / name, std::ios::binary);
  out.put(static_cast<char>(what));
  out << renkei::ToString(body);
}

void WriteProcess(const std::filesystem::path& directory, renkei::fuzz::LiveGroup& live) {
  Write(directory, "private_commit", 0, live.PrivateCommit());
  Write(directory, "application", 0, live.ApplicationMessage());
  Write(directory, "public_commit", 0, live.FromAlice(live.AlicesCommit()));
  const mls::Commit commit = live.AlicesCommit();
  Write(directory, "commit", 2, wire::Serialize(commit));
  for (const mls::ProposalOrRef& entry : commit.proposals) {
    const auto& proposal = std::get<mls::Proposal>(entry.value);
    const std::string name = "proposal" + std::to_string(static_cast<int>(proposal.type()));
    Write(directory, name.c_str(), 1, wire::Serialize(proposal));
  }
  Write(directory, "reinit", 1,
        wire::Serialize(mls::Proposal{
            mls::ReInit{Bytes(32), mls::ProtocolVersion::kMls10, mls::CipherSuite{3}, {}}}));
  Write(directory, "external_commit", 3, wire::Serialize(live.OutsidersCommit()));
  const mls::GroupInfo info = live.WithTree(live.alice().ExportTree());
  Write(directory, "group_info", 4, wire::Serialize(info));
  Write(directory, "tree", 5, live.alice().ExportTree());
  auto joining = live.NewcomersWelcome();
  wire::Writer welcome;
  welcome.Opaque(mls::SerializeGroupSecrets(joining.secrets).Expose());
  Encode(welcome, joining.info);
  Write(directory, "welcome", 6, welcome.view());
}

void WriteState(const std::filesystem::path& directory, renkei::fuzz::LiveGroup& live) {
  renkei::SeededRandom random(3);
  mls::Group bob = live.FreshBob();
  Write(directory, "group", 0, bob.Serialize().Expose());
  (void)bob.ProposeUpdate(nullptr, {}, random);
  (void)bob.Unprotect(live.ApplicationMessage());
  Write(directory, "group_with_update", 0, bob.Serialize().Expose());
  Write(directory, "pieces", 3, wire::Serialize(bob.Save(mls::SavedState()).changes));
  mls::CommitOptions options;
  options.add = {live.newcomer().message};
  const auto pending = live.FreshBob().Commit(options, live.Env(), random);
  Write(directory, "pending", 1, pending->Serialize().Expose());
  options.add.clear();
  options.reinit = mls::ReInit{Bytes(32), mls::ProtocolVersion::kMls10, mls::CipherSuite{3}, {}};
  options.publish.group_info = false;
  const auto reinit = live.FreshBob().Commit(options, live.Env(), random);
  Write(directory, "pending_reinit", 1, reinit->Serialize().Expose());
  Write(directory, "key_package", 2, live.newcomer().Serialize().Expose());
}

}  // namespace

int main(int argc, char** argv) {
  renkei::InitCrypto();
  check = argc == 3 && std::string(argv[1]) == "--check";
  if (argc != 2 && !check) {
    std::fprintf(stderr, "usage: %s [--check] DIR\n", argv[0]);
    return 2;
  }
  const std::filesystem::path corpus = argv[argc - 1];
  renkei::fuzz::LiveGroup live;
  WriteProcess(corpus / "mls_group_process", live);
  WriteState(corpus / "mls_group_state", live);
  return differing == 0 ? 0 : 1;
}
