// The relay's core and store under as many threads as gRPC would bring, without gRPC: what
// ThreadSanitizer can see (tests/lint/tsan.supp says why it cannot see through gRPC), and what must
// hold whoever comes first (G4, G5).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <functional>
#include <future>
#include <set>
#include <thread>

#include "crypto/pki/pem.h"
#include "server/core/admission.h"
#include "server/core/relay.h"
#include "server/store/sqlite_store.h"
#include "tests/server/store/store_fixture.h"
#include "tests/support/relay_world.h"

namespace renkei::test {
namespace {

using server::PostOutcome;

constexpr int kMembers = 4;
constexpr int kRecordsEach = 40;

template <typename T, typename Call>
Result<T> Wait(const Call& call) {
  std::promise<Result<T>> got;
  call(server::Reply<T>([&](Result<T> result) { got.set_value(std::move(result)); }));
  return got.get_future().get();
}

struct Listener : server::WatchListener {
  void Wake() override { wakes.fetch_add(1); }
  void Cut(Why /*why*/) override { cut = true; }

  std::atomic<int> wakes = 0;
  std::atomic<bool> cut = false;
};

class ManyThreads : public ::testing::Test {
 protected:
  void SetUp() override {
    opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    Open();
    for (int i = 0; i < kMembers; ++i) {
      members.push_back(&world.AddMember(world.AddOffice("訪問看護ステーション（架空）")));
    }
    world.PublishAll(*relay);
    const CommitParts first = world.NewCase(*members[0]);
    case_id = first.card.card.case_id;
    ASSERT_TRUE(IsAccepted(Commit(*members[0], first, true)));
    in_force = world.NextCommit(first.card, *members[0], members);
    ASSERT_TRUE(IsAccepted(Commit(*members[0], in_force, false)));
  }
  void TearDown() override { relay.reset(); }
  // A restart: nothing is remembered from before.
  void Open() {
    relay.reset();
    auto made = server::Relay::Open(*opened.store, clock, world.random(), world.Identity());
    ASSERT_TRUE(made.ok());
    relay = std::move(*made);
  }
  // One thread for each member, all at once.
  void EachAtOnce(const std::function<void(std::size_t)>& act) const {
    std::barrier start(kMembers);
    std::vector<std::thread> threads;
    for (std::size_t m = 0; m < kMembers; ++m) {
      threads.emplace_back([&, m] {
        start.arrive_and_wait();
        act(m);
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }

  Result<PostOutcome> Commit(const Handset& by, const CommitParts& parts, bool is_new) {
    const server::CommitView view = parts.View();
    return Wait<PostOutcome>([&](const server::Reply<PostOutcome>& reply) {
      is_new ? relay->threads().Create(by.Caller(), view, reply)
             : relay->threads().Commit(by.Caller(), view, reply);
    });
  }
  static bool IsAccepted(const Result<PostOutcome>& outcome) {
    return outcome.ok() && std::holds_alternative<server::Accepted>(*outcome);
  }
  // Made beforehand: the world's randomness is for one thread.
  std::vector<Bytes> RecordsOf(const Handset& sender) {
    std::vector<Bytes> out;
    for (int i = 0; i < kRecordsEach; ++i) {
      out.push_back(world.Record(in_force.card, sender, thread::StartOf(case_id)));
    }
    return out;
  }
  Result<PostOutcome> Append(const Handset& by, ByteView record) {
    return Wait<PostOutcome>([&](const server::Reply<PostOutcome>& reply) {
      relay->threads().Append(by.Caller(), record, reply);
    });
  }
  std::vector<std::uint64_t> SeqsOf(const Handset& by) {
    std::vector<std::uint64_t> out;
    for (;;) {
      const auto page = relay->reader().Read(by.Caller(), case_id, out.size(), 64);
      EXPECT_TRUE(page.ok() && *page);
      for (const server::EntryRow& row : (*page)->entries) {
        out.push_back(row.seq);
      }
      if ((*page)->complete) {
        return out;
      }
    }
  }

  StoreFolder folder;
  ManualClock clock{kRegionStart + Days(30)};
  RelayWorld world{11};
  server::SqliteStore::Opened opened;
  std::unique_ptr<server::Relay> relay;
  std::vector<const Handset*> members;
  CommitParts in_force;
  CaseId case_id;
};

std::string NameOf(const Result<PostOutcome>& outcome) {
  return outcome.ok() ? std::string(server::OutcomeName(*outcome)) : outcome.error().where();
}

std::vector<std::uint64_t> UpTo(std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t seq = 1; seq <= last; ++seq) {
    out.push_back(seq);
  }
  return out;
}

TEST_F(ManyThreads, G5_EachRecordGetsItsOwnPlaceAndEverybodyWatchingSeesAllInOrder) {
  constexpr std::uint64_t kLast = 2 + kMembers * kRecordsEach;
  std::array<std::set<std::uint64_t>, kMembers> places;
  std::array<std::vector<std::uint64_t>, kMembers> seen;
  std::vector<std::thread> threads;
  for (std::size_t m = 0; m < kMembers; ++m) {
    threads.emplace_back([&, m, records = RecordsOf(*members[m])] {
      for (const Bytes& record : records) {
        const auto outcome = Append(*members[m], record);
        ASSERT_TRUE(IsAccepted(outcome));
        places[m].insert(std::get<server::Accepted>(*outcome).entry.at.seq);
        const auto again = Append(*members[m], record);
        EXPECT_TRUE(again.ok() && std::holds_alternative<server::Duplicate>(*again));
      }
    });
    threads.emplace_back([&, m] {
      const auto listener = std::make_shared<Listener>();
      const auto session = std::make_shared<server::WatchSession>(
          relay->store(), members[m]->Caller(), [] { return true; }, listener);
      relay->hub().Add(session);
      ASSERT_TRUE(session->Start({}).ok());
      while (seen[m].size() < kLast) {
        const int wakes = listener->wakes.load();
        const auto output = session->Next();
        ASSERT_TRUE(output.ok());
        for (const auto& item : output->entries) {
          seen[m].push_back(item.seq);
        }
        while (output->empty() && listener->wakes.load() == wakes) {
          std::this_thread::yield();
        }
      }
      relay->hub().Remove(*session);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::set<std::uint64_t> all;
  for (std::size_t m = 0; m < kMembers; ++m) {
    EXPECT_EQ(places[m].size(), static_cast<std::size_t>(kRecordsEach));
    all.insert(places[m].begin(), places[m].end());
    EXPECT_EQ(seen[m], UpTo(kLast));
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kMembers) * kRecordsEach);
  EXPECT_EQ(SeqsOf(*members[1]), UpTo(kLast));
}

TEST_F(ManyThreads, G3_OfCommitsForOneEpochExactlyOneIsTaken) {
  for (int round = 0; round < 20; ++round) {
    std::vector<CommitParts> rivals;
    for (const Handset* member : members) {
      rivals.push_back(world.NextCommit(in_force.card, *member, members));
    }
    Open();
    std::array<bool, kMembers> taken{};
    EachAtOnce([&](std::size_t m) {
      const auto outcome = Commit(*members[m], rivals[m], false);
      ASSERT_TRUE(outcome.ok());
      taken[m] = IsAccepted(outcome);
      EXPECT_TRUE(taken[m] || std::holds_alternative<server::Stale>(*outcome));
    });
    ASSERT_EQ(std::count(taken.begin(), taken.end(), true), 1);
    in_force = rivals[static_cast<std::size_t>(std::find(taken.begin(), taken.end(), true) -
                                               taken.begin())];
  }
}

TEST_F(ManyThreads, ReadersGetWholePagesWhileCasesChange) {
  Open();
  std::atomic<bool> done = false;
  std::thread committer([&] {
    for (int round = 0; round < 30; ++round) {
      const CommitParts next = world.NextCommit(in_force.card, *members[0], members);
      const auto outcome = Commit(*members[0], next, false);
      EXPECT_TRUE(IsAccepted(outcome)) << NameOf(outcome);
      in_force = next;
    }
    done = true;
  });
  EachAtOnce([&](std::size_t m) {
    while (!done) {
      const auto seqs = SeqsOf(*members[m]);
      EXPECT_EQ(seqs, UpTo(seqs.size()));
    }
  });
  committer.join();
  EXPECT_EQ(SeqsOf(*members[0]), UpTo(32));
}

TEST_F(ManyThreads, CallersComeAndGoWhileStreamsAreCutAndListsArePublished) {
  std::vector<Bytes> lists;
  for (std::uint64_t number = 1; number <= 10; ++number) {
    const auto list = pki::CreateCrl(
        members[0]->person->office->ca,
        {{members[0]->device.key.serial(), clock.Now(), pki::RevocationReason::kKeyCompromise}},
        number, clock.Now(), clock.Now() + Days(7));
    ASSERT_TRUE(list.ok());
    lists.push_back(list->der());
  }
  server::AdmissionLimits limits = server::NoLimits();
  limits.strangers.calls = {.per_second = 1, .burst = 100};
  server::Admission admission(limits);
  std::atomic<int> passed = 0;
  std::array<bool, kMembers> is_known_revoked{};
  EachAtOnce([&](std::size_t m) {
    const std::string chain = pki::ToPem(members[m]->TlsChain(world.region()));
    const std::string leaf = pki::ToPem(members[m]->device.tls.certificate);
    for (int i = 0; i < 50; ++i) {
      const auto credential = relay->callers().Authenticate(leaf, chain);
      ASSERT_TRUE(credential.ok());
      EXPECT_TRUE(relay->callers().StillValid(**credential));
      is_known_revoked[m] = relay->directory().IsRevoked(members[0]->device.key);
      passed += std::holds_alternative<server::Admission::Pass>(
                    admission.EnterStranger({}, {}, clock.Now()))
                    ? 1
                    : 0;
      if (m == 0 && i % 5 == 0) {
        const Bytes& list = lists[static_cast<std::size_t>(i) / 5];
        EXPECT_TRUE((Wait<server::RevocationOutcome>([&](const auto& reply) {
                      relay->directory().PublishRevocations(members[0]->Caller(), list, reply);
                    })).ok());
      }
      const auto listener = std::make_shared<Listener>();
      const auto session = std::make_shared<server::WatchSession>(
          relay->store(), (*credential)->caller, [] { return true; }, listener);
      relay->hub().Add(session);
      relay->hub().DirectoryChanged();
      relay->hub().CutInvalid();
      EXPECT_FALSE(listener->cut.load());
      relay->hub().Remove(*session);
    }
  });
  EXPECT_EQ(passed.load(), 100);
  EXPECT_EQ(relay->hub().size(), 0U);
  EXPECT_TRUE(is_known_revoked[0]);
}

}  // namespace
}  // namespace renkei::test
