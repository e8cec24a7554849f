#include "tests/soak/pen.h"

#include "crypto/thread/alert_plan.h"
#include "crypto/thread/notice.h"
#include "crypto/thread/sealed_secrets.h"
#include "renkei/relay/v1/alerts.grpc.pb.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "tests/crash/append_over_stream.h"
#include "tests/crash/relay_process.h"

namespace renkei::soak {
namespace {

using relay::v1::AppendRequest;
using relay::v1::AppendResponse;

constexpr std::uint64_t kAgainEach = 16;  // one record of so many is sent twice

void Expect(bool holds, const std::string& otherwise) {
  if (!holds) {
    crash::Fail(otherwise);
  }
}

std::string Text(const Line::Answer& answer) {
  return std::to_string(answer.status.error_code()) + " " + answer.status.error_message();
}

// Every second one over a stream.
Line::Answer Post(Line& line, const AppendRequest& request, AppendResponse& response) {
  const bool is_streamed = Sha256(AsBytes(request.record()))[0] % 2 == 0;
  return line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    const auto stub = relay::v1::Threads::NewStub(channel);
    return is_streamed ? crash::AppendOverStream(*stub, context, request, response)
                       : stub->Append(&context, request, &response);
  });
}

}  // namespace

thread::SealedRecord Pen::Draft(const Member& by, const bench::Case& now) {
  thread::SealedRecord record;
  SystemRandom random;
  record.header.case_id = now.card.card.case_id;
  record.header.at = now.card.card.at;
  record.header.epoch_id = now.card.card.epoch_id;
  record.header.record_id = RecordId::Generate(random);
  record.header.sender_device = by.handset->device.id;
  record.header.seen_seq = now.head.seq;
  record.header.seen_hash = now.head.hash;
  random.Fill(record.nonce);
  // Most records are short; padding makes steps of 1 KiB.
  const std::size_t more = dice_() % 4 == 0 ? dice_() % 4 : 0;
  record.ciphertext = random.NextBytes(thread::kMinCiphertextBytes + more * 1024);
  return record;
}

void Pen::Record(Line& line, CaseFile& file) {
  for (;;) {
    AppendRequest request;
    request.set_record(ToString(thread::SerializeSealedRecord(Draft(line.member(), file.Now()))));
    if (Send(line, file, request).is_stale) {
      continue;
    }
    if (dice_() % kAgainEach == 0) {
      SendAgain(line, file, request);
    }
    return;
  }
}

Pen::Place Pen::Send(Line& line, CaseFile& file, const AppendRequest& request) {
  const crash::What what = Sha256(AsBytes(request.record()));
  file.ledger().Sending(what);
  AppendResponse response;
  const Line::Answer answer = Post(line, request, response);
  Expect(answer.status.ok(), "an honest append ended in " + Text(answer));
  const Place place = Enter(file, what, response, answer.tries);
  if (!place.is_stale) {
    ++scene_.tally.records;
    scene_.tally.bytes += request.record().size() + request.alert_plan().size();
    if (answer.tries == 1) {
      scene_.tally.latencies.Add(answer.milliseconds);
    }
  }
  return place;
}

Pen::Place Pen::Enter(CaseFile& file, const crash::What& what, const AppendResponse& response,
                      int tries) {
  if (response.has_stale_epoch()) {
    file.ledger().Refused(what);
    return {true, {}};
  }
  // The answer to an earlier try may have been lost.
  Expect(response.has_accepted() || (tries > 1 && response.has_duplicate()),
         "an honest append was refused: " + response.ShortDebugString());
  const auto& done = response.has_accepted() ? response.accepted() : response.duplicate();
  Expect(done.payload_hash() == ToString(what), "an append was acknowledged with another's hash");
  const auto head =
      thread::VerifyHead(AsBytes(done.head().SerializeAsString()), scene_.region.relay_key());
  Expect(head.ok() && head->seq == done.seq(), "an acknowledgement's head is not its entry's");
  const std::string problem = file.Acknowledged(what, {head->seq, head->hash, head->received_at});
  Expect(problem.empty(), problem);
  return {false, *head};
}

void Pen::SendAgain(Line& line, CaseFile& file, const AppendRequest& request) {
  AppendResponse response;
  const Line::Answer answer = Post(line, request, response);
  Expect(answer.status.ok(), "a retry ended in " + Text(answer));
  Expect(response.has_duplicate(),
         "a retry was not told as a duplicate: " + response.ShortDebugString());
  (void)Enter(file, Sha256(AsBytes(request.record())), response, 2);
  ++scene_.tally.duplicates;
}

void Pen::Urgent(Line& line, CaseFile& file, const Member& called) {
  const auto person = called.handset->person->Ref();
  thread::AlertPlan plan;
  plan.rounds = 2;
  plan.steps = {{{{person.institution, person.person, 0}}, Minutes(15)}};
  const Bytes plan_bytes = thread::SerializeAlertPlan(plan);
  Place place;
  do {
    auto record = Draft(line.member(), file.Now());
    record.header.urgency = thread::Urgency::kUrgent;
    record.header.alert_plan_hash = thread::HashOfAlertPlan(plan_bytes);
    AppendRequest request;
    request.set_record(ToString(thread::SerializeSealedRecord(record)));
    request.set_alert_plan(ToString(plan_bytes));
    place = Send(line, file, request);
  } while (place.is_stale);
  Acknowledge(called, file, place.head.seq);
  ++scene_.tally.alerts;
}

void Pen::Acknowledge(const Member& called, CaseFile& file, std::uint64_t alert) {
  Line line(scene_, called);
  for (bool is_stale = true; is_stale;) {
    relay::v1::AcknowledgeRequest request;
    request.set_record(ToString(thread::SerializeSealedRecord(Draft(called, file.Now()))));
    request.set_alert_seq(alert);
    const crash::What what = Sha256(AsBytes(request.record()));
    file.ledger().Sending(what);
    relay::v1::AcknowledgeResponse response;
    const Line::Answer answer = line.Ask([&](const auto& channel, grpc::ClientContext& context) {
      return relay::v1::Alerts::NewStub(channel)->Acknowledge(&context, request, &response);
    });
    Expect(answer.status.ok() && response.has_appended(),
           "an urgent record cannot be acknowledged: " + Text(answer) + " " +
               response.ShortDebugString());
    is_stale = Enter(file, what, response.appended(), answer.tries).is_stale;
    Expect(is_stale || response.responder_device() == ToString(called.handset->device.id.view()),
           "who alone acknowledged is not the one who responds");
    scene_.tally.bytes += is_stale ? 0 : request.record().size();
  }
  ++scene_.tally.records;
}

void Pen::Pack(Line& line, CaseFile& file) {
  SystemRandom random;
  const thread::Card card = file.Now().card.card;
  thread::Pack pack;
  pack.case_id = file.id();
  pack.key_id = file.members().front()->person->archive.fingerprint();
  pack.sender_device = line.member().handset->device.id;
  random.Fill(pack.enc);
  pack.ciphertext = random.NextBytes(400);
  const Bytes bytes = thread::SerializePack(pack);
  thread::PackNotice notice;
  notice.case_id = pack.case_id;
  notice.key_id = pack.key_id;
  notice.sender_device = pack.sender_device;
  notice.pack_hash = Sha256(bytes);
  notice.first = {card.at.generation, 0};
  notice.last = card.at;
  notice.created_at = SystemClock().Now();
  const Bytes signed_notice =
      thread::MakePackNotice(notice, line.member().handset->device.signing.key).value();
  relay::v1::AppendPackRequest request;
  request.set_pack(ToString(bytes));
  RENKEI_CHECK(request.mutable_notice()->ParseFromString(ToString(signed_notice)));
  const crash::What what = Sha256(signed_notice);
  file.ledger().Sending(what);
  AppendResponse response;
  const Line::Answer answer = line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    return relay::v1::Threads::NewStub(channel)->AppendPack(&context, request, &response);
  });
  Expect(answer.status.ok(), "a pack ended in " + Text(answer));
  (void)Enter(file, what, response, answer.tries);
  scene_.tally.bytes += request.ByteSizeLong();
  ++scene_.tally.packs;
}

void Pen::Mistake(Line& line, CaseFile& file, const CaseFile& of_others) {
  const std::uint64_t kind = dice_() % 4;
  auto record = Draft(line.member(), kind == 0 ? of_others.Now() : file.Now());
  if (kind == 1) {
    record.header.sender_device = file.members().front()->device.id;
  } else if (kind == 2) {
    record.header.seen_hash[0] ^= 1;
  }
  AppendRequest request;
  request.set_record(kind == 3 ? "これは記録ではない（架空）"
                               : ToString(thread::SerializeSealedRecord(record)));
  AppendResponse response;
  const Line::Answer answer = Post(line, request, response);
  const bool is_refused =
      kind == 0   ? answer.status.ok() && response.has_not_a_member()
      : kind == 1 ? answer.status.error_code() == grpc::StatusCode::PERMISSION_DENIED
      : kind == 2
          ? answer.status.ok() && (response.refused() == AppendResponse::REFUSAL_BAD_POSITION ||
                                   response.has_stale_epoch())
          : answer.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT;
  Expect(is_refused, "wrong input of kind " + std::to_string(kind) + " got " + Text(answer) + " " +
                         response.ShortDebugString());
  // A race that was lost is nobody's mistake, and not in the audit log.
  scene_.tally.mistakes += response.has_stale_epoch() ? 0 : 1;
  scene_.tally.mistakes_sent_again += static_cast<std::uint64_t>(answer.tries - 1);
}

}  // namespace renkei::soak
