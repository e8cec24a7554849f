#include "server/rpc/threads_handler.h"

#include "crypto/thread/deletion.h"
#include "crypto/thread/notice.h"
#include "server/core/limits.h"
#include "tests/server/core/returns_fixture.h"
#include "tests/support/relay_request.h"

namespace renkei::test {
namespace {

namespace v1 = relay::v1;

// What a call was told: the name of its arm, of its refusal, or of its error.
std::string ArmOfCommit(const Result<v1::CommitResponse>& response) {
  if (!response.ok()) {
    return CodeName(response.error().code());
  }
  switch (response->outcome_case()) {
    case v1::CommitResponse::kAccepted:
      return "accepted";
    case v1::CommitResponse::kDuplicate:
      return "duplicate";
    case v1::CommitResponse::kStaleEpoch:
      return "stale epoch";
    case v1::CommitResponse::kNotAMember:
      return "not a member";
    case v1::CommitResponse::kRefused:
      return v1::CommitResponse::Refusal_Name(response->refused());
    default:
      return "nothing";
  }
}

std::string ArmOfAppend(const Result<v1::AppendResponse>& response) {
  if (!response.ok()) {
    return CodeName(response.error().code());
  }
  switch (response->outcome_case()) {
    case v1::AppendResponse::kAccepted:
      return "accepted";
    case v1::AppendResponse::kDuplicate:
      return "duplicate";
    case v1::AppendResponse::kStaleEpoch:
      return "stale epoch";
    case v1::AppendResponse::kNotAMember:
      return "not a member";
    case v1::AppendResponse::kRefused:
      return v1::AppendResponse::Refusal_Name(response->refused());
    default:
      return "nothing";
  }
}

// The calls of a case that returns_fixture.h has begun: nurse (creator), doctor, deputy.
class ThreadsCalls : public Returning {
 protected:
  void SetUp() override {
    Returning::SetUp();
    MakeHandler();
  }
  void MakeHandler() { handler = std::make_unique<server::ThreadsHandler>(*relay); }
  void RestoreAll() {
    Restore();
    MakeHandler();
  }
  Result<v1::CommitResponse> CallCreate(const Handset& by, const v1::CommitRequest& request) {
    return Await<v1::CommitResponse>(
        [&](const auto& reply) { handler->Create(by.Caller(), request, reply); });
  }
  Result<v1::CommitResponse> CallCommit(const Handset& by, const v1::CommitRequest& request) {
    return Await<v1::CommitResponse>(
        [&](const auto& reply) { handler->Commit(by.Caller(), request, reply); });
  }
  std::string Told(const Handset& by, const CommitParts& parts) {
    return ArmOfCommit(CallCommit(by, RequestOf(parts)));
  }
  Result<v1::AppendResponse> CallAppend(const Handset& by, ByteView bytes) {
    v1::AppendRequest request;
    request.set_record(ToString(bytes));
    return Await<v1::AppendResponse>(
        [&](const auto& reply) { handler->Append(by.Caller(), request, reply); });
  }
  Result<v1::ReadResponse> Read(const Handset& by, std::uint64_t after, std::uint32_t limit,
                                std::uint32_t max_bytes = 0) {
    v1::ReadRequest request;
    request.set_case_id(ToString(case_id.view()));
    request.set_after(after);
    request.set_limit(limit);
    request.set_max_bytes(max_bytes);
    return Await<v1::ReadResponse>(
        [&](const auto& reply) { handler->Read(by.Caller(), request, reply); });
  }
  Result<v1::GetGroupInfoResponse> GetGroupInfo(const Handset& by, const std::string& id) {
    v1::GetGroupInfoRequest request;
    request.set_case_id(id);
    return Await<v1::GetGroupInfoResponse>(
        [&](const auto& reply) { handler->GetGroupInfo(by.Caller(), request, reply); });
  }
  thread::Head HeadIn(const seal::v1::SignedHead& message) {
    const auto head = thread::VerifyHead(AsBytes(message.SerializeAsString()),
                                         world.Identity().signing_certificate.public_key());
    EXPECT_TRUE(head.ok());
    return head.ok() ? *head : thread::Head{};
  }

  std::unique_ptr<server::ThreadsHandler> handler;
};

TEST_F(ThreadsCalls, CaseBeginsByCreateAndGoesOnByCommit) {
  const CommitParts fresh = world.NewCase(nurse);
  const auto created = CallCreate(nurse, RequestOf(fresh));
  ASSERT_EQ(ArmOfCommit(created), "accepted");
  EXPECT_EQ(created->accepted().seq(), 1U);
  EXPECT_EQ(created->accepted().received_at(), clock.Now().value);
  EXPECT_EQ(HeadIn(created->accepted().head()).seq, 1U);
  const auto again = CallCreate(nurse, RequestOf(fresh));
  ASSERT_EQ(ArmOfCommit(again), "duplicate");
  EXPECT_EQ(again->duplicate().seq(), 1U);
  EXPECT_EQ(HeadIn(again->duplicate().head()).seq, 1U);
  const CommitParts next = world.NextCommit(fresh.card, nurse, {&nurse, &doctor});
  ASSERT_EQ(Told(nurse, next), "accepted");
  const auto mail = relay->mailbox().Fetch(doctor.Caller(), 0);
  EXPECT_EQ(mail->back().welcome, next.welcomes[0].second);
  EXPECT_EQ(Told(nurse, world.NewCase(nurse)), "REFUSAL_UNKNOWN_THREAD")
      << "a case does not begin by a commit";
}

TEST_F(ThreadsCalls, CommitThatIsLateIsToldWhatIsInForce) {
  const auto late = CallCommit(nurse, RequestOf(world.NextCommit(second.card, nurse, {&nurse})));
  ASSERT_EQ(ArmOfCommit(late), "stale epoch");
  EXPECT_EQ(late->stale_epoch().generation(), 0U);
  EXPECT_EQ(late->stale_epoch().epoch(), 2U);
  EXPECT_EQ(late->stale_epoch().head_seq(), held.seq);
}

TEST_F(ThreadsCalls, EveryRefusalOfACommitHasItsName) {
  const std::vector<const Handset*> all = {&nurse, &doctor, &deputy};
  EXPECT_EQ(Told(stranger, world.NextCommit(third.card, stranger, {&nurse, &stranger})),
            "not a member");
  EXPECT_EQ(Told(nurse, world.NextCommit(world.NewCase(nurse).card, nurse, {&nurse})),
            "REFUSAL_UNKNOWN_THREAD");
  EXPECT_EQ(Told(doctor, world.NextCommit(third.card, doctor, {&nurse, &doctor})),
            "REFUSAL_POLICY");
  CommitParts fewer = world.NextCommit(third.card, nurse, all);
  fewer.envelopes.pop_back();
  EXPECT_EQ(Told(nurse, fewer), "REFUSAL_RECIPIENTS");
  CommitParts unsigned_card = world.NextCommit(third.card, nurse, all);
  world.Resign(unsigned_card, doctor);
  EXPECT_EQ(Told(nurse, unsigned_card), "REFUSAL_BAD_CARD");
  Handset& tablet = world.AddHandset(*nurse.person);
  EXPECT_EQ(Told(nurse, world.NextCommit(third.card, nurse, {&nurse, &doctor, &deputy, &tablet})),
            "REFUSAL_UNKNOWN_CERTIFICATE");
  PublishAll();
  EXPECT_EQ(Told(tablet, world.NextCommit(third.card, tablet, {&nurse, &doctor, &deputy, &tablet})),
            "REFUSAL_LINK_MISSING");
  CommitParts taken = world.NewCase(doctor);
  taken.card.card.case_id = case_id;
  for (thread::Envelope& envelope : taken.envelopes) {
    envelope.case_id = case_id;
  }
  world.Resign(taken, doctor);
  EXPECT_EQ(ArmOfCommit(CallCreate(doctor, RequestOf(taken))), "REFUSAL_THREAD_EXISTS");
  RestoreAll();
  EXPECT_EQ(Told(nurse, world.NextCommit(second.card, nurse, {&nurse, &doctor})),
            "REFUSAL_RETURNING");
}

TEST_F(ThreadsCalls, CommitOutOfBoundsIsMalformedBeforeItIsLookedAt) {
  const v1::CommitRequest good =
      RequestOf(world.NextCommit(third.card, nurse, {&nurse, &doctor, &deputy, &stranger}));
  const auto told = [&](const auto& change) {
    v1::CommitRequest request = good;
    change(request);
    EXPECT_EQ(ArmOfCommit(CallCreate(nurse, request)), ArmOfCommit(CallCommit(nurse, request)));
    return ArmOfCommit(CallCommit(nurse, request));
  };
  EXPECT_EQ(told([](auto& r) {
              while (r.welcomes_size() <= static_cast<int>(server::kMaxWelcomes)) {
                *r.add_welcomes() = r.welcomes(0);
              }
            }),
            "kMalformed");
  EXPECT_EQ(told([](auto& r) {
              while (r.envelopes_size() <= 2 * static_cast<int>(thread::kMaxMembers)) {
                *r.add_envelopes() = r.envelopes(0);
              }
            }),
            "kMalformed");
  EXPECT_EQ(told([](auto& r) { r.mutable_welcomes(0)->add_devices("short"); }), "kMalformed");
  EXPECT_EQ(told([](auto& r) { r.mutable_envelopes(0)->set_key_id("short"); }), "kMalformed");
  EXPECT_EQ(ArmOfCommit(CallCommit(nurse, good)), "accepted");
}

TEST_F(ThreadsCalls, APageOfAsManyBytesAsAreAskedForHasOneEntryAtLeast) {
  const auto whole = Read(nurse, 0, 500);
  const auto& all = whole->entries().entries();
  ASSERT_GE(all.size(), 3);
  const auto one = Read(nurse, 0, 500, 1);
  ASSERT_EQ(one->entries().entries_size(), 1) << "larger than that, but the first";
  EXPECT_FALSE(one->entries().complete());
  const auto two = static_cast<std::uint32_t>(all[0].ByteSizeLong() + all[1].ByteSizeLong());
  EXPECT_EQ(Read(nurse, 0, 500, two)->entries().entries_size(), 2);
  for (const std::uint32_t much : {3U << 20U, 0xFFFFFFFFU}) {
    EXPECT_EQ(Read(nurse, 0, 500, much)->entries().entries_size(), all.size());
  }
}

TEST(PageBytes, NeverMoreThanAnAnswerHasRoomFor) {
  EXPECT_EQ(server::PageBytes(0), server::kMaxReadBytes);
  EXPECT_EQ(server::PageBytes(1), 1U);
  EXPECT_EQ(server::PageBytes(server::kMaxReadBytes), server::kMaxReadBytes);
  EXPECT_EQ(server::PageBytes(server::kMaxReadBytes + 1), server::kMaxReadBytes);
  EXPECT_EQ(server::PageBytes(0xFFFFFFFF), server::kMaxReadBytes);
}

TEST_F(ThreadsCalls, RecordIsAcknowledgedWithItsHashAndHead) {
  const Bytes bytes = Record(nurse, third);
  const auto appended = CallAppend(nurse, bytes);
  ASSERT_EQ(ArmOfAppend(appended), "accepted");
  EXPECT_EQ(appended->accepted().seq(), held.seq + 1);
  EXPECT_EQ(appended->accepted().received_at(), clock.Now().value);
  EXPECT_EQ(appended->accepted().payload_hash(), ToString(Sha256(bytes)));
  EXPECT_EQ(HeadIn(appended->accepted().head()).seq, held.seq + 1);
  const auto again = CallAppend(nurse, bytes);
  ASSERT_EQ(ArmOfAppend(again), "duplicate");
  EXPECT_EQ(again->duplicate().seq(), held.seq + 1);
  EXPECT_EQ(again->duplicate().payload_hash(), ToString(Sha256(bytes)));
}

TEST_F(ThreadsCalls, EveryRefusalOfARecordHasItsName) {
  EXPECT_EQ(ArmOfAppend(CallAppend(nurse, AsBytes("no record"))), "kMalformed");
  EXPECT_EQ(ArmOfAppend(CallAppend(doctor, Record(nurse, third))), "kDenied");
  EXPECT_EQ(ArmOfAppend(CallAppend(stranger, Record(stranger, third))), "not a member");
  const auto stale = CallAppend(nurse, Record(nurse, second));
  ASSERT_EQ(ArmOfAppend(stale), "stale epoch");
  EXPECT_EQ(stale->stale_epoch().epoch(), 2U);
  EXPECT_EQ(stale->stale_epoch().head_seq(), held.seq);
  thread::Position off = held;
  off.hash[0] ^= 1;
  EXPECT_EQ(ArmOfAppend(CallAppend(nurse, world.Record(third.card, nurse, off))),
            "REFUSAL_BAD_POSITION");
  EXPECT_EQ(ArmOfAppend(CallAppend(nurse, world.Record(world.NewCase(nurse).card, nurse, {}))),
            "REFUSAL_UNKNOWN_THREAD");
  RestoreAll();
  EXPECT_EQ(ArmOfAppend(CallAppend(nurse, Record(nurse, second))), "REFUSAL_RETURNING");
}

TEST_F(ThreadsCalls, PackGoesWithItsNotice) {
  thread::Pack pack;
  pack.case_id = case_id;
  pack.key_id = doctor.person->archive.fingerprint();
  pack.sender_device = nurse.device.id;
  pack.ciphertext = world.random().NextBytes(200);
  thread::PackNotice notice;
  notice.case_id = case_id;
  notice.key_id = pack.key_id;
  notice.sender_device = nurse.device.id;
  notice.pack_hash = Sha256(thread::SerializePack(pack));
  notice.last = {0, 1};
  notice.created_at = clock.Now();
  const auto call = [&](const Handset& signer) {
    v1::AppendPackRequest request;
    request.set_pack(ToString(thread::SerializePack(pack)));
    EXPECT_TRUE(request.mutable_notice()->ParseFromString(
        ToString(thread::MakePackNotice(notice, signer.device.signing.key).value())));
    return Await<v1::AppendResponse>(
        [&](const auto& reply) { handler->AppendPack(nurse.Caller(), request, reply); });
  };
  EXPECT_EQ(ArmOfAppend(call(doctor)), "REFUSAL_BAD_PACK");
  EXPECT_EQ(ArmOfAppend(call(nurse)), "accepted");
  EXPECT_EQ(ArmOfAppend(call(nurse)), "duplicate");
  const auto kept = relay->envelopes().FetchPacks(doctor.Caller(), case_id, pack.key_id, 0);
  ASSERT_TRUE(kept.ok());
  ASSERT_EQ(kept->packs.size(), 1U);
  EXPECT_EQ(kept->packs[0].pack, thread::SerializePack(pack));
}

TEST_F(ThreadsCalls, EntriesComeFieldByFieldWithTheHead) {
  const auto page = Read(doctor, 1, 2);
  ASSERT_TRUE(page.ok() && page->has_entries());
  ASSERT_EQ(page->entries().entries_size(), 2);
  const auto& entry = page->entries().entries(0);
  EXPECT_EQ(entry.case_id(), ToString(case_id.view()));
  EXPECT_EQ(entry.seq(), 2U);
  EXPECT_EQ(entry.payload(), ToString(entries[1].payload));
  EXPECT_EQ(entry.hash(), ToString(entries[1].hash));
  EXPECT_FALSE(page->entries().complete());
  EXPECT_FALSE(page->entries().returning() || page->entries().wants_commit());
  EXPECT_EQ(HeadIn(page->entries().head()).seq, held.seq);
  EXPECT_TRUE(Read(doctor, 0, 500)->entries().complete());
  EXPECT_TRUE(Read(stranger, 0, 500)->has_not_a_member());
  EXPECT_EQ(Read(doctor, 0, 0).error().code(), Code::kMalformed);
}

TEST_F(ThreadsCalls, ThreadThatWaitsAfterARestoreSaysSo) {
  RestoreAll();
  EXPECT_TRUE(Read(nurse, 0, 500)->entries().returning());
  StandingAfter(nurse, Giving());
  EXPECT_TRUE(Read(deputy, 0, 500)->entries().wants_commit());
}

TEST_F(ThreadsCalls, ListNamesThreadsMembershipAndHead) {
  const auto list = [&](const Handset& by) {
    return Await<v1::ListResponse>(
        [&](const auto& reply) { handler->List(by.Caller(), {}, reply); });
  };
  const auto mine = list(doctor);
  ASSERT_EQ(mine->threads_size(), 1);
  EXPECT_EQ(mine->threads(0).case_id(), ToString(case_id.view()));
  EXPECT_TRUE(mine->threads(0).member());
  EXPECT_EQ(HeadIn(mine->threads(0).head()).seq, held.seq);
  EXPECT_FALSE(mine->has_more());
  EXPECT_EQ(list(stranger)->threads_size(), 0);
  v1::ListRequest behind;
  behind.set_after(mine->threads(0).case_id());
  const auto rest = Await<v1::ListResponse>(
      [&](const auto& reply) { handler->List(doctor.Caller(), behind, reply); });
  EXPECT_EQ(rest->threads_size(), 0);
  behind.set_after("no id");
  EXPECT_EQ(Await<v1::ListResponse>(
                [&](const auto& reply) { handler->List(doctor.Caller(), behind, reply); })
                .error()
                .code(),
            Code::kMalformed);
  ASSERT_EQ(Told(nurse, world.NextCommit(third.card, nurse, {&nurse, &deputy})), "accepted");
  EXPECT_FALSE(list(doctor)->threads(0).member());
  store.FailReads(true);
  EXPECT_EQ(list(doctor).error().code(), Code::kUnavailable);
}

TEST_F(ThreadsCalls, GroupInfoComesWithItsCard) {
  const std::string id = ToString(case_id.view());
  const auto current = GetGroupInfo(doctor, id);
  ASSERT_TRUE(current.ok() && current->has_current());
  EXPECT_EQ(current->current().group_info(), ToString(third.group_info));
  EXPECT_EQ(current->current().card().card(), ToString(third.card.card_bytes));
  EXPECT_EQ(current->current().card().signature(), ToString(third.card.signature));
  EXPECT_EQ(current->current().seq(), 5U);
  EXPECT_TRUE(GetGroupInfo(stranger, id)->has_not_a_member());
  EXPECT_EQ(GetGroupInfo(doctor, "short").error().code(), Code::kMalformed);
  store.FailReads(true);
  EXPECT_EQ(GetGroupInfo(doctor, id).error().code(), Code::kUnavailable);
}

TEST_F(ThreadsCalls, ClosingNoticeIsKeptAndEachRefusalHasItsName) {
  const auto call = [&](const Handset& by) {
    const thread::Position head = HeadOf(case_id);
    const thread::ClosingNotice notice{case_id,
                                       third.card.card.at,
                                       thread::ClosingAction::kClose,
                                       by.device.id,
                                       head.seq,
                                       head.hash,
                                       3,
                                       clock.Now()};
    v1::AppendClosingRequest request;
    EXPECT_TRUE(request.mutable_notice()->ParseFromString(
        ToString(thread::MakeClosingNotice(notice, by.device.signing.key).value())));
    return Await<v1::AppendResponse>(
        [&](const auto& reply) { handler->AppendClosing(by.Caller(), request, reply); });
  };
  EXPECT_EQ(call(doctor)->refused(), v1::AppendResponse::REFUSAL_POLICY);
  EXPECT_TRUE(call(stranger)->has_not_a_member());
  const auto done = call(nurse);
  ASSERT_TRUE(done.ok() && done->has_accepted());
  EXPECT_EQ(HeadIn(done->accepted().head()).seq, done->accepted().seq());
  EXPECT_EQ(call(nurse)->refused(), v1::AppendResponse::REFUSAL_BAD_POSITION) << "it is closed";
  const auto empty = Await<v1::AppendResponse>([&](const auto& reply) {
    handler->AppendClosing(nurse.Caller(), v1::AppendClosingRequest(), reply);
  });
  EXPECT_EQ(empty.error().code(), Code::kMalformed);
}

TEST_F(ThreadsCalls, DeletedCaseIsToldByItsCertificate) {
  thread::ClosingNotice notice;
  notice.case_id = case_id;
  thread::DeletionCertificate certificate;
  certificate.case_id = case_id;
  certificate.closing = thread::MakeClosingNotice(notice, nurse.device.signing.key).value();
  certificate.years = 5;
  certificate.deleted_at = clock.Now() + Days(4000);
  const Bytes bytes =
      thread::MakeDeletionCertificate(certificate, nurse.device.signing.key).value();
  store.Write(
      [&](server::WriteTransaction& transaction) {
        return transaction.DeleteThread({case_id, clock.Now(), bytes, {doctor.person->Ref()}});
      },
      [](const Status& status) { EXPECT_TRUE(status.ok()); });
  v1::ReadRequest request;
  request.set_case_id(ToString(case_id.view()));
  request.set_limit(10);
  const auto read = [&](const Handset& by) {
    return Await<v1::ReadResponse>(
        [&](const auto& reply) { handler->Read(by.Caller(), request, reply); });
  };
  ASSERT_TRUE(read(doctor)->has_deleted());
  EXPECT_EQ(read(doctor)->deleted().SerializeAsString(), ToString(bytes));
  EXPECT_TRUE(read(stranger)->has_not_a_member());
}

class GiveBackCalls : public ThreadsCalls {
 protected:
  static v1::GiveBackRequest RequestOfView(const server::GiveBackView& view) {
    v1::GiveBackRequest out;
    out.set_case_id(ToString(view.case_id.view()));
    out.set_held_seq(view.held_seq);
    out.set_held_hash(ToString(view.held_hash));
    out.set_go_on(view.go_on);
    for (const thread::EntryView& entry : view.entries) {
      auto& to = *out.add_entries();
      to.set_case_id(out.case_id());
      to.set_seq(entry.seq);
      to.set_kind(static_cast<seal::v1::EntryKind>(entry.kind));
      to.set_received_at(entry.received_at.value);
      to.set_payload(ToString(entry.payload));
      to.set_hash(ToString(entry.hash));
    }
    for (const auto& link : view.links) {
      auto& to = *out.add_links();
      to.set_kind(static_cast<seal::v1::EntryKind>(link.kind));
      to.set_received_at(link.received_at.value);
      to.set_payload_hash(ToString(link.payload_hash));
    }
    EXPECT_TRUE(out.mutable_proof()->ParseFromString(ToString(view.proof)));
    for (const thread::Envelope& envelope : view.envelopes) {
      EXPECT_TRUE(
          out.add_envelopes()->ParseFromString(ToString(thread::SerializeEnvelope(envelope))));
    }
    return out;
  }
  Result<v1::GiveBackResponse> Call(const Handset& by, const v1::GiveBackRequest& request) {
    return Await<v1::GiveBackResponse>(
        [&](const auto& reply) { handler->GiveBack(by.Caller(), request, reply); });
  }
  std::string Told(const v1::GiveBackRequest& request) {
    const auto response = Call(nurse, request);
    if (!response.ok()) {
      return CodeName(response.error().code());
    }
    return response->has_refused() ? v1::GiveBackResponse::Refusal_Name(response->refused())
                                   : (response->has_standing() ? "standing" : "not a member");
  }
};

TEST_F(GiveBackCalls, WhatIsGivenBackIsTakenAndTheStandingTold) {
  EXPECT_EQ(Told(RequestOfView(Giving())), "REFUSAL_NOT_RESTORED");
  RestoreAll();
  const auto half =
      Call(nurse, RequestOfView(Giving(backed_up.seq + 1, backed_up.seq + 1)));  // the rest: links
  ASSERT_TRUE(half.ok() && half->has_standing());
  EXPECT_EQ(half->standing().head_seq(), backed_up.seq + 1);
  const auto all = Call(nurse, RequestOfView(Giving()));
  ASSERT_TRUE(all.ok() && all->has_standing());
  EXPECT_EQ(all->standing().head_seq(), held.seq);
  EXPECT_EQ(HeadIn(all->standing().head()).hash, held.hash);
  EXPECT_EQ(all->standing().restored_to(), backed_up.seq);
  EXPECT_EQ(all->standing().waiting_for(), 2U);
  EXPECT_FALSE(all->standing().open());
  ASSERT_TRUE(Call(doctor, RequestOfView(At(held))).ok());
  const auto last = Call(deputy, RequestOfView(At(held)));
  EXPECT_TRUE(last->standing().open());
  EXPECT_EQ(last->standing().waiting_for(), 0U);
  EXPECT_FALSE(Call(stranger, RequestOfView(At(held)))->has_standing());
}

TEST_F(GiveBackCalls, StewardsWordTravels) {
  RestoreAll();
  server::GiveBackView view = At(backed_up);
  view.go_on = true;
  EXPECT_TRUE(Call(nurse, RequestOfView(view))->standing().open());
}

TEST_F(GiveBackCalls, EveryRefusalHasItsName) {
  RestoreAll();
  EXPECT_TRUE(Call(stranger, RequestOfView(At(backed_up)))->has_not_a_member());
  server::GiveBackView unproven = Giving();
  unproven.proof = {};
  EXPECT_EQ(Told(RequestOfView(unproven)), "REFUSAL_UNPROVEN");
  server::GiveBackView fork = At(backed_up);
  fork.held_hash[0] ^= 1;
  EXPECT_EQ(Told(RequestOfView(fork)), "REFUSAL_FORK");
  EXPECT_EQ(Told(RequestOfView(Giving(backed_up.seq + 2, held.seq))), "REFUSAL_GAP");
}

TEST_F(GiveBackCalls, EntriesAreOfThisThreadAndWithinTheirBounds) {
  RestoreAll();
  const v1::GiveBackRequest good = RequestOfView(Giving());
  const auto told = [&](const auto& change) {
    v1::GiveBackRequest request = good;
    change(*request.mutable_entries(0));
    return Told(request);
  };
  using Entry = seal::v1::ThreadEntry;
  EXPECT_EQ(told([](Entry& e) { e.set_case_id(std::string(16, 'x')); }), "kMalformed");
  EXPECT_EQ(told([](Entry& e) { e.set_hash("short"); }), "kMalformed");
  EXPECT_EQ(told([](Entry& e) { e.set_payload(""); }), "kMalformed");
  EXPECT_EQ(told([](Entry& e) { e.set_payload(std::string(thread::kMaxPayloadBytes + 1, 'x')); }),
            "kMalformed");
  for (const int kind : {0, 6, -1}) {
    EXPECT_EQ(told([&](Entry& e) { e.set_kind(static_cast<seal::v1::EntryKind>(kind)); }),
              "kMalformed")
        << kind;
  }
  EXPECT_EQ(Told(good), "standing");
}

TEST_F(GiveBackCalls, IdsHashesAndNumbersAreWithinTheirBounds) {
  RestoreAll();
  const v1::GiveBackRequest good = RequestOfView(Giving());
  const auto told = [&](const auto& change) {
    v1::GiveBackRequest request = good;
    change(request);
    return Told(request);
  };
  using Request = v1::GiveBackRequest;
  EXPECT_EQ(told([](Request& r) { r.set_case_id("short"); }), "kMalformed");
  EXPECT_EQ(told([](Request& r) { r.set_held_hash("short"); }), "kMalformed");
  EXPECT_EQ(told([](Request& r) { r.add_links()->set_payload_hash("short"); }), "kMalformed");
  EXPECT_EQ(told([](Request& r) { r.mutable_envelopes(0)->set_key_id("short"); }), "kMalformed");
  EXPECT_EQ(told([](Request& r) {
              while (r.entries_size() <= static_cast<int>(server::kMaxGivenEntries)) {
                *r.add_entries() = r.entries(0);
              }
            }),
            "kTooLarge");
  EXPECT_EQ(told([](Request& r) {
              while (r.links_size() <= static_cast<int>(server::kMaxGivenLinks)) {
                r.add_links();
              }
            }),
            "kTooLarge");
}

TEST(WatchMapping, PositionsAreMappedOneByOne) {
  v1::WatchRequest request;
  EXPECT_TRUE(server::MapPositions(request)->empty());
  auto& position = *request.add_positions();
  position.set_case_id(std::string(16, 'c'));
  position.set_after(7);
  const auto mapped = server::MapPositions(request);
  ASSERT_TRUE(mapped.ok());
  ASSERT_EQ(mapped->size(), 1U);
  EXPECT_EQ((*mapped)[0].case_id.bytes[15], 'c');
  EXPECT_EQ((*mapped)[0].after, 7U);
  position.set_case_id(std::string(15, 'c'));
  EXPECT_EQ(server::MapPositions(request).error().code(), Code::kMalformed);
}

TEST(WatchMapping, PositionsAreAtMostTenThousand) {
  v1::WatchRequest request;
  for (std::size_t i = 0; i < server::kMaxWatchPositions; ++i) {
    request.add_positions()->set_case_id(std::string(16, 'c'));
  }
  EXPECT_TRUE(server::MapPositions(request).ok());
  request.add_positions()->set_case_id(std::string(16, 'c'));
  EXPECT_EQ(server::MapPositions(request).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::test
