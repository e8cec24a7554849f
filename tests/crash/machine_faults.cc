// Faults of the machine under a relay that runs: disks and the clock.
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/crash/play.h"

namespace renkei::crash {
namespace {

constexpr const char* kDiskSize = "size=96m,mode=0700";
constexpr int kMostPauses = 1000;  // of 10 ms, until something was refused

void Skip(const char* kind, const char* why) {
  std::printf("{\"fault\":\"%s\",\"skipped\":\"%s\"}\n", kind, why);
  std::fflush(stdout);
}

// A tmpfs of its own for as long as it lives.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& at) : at_(at) {
    std::filesystem::create_directories(at_);
    is_there_ = mount("tmpfs", at_.c_str(), "tmpfs", 0, kDiskSize) == 0;
  }
  ~SmallDisk() {
    if (is_there_) {
      umount2(at_.c_str(), MNT_DETACH);
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_there() const { return is_there_; }
  bool MakeReadOnly(bool read_only) const {
    return mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT | (read_only ? MS_RDONLY : 0),
                 kDiskSize) == 0;
  }
  // Leaves not a byte.
  void Fill() const {
    const int file = open(Ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string zeros(4096, '\0');
    while (write(file, zeros.data(), zeros.size()) > 0) {
    }
    close(file);
  }
  void Empty() const { std::filesystem::remove(Ballast()); }

 private:
  std::filesystem::path Ballast() const { return at_ / "ballast"; }

  const std::filesystem::path at_;
  bool is_there_ = false;
};

// Load goes on; until the fault showed in an answer that did not come.
void WaitForRefusal(Play& play, std::uint64_t before) {
  for (int i = 0; i < kMostPauses && play.load().counts().unanswered == before; ++i) {
    Play::PauseFor(std::chrono::milliseconds(10));
  }
  if (play.load().counts().unanswered == before) {
    Fail("a disk that takes nothing was not told to anybody");
  }
}

// After the fault is over: the relay that went on running takes everything again.
void GoOn(Play& play) {
  if (play.relay().HasDied()) {
    Fail("the relay ended: " + play.relay().said());
  }
  play.RetryAndCheck(false);
}

}  // namespace

void FullRounds(const Options& options) {
  const SmallDisk disk(options.folder / "disk");
  if (!disk.is_there()) {
    return Skip("full", "this user may not mount a small disk");
  }
  Play play(options, options.folder / "disk" / "full", 4);
  std::uint64_t starts_refused = 0;
  for (int round = 0; round < options.rounds; ++round) {
    play.Start();
    play.RetryAndCheck(false);
    play.load().Start(play.relay().port());
    play.Pause();
    disk.Fill();
    WaitForRefusal(play, play.load().counts().unanswered);
    if (play.dice()() % 2 == 0) {
      play.load().Stop();
      disk.Empty();
      GoOn(play);
      play.relay().Stop();
      continue;
    }
    play.relay().Kill();
    play.load().Stop();
    // It may start on a full disk or refuse to; it must not lose anything by it.
    if (play.relay().Start()) {
      play.load().Check(play.relay().port(), true);
      play.relay().Kill();
    } else {
      ++starts_refused;
      if (play.relay().exit_code() != 1) {
        Fail("the relay crashed on a full disk: " + play.relay().said());
      }
    }
    disk.Empty();
  }
  play.Start();
  play.RetryAndCheck(true);
  play.Finish("full", ",\"starts_refused\":" + std::to_string(starts_refused));
}

void ReadOnlyRounds(const Options& options) {
  if (options.library.empty()) {
    return Skip("read_only", "a sanitizer's library must come first");
  }
  const SmallDisk disk(options.folder / "disk");
  Play play(options, options.folder / "disk" / "read_only", 5);
  std::uint64_t starts_refused = 0;
  for (int round = 0; round < options.rounds; ++round) {
    play.Start();
    play.RetryAndCheck(false);
    play.load().Start(play.relay().port());
    play.Pause();
    const std::uint64_t before = play.load().counts().unanswered;
    play.relay().machine().disk = play.dice()() % 3 == 0 ? Disk::kFull : Disk::kReadOnly;
    WaitForRefusal(play, before);
    if (play.dice()() % 2 == 0) {
      play.load().Stop();
      play.relay().machine().disk = Disk::kGood;
      GoOn(play);
      play.relay().Stop();
    } else {
      play.relay().Kill();
      play.load().Stop();
      play.relay().machine().disk = Disk::kGood;
    }
    if (disk.is_there() && disk.MakeReadOnly(true)) {
      if (play.relay().Start() || play.relay().exit_code() != 1) {
        Fail("a relay on a read-only disk does not say so and end");
      }
      ++starts_refused;
      disk.MakeReadOnly(false);
    }
  }
  play.Start();
  play.RetryAndCheck(true);
  play.Finish("read_only", ",\"starts_refused\":" + std::to_string(starts_refused));
}

void ClockRounds(const Options& options) {
  if (options.library.empty()) {
    return Skip("clock", "a sanitizer's library must come first");
  }
  Play play(options, options.folder / "clock", 6);
  // The region's certificates begin a day ago.
  constexpr std::int64_t kFarthest = std::int64_t{20} * 3600;
  std::uint64_t jumps = 0;
  for (int round = 0; round < options.rounds; ++round) {
    play.Start();
    play.RetryAndCheck(false);
    play.load().Start(play.relay().port());
    for (int i = 0; i < 5; ++i) {
      play.relay().machine().clock_seconds =
          static_cast<std::int64_t>(play.dice()() % (2 * kFarthest)) - kFarthest;
      ++jumps;
      Play::PauseFor(std::chrono::milliseconds(play.dice()() % 50));
    }
    play.relay().Kill();
    play.load().Stop();
  }
  play.Start();
  play.RetryAndCheck(true);
  play.Finish("clock", ",\"jumps\":" + std::to_string(jumps));
}

}  // namespace renkei::crash
