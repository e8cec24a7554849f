#include "tests/soak/commits.h"

#include <algorithm>

#include "renkei/relay/v1/mailbox.grpc.pb.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "tests/crash/relay_process.h"
#include "tests/support/relay_request.h"

namespace renkei::soak {
namespace {

using relay::v1::CommitResponse;

constexpr std::uint64_t kAgainEach = 8;
constexpr auto kLook = std::chrono::milliseconds(5);  // whether one is due

void Expect(bool holds, const std::string& otherwise) {
  if (!holds) {
    crash::Fail(otherwise);
  }
}

}  // namespace

Commits::Commits(const Scene& scene, const Day& day, std::uint64_t commits, std::uint64_t seed)
    : scene_(scene), day_(day), thread_([this, commits, seed] { Run(commits, seed); }) {}

void Commits::Run(std::uint64_t commits, std::uint64_t seed) {
  Dice dice(seed);
  for (double hour = day_.Now(); hour < kMidnight; hour = day_.Now()) {
    const double due = static_cast<double>(commits) * ShareBefore(hour);
    if (static_cast<double>(scene_.tally.commits) >= due) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    auto& cases = scene_.region.cases;
    Commit(*cases[dice() % cases.size()], dice() % kAgainEach == 0);
  }
}

void Commits::Commit(CaseFile& file, bool again) {
  const bool comes = without_guest_.erase(file.id()) != 0;
  std::vector<const test::Handset*> members = file.members();
  if (!comes) {
    members.pop_back();
    without_guest_.insert(file.id());
  }
  const test::CommitParts parts =
      scene_.region.world().NextCommit(file.Now().card, *members.front(), members);
  const auto request = test::RequestOf(parts);
  file.ledger().Sending(parts.card.hash);
  Line line(scene_, MemberOf(scene_.region.desks, *members.front()));
  for (bool is_first = true; is_first || std::exchange(again, false); is_first = false) {
    CommitResponse response;
    const Line::Answer answer = line.Ask([&](const auto& channel, grpc::ClientContext& context) {
      return relay::v1::Threads::NewStub(channel)->Commit(&context, request, &response);
    });
    // Nobody else commits: so it cannot be stale.
    Expect(answer.status.ok(), "a commit ended in " + answer.status.error_message());
    const bool may_be_there = !is_first || answer.tries > 1;
    Expect(is_first ? response.has_accepted() || (may_be_there && response.has_duplicate())
                    : response.has_duplicate(),
           "an honest commit, or its retry, got " + response.ShortDebugString());
    const auto& done = response.has_accepted() ? response.accepted() : response.duplicate();
    const auto head =
        thread::VerifyHead(AsBytes(done.head().SerializeAsString()), scene_.region.relay_key());
    Expect(head.ok() && head->seq == done.seq(), "a commit's head is not its entry's");
    const std::string problem =
        file.Acknowledged(parts.card.hash, {head->seq, head->hash, head->received_at});
    Expect(problem.empty(), problem);
    scene_.tally.duplicates += is_first ? 0 : 1;
  }
  file.TakeCard(parts.card);
  ++scene_.tally.commits;
  scene_.tally.bytes += request.ByteSizeLong();
  if (comes) {
    TakeWelcomes(*members.back());
  }
}

void Commits::TakeWelcomes(const test::Handset& guest) {
  Line line(scene_, MemberOf(scene_.region.guests, guest));
  relay::v1::MailboxFetchResponse mail;
  const Line::Answer fetched = line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    return relay::v1::Mailbox::NewStub(channel)->Fetch(&context, {}, &mail);
  });
  Expect(fetched.status.ok() && mail.messages_size() > 0, "a guest was not sent their welcome");
  relay::v1::MailboxAckRequest request;
  for (const relay::v1::MailboxMessage& message : mail.messages()) {
    request.add_ids(message.id());
  }
  const Line::Answer taken = line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    relay::v1::MailboxAckResponse response;
    return relay::v1::Mailbox::NewStub(channel)->Ack(&context, request, &response);
  });
  Expect(taken.status.ok(), "a welcome cannot be taken out of the mailbox");
}

const Member& Commits::MemberOf(const std::vector<std::unique_ptr<Member>>& group,
                                const test::Handset& handset) {
  const auto found = std::find_if(group.begin(), group.end(),
                                  [&](const auto& member) { return member->handset == &handset; });
  RENKEI_CHECK(found != group.end());
  return **found;
}

}  // namespace renkei::soak
