#include "tests/soak/visits.h"

#include <algorithm>

#include "renkei/relay/v1/directory.grpc.pb.h"
#include "renkei/relay/v1/mailbox.grpc.pb.h"
#include "tests/crash/relay_process.h"
#include "tests/soak/operator.h"
#include "tests/soak/watcher.h"

namespace renkei::soak {
namespace {

constexpr std::size_t kWorkers = 12;         // fewer than there are telephones
constexpr std::uint64_t kLongestVisit = 20;  // records
constexpr std::uint64_t kNightVisit = 2;
constexpr std::uint64_t kMostInALull = 50;            // records that are due and not begun
constexpr auto kLook = std::chrono::milliseconds(2);  // whether something is due
// One of so many things that are done is
constexpr std::uint64_t kUrgentEach = 300;
constexpr std::uint64_t kUrgentAtNightEach = 20;
constexpr std::uint64_t kMistakeEach = 60;
constexpr std::uint64_t kPackEach = 400;
constexpr std::uint64_t kKeyPackagesEach = 100;

void Expect(const Line::Answer& answer, const char* call) {
  if (!answer.status.ok()) {
    crash::Fail(std::string(call) + " ended in " + std::to_string(answer.status.error_code()) +
                " " + answer.status.error_message());
  }
}

}  // namespace

Visits::Visits(const Scene& scene, const Day& day, std::uint64_t records, std::uint64_t seed)
    : scene_(scene), day_(day), records_(records) {
  for (const auto& member : scene_.region.visitors) {
    free_.push_back(member.get());
  }
  Dice seeds(seed);
  for (std::size_t i = 0; i < kWorkers; ++i) {
    workers_.emplace_back([this, own = seeds()] { Run(own); });
  }
}

void Visits::Finish() {
  for (std::thread& worker : workers_) {
    worker.join();
  }
  workers_.clear();
}

void Visits::Run(std::uint64_t seed) {
  Dice dice(seed);
  while (day_.Now() < kMidnight) {
    const std::uint64_t records = TakeTurn(dice);
    if (records == 0) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    Member& member = TakeMember(dice);
    Visit(member, records, dice);
    const std::lock_guard lock(mutex_);
    free_.push_back(&member);
  }
}

std::uint64_t Visits::TakeTurn(Dice& dice) {
  const std::lock_guard lock(mutex_);
  const double hour = day_.Now();
  const auto all = static_cast<std::uint64_t>(static_cast<double>(records_) * ShareBefore(hour));
  const std::uint64_t done = scene_.tally.begun + scene_.tally.left_out;
  const std::uint64_t due = all > done ? all - done : 0;
  if (IsLull(hour) && due > kMostInALull) {
    scene_.tally.left_out += due;
    return 0;
  }
  if (due < next_) {
    return 0;
  }
  scene_.tally.begun += next_;
  return std::exchange(next_, 1 + dice() % (IsNight(hour) ? kNightVisit : kLongestVisit));
}

Member& Visits::TakeMember(Dice& dice) {
  const std::lock_guard lock(mutex_);
  std::swap(free_[dice() % free_.size()], free_.back());
  Member& member = *free_.back();
  free_.pop_back();
  return member;
}

void Visits::Visit(Member& member, std::uint64_t records, Dice& dice) {
  ++scene_.tally.visits;
  Line line(scene_, member);
  Arrive(line, dice);
  // Half of them first take over what came since they were here last, and go on listening.
  std::unique_ptr<Watcher> watcher;
  if (dice() % 2 == 0) {
    watcher = std::make_unique<Watcher>(scene_, line, member.reached);
    if (!watcher->WaitUntilCaughtUp() && scene_.door.IsStill(line.life().number)) {
      crash::Fail("who was away is not sent what they missed: " + watcher->end());
    }
  }
  for (std::uint64_t i = 0; i < records; ++i) {
    Do(line, *member.cases[dice() % member.cases.size()], dice);
  }
  if (watcher) {
    member.reached = watcher->reached();
  }
}

void Visits::Arrive(Line& line, Dice& dice) {
  Expect(line.Ask([](const auto& channel, grpc::ClientContext& context) {
    relay::v1::MailboxFetchResponse response;
    return relay::v1::Mailbox::NewStub(channel)->Fetch(&context, {}, &response);
  }),
         "looking into the mailbox");
  relay::v1::DirectorySyncRequest request;
  request.set_limit(1 + static_cast<std::uint32_t>(dice() % 100));
  Expect(line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    relay::v1::DirectorySyncResponse response;
    return relay::v1::Directory::NewStub(channel)->Sync(&context, request, &response);
  }),
         "reading the directory");
}

void Visits::Do(Line& line, CaseFile& file, Dice& dice) {
  Pen pen(scene_, dice);
  const double hour = day_.Now();
  const std::uint64_t urgent = IsNight(hour) ? kUrgentAtNightEach : kUrgentEach;
  if (dice() % kMistakeEach == 0 && !IsJustBeforeKill(hour)) {
    const auto& mine = line.member().cases;
    CaseFile& other = *scene_.region.cases[dice() % scene_.region.cases.size()];
    if (std::find(mine.begin(), mine.end(), &other) == mine.end()) {
      pen.Mistake(line, file, other);
    }
  }
  if (dice() % kPackEach == 0) {
    pen.Pack(line, file);
  }
  if (dice() % kKeyPackagesEach == 0) {
    ExchangeKeyPackages(line, dice);
  }
  if (dice() % urgent == 0) {
    const auto& shifts = scene_.region.shifts;
    const auto called = std::find_if(shifts.begin(), shifts.end(), [&](const auto& member) {
      return member->handset == file.members()[1];
    });
    pen.Urgent(line, file, **called);
  } else {
    pen.Record(line, file);
  }
}

// As many are claimed as are uploaded, so that they stay few.
void Visits::ExchangeKeyPackages(Line& line, Dice& dice) {
  relay::v1::UploadKeyPackagesRequest upload;
  SystemRandom random;
  upload.add_key_packages(ToString(random.NextBytes(600)));
  Expect(line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    relay::v1::UploadKeyPackagesResponse response;
    return relay::v1::Directory::NewStub(channel)->UploadKeyPackages(&context, upload, &response);
  }),
         "leaving a key package");
  const auto& of = scene_.region.visitors[dice() % scene_.region.visitors.size()];
  const thread::PersonRef person = of->handset->person->Ref();
  relay::v1::ClaimKeyPackagesRequest claim;
  claim.add_persons()->set_institution(ToString(person.institution.view()));
  claim.mutable_persons(0)->set_person(ToString(person.person.view()));
  Expect(line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    relay::v1::ClaimKeyPackagesResponse response;
    return relay::v1::Directory::NewStub(channel)->ClaimKeyPackages(&context, claim, &response);
  }),
         "asking for a key package");
}

}  // namespace renkei::soak
