#include "tests/soak/judge.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/crash/relay_process.h"
#include "tests/soak/scrape.h"

namespace renkei::soak {
namespace {

constexpr double kMib = 1024 * 1024;

// The last life begins in the morning's rush, so the noon break comes after the busiest hours have
// filled what fills: the allocator's arenas, gRPC's pools, SQLite's pages. The afternoon is as busy
// as the morning, and late in the evening fewer listen than ever. So nothing explains more
// memory at night than at noon, but for free pieces between what is held (glibc keeps an arena for
// each few threads, and what they leave between them goes on growing a little)
constexpr double kNoiseMib = 48;
// and for copies of the store that were not yet full at noon, because there was not so much to
// copy: the writer's pages (cache_size, server/store/store_files.cc) and the newest records
// (server/core/live_entries.h).
constexpr double kCachesMib = 64 + 32;
// A day of 200,000 records has some 110,000 between the two: what leaks 1 KiB of each shows with
// more than 100 MiB. A short day's leak is less than the noise, and is not found.
// A sanitizer's own memory counts for ten times the relay's.
#ifdef RENKEI_SOAK_NO_MEMORY
constexpr bool kIsJudged = false;
#else
constexpr bool kIsJudged = true;
#endif

// The log begins anew at 4,096 pages, at most at 16,384 (server/store/checkpointer.cc), of 4 KiB
// and a header each; one transaction more may come on top. A backup is a long read, during which it
// may grow as long as it must; the next time it begins anew it is cut to 64 MiB.
constexpr double kLogMib = 16384 * (4096.0 + 24) / kMib + 8;
constexpr double kAfterBackup = 1;  // hours, in which it may still be long

// A record's bytes are in the database once. Pages are filled to two thirds at worst, and each
// entry has its row, hash, key, and its share of the audit log beside it.
constexpr double kFilling = 1.5;
constexpr double kEachEntry = 1024;
constexpr double kEmpty = 1 * kMib;

// What is opened when it is first needed: descriptors of gRPC's pollers, and of whoever looks.
constexpr std::uint64_t kOpenedLater = 8;
constexpr int kMostLooks = 600;
constexpr auto kLook = std::chrono::milliseconds(100);

struct Level {
  double mib = 0;  // 0: nothing was seen
  double database_mib = 0;
  std::uint64_t records = 0;
};

// The lowest one of these hours. Anonymous memory: what is mapped from files the kernel keeps or
// not, as it likes.
Level LevelOf(const std::vector<Sample>& samples, int life, double from, double until) {
  Level out;
  for (const Sample& sample : samples) {
    if (sample.life != life || sample.hour < from || sample.hour > until) {
      continue;
    }
    out.records = sample.all;
    out.database_mib = static_cast<double>(sample.store.database_bytes) / kMib;
    out.mib =
        out.mib == 0 ? sample.use->anonymous_mib : std::min(out.mib, sample.use->anonymous_mib);
  }
  return out;
}

std::string Sentence(const char* format, double a, double b, double c, double d) {
  char text[512];
  (void)std::snprintf(text, sizeof(text), format, a, b, c, d);
  return text;
}

}  // namespace

std::string JudgeMemory(const std::vector<Sample>& samples) {
  const int life = samples.back().life;
  if (life == 0) {
    crash::Fail("the relay does not run at midnight");
  }
  const Level noon = LevelOf(samples, life, kNoonFrom, kNoonUntil);
  const Level night = LevelOf(samples, life, kNightFrom, kMidnight);
  const double allowed = kNoiseMib + std::min(kCachesMib, night.database_mib) -
                         std::min(kCachesMib, noon.database_mib);
  const double between = std::max(static_cast<double>(night.records - noon.records), 1.0);
  const double finds = allowed * kMib / between;
  // A machine that is too slow for the day may have no noon in the last life.
  const bool is_judged = kIsJudged && noon.mib > 0;
  if (is_judged && night.mib > noon.mib + allowed) {
    crash::Fail(
        Sentence("memory leaks: after the noon break the relay held %.1f MiB, late in the "
                 "evening %.1f MiB, which is more than %.1f MiB above it, %.0f records later",
                 noon.mib, night.mib, allowed, between));
  }
  return Sentence(
             "\"noon_mib\":%.1f,\"night_mib\":%.1f,\"allowed_more_mib\":%.1f,"
             "\"finds_leaks_of_bytes_per_record\":%.0f",
             noon.mib, night.mib, allowed, finds) +
         (is_judged ? "" : ",\"memory\":\"not judged\"");
}

std::string JudgeLog(const std::vector<Sample>& samples) {
  double most = 0;
  double most_with_backup = 0;
  double backup_at = -kMidnight;
  for (const Sample& sample : samples) {
    const double mib = static_cast<double>(sample.store.log_bytes) / kMib;
    backup_at = sample.backup ? sample.hour : backup_at;
    const bool is_long = sample.hour - backup_at < kAfterBackup;
    most = std::max(most, is_long ? 0 : mib);
    most_with_backup = std::max(most_with_backup, mib);
    if (!is_long && mib > kLogMib) {
      crash::Fail(
          Sentence("the write-ahead log is %.1f MiB long at %.1f o'clock, no backup being made: "
                   "more than %.1f MiB",
                   mib, sample.hour, kLogMib, 0));
    }
  }
  return Sentence("\"log_most_mib\":%.1f,\"log_most_with_backup_mib\":%.1f", most, most_with_backup,
                  0, 0);
}

std::string JudgeStore(std::uint64_t before, std::uint64_t after, const Tally& tally) {
  const auto entries = static_cast<double>(tally.records + tally.commits + tally.packs);
  const double grown = static_cast<double>(after) - static_cast<double>(before);
  const double given = static_cast<double>(tally.bytes);
  const double allowed = kEmpty + given * kFilling + entries * kEachEntry;
  if (grown > allowed) {
    crash::Fail(
        Sentence("the store grew by %.0f bytes an entry, of which %.0f had been given to it: "
                 "more than %.0f",
                 grown / entries, given / entries, allowed / entries, 0));
  }
  return Sentence(
      "\"store_bytes_per_entry\":%.0f,\"given_bytes_per_entry\":%.0f,"
      "\"allowed_bytes_per_entry\":%.0f",
      grown / entries, given / entries, allowed / entries, 0);
}

std::string JudgeDescriptors(const Door& door, std::uint64_t at_start) {
  const Life life = door.Look();
  std::uint64_t left = 0;
  double streams = 0;
  for (int looks = 0; looks < kMostLooks; ++looks) {
    const auto use = UseOf(life.pid);
    left = use ? use->descriptors : 0;
    streams = ValueIn(Scrape(life.metrics_port), "renkei_streams_open").value_or(-1);
    if (use && left <= at_start + kOpenedLater && streams == 0) {
      return Sentence("\"descriptors_at_start\":%.0f,\"descriptors_left\":%.0f",
                      static_cast<double>(at_start), static_cast<double>(left), 0, 0);
    }
    std::this_thread::sleep_for(kLook);
  }
  crash::Fail(
      Sentence("everybody has left for a minute, and the relay still has %.0f descriptors and "
               "%.0f streams open; it began with %.0f",
               static_cast<double>(left), streams, static_cast<double>(at_start), 0));
}

}  // namespace renkei::soak
