// Groups under random operations: whatever happens, all members agree. RENKEI_SEED=n runs one seed,
// RENKEI_STEPS=n more steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "crypto/mls/group.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

using test::Agree;
using test::NameOf;
using test::World;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Client {
  std::string name;
  Group group;
  SavedState saved{};               // what the pieces below hold
  std::vector<StatePart> pieces{};  // as a vault would
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : world_(seed) {
    clients_.push_back({"m0", world_.Create("m0")});
    world_.psks.external[ToBytes("shared")] = world_.random.NextBytes(32);
  }

  void Step() {
    SendProposals();
    if (Roll(6) == 0) {
      ExternalCommit();
    } else {
      Commit();
    }
    Store();
    Chat();
    Check();
  }

 private:
  std::size_t Roll(std::size_t sides) {
    return static_cast<std::size_t>(world_.random.NextUint64() % sides);
  }
  std::size_t AnyClient() { return Roll(clients_.size()); }
  Handshake AnyHandshake() { return Roll(2) == 0 ? Handshake::kPublic : Handshake::kPrivate; }
  std::string NextName() { return "m" + std::to_string(++names_); }

  // Everybody but `from` takes the message; a bit flipped in it is refused first.
  void Deliver(const Bytes& message, std::size_t from) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (i == from) {
        continue;
      }
      Bytes broken = message;
      broken[Roll(broken.size())] ^= static_cast<std::uint8_t>(1U << Roll(8));
      const bool broken_passes = clients_[i].group.Process(broken, world_.Env()).ok();
      auto processed = clients_[i].group.Process(message, world_.Env());
      ASSERT_TRUE(processed.ok()) << clients_[i].name << ": " << processed.error().where();
      auto* staged = std::get_if<StagedCommit>(&*processed);
      // Whom an external commit replaces has no key for its confirmation tag, and nothing else
      // covers that.
      EXPECT_TRUE(!broken_passes || (staged != nullptr && staged->is_external && !staged->next));
      if (staged != nullptr) {
        if (staged->next.has_value()) {
          clients_[i].group = std::move(*staged->next);
        } else {
          gone_.push_back(i);
        }
      }
    }
  }

  void SendProposals() {
    for (std::size_t count = Roll(3); count > 0; --count) {
      const std::size_t from = AnyClient();
      MessageOptions options;
      options.handshake = AnyHandshake();
      Group& group = clients_[from].group;
      auto sent = Roll(2) == 0
                      ? group.ProposeUpdate(nullptr, options, world_.random)
                      : group.Propose(
                            {PreSharedKey{Group::NewExternalPsk(AsBytes("shared"), world_.random)}},
                            options, world_.Env(), world_.random);
      ASSERT_TRUE(sent.ok());
      Deliver(sent->message, from);
    }
  }

  // Proposals that `committer` can cover: not its own updates, one change for a leaf.
  void CoverProposals(std::size_t committer, CommitOptions& options) {
    std::vector<LeafIndex> changed = options.remove;
    for (const StoredProposal& stored : clients_[committer].group.Proposals()) {
      const LeafIndex sender = *stored.sender.member();
      if (std::holds_alternative<Update>(stored.proposal.value)) {
        if (sender == clients_[committer].group.own_leaf_index() ||
            std::find(changed.begin(), changed.end(), sender) != changed.end()) {
          continue;
        }
        changed.push_back(sender);
      }
      options.references.push_back(stored.ref);
    }
  }

  CommitOptions AnyCommit(std::size_t committer, std::vector<OwnKeyPackage>& added) {
    CommitOptions options;
    options.handshake = AnyHandshake();
    options.force_path = Roll(3) != 0;
    for (std::size_t count = clients_.size() < 24 ? Roll(4) : 0; count > 0; --count) {
      added.push_back(world_.KeyPackageFor(NextName()));
      options.add.push_back(added.back().message);
    }
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (i != committer && Roll(clients_.size() > 12 ? 4 : 12) == 0) {
        options.remove.push_back(clients_[i].group.own_leaf_index());
      }
    }
    if (Roll(8) == 0) {
      options.group_context_extensions =
          Extensions{MakeExtension(RequiredCapabilities{{}, {}, {CredentialType::kBasic}})};
    }
    CoverProposals(committer, options);
    return options;
  }

  void Commit() {
    const std::size_t loser = AnyClient();  // its commit comes too late and is dropped
    std::vector<OwnKeyPackage> unused;
    ASSERT_TRUE(
        clients_[loser].group.Commit(AnyCommit(loser, unused), world_.Env(), world_.random).ok());
    const std::size_t winner = AnyClient();
    std::vector<OwnKeyPackage> added;
    auto pending =
        clients_[winner].group.Commit(AnyCommit(winner, added), world_.Env(), world_.random);
    ASSERT_TRUE(pending.ok()) << pending.error().where();
    Deliver(pending->commit, winner);
    clients_[winner].group = std::move(pending->next);
    DropGone();
    for (const OwnKeyPackage& key_package : added) {
      auto joined = Group::JoinWelcome(*pending->welcome, key_package, {}, world_.Env());
      ASSERT_TRUE(joined.ok()) << joined.error().where();
      const LeafNode& leaf = *joined->Leaf(joined->own_leaf_index());
      clients_.push_back({NameOf(leaf), std::move(joined).value()});
    }
  }

  void ExternalCommit() {
    const Bytes info = clients_[AnyClient()].group.MakeGroupInfo(true, {});
    ExternalJoinOptions options;
    std::string name = NextName();
    if (Roll(2) == 0) {
      const Client& old = clients_[AnyClient()];
      options.resync = old.group.own_leaf_index();
      name = old.name;
    }
    auto pending =
        Group::ExternalJoin(info, world_.Leaf(name), options, world_.Env(), world_.random);
    ASSERT_TRUE(pending.ok()) << pending.error().where();
    Deliver(pending->commit, clients_.size());
    DropGone();
    clients_.push_back({name, std::move(pending->next)});
  }

  void DropGone() {
    std::sort(gone_.begin(), gone_.end());
    for (std::size_t i = gone_.size(); i > 0; --i) {
      clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(gone_[i - 1]));
    }
    gone_.clear();
  }

  void Store() {
    Client& client = clients_[AnyClient()];
    auto loaded = Group::Deserialize(client.group.Serialize().Expose());
    ASSERT_TRUE(loaded.ok()) << loaded.error().where();
    Group::Saving saving = client.group.Save(client.saved);
    Apply(std::move(saving.changes), client.pieces);
    client.saved = std::move(saving.after);
    auto pieced = Group::Load(client.pieces);
    ASSERT_TRUE(pieced.ok()) << pieced.error().where();
    ASSERT_TRUE(Equal(pieced->Serialize(), loaded->Serialize()));
    client.group = std::move(Roll(2) == 0 ? loaded : pieced).value();
  }

  void Chat() {
    const std::size_t from = AnyClient();
    const std::size_t to = AnyClient();
    auto message = clients_[from].group.Protect(AsBytes("hello"), {}, world_.random);
    ASSERT_TRUE(message.ok());
    if (from != to) {
      auto opened = clients_[to].group.Unprotect(*message);
      ASSERT_TRUE(opened.ok()) << opened.error().where();
      EXPECT_EQ(opened->sender, clients_[from].group.own_leaf_index());
    }
  }

  void Check() {
    for (const Client& client : clients_) {
      ASSERT_TRUE(Agree(clients_.front().group, client.group)) << client.name;
      ASSERT_EQ(NameOf(*client.group.Leaf(client.group.own_leaf_index())), client.name);
    }
    ASSERT_EQ(clients_.front().group.member_count(), clients_.size());
  }

  World world_;
  std::vector<Client> clients_;
  std::vector<std::size_t> gone_;
  int names_ = 0;
};

class RandomOperations : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomOperations, LeaveAllMembersInAgreement) {
  const std::uint64_t seed = FromEnvironment("RENKEI_SEED", GetParam());
  SCOPED_TRACE("RENKEI_SEED=" + std::to_string(seed));
  Simulation simulation(seed);
  const std::uint64_t steps = FromEnvironment("RENKEI_STEPS", 40);
  for (std::uint64_t step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    simulation.Step();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOperations, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace renkei::mls
