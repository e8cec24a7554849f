// A device with a good certificate that means no good: every call, each with what it must not get
// through. Refused in the right way, noted in the audit log, and honest threads byte for byte
// unchanged (tests/README.md "What bad input gets").
#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "crypto/pki/revocation.h"
#include "tests/server/rpc/hostile_world.h"

namespace renkei::test {
namespace {

using google::protobuf::Message;

// One thing that is tried.
struct Try {
  std::string method;
  std::string what;
  std::string outcome;
  std::shared_ptr<Message> request;
  const Handset* by = nullptr;
};

class Hostile : public HostileWorld {
 protected:
  template <typename Request>
  void Add(const std::string& method, const std::string& what, const std::string& outcome,
           const Request& request, const Handset* by = nullptr) {
    tries.push_back(
        {method, what, outcome, std::make_shared<Request>(request), by == nullptr ? &mallory : by});
  }
  std::string CaseBytes() const { return ToString(first.card.card.case_id.view()); }

  void AddThreads();
  void AddCommits();
  void AddDeliveries();
  void AddDirectory();
  void AddEnrolment();
  void AddAll() {
    AddThreads();
    AddCommits();
    AddDeliveries();
    AddDirectory();
    AddEnrolment();
  }

  std::vector<Try> tries;
};

void Hostile::AddThreads() {
  Add("Threads.Append", "a record in a thread of others", "not_a_member",
      RecordBy(mallory, second.card));
  Add("Threads.Append", "a record in another's name", "PERMISSION_DENIED",
      RecordBy(nurse, second.card));
  Add("Threads.Append", "a record of a thread that is not there", "REFUSAL_UNKNOWN_THREAD",
      RecordBy(mallory, world.NewCase(mallory).card));
  Add("Threads.Append", "a member's record under an old epoch", "stale_epoch",
      RecordBy(insider, first.card), &insider);
  v1::AppendRequest off;
  thread::Position elsewhere_on_it = Head();
  elsewhere_on_it.hash[0] ^= 1;
  off.set_record(ToString(world.Record(second.card, insider, elsewhere_on_it)));
  Add("Threads.Append", "a member's record off the chain", "REFUSAL_BAD_POSITION", off, &insider);

  Add("Threads.AppendStream", "a record in a thread of others", "not_a_member",
      RecordBy(mallory, second.card));
  Add("Threads.AppendStream", "a record in another's name", "PERMISSION_DENIED",
      RecordBy(nurse, second.card));
  Add("Threads.AppendStream", "a member's record under an old epoch", "stale_epoch",
      RecordBy(insider, first.card), &insider);

  Add("Threads.AppendPack", "a pack in a thread of others", "not_a_member",
      PackBy(mallory, *doctor.person));
  Add("Threads.AppendPack", "a pack in another's name", "PERMISSION_DENIED",
      PackBy(nurse, *doctor.person));
  Add("Threads.AppendPack", "a member's pack for a stranger's key", "REFUSAL_BAD_PACK",
      PackBy(insider, *mallory.person), &insider);
  v1::AppendPackRequest swapped = PackBy(insider, *doctor.person);
  swapped.set_pack(PackBy(insider, *doctor.person).pack());
  Add("Threads.AppendPack", "another pack than announced", "REFUSAL_BAD_PACK", swapped, &insider);

  Add("Threads.AppendClosing", "the end of a case of others", "not_a_member",
      ClosingBy(mallory, mallory));
  Add("Threads.AppendClosing", "the end in the steward's name", "PERMISSION_DENIED",
      ClosingBy(nurse, mallory));
  Add("Threads.AppendClosing", "the end by a member who is no steward", "REFUSAL_POLICY",
      ClosingBy(insider, insider), &insider);

  v1::ReadRequest read;
  read.set_case_id(CaseBytes());
  read.set_limit(500);
  Add("Threads.Read", "a thread of others", "not_a_member", read);
  read.set_case_id(std::string(16, 'q'));
  Add("Threads.Read", "a thread that is not there", "not_a_member", read);
  v1::GetGroupInfoRequest group_info;
  group_info.set_case_id(CaseBytes());
  Add("Threads.GetGroupInfo", "of a thread of others", "not_a_member", group_info);
  Add("Threads.GiveBack", "to a relay that was not restored", "REFUSAL_NOT_RESTORED",
      GiveBackFor(first.card.card.case_id));
  v1::WatchRequest watch;
  watch.add_positions()->set_case_id(CaseBytes());
  Add("Threads.Watch", "a thread of others", "caught_up", watch);
  Add("Threads.List", "threads of others", "nothing", v1::ListRequest());
}

void Hostile::AddCommits() {
  const auto resigned = [&](CommitParts parts, const Handset& by,
                            const std::function<void(thread::Card&)>& change) {
    change(parts.card.card);
    for (thread::Envelope& envelope : parts.envelopes) {
      envelope.at = parts.card.card.at;
      envelope.case_id = parts.card.card.case_id;
    }
    world.Resign(parts, by);
    return RequestOf(parts);
  };
  const CommitParts intrusion =
      world.NextCommit(second.card, mallory, {&nurse, &doctor, &insider, &mallory});
  Add("Threads.Commit", "a stranger who brings itself in", "not_a_member", RequestOf(intrusion));
  Add("Threads.Commit", "a commit in another's name", "PERMISSION_DENIED",
      RequestOf(world.NextCommit(second.card, nurse, {&nurse, &doctor})));
  Add("Threads.Commit", "a member who is no steward removes the steward", "REFUSAL_POLICY",
      RequestOf(world.NextCommit(second.card, insider, {&doctor, &insider})), &insider);
  Add("Threads.Commit", "a member's commit on the epoch before", "stale_epoch",
      RequestOf(world.NextCommit(first.card, insider, {&nurse, &insider})), &insider);
  const CommitParts update = world.NextCommit(second.card, insider, {&nurse, &doctor, &insider});
  Add("Threads.Commit", "a member's commit two epochs ahead", "stale_epoch",
      resigned(update, insider, [](thread::Card& card) { card.at.epoch += 1; }), &insider);
  Add("Threads.Commit", "a member's commit of another generation", "REFUSAL_BAD_CARD",
      resigned(update, insider, [](thread::Card& card) { card.at.generation += 1; }), &insider);
  Add("Threads.Commit", "a member's commit that makes itself a steward", "REFUSAL_POLICY",
      resigned(update, insider,
               [&](thread::Card& card) { card.policy.stewards = {insider.person->Ref()}; }),
      &insider);
  CommitParts unsigned_one = update;
  unsigned_one.card.signature[0] ^= 1;
  Add("Threads.Commit", "a member's commit that nobody signed", "REFUSAL_BAD_CARD",
      RequestOf(unsigned_one), &insider);
  v1::CommitRequest without = RequestOf(update);
  without.mutable_envelopes()->RemoveLast();
  Add("Threads.Commit", "a member's commit that shuts a reader out", "REFUSAL_RECIPIENTS", without,
      &insider);
  v1::CommitRequest for_others = RequestOf(update);
  *for_others.add_welcomes() = RequestOf(intrusion).welcomes_size() > 0
                                   ? RequestOf(intrusion).welcomes(0)
                                   : RequestOf(second).welcomes(0);
  Add("Threads.Commit", "a member's commit with mail for who does not join", "REFUSAL_BAD_CARD",
      for_others, &insider);

  Add("Threads.Create", "a case that is there", "REFUSAL_THREAD_EXISTS",
      resigned(world.NewCase(mallory), mallory,
               [&](thread::Card& card) { card.case_id = first.card.card.case_id; }));
  Add("Threads.Create", "a case in another's name", "PERMISSION_DENIED",
      RequestOf(world.NewCase(nurse)));
}

void Hostile::AddDeliveries() {
  Add("Mailbox.Fetch", "mail of others", "nothing", v1::MailboxFetchRequest());
  v1::MailboxAckRequest ack;
  for (std::uint64_t id = 1; id <= 100; ++id) {
    ack.add_ids(id);
  }
  Add("Mailbox.Ack", "deletes mail of others", "nothing", ack);
  v1::FetchEnvelopesRequest envelopes;
  envelopes.set_case_id(CaseBytes());
  envelopes.set_from_start(true);
  v1::FetchPacksRequest packs;
  packs.set_case_id(CaseBytes());
  for (const auto& [whose, key] :
       {std::pair{"a person's", doctor.person->archive.fingerprint()},
        std::pair{"an institution's", station.archive.fingerprint()},
        std::pair{"its own institution's", elsewhere.archive.fingerprint()},
        std::pair{"nobody's", Hash32{1}}}) {
    envelopes.set_key_id(ToString(key));
    packs.set_key_id(ToString(key));
    Add("Envelopes.Fetch", whose, "PERMISSION_DENIED", envelopes);
    Add("Envelopes.FetchPacks", whose, "PERMISSION_DENIED", packs);
  }
}

void Hostile::AddDirectory() {
  v1::PublishRequest publish;
  for (const Bytes& der : world.CertificatesOf(station)) {
    publish.add_certificates(ToString(der));
  }
  Add("Directory.Publish", "certificates of others", "REFUSAL_NOT_ALLOWED", publish);
  RelayWorld other_region(12, SystemClock().Now() - Days(1));
  v1::PublishRequest foreign;
  foreign.add_certificates(
      ToString(other_region.AddOffice("よその地域（架空）").ca.certificate().der()));
  Add("Directory.Publish", "a certificate of another region", "REFUSAL_BAD_CERTIFICATE", foreign);
  // A device id that is the nurse's, certified by its own institution.
  const Leaf stolen = world.region().AddDeviceLeaf(elsewhere.ca, pki::CertRole::kDeviceSigning,
                                                   mallory.person->subject, nurse.device.id);
  v1::PublishRequest taken;
  taken.add_certificates(ToString(stolen.certificate.der()));
  Add("Directory.Publish", "the device id of somebody else", "REFUSAL_NOT_ALLOWED", taken);
  v1::DirectorySyncRequest sync;
  sync.set_limit(1001);
  Add("Directory.Sync", "more than there is to be had at once", "INVALID_ARGUMENT", sync);
  v1::UploadKeyPackagesRequest upload;
  upload.add_key_packages(std::string(16385, 'k'));
  Add("Directory.UploadKeyPackages", "one that is too large", "INVALID_ARGUMENT", upload);
  v1::UploadKeyPackagesRequest many;
  for (int i = 0; i < 51; ++i) {
    many.add_key_packages("k");
  }
  Add("Directory.UploadKeyPackages", "too many", "INVALID_ARGUMENT", many);
  v1::ClaimKeyPackagesRequest claim;
  for (int i = 0; i < 2; ++i) {
    claim.add_persons()->set_institution(ToString(nurse.person->Ref().institution.view()));
    claim.mutable_persons(i)->set_person(ToString(nurse.person->Ref().person.view()));
  }
  Add("Directory.ClaimKeyPackages", "somebody's twice", "INVALID_ARGUMENT", claim);
  const Millis now = clock.Now();
  const auto revoke = [&](const pki::Issuer& issuer) {
    v1::PublishRevocationsRequest out;
    out.set_revocation_list(
        ToString(pki::CreateCrl(issuer,
                                {{nurse.device.tls.certificate.serial(), now - Seconds(1),
                                  pki::RevocationReason::kKeyCompromise}},
                                1, now, now + Days(7))
                     .value()
                     .der()));
    return out;
  };
  Add("Directory.PublishRevocations", "devices of others", "PERMISSION_DENIED", revoke(station.ca));
  Add("Directory.PublishRevocations", "the region's list", "PERMISSION_DENIED",
      revoke(world.region().issuing()));
  v1::PublishRevocationsRequest no_list;
  no_list.set_revocation_list("no list");
  Add("Directory.PublishRevocations", "not a list", "REFUSAL_BAD_LIST", no_list);
}

void Hostile::AddEnrolment() {
  v1::CreateTicketRequest create;
  create.set_ticket(ticket);
  create.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  create.set_expires_at((clock.Now() + Days(1)).value);
  Add("Enrolment.CreateTicket", "a ticket of others", "REFUSAL_TICKET_EXISTS", create);
  create.set_ticket(std::string(16, 'u'));
  create.set_purpose(seal::v1::TICKET_PURPOSE_INSTITUTION);
  Add("Enrolment.CreateTicket", "invites an institution", "REFUSAL_NOT_ALLOWED", create);
  create.set_purpose(seal::v1::TICKET_PURPOSE_STAFF);
  create.set_expires_at((clock.Now() + Days(31)).value);
  Add("Enrolment.CreateTicket", "for longer than allowed", "INVALID_ARGUMENT", create);
  Add("Enrolment.SubmitRequest", "a used ticket", "REFUSAL_USED", JoinFor(ticket, nurse));
  Add("Enrolment.SubmitRequest", "a ticket that is not there", "REFUSAL_UNKNOWN_TICKET",
      JoinFor(std::string(16, 'v'), nurse));
  v1::SubmitRequestRequest other_ticket = JoinFor(std::string(16, 'v'), nurse);
  other_ticket.set_ticket(ticket);
  Add("Enrolment.SubmitRequest", "a request for another ticket", "INVALID_ARGUMENT", other_ticket);
  Add("Enrolment.ListRequests", "requests of others", "nothing", v1::ListRequestsRequest());
  v1::AttachLinkRequest link;
  link.set_ticket(ticket);
  link.set_signed_link("no link");
  link.set_sealed_package("no package");
  Add("Enrolment.AttachLink", "a ticket of others", "unknown_ticket", link);
  v1::ApproveRequest approve;
  approve.set_ticket(ticket);
  approve.add_certificates(ToString(mallory.device.signing.certificate.der()));
  Add("Enrolment.Approve", "a ticket of others", "REFUSAL_NOT_ALLOWED", approve);
  approve.set_ticket(std::string(16, 'v'));
  Add("Enrolment.Approve", "a ticket that is not there", "REFUSAL_UNKNOWN_TICKET", approve);
  v1::GetApprovalRequest get;
  get.set_ticket(std::string(16, 'v'));
  Add("Enrolment.GetApproval", "a ticket that is not there", "REFUSAL_UNKNOWN_TICKET", get);
}

bool NeedsNoCertificate(const std::string& method) {
  return method == "Enrolment.SubmitRequest" || method == "Enrolment.GetApproval";
}

TEST_F(Hostile, EveryCallIsTried) {
  AddAll();
  for (const Method* method : EveryMethod()) {
    EXPECT_TRUE(std::any_of(tries.begin(), tries.end(),
                            [&](const Try& attempt) { return attempt.method == NameOf(*method); }))
        << NameOf(*method) << " is new: what must a hostile device not get through it?";
  }
}

TEST_F(Hostile, G10_EachTryIsRefusedInTheRightWayAndNoted) {
  AddAll();
  const auto before = HonestRows();
  for (const Try& attempt : tries) {
    SCOPED_TRACE(attempt.method + ": " + attempt.what);
    const std::size_t noted = RefusalsOf(*attempt.by);
    const Said said =
        Call(channels[attempt.by], MethodOf(attempt.method), attempt.request->SerializeAsString());
    EXPECT_EQ(said.outcome, attempt.outcome) << said.message;
    EXPECT_FALSE(said.is_done());
    // A lost race is everyday, and an answer that is empty tells nothing.
    const bool is_to_be_noted = said.is_refused() && said.outcome != "stale_epoch";
    if (is_to_be_noted && !NeedsNoCertificate(attempt.method)) {
      EXPECT_GT(RefusalsOf(*attempt.by), noted) << "not in the audit log";
    }
  }
  EXPECT_EQ(HonestRows(), before);
  ExpectHonestPeopleGoOn();
  EXPECT_EQ(server::VerifyAudit(*store)->broken_at, 0U);
}

// Every field of every request wrong in every way. Nothing of that is an error of the relay's own,
// and nothing changes.
TEST_F(Hostile, NoWrongFieldGetsThroughAnything) {
  AddAll();
  const auto before = HonestRows();
  std::size_t calls = 0;
  std::set<std::string> swept;
  for (const Try& attempt : tries) {
    if (attempt.by != &mallory || !swept.insert(attempt.method).second) {
      continue;
    }
    for (const Wrong& wrong : WrongOnes(*attempt.request)) {
      SCOPED_TRACE(attempt.method + ": " + wrong.what);
      ++calls;
      const Said said = Call(channels[&mallory], MethodOf(attempt.method), wrong.request);
      EXPECT_TRUE(said.is_ok() || said.outcome == "INVALID_ARGUMENT" ||
                  said.outcome == "PERMISSION_DENIED" || said.outcome == "UNIMPLEMENTED" ||
                  said.outcome == "INTERNAL" || said.outcome == "RESOURCE_EXHAUSTED" ||
                  said.message == "authentication failed")  // of a join request's own proof
          << said.outcome << " " << said.message;
      // gRPC itself says INTERNAL of what is not a message; we never do.
      EXPECT_TRUE(said.outcome != "INTERNAL" || wrong.what == "not a message" ||
                  wrong.what == "cut off")
          << said.message;
    }
  }
  EXPECT_GT(calls, 500U);
  // Anybody may claim key packages to invite; each device keeps its last one.
  auto after = HonestRows();
  const std::string left = after.extract("key_packages").mapped();
  EXPECT_NE(left.find("3:two"), left.rfind("3:two")) << "of both devices";
  auto expected = before;
  expected.erase("key_packages");
  EXPECT_EQ(after, expected);
  ExpectHonestPeopleGoOn();
}

TEST_F(Hostile, WhatHonestPeopleSentOnceDoesNothingTwice) {
  const auto before = HonestRows();
  for (const Sent& old : sent) {
    SCOPED_TRACE(old.method + " of " + old.by);
    const Said replayed = Call(channels[&mallory], MethodOf(old.method), old.request);
    if (old.method == "Enrolment.SubmitRequest") {
      EXPECT_EQ(replayed.outcome, "accepted") << "the same bytes are the same request";
    } else if (old.method != "Directory.UploadKeyPackages") {
      EXPECT_TRUE(replayed.is_refused()) << replayed.outcome;
    }
  }
  EXPECT_EQ(HonestRows(), before) << "replayed by a stranger";
  // From the device itself, whose connection somebody has: told as before, done once.
  for (const Sent& old : sent) {
    if (old.method == "Directory.UploadKeyPackages") {
      continue;  // more key packages are no harm
    }
    const Said again =
        Call(channels[old.by == "nurse" ? &nurse : &doctor], MethodOf(old.method), old.request);
    EXPECT_TRUE(again.outcome == "duplicate" || again.outcome == "accepted") << old.method;
  }
  EXPECT_EQ(HonestRows(), before) << "replayed by the device itself";
  ExpectHonestPeopleGoOn();
}

TEST_F(Hostile, WithoutACertificateNothingButEnrolmentAnswers) {
  AddAll();
  const auto before = HonestRows();
  const auto stranger = ChannelWithoutCertificate();
  for (const Try& attempt : tries) {
    const Said said =
        Call(stranger, MethodOf(attempt.method), attempt.request->SerializeAsString());
    if (!NeedsNoCertificate(attempt.method)) {
      EXPECT_EQ(said.outcome, "UNAUTHENTICATED") << attempt.method;
    }
  }
  EXPECT_EQ(HonestRows(), before);
}

TEST_F(Hostile, ItsOwnKeyOpensNothingInAThreadOfOthers) {
  v1::FetchEnvelopesRequest envelopes;
  envelopes.set_case_id(CaseBytes());
  envelopes.set_key_id(ToString(mallory.person->archive.fingerprint()));
  envelopes.set_from_start(true);
  const Said said =
      Call(channels[&mallory], MethodOf("Envelopes.Fetch"), envelopes.SerializeAsString());
  ASSERT_TRUE(said.is_ok()) << said.message;
  EXPECT_EQ(static_cast<const v1::FetchEnvelopesResponse&>(*said.response).envelopes_size(), 0);
}

TEST_F(Hostile, StreamsThatAreOpenedAndAbandonedLeaveNothing) {
  const auto before = HonestRows();
  v1::WatchRequest request;
  request.add_positions()->set_case_id(CaseBytes());
  for (int i = 0; i < 100; ++i) {
    auto context = Context();
    auto stub = v1::Threads::NewStub(ChannelOf(i % 2 == 0 ? mallory : insider));
    auto reader = stub->Watch(context.get(), request);
    v1::WatchEvent event;
    if (i % 3 == 0) {
      (void)reader->Read(&event);
    }
    context->TryCancel();
  }
  const auto gone_by = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (relay->hub().size() > 0 && std::chrono::steady_clock::now() < gone_by) {
    std::this_thread::yield();
  }
  EXPECT_EQ(relay->hub().size(), 0U);
  EXPECT_EQ(HonestRows(), before);
  ExpectHonestPeopleGoOn();
}

}  // namespace
}  // namespace renkei::test
