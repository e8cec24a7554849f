#include "tests/soak/final_check.h"

#include "crypto/thread/head.h"
#include "crypto/thread/notice.h"
#include "renkei/relay/v1/threads.grpc.pb.h"
#include "server/region_files.h"
#include "tests/crash/relay_process.h"

namespace renkei::soak {
namespace {

constexpr std::uint32_t kPage = 500;

void Expect(const std::string& problem) {
  if (!problem.empty()) {
    crash::Fail(problem);
  }
}

relay::v1::ReadResponse::Entries ReadOn(Line& line, const crash::Ledger& ledger) {
  relay::v1::ReadRequest request;
  request.set_case_id(ToString(ledger.case_id().view()));
  request.set_after(ledger.at().seq);
  request.set_limit(kPage);
  relay::v1::ReadResponse response;
  const Line::Answer answer = line.Ask([&](const auto& channel, grpc::ClientContext& context) {
    return relay::v1::Threads::NewStub(channel)->Read(&context, request, &response);
  });
  Expect(answer.status.ok() && response.has_entries()
             ? ""
             : "a thread cannot be read: " + answer.status.error_message());
  return response.entries();
}

// What the relay itself said in the thread nobody sent: its signature stands for it.
void Take(crash::Ledger& ledger, const seal::v1::ThreadEntry& entry, const Bytes& relay_key) {
  const auto kind = static_cast<thread::EntryKind>(entry.kind());
  const ByteView payload = AsBytes(entry.payload());
  if (kind == thread::EntryKind::kRelayNote && thread::VerifyRelayNote(payload, relay_key).ok()) {
    ledger.Sending(Sha256(payload));
  }
  const auto hash = ToArray<kHashBytes>(AsBytes(entry.hash()));
  Expect(ledger.Take({ledger.case_id(),
                      entry.seq(),
                      kind,
                      {entry.received_at()},
                      payload,
                      hash.ok() ? *hash : Hash32{}}));
}

thread::Position ReadAll(Line& line, crash::Ledger& ledger, const Bytes& relay_key,
                         const thread::Position& listened) {
  ledger.BeginAnew();
  for (bool is_complete = false; !is_complete;) {
    const auto page = ReadOn(line, ledger);
    for (const seal::v1::ThreadEntry& entry : page.entries()) {
      Take(ledger, entry, relay_key);
      if (ledger.at().seq == listened.seq && ledger.at().hash != listened.hash) {
        crash::Fail("what a desk was sent of " + ledger.case_id().Text() +
                    " is not what the thread has");
      }
    }
    is_complete = page.complete();
    const auto head = thread::VerifyHead(AsBytes(page.head().SerializeAsString()), relay_key);
    const thread::Position& at = ledger.at();
    Expect(head.ok() && (!is_complete || (head->seq == at.seq && head->hash == at.hash))
               ? ""
               : "the head that the relay signs is not the thread's last entry");
  }
  Expect(ledger.End());
  return ledger.at();
}

bool IsMistake(const server::AuditRow& row) {
  return row.outcome == "not a member" || row.outcome == "bad position" ||
         row.outcome == "kDenied" || row.outcome == "kMalformed";
}

std::unique_ptr<server::SqliteStore> OpenStore(const std::filesystem::path& data) {
  auto opened = server::SqliteStore::Open(data / server::kStoreFolder, {});
  Expect(opened.problem);
  return std::move(opened.store);
}

}  // namespace

Positions ReadEverything(const Scene& scene, const Positions& listened) {
  Positions out;
  for (const auto& desk : scene.region.desks) {
    Line line(scene, *desk);
    for (CaseFile* file : desk->cases) {
      out[file->id()] =
          ReadAll(line, file->ledger(), scene.region.relay_key(), listened.at(file->id()));
    }
  }
  return out;
}

void CheckAudit(const std::filesystem::path& data, const Tally& tally) {
  constexpr std::size_t kRows = 1000;
  const auto store = OpenStore(data);
  std::uint64_t found = 0;
  const Status status = store->Read([&](server::ReadTransaction& transaction) -> Status {
    for (std::uint64_t after = 0;;) {
      RENKEI_ASSIGN(const auto rows, transaction.ReadAudit(after, kRows));
      if (rows.empty()) {
        return Ok();
      }
      for (const server::AuditRow& row : rows) {
        found += IsMistake(row) ? 1 : 0;
      }
      after = rows.back().seq;
    }
  });
  Expect(status.ok() ? "" : "the audit log cannot be read");
  const std::uint64_t least = tally.mistakes;
  if (found < least || found > least + tally.mistakes_sent_again) {
    crash::Fail("wrong input was refused " + std::to_string(least) + " times, and is " +
                std::to_string(found) + " times in the audit log");
  }
}

void CheckRestored(const std::filesystem::path& data, const Positions& ends) {
  const auto store = OpenStore(data);
  const Status status = store->Read([&](server::ReadTransaction& transaction) -> Status {
    for (const auto& [case_id, at] : ends) {
      RENKEI_ASSIGN(const auto row, transaction.FindThread(case_id));
      Expect(row && row->head.seq == at.seq && row->head.hash == at.hash
                 ? ""
                 : "the restored backup has not all of " + case_id.Text());
    }
    return Ok();
  });
  Expect(status.ok() ? "" : "the restored backup cannot be read");
}

}  // namespace renkei::soak
