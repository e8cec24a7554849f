// A relay's core over the store in memory, with a clock that stands still, and calls that wait for
// their reply.
#ifndef RENKEI_TESTS_SERVER_SUPPORT_RELAY_FIXTURE_H_
#define RENKEI_TESTS_SERVER_SUPPORT_RELAY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_store.h"
#include "tests/support/relay_world.h"

namespace renkei::test {

// Runs `call(reply)` and gives back what the reply was called with, exactly once.
template <typename T, typename Call>
Result<T> Await(const Call& call) {
  std::optional<Result<T>> got;
  call(server::Reply<T>([&](Result<T> result) {
    EXPECT_FALSE(got.has_value()) << "replied twice";
    got = std::move(result);
  }));
  EXPECT_TRUE(got.has_value()) << "no reply";
  return got ? std::move(*got) : Result<T>(Error(Code::kInternal, "no reply"));
}

class RelayFixture : public ::testing::Test {
 protected:
  RelayFixture() : clock(kRegionStart + Days(30)) {}

  void SetUp() override { Open(); }
  // Opens a relay over the store as it is: a restart.
  void Open() {
    relay.reset();
    auto opened =
        server::Relay::Open(store, clock, world.random(), world.Identity(), nullptr, limits);
    ASSERT_TRUE(opened.ok()) << opened.error().where();
    relay = std::move(*opened);
  }
  void PublishAll() { world.PublishAll(*relay); }

  Result<server::PostOutcome> Create(const Handset& by, const CommitParts& parts) {
    const server::CommitView view = parts.View();
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->threads().Create(by.Caller(), view, reply);
    });
  }
  Result<server::PostOutcome> Commit(const Handset& by, const CommitParts& parts) {
    const server::CommitView view = parts.View();
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->threads().Commit(by.Caller(), view, reply);
    });
  }
  Result<server::PostOutcome> Append(const Handset& by, ByteView record) {
    return Await<server::PostOutcome>([&](const server::Reply<server::PostOutcome>& reply) {
      relay->threads().Append(by.Caller(), record, reply);
    });
  }
  thread::Position HeadOf(const CaseId& case_id) {
    thread::Position head;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto row, transaction.FindThread(case_id));
                      head = row ? row->head : thread::StartOf(case_id);
                      return Ok();
                    })
                    .ok());
    return head;
  }

  // Whether the audit log has such a row of this device.
  bool IsAudited(const Handset& by, std::string_view action, std::string_view outcome) {
    bool found = false;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(const auto rows, transaction.ReadAudit(0, 10000));
                      for (const server::AuditRow& row : rows) {
                        found = found || (row.device == by.device.id && row.action == action &&
                                          row.outcome == outcome);
                      }
                      return Ok();
                    })
                    .ok());
    return found;
  }

  // What a device and an institution have in the store.
  std::uint64_t StoredBy(const Handset& by) {
    return Stored(server::UsageOf::kDevice, by.device.id.bytes);
  }
  std::uint64_t StoredByOffice(const Handset& by) {
    return Stored(server::UsageOf::kInstitution, by.person->Ref().institution.bytes);
  }
  std::uint64_t Stored(server::UsageOf whose, const ByteArray<kIdBytes>& id) {
    std::uint64_t out = 0;
    EXPECT_TRUE(store
                    .Read([&](server::ReadTransaction& transaction) -> Status {
                      RENKEI_ASSIGN(out, transaction.StoredBytes(whose, id));
                      return Ok();
                    })
                    .ok());
    return out;
  }

  server::StoredLimits limits;  // for the next Open
  ManualClock clock;
  RelayWorld world{7};
  MemoryStore store;
  std::unique_ptr<server::Relay> relay;
};

template <typename Arm>
const Arm* ArmOf(const Result<server::PostOutcome>& outcome) {
  return outcome.ok() ? std::get_if<Arm>(&*outcome) : nullptr;
}

inline std::string NameOf(const Result<server::PostOutcome>& outcome) {
  return outcome.ok() ? std::string(server::OutcomeName(*outcome))
                      : std::string("error ") + CodeName(outcome.error().code()) + " " +
                            outcome.error().where();
}

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_SUPPORT_RELAY_FIXTURE_H_
