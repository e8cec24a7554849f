// The stores that implement server/core/store.h, side by side, and writes that wait.
#ifndef RENKEI_TESTS_SERVER_STORE_STORE_FIXTURE_H_
#define RENKEI_TESTS_SERVER_STORE_STORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "server/store/sqlite_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temp_folder.h"

namespace renkei::test {

// Where a store is made, and what else a test wants beside it.
class StoreFolder {
 public:
  std::filesystem::path store() const { return path() / "store"; }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TempFolder folder_{"renkei-store"};
};

inline Status WriteTo(server::Store& store, server::Store::Work work) {
  auto done = std::make_shared<std::promise<Status>>();
  store.Write(std::move(work), [done](const Status& status) { done->set_value(status); });
  return done->get_future().get();
}

// What `read(transaction)` gives, from a transaction of its own.
template <typename Read>
auto ReadFrom(server::Store& store, const Read& read) {
  using Value = std::decay_t<decltype(read(std::declval<server::ReadTransaction&>()).value())>;
  std::optional<Value> out;
  const Status status = store.Read([&](server::ReadTransaction& transaction) -> Status {
    RENKEI_ASSIGN(out, read(transaction));
    return Ok();
  });
  EXPECT_TRUE(status.ok());
  return out.value_or(Value{});
}

inline CaseId CaseOf(std::uint8_t n) {
  CaseId out;
  out.bytes.fill(n);
  return out;
}
inline server::PersonRef PersonOf(std::uint8_t n) {
  server::PersonRef out;
  out.institution.bytes.fill(0xA0);
  out.person.bytes.fill(n);
  return out;
}
inline DeviceId DeviceOf(std::uint8_t n) {
  DeviceId out;
  out.bytes.fill(n);
  return out;
}
inline Hash32 HashOf(std::uint8_t n) {
  Hash32 out{};
  out.fill(n);
  return out;
}
inline server::EntryKey KeyOf(std::uint8_t n) {
  server::EntryKey out{};
  out.fill(n);
  return out;
}

// Appends one entry to the case (made if need be): seq, hash and payload follow from the head.
inline Status AppendTo(server::WriteTransaction& transaction, const CaseId& case_id,
                       ByteView payload, const std::optional<server::EntryKey>& key = {}) {
  RENKEI_ASSIGN(std::optional<server::ThreadRow> row, transaction.FindThread(case_id));
  if (!row) {
    row = server::ThreadRow{case_id, thread::StartOf(case_id), {}, {}, 0};
  }
  thread::Position at{row->head.seq + 1, {}, {1000 + static_cast<std::int64_t>(row->head.seq)}};
  at.hash = thread::NextHash(row->head.hash, at.seq, thread::EntryKind::kRecord, at.received_at,
                             Sha256(payload));
  RENKEI_TRY(transaction.AddEntry(case_id, {at, thread::EntryKind::kRecord, payload, key}));
  row->head = at;
  return transaction.PutThread(*row);
}

// What every store must do (server/core/store.h): the same tests against each. They stand in the
// twins of the SQLite files, by what they are about.
class EveryStore : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = server::SqliteStore::Open(folder.store(), {});
    ASSERT_TRUE(opened.store) << opened.problem;
    store = std::move(opened.store);
  }
  Status Write(server::Store::Work work) { return WriteTo(*store, std::move(work)); }

  StoreFolder folder;
  std::unique_ptr<server::Store> store;
};
#define RENKEI_TEST_EVERY_STORE(suite)                                           \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, ::testing::Values("memory", "sqlite"), \
                           [](const auto& param) { return param.param; })

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SERVER_STORE_STORE_FIXTURE_H_
