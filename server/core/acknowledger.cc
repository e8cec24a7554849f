#include "server/core/acknowledger.h"

#include <map>
#include <utility>

#include "server/core/answer_run.h"
#include "server/core/watch_hub.h"

namespace renkei::server {
namespace {

// The entry that is acknowledged; null: nothing is.
Acknowledged* EntryOf(PostOutcome& outcome) {
  if (auto* accepted = std::get_if<Accepted>(&outcome)) {
    return &accepted->entry;
  }
  auto* duplicate = std::get_if<Duplicate>(&outcome);
  return duplicate != nullptr ? &duplicate->entry : nullptr;
}

}  // namespace

void Acknowledger::Prepare(const CaseId& case_id, PostOutcome& outcome) const {
  if (Acknowledged* entry = EntryOf(outcome)) {
    entry->signed_head = signer_.Sign(case_id, entry->at);
  }
}

void Acknowledger::Add(const CaseId& case_id, PostOutcome outcome,
                       std::shared_ptr<const std::vector<PersonRef>> readers,
                       const Reply<PostOutcome>& reply, ByteView record) {
  if (EntryOf(outcome) == nullptr) {
    return reply(std::move(outcome));
  }
  waiting_.push_back({case_id, std::move(outcome), std::move(readers), reply, record});
}

void Acknowledger::Flush() {
  std::vector<Waiting> answered = std::exchange(waiting_, {});
  TellWatchers(answered);
  SignHeads(answered);
  const AnswerRun run;
  for (Waiting& each : answered) {
    each.reply(std::move(each.outcome));
  }
}

void Acknowledger::Answer(const CaseId& case_id, PostOutcome outcome,
                          const Reply<PostOutcome>& reply) const {
  Prepare(case_id, outcome);
  reply(std::move(outcome));
}

void Acknowledger::SignHeads(std::vector<Waiting>& answered) const {
  std::vector<Acknowledged*> unsigned_entries;
  std::vector<thread::Head> heads;
  for (Waiting& each : answered) {
    Acknowledged* entry = EntryOf(each.outcome);
    if (entry->signed_head.empty()) {
      unsigned_entries.push_back(entry);
      heads.push_back(signer_.HeadAt(each.case_id, entry->at));
    }
  }
  std::vector<Bytes> signed_heads = signer_.SignAll(heads);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    unsigned_entries[i]->signed_head = std::move(signed_heads[i]);
  }
}

// Each thread once, as long as only records follow each other under one roster.
void Acknowledger::TellWatchers(const std::vector<Waiting>& answered) const {
  struct Run {
    const Waiting* first;
    std::vector<thread::EntryView> records;
  };
  std::vector<Run> runs;
  std::map<CaseId, std::size_t> newest;  // of each thread, its last run
  for (const Waiting& each : answered) {
    const auto* accepted = std::get_if<Accepted>(&each.outcome);
    if (accepted == nullptr || !each.readers) {
      continue;
    }
    const auto it = newest.find(each.case_id);
    const bool goes_on = it != newest.end() && !each.record.empty() &&
                         !runs[it->second].records.empty() &&
                         runs[it->second].first->readers == each.readers;
    if (!goes_on) {
      newest[each.case_id] = runs.size();
      runs.push_back({&each, {}});
    }
    if (!each.record.empty()) {
      const thread::Position& at = accepted->entry.at;
      runs[newest[each.case_id]].records.push_back(
          {each.case_id, at.seq, thread::EntryKind::kRecord, at.received_at, each.record, at.hash});
    }
  }
  for (const Run& run : runs) {
    if (run.records.empty()) {
      hub_.ThreadChanged(run.first->case_id, *run.first->readers);
    } else {
      hub_.RecordsAdded(run.first->case_id, run.first->readers, run.records);
    }
  }
}

}  // namespace renkei::server
