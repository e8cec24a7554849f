#include <algorithm>
#include <cstdio>

#include "server/core/entry_keys.h"
#include "tests/bench/relay/benches.h"
#include "tests/bench/relay/side_by_side.h"

namespace renkei::bench {
namespace {

constexpr std::size_t kThreads = 1000;
constexpr std::uint64_t kFirst = 10'000;
constexpr int kInFlight = 64;
// Of one thread in a row, and threads in one transaction: as a relay's busy hour leaves them.
constexpr std::size_t kInARow = 4;
constexpr std::size_t kThreadsAtOnce = 200;

// Adds `count` entries straight to the store, spread over the cases: as the core would have.
class Filler {
 public:
  Filler(std::vector<Case>& cases, const test::Handset& sender) : cases_(cases) {
    for (const Case& at : cases) {
      sources_.push_back(std::make_unique<RecordSource>(at, sender));
    }
  }

  void Fill(server::SqliteStore& store, std::uint64_t count) {
    while (count > 0) {
      const std::uint64_t some = std::min<std::uint64_t>(count, kInARow * kThreadsAtOnce);
      WriteNow(store, [&](server::WriteTransaction& transaction) -> Status {
        for (std::uint64_t left = some; left > 0; left -= std::min<std::uint64_t>(left, kInARow)) {
          RENKEI_TRY(AddRow(transaction, std::min<std::uint64_t>(left, kInARow)));
        }
        return Ok();
      });
      count -= some;
    }
  }
  std::vector<std::unique_ptr<RecordSource>>& sources() { return sources_; }

 private:
  Status AddRow(server::WriteTransaction& transaction, std::uint64_t count) {
    const std::size_t turn = turn_++ % cases_.size();
    RENKEI_ASSIGN(auto row, transaction.FindThread(cases_[turn].card.card.case_id));
    RENKEI_CHECK(row.has_value());
    for (; count > 0; --count) {
      const std::string record = sources_[turn]->Next();
      const ByteView payload = AsBytes(record);
      thread::Position at{row->head.seq + 1, {}, row->head.received_at};
      at.hash = thread::NextHash(row->head.hash, at.seq, thread::EntryKind::kRecord, at.received_at,
                                 Sha256(payload));
      const auto header = thread::ParseSealedRecord(payload).value().header;
      RENKEI_TRY(transaction.AddEntry(
          row->case_id, {at, thread::EntryKind::kRecord, payload, server::KeyOfRecord(header)}));
      row->head = at;
    }
    return transaction.PutThread(*row);
  }

  std::vector<Case>& cases_;
  std::vector<std::unique_ptr<RecordSource>> sources_;
  std::size_t turn_ = 0;
};

void Measure(const Options& options, Region& region, Filler& filler, const test::Handset& sender,
             std::uint64_t entries) {
  const auto begin = SteadyClock::now();
  SideBySide pair(region, sender, 1);
  const double start = std::chrono::duration<double>(SteadyClock::now() - begin).count();
  std::printf("{\"bench\":\"start_up\",\"entries\":%llu,\"store_mib\":%llu,\"seconds\":%.2f}\n",
              static_cast<unsigned long long>(entries),
              static_cast<unsigned long long>(region.StoreBytes() >> 20U), start);
  const Compared got = pair.Run(filler.sources(), kInFlight, options.seconds);
  const Side& append = got.append;
  const Side& empty = got.empty_call;
  std::printf(
      "{\"bench\":\"growth\",\"entries\":%llu,\"threads\":%zu,\"in_flight\":%d,\"per_s\":%.0f,"
      "\"empty_call_per_s\":%.0f,\"ratio\":%.3f,\"cpu_us\":%.1f,\"empty_call_cpu_us\":%.1f,"
      "\"cpu_ratio\":%.3f,\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n",
      static_cast<unsigned long long>(entries), kThreads, kInFlight, append.per_second,
      empty.per_second, append.per_second / empty.per_second, append.cpu_us, empty.cpu_us,
      empty.cpu_us / append.cpu_us, append.p50_ms, append.p99_ms);
  std::fflush(stdout);
}

}  // namespace

void BenchGrowth(const Options& options) {
  Region region(options.folder, options.relay);
  const auto members = region.AddMembers(2);
  std::vector<Case> cases;
  region.Prepare([&](server::Relay& relay, server::SqliteStore& /*store*/) {
    for (std::size_t i = 0; i < kThreads; ++i) {
      cases.push_back(region.BeginCase(relay, members));
    }
  });
  Filler filler(cases, *members.front());
  std::uint64_t entries = 2 * kThreads;  // each case's two commits
  for (std::uint64_t wanted = kFirst; wanted <= options.entries; wanted *= 10) {
    region.Prepare([&](server::Relay& /*relay*/, server::SqliteStore& store) {
      filler.Fill(store, wanted - entries);
    });
    Measure(options, region, filler, *members.front(), wanted);
    entries = wanted;  // those that were measured are few beside them
  }
}

}  // namespace renkei::bench
