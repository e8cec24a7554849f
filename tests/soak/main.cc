// A day's soak in fast motion: a region's 24 hours against the real relay, in some minutes.
//
//   relay_soak [--minutes M] [--records N] [--seed S] [--out FOLDER] [--relay PROGRAM]
//              [--dir FOLDER]
//
// Leaves soak.jsonl (a line for each ten minutes of the day) and soak.svg in --out. Ends with 1 and
// one sentence at the first thing that was promised and not kept, and leaves --dir as it is then.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <random>

#include "server/rpc/grpc_server.h"
#include "tests/bench/relay/process.h"
#include "tests/soak/commits.h"
#include "tests/soak/final_check.h"
#include "tests/soak/judge.h"
#include "tests/soak/operator.h"
#include "tests/soak/options.h"
#include "tests/soak/plot.h"
#include "tests/soak/shifts.h"
#include "tests/soak/visits.h"

namespace renkei::soak {
namespace {

constexpr std::uint64_t kRecordsACommit = 40;

void Draw(const Options& options, const std::vector<Sample>& samples,
          const std::vector<Event>& events) {
  char title[200];
  (void)std::snprintf(title, sizeof(title),
                      "renkei-relay: a day of %llu records in %g minutes, seed %llu",
                      static_cast<unsigned long long>(options.records), options.minutes,
                      static_cast<unsigned long long>(options.seed));
  std::ofstream(options.out / "soak.svg") << Svg(Plot(title, samples, events));
}

void Say(const Tally& tally, const std::string& judged) {
  const auto number = [](const std::atomic<std::uint64_t>& value) {
    return static_cast<unsigned long long>(value.load());
  };
  std::printf(
      "{\"records\":%llu,\"left_out\":%llu,\"commits\":%llu,\"packs\":%llu,\"alerts\":%llu,"
      "\"visits\":%llu,"
      "\"streams\":%llu,\"delivered\":%llu,\"rings\":%llu,\"duplicates\":%llu,\"mistakes\":%llu,"
      "\"unanswered\":%llu,%s,\"lost\":0}\n",
      number(tally.records), number(tally.left_out), number(tally.commits), number(tally.packs),
      number(tally.alerts), number(tally.visits), number(tally.streams), number(tally.delivered),
      number(tally.rings), number(tally.duplicates), number(tally.mistakes),
      number(tally.unanswered), judged.c_str());
}

// From midnight to midnight, with everybody in it. Where the desks stood then.
Positions PlayDay(const Options& options, const Scene& scene, Operator& op,
                  const std::filesystem::path& data, std::vector<Sample>& samples) {
  std::mt19937_64 seeds(options.seed);
  const Day day(options.minutes);
  Sampler sampler(day, scene.door, scene.tally, data, options.out / "soak.jsonl");
  Shifts shifts(scene, day);
  Visits visits(scene, day, options.records, seeds());
  Commits commits(scene, day, options.records / kRecordsACommit, seeds());
  op.Work(day, sampler);
  visits.Finish();
  commits.Finish();
  samples = sampler.Finish();
  return shifts.Finish();
}

void Run(const Options& options) {
  const std::filesystem::path data = options.folder / "relay";
  CareRegion region(data);
  Door door;
  Tally tally;
  const Scene scene{region, door, tally};
  const std::uint64_t empty = SizeOfStore(data).database_bytes;
  Operator op(options.relay, data, options.folder, region, door);
  op.Start();
  std::vector<Sample> samples;
  const Positions listened = PlayDay(options, scene, op, data, samples);
  Draw(options, samples, op.events());
  std::string judged = JudgeMemory(samples);
  judged += "," + JudgeLog(samples);
  const Positions ends = ReadEverything(scene, listened);
  judged += "," + JudgeDescriptors(door, op.descriptors_at_start());
  op.BackUp();
  op.Close();
  judged += "," + JudgeStore(empty, SizeOfStore(data).database_bytes, tally);
  CheckAudit(data, tally);
  CheckRestored(op.restored(), ends);
  Say(tally, judged);
}

int Main(int argc, char** argv) {
  CLI::App app("A day's soak in fast motion.");
  Options options;
  options.relay = RENKEI_RELAY_PROGRAM;
  options.folder =
      std::filesystem::temp_directory_path() / ("renkei-soak-" + std::to_string(getpid()));
  options.out = ".";
  options.seed = std::random_device()();
  app.add_option("--minutes", options.minutes, "real ones, of the day")
      ->check(CLI::Range(0.1, 1440.0));
  app.add_option("--records", options.records, "of the day")->check(CLI::Range(1000, 100'000'000));
  app.add_option("--seed", options.seed, "repeats a day, as far as threads allow");
  app.add_option("--out", options.out, "where soak.jsonl and soak.svg are left");
  app.add_option("--relay", options.relay, "another build of the relay");
  app.add_option("--dir", options.folder, "a folder on the disk to use; must not be there yet");
  CLI11_PARSE(app, argc, argv);
  if (std::filesystem::exists(options.folder)) {
    std::fprintf(stderr, "relay_soak: %s is there already\n", options.folder.c_str());
    return 2;
  }
  std::filesystem::create_directories(options.folder);
  std::filesystem::create_directories(options.out);
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  Run(options);
  std::error_code ignored;
  std::filesystem::remove_all(options.folder, ignored);
  return 0;
}

}  // namespace
}  // namespace renkei::soak

int main(int argc, char** argv) {
  renkei::server::RequireTls13();
  renkei::server::IgnoreLockOrder();
  renkei::bench::RaiseDescriptorLimit();
  renkei::InitCrypto();
  return renkei::soak::Main(argc, argv);
}
