// Writes the corpora of mls_group_process, mls_group_script and mls_group_state, and messages of a
// live group for the decoders:  mls_group_corpus DIR With --check first it compares instead: seeds
// made for other keys than the live group's end at the first signature. Exit 1 if one is missing or
// differs.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "crypto/mls/message.h"
#include "tests/fuzz/mls_live_group.h"

namespace {

namespace mls = renkei::mls;
namespace wire = renkei::wire;
using renkei::Bytes;
using renkei::ByteView;

bool check = false;
int differing = 0;

void Check(const std::filesystem::path& file, const std::string& wanted) {
  std::ifstream in(file, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (found != wanted) {
    std::printf("%s is out of date: write the corpus again\n", file.c_str());
    ++differing;
  }
}

void Write(const std::filesystem::path& directory, const char* name, const std::string& bytes) {
  if (check) {
    return Check(directory / name, bytes);
  }
  std::filesystem::create_directories(directory);
  std::ofstream(directory / name, std::ios::binary) << bytes;
}

void Write(const std::filesystem::path& directory, const char* name, std::uint8_t what,
           ByteView body) {
  Write(directory, name, std::string(1, static_cast<char>(what)) + renkei::ToString(body));
}

template <typename T>
void WriteValue(const std::filesystem::path& directory, const char* name, const T& value) {
  Write(directory, name, renkei::ToString(wire::Serialize(value)));
}

// What real members send, for the targets that decode one structure.
void WriteDecoders(const std::filesystem::path& corpus, renkei::fuzz::LiveGroup& live) {
  const auto inside = [](ByteView message) { return std::move(mls::ParseMessage(message)->value); };
  renkei::SeededRandom random(7);
  WriteValue(corpus / "key_package", "live",
             std::get<mls::KeyPackage>(inside(live.newcomer().message)));
  for (const bool with_tree : {false, true}) {
    WriteValue(corpus / "group_info", with_tree ? "live_with_tree" : "live",
               std::get<mls::GroupInfo>(inside(live.alice().MakeGroupInfo(with_tree, {}))));
  }
  Write(corpus / "ratchet_tree", "live", renkei::ToString(live.alice().ExportTree()));
  mls::Group bob = live.FreshBob();
  for (const bool with_path : {false, true}) {
    mls::CommitOptions options;
    options.add = {live.newcomer().message};
    options.force_path = with_path;
    const auto pending = bob.Commit(options, live.Env(), random);
    WriteValue(corpus / "welcome", with_path ? "live_with_path" : "live",
               std::get<mls::Welcome>(inside(*pending->welcome)));
    // A member that is not merged yet stands in the first of these trees.
    Write(corpus / "ratchet_tree", with_path ? "live_four" : "live_four_unmerged",
          renkei::ToString(pending->next.ExportTree()));
  }
}

// What gets all the way through without a path: Adds, PSKs, ReInit; by value, in private, by
// reference, from outside.
void WriteWithoutPath(const std::filesystem::path& directory, const mls::Commit& commit) {
  renkei::SeededRandom random(5);
  mls::Commit adds;
  mls::Commit psks;
  mls::Commit reinit;
  adds.proposals = {commit.proposals};
  std::erase_if(adds.proposals, [](const mls::ProposalOrRef& entry) {
    return std::get<mls::Proposal>(entry.value).type() != mls::ProposalType::kAdd;
  });
  for (const mls::PreSharedKeyId& id :
       {mls::Group::NewExternalPsk(renkei::fuzz::LiveGroup::PskId(), random),
        mls::Group::NewResumptionPsk(Bytes(32, 1), {1}, random)}) {
    psks.proposals.push_back({mls::Proposal{mls::PreSharedKey{id}}});
  }
  reinit.proposals = {{mls::Proposal{
      mls::ReInit{Bytes(32), mls::ProtocolVersion::kMls10, mls::CipherSuite{3}, {}}}}};
  for (const auto& [name, what] : {std::pair<std::string, const mls::Commit*>{"adds", &adds},
                                   {"psks", &psks},
                                   {"reinit", &reinit}}) {
    const Bytes bytes = wire::Serialize(*what);
    Write(directory, ("commit_" + name).c_str(), 2, bytes);
    Bytes padded(1, 5);
    padded.insert(padded.end(), bytes.begin(), bytes.end());
    Write(directory, ("private_" + name).c_str(), 7, padded);
    wire::Writer referring;
    referring.Vector([&, of = what] {
      for (const mls::ProposalOrRef& entry : of->proposals) {
        Encode(referring, std::get<mls::Proposal>(entry.value));
      }
    });
    Encode(referring, mls::Commit{});
    Write(directory, ("references_" + name).c_str(), 9, referring.view());
    for (const std::uint8_t index : std::initializer_list<std::uint8_t>{0, 1, 255}) {
      Bytes outside(1, index);
      const Bytes first = wire::Serialize(std::get<mls::Proposal>(what->proposals[0].value));
      outside.insert(outside.end(), first.begin(), first.end());
      Write(directory, ("outside" + std::to_string(index) + "_" + name).c_str(), 8, outside);
    }
  }
}

// Histories that meet every kind of step; found by thinking, not by chance.
void WriteScripts(const std::filesystem::path& directory) {
  const std::vector<std::pair<const char*, std::vector<std::uint8_t>>> scripts = {
      {"updates_and_psks", {0, 0x39, 0, 0, 0x92, 3, 1, 0x24, 9, 0, 0x98, 0, 1, 0xA1, 0}},
      {"adds_and_removes", {1, 0x40, 0, 1, 0x48, 0, 1, 0xC1, 1, 9, 0x49, 0, 2, 2, 7, 1, 0x41, 8}},
      {"from_outside", {4, 0, 0, 5, 1, 9, 1, 0x22, 0, 3, 0, 0, 3, 0x41, 5, 3, 0x20, 1, 2, 0, 0}},
      {"branch_and_reinit", {7, 0, 0, 7, 1, 0, 0, 0x30, 4, 1, 0x21, 0, 8, 1, 0, 2, 1, 0, 1, 0, 0}},
      {"skipped_messages", {2, 0x40, 0, 2, 0x40, 1, 2, 0, 200, 6, 0x81, 0, 2, 0, 0, 6, 1, 0}},
      {"another_reinit", {1, 0x48, 6, 8, 0, 0, 1, 1, 1, 2, 2, 2}},
  };
  for (const auto& [name, steps] : scripts) {
    Write(directory, name, steps.front(), ByteView(steps).subspan(1));
  }
}

void WriteProcess(const std::filesystem::path& directory, renkei::fuzz::LiveGroup& live) {
  Write(directory, "private_commit", 0, live.PrivateCommit());
  Write(directory, "application", 0, live.ApplicationMessage());
  const mls::Group bob = live.FreshBob();
  Write(directory, "public_commit", 0, live.FromAlice(live.AlicesCommit(), bob));
  const mls::Commit commit = live.AlicesCommit();
  // Bob takes it, path and all: so do inputs that are like it.
  RENKEI_CHECK(live.FreshBob().Process(live.FromAlice(commit, bob), live.Env()).ok());
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
  WriteWithoutPath(directory, commit);
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
  WriteScripts(corpus / "mls_group_script");
  WriteState(corpus / "mls_group_state", live);
  WriteDecoders(corpus, live);
  return differing == 0 ? 0 : 1;
}
