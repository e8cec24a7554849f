// How long MLS operations take, from and to wire bytes. One JSON object a line:
//   {"impl":"renkei","tree":"flat|full|none","op":OP,"n":N,"ns_per_op":MEDIAN,"min_ns":..,"reps":..,
//    "bytes":..,"maxrss_kb":..}
//   mls_bench [--flat N,N...] [--full N,N...] [--min-ms MS]
// flat: all members added in one commit, parents blank. full: every leaf joined by a commit with a
// path of its own. Time is this process's processor time: nothing here waits, and other work on the
// machine does not count. bytes: what one operation made or took in. maxrss_kb: the most memory so
// far of a process that does this tree and size only. state_save_message and state_save_commit:
// saving what one changed.
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/random.h"
#include "crypto/mls/group.h"

namespace {

using renkei::AsBytes;
using renkei::Bytes;
using renkei::Millis;
using renkei::SecretBytes;
using renkei::Status;
namespace mls = renkei::mls;

constexpr std::size_t kMostMembers = 10'000;
constexpr mls::Lifetime kLifetime{1'600'000'000, 1'900'000'000};

class AcceptAll final : public mls::CredentialPolicy {
 public:
  Status Check(const mls::Credential&, renkei::ByteView, Millis) const override {
    return renkei::Ok();
  }
};

const AcceptAll policy;
const mls::Environment environment{policy, Millis{1'700'000'000'000}};
renkei::SystemRandom& Rng() {
  static renkei::SystemRandom random;
  return random;
}

struct Settings {
  std::vector<std::size_t> flat{2, 8, 32, 128, 512, 1000};
  std::vector<std::size_t> full{2, 8, 32, 128, 512, 1000};
  std::chrono::milliseconds min_time{200};
};

std::chrono::nanoseconds ProcessorTime() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class Report {
 public:
  Report(const char* tree, std::size_t members, std::chrono::milliseconds min_time)
      : tree_(tree), members_(members), min_time_(min_time) {}

  // Runs `op` until min_time has passed, at least thrice; `prepare` is not counted, but ends the
  // loop when it has taken ten times as long. `op` returns how many bytes it made.
  void Time(const char* name, const std::function<void()>& prepare,
            const std::function<std::size_t()>& op) const {
    std::vector<std::int64_t> times;
    std::size_t bytes = 0;
    std::chrono::nanoseconds total{0};
    const std::chrono::nanoseconds begin = ProcessorTime();
    while (times.size() < 3 || (total < min_time_ && times.size() < 100'000 &&
                                ProcessorTime() - begin < 11 * min_time_)) {
      prepare();
      const std::chrono::nanoseconds start = ProcessorTime();
      bytes = op();
      const std::chrono::nanoseconds took = ProcessorTime() - start;
      total += took;
      times.push_back(took.count());
    }
    std::sort(times.begin(), times.end());
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "{\"impl\":\"renkei\",\"tree\":\"%s\",\"op\":\"%s\",\"n\":%zu,\"ns_per_op\":%lld,"
        "\"min_ns\":%lld,\"reps\":%zu,\"bytes\":%zu,\"maxrss_kb\":%ld}\n",
        tree_, name, members_, static_cast<long long>(times[times.size() / 2]),
        static_cast<long long>(times.front()), times.size(), bytes, usage.ru_maxrss);
    std::fflush(stdout);
  }
  void Time(const char* name, const std::function<std::size_t()>& op) const {
    Time(
        name, [] {}, op);
  }

 private:
  const char* tree_;
  std::size_t members_;
  std::chrono::milliseconds min_time_;
};

mls::OwnLeaf MakeLeaf(std::size_t number) {
  mls::OwnLeaf leaf{renkei::SigningKey::Generate(Rng()), {}, mls::DefaultCapabilities(), {}};
  leaf.credential.value = mls::BasicCredential{renkei::ToBytes("member " + std::to_string(number))};
  return leaf;
}

mls::OwnKeyPackage MakeKeyPackage(std::size_t number) {
  return mls::CreateKeyPackage(MakeLeaf(number), {kLifetime, {}}, Rng()).value();
}

mls::Group MakeGroup() {
  return mls::Group::Create(MakeLeaf(0), {Rng().NextBytes(32), {}, kLifetime}, Rng()).value();
}

mls::CommitOptions NoGroupInfo() {
  mls::CommitOptions options;
  options.publish.group_info = false;
  return options;
}

// The next group after a commit, where the commit was ours or another's.
void Follow(mls::Group& group, const Bytes& commit) {
  auto processed = group.Process(commit, environment);
  group = std::move(*std::get<mls::StagedCommit>(*processed).next);
}

struct Pair {
  mls::Group sender;
  mls::Group receiver;
};

// Operations between two members of a group that exists.
void TimeGroup(const Report& report, Pair pair) {
  for (const auto handshake : {mls::Handshake::kPrivate, mls::Handshake::kPublic}) {
    const bool in_private = handshake == mls::Handshake::kPrivate;
    mls::CommitOptions options = NoGroupInfo();
    options.handshake = handshake;
    // A twin, because each private commit uses up a key of the sender's ratchet, and a receiver
    // would have to step over all of them.
    auto twin = mls::Group::Deserialize(pair.sender.Serialize().Expose()).value();
    report.Time(in_private ? "commit_path_create_private" : "commit_path_create_public",
                [&] { return twin.Commit(options, environment, Rng()).value().commit.size(); });
    const Bytes commit = pair.sender.Commit(options, environment, Rng()).value().commit;
    report.Time(in_private ? "commit_path_process_private" : "commit_path_process_public", [&] {
      auto processed = pair.receiver.Process(commit, environment);
      return std::get<mls::StagedCommit>(*processed).next.has_value() ? commit.size() : 0;
    });
  }
  const Bytes content(1024, 'x');
  Bytes message;
  auto twin = mls::Group::Deserialize(pair.sender.Serialize().Expose()).value();
  report.Time("app_protect_1k", [&] { return twin.Protect(content, {}, Rng()).value().size(); });
  report.Time(
      "app_unprotect_1k", [&] { message = pair.sender.Protect(content, {}, Rng()).value(); },
      [&] { return pair.receiver.Unprotect(message).value().content.size(); });
  report.Time("exporter_32",
              [&] { return pair.receiver.Export("label", AsBytes("context"), 32).size(); });
  SecretBytes stored;
  report.Time("state_save", [&] {
    stored = pair.receiver.Serialize();
    return stored.size();
  });
  report.Time("state_load",
              [&] { return mls::Group::Deserialize(stored.Expose()).ok() ? stored.size() : 0; });
  // What is written of it after one message, and after one commit.
  mls::SavedState saved = pair.receiver.AsSaved();
  const auto save_changes = [&] {
    auto saving = pair.receiver.Save(saved);
    saved = std::move(saving.after);
    return saving.changes.ValueBytes();
  };
  report.Time(
      "state_save_message",
      [&] {
        message = pair.sender.Protect(content, {}, Rng()).value();
        (void)pair.receiver.Unprotect(message).value();
      },
      save_changes);
  report.Time(
      "state_save_commit",
      [&] {
        auto pending = pair.sender.Commit(NoGroupInfo(), environment, Rng()).value();
        Follow(pair.receiver, pending.commit);
        pair.sender = std::move(pending.next);
      },
      save_changes);
}

void TimeFlat(std::size_t members, const Settings& settings) {
  const Report report("flat", members, settings.min_time);
  std::vector<mls::OwnKeyPackage> key_packages;
  mls::CommitOptions options = NoGroupInfo();
  for (std::size_t i = 1; i < members; ++i) {
    key_packages.push_back(MakeKeyPackage(i));
    options.add.push_back(key_packages.back().message);
  }
  std::optional<mls::PendingCommit> pending;
  std::optional<mls::Group> creator;
  for (const bool with_path : {true, false}) {
    options.force_path = with_path;
    report.Time(
        with_path ? "create_group_path" : "create_group", [] {},
        [&] {
          creator = MakeGroup();
          pending.emplace(creator->Commit(options, environment, Rng()).value());
          return pending->welcome->size();
        });
  }
  report.Time("welcome_join", [&] {
    return mls::Group::JoinWelcome(*pending->welcome, key_packages.back(), {}, environment).ok()
               ? pending->welcome->size()
               : 0;
  });
  auto last =
      mls::Group::JoinWelcome(*pending->welcome, key_packages.back(), {}, environment).value();
  TimeGroup(report, {std::move(pending->next), std::move(last)});
}

void TimeFull(std::size_t members, const Settings& settings) {
  mls::Group creator = MakeGroup();
  std::optional<mls::Group> last;
  for (std::size_t i = 1; i < members; ++i) {
    mls::ExternalJoinOptions options;
    options.publish.group_info = false;
    auto pending = mls::Group::ExternalJoin(creator.MakeGroupInfo(true, {}), MakeLeaf(i), options,
                                            environment, Rng());
    Follow(creator, pending->commit);
    last = std::move(pending->next);
  }
  auto own = creator.Commit(NoGroupInfo(), environment, Rng()).value();
  Follow(*last, own.commit);
  TimeGroup(Report("full", members, settings.min_time), {std::move(own.next), std::move(*last)});
}

// A whole number from `low` to `high` and what stands behind it; empty: none there.
std::optional<std::uint64_t> ParseNumber(const char*& at, std::uint64_t low, std::uint64_t high) {
  const char* end = at + std::strlen(at);
  std::uint64_t number = 0;
  const auto [next, error] = std::from_chars(at, end, number);
  at = next;
  const bool good = error == std::errc() && number >= low && number <= high;
  return good ? std::optional<std::uint64_t>(number) : std::nullopt;
}

// Sizes of groups; an empty text is none.
bool ParseSizes(const char* at, std::vector<std::size_t>& out) {
  out.clear();
  while (*at != '\0') {
    const auto number = ParseNumber(at, 2, kMostMembers);
    if (!number.has_value() || (*at != '\0' && *at != ',')) {
      return false;
    }
    out.push_back(*number);
    at += *at == ',' ? 1 : 0;
  }
  return true;
}

bool ParseOption(const char* name, const char* value, Settings& settings) {
  if (std::strcmp(name, "--flat") == 0) {
    return ParseSizes(value, settings.flat);
  }
  if (std::strcmp(name, "--full") == 0) {
    return ParseSizes(value, settings.full);
  }
  const auto number = ParseNumber(value, 0, 3'600'000);
  settings.min_time = std::chrono::milliseconds(number.value_or(0));
  return std::strcmp(name, "--min-ms") == 0 && number.has_value() && *value == '\0';
}

// Runs `work` in a process of its own; whether it went well.
bool Apart(const std::function<void()>& work) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    work();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
  renkei::InitCrypto();
  Settings settings;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc || !ParseOption(argv[i], argv[i + 1], settings)) {
      std::fprintf(stderr, "usage: %s [--flat N,N] [--full N,N] [--min-ms MS]  (N: 2 to %zu)\n",
                   argv[0], kMostMembers);
      return 2;
    }
  }
  bool good = Apart([&] {
    Report("none", 1, settings.min_time).Time("key_package_create", [] {
      return MakeKeyPackage(1).message.size();
    });
  });
  for (const std::size_t members : settings.flat) {
    good = Apart([&] { TimeFlat(members, settings); }) && good;
  }
  for (const std::size_t members : settings.full) {
    good = Apart([&] { TimeFull(members, settings); }) && good;
  }
  return good ? 0 : 1;
}
