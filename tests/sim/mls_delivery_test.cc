// Many members of one group on a network that loses, doubles, delays and reorders: all that commit
// at once but one lose, nobody stops, and all who are left agree on the epoch authenticator.
// RENKEI_SEED=n runs one seed, RENKEI_STEPS=n more steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/mls/group.h"
#include "tests/crypto/mls/support/world.h"

namespace renkei::mls {
namespace {

constexpr std::size_t kMostMembers = 24;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Said {
  Bytes message;
  Bytes content;
};

struct Client {
  Group group;
  std::size_t seen = 0;  // of the server's log
  std::optional<PendingCommit> pending{};
  std::vector<Bytes> pushed{};  // handshakes that came by themselves, in no order
  std::vector<Said> said{};     // application messages on their way
  bool gone = false;
};

// The delivery service: orders handshakes, takes one commit for each epoch, keeps all.
class Delivery {
 public:
  bool Offer(const Bytes& message, Epoch epoch, bool is_commit) {
    if (epoch != epoch_) {
      return false;
    }
    log_.push_back(message);
    epoch_.value += is_commit ? 1 : 0;
    return true;
  }
  const std::vector<Bytes>& log() const { return log_; }
  Epoch epoch() const { return epoch_; }

 private:
  std::vector<Bytes> log_;
  Epoch epoch_;
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : world_(seed) {
    clients_.push_back(std::make_unique<Client>(Client{world_.Create("m0")}));
    while (clients_.size() < 6) {
      TryCommit(*clients_.front());
      Sync(*clients_.front());
    }
  }

  void Step() {
    Client& client = Anybody();
    switch (Roll(8)) {
      case 0:
      case 1:
        return TryCommit(client);
      case 2:
        return Propose(client);
      case 3:
        return Say(client);
      case 4:
        return Sync(client);
      default:
        return TakeOne(client);
    }
  }

  void Finish() {
    for (const auto& client : clients_) {
      while (!client->gone && !client->pushed.empty()) {
        TakeOne(*client);
      }
      Sync(*client);
    }
    std::erase_if(clients_, [](const auto& client) { return client->gone; });
    const Group& first = clients_.front()->group;
    EXPECT_EQ(first.epoch(), server_.epoch());
    EXPECT_EQ(first.member_count(), clients_.size());
    for (const auto& client : clients_) {
      EXPECT_TRUE(test::Agree(first, client->group));
    }
    EXPECT_GT(lost_commits_, 0U);
    EXPECT_GT(read_, 0U);
  }

 private:
  std::size_t Roll(std::size_t sides) {
    return static_cast<std::size_t>(world_.random.NextUint64() % sides);
  }
  Client& Anybody() {
    Client* client = nullptr;
    do {
      client = clients_[Roll(clients_.size())].get();
    } while (client->gone);
    return *client;
  }
  Handshake AnyHandshake() { return Roll(2) == 0 ? Handshake::kPublic : Handshake::kPrivate; }

  // To everybody else, if the network is kind: lost, once, or twice.
  void Push(const Client& from, const Bytes& message) {
    for (const auto& client : clients_) {
      for (std::size_t copies = Roll(3); client.get() != &from && copies > 0; --copies) {
        client->pushed.push_back(message);
      }
    }
  }

  CommitOptions AnyCommit(Client& client, std::vector<OwnKeyPackage>& added) {
    CommitOptions options;
    options.handshake = AnyHandshake();
    if (clients_.size() < kMostMembers) {
      added.push_back(world_.KeyPackageFor("m" + std::to_string(++names_)));
      options.add = {added.back().message};
    }
    const auto members = client.group.Members();
    const LeafIndex other = members[Roll(members.size())].index;
    if (members.size() > 6 && other != client.group.own_leaf_index() && Roll(3) == 0) {
      options.remove = {other};
    }
    for (const StoredProposal& stored : client.group.Proposals()) {
      const LeafIndex sender = *stored.sender.member();
      const bool own = sender == client.group.own_leaf_index();
      if (std::holds_alternative<Update>(stored.proposal.value) && !own &&
          !(options.remove.size() == 1 && options.remove[0] == sender) &&
          covered_.insert(sender).second) {
        options.references.push_back(stored.ref);
      }
    }
    covered_.clear();
    return options;
  }

  // From whatever epoch the client is in; too late if that is over.
  void TryCommit(Client& client) {
    std::vector<OwnKeyPackage> added;
    const CommitOptions options = AnyCommit(client, added);
    auto pending = client.group.Commit(options, world_.Env(), world_.random);
    ASSERT_TRUE(pending.ok()) << pending.error().where();
    if (!server_.Offer(pending->commit, client.group.epoch(), true)) {
      ++lost_commits_;
      return;
    }
    Push(client, pending->commit);
    for (const OwnKeyPackage& key_package : added) {
      auto joined = Group::JoinWelcome(*pending->welcome, key_package, {}, world_.Env());
      ASSERT_TRUE(joined.ok()) << joined.error().where();
      clients_.push_back(
          std::make_unique<Client>(Client{std::move(joined).value(), server_.log().size()}));
    }
    client.pending = std::move(pending).value();
    if (Roll(2) == 0) {  // else the answer was lost, and the log tells later
      Sync(client);
    }
  }

  void Propose(Client& client) {
    MessageOptions options;
    options.handshake = AnyHandshake();
    const auto sent = client.group.ProposeUpdate(nullptr, options, world_.random);
    ASSERT_TRUE(sent.ok());
    if (server_.Offer(sent->message, client.group.epoch(), false)) {
      Push(client, sent->message);
    }
  }

  void Say(Client& client) {
    const Bytes content = world_.random.NextBytes(Roll(100));
    const auto message = client.group.Protect(content, {}, world_.random);
    if (!message.ok()) {
      EXPECT_EQ(message.error().code(), Code::kConflict);  // proposals wait (§12.4)
      return;
    }
    for (const auto& other : clients_) {
      if (other.get() != &client && !other->gone) {
        other->said.push_back({*message, content});
      }
    }
  }

  // One of the things that came, whichever.
  void TakeOne(Client& client) {
    if (!client.pushed.empty()) {
      const auto at =
          client.pushed.begin() + static_cast<std::ptrdiff_t>(Roll(client.pushed.size()));
      const Bytes message = *at;
      client.pushed.erase(at);
      Take(client, message);
    }
    if (!client.said.empty() && !client.gone) {
      const auto at = client.said.begin() + static_cast<std::ptrdiff_t>(Roll(client.said.size()));
      const Said said = *at;
      client.said.erase(at);
      Read(client, said);
    }
  }

  void Read(Client& client, const Said& said) {
    const auto opened = client.group.Unprotect(said.message);
    if (opened.ok()) {
      EXPECT_TRUE(Equal(opened->content.Expose(), said.content));
      ++read_;
    } else if (opened.error().code() == Code::kFutureEpoch) {
      client.said.push_back(said);
    } else {
      EXPECT_EQ(opened.error().code(), Code::kStaleEpoch) << opened.error().where();
    }
  }

  // A handshake from the log or by itself: what cannot be right for an honest group is a failure.
  void Take(Client& client, const Bytes& message) {
    if (client.pending.has_value() && client.pending->commit == message) {
      client.group = std::move(client.pending->next);
      client.pending.reset();
      return;
    }
    auto processed = client.group.Process(message, world_.Env());
    if (!processed.ok()) {
      const Code code = processed.error().code();
      EXPECT_TRUE(code == Code::kStaleEpoch || code == Code::kFutureEpoch ||
                  code == Code::kNotFound || code == Code::kUnsupported)
          << processed.error().where();
      return;
    }
    if (auto* staged = std::get_if<StagedCommit>(&*processed)) {
      client.pending.reset();  // somebody else's commit won
      if (!staged->next.has_value()) {
        client.gone = true;
        return;
      }
      client.group = std::move(*staged->next);
    }
  }

  void Sync(Client& client) {
    for (; client.seen < server_.log().size() && !client.gone; ++client.seen) {
      Take(client, server_.log()[client.seen]);
    }
    EXPECT_TRUE(client.gone || client.group.epoch() == server_.epoch());
  }

  test::World world_;
  Delivery server_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::set<LeafIndex> covered_;
  std::size_t names_ = 0;
  std::size_t lost_commits_ = 0;
  std::size_t read_ = 0;
};

class UnreliableDelivery : public testing::TestWithParam<std::uint64_t> {};

TEST_P(UnreliableDelivery, LeavesAllMembersInAgreement) {
  const std::uint64_t seed = FromEnvironment("RENKEI_SEED", GetParam());
  SCOPED_TRACE("RENKEI_SEED=" + std::to_string(seed));
  Simulation simulation(seed);
  const std::uint64_t steps = FromEnvironment("RENKEI_STEPS", 600);
  for (std::uint64_t step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    simulation.Step();
  }
  simulation.Finish();
}

INSTANTIATE_TEST_SUITE_P(Seeds, UnreliableDelivery, testing::Range<std::uint64_t>(1, 7));

}  // namespace
}  // namespace renkei::mls
