#include "tests/crash/ledger.h"

#include "crypto/thread/entry.h"

namespace renkei::crash {
namespace {

What WhatIs(const thread::EntryView& entry) {
  if (entry.kind != thread::EntryKind::kCommit) {
    return Sha256(entry.payload);
  }
  const auto commit = thread::ParseCommitPayload(entry.payload);
  return commit.ok() ? commit->card.hash : What{};
}

}  // namespace

void Ledger::Sending(const What& what) {
  const std::lock_guard lock(mutex_);
  sent_.insert(what);
}

std::string Ledger::Acknowledged(const What& what, const thread::Position& at) {
  const std::lock_guard lock(mutex_);
  sent_.insert(what);
  const auto [it, is_new] = promised_.try_emplace(at.seq, Promise{what, at.hash});
  if (!is_new && (it->second.what != what || it->second.hash != at.hash)) {
    return "entry " + std::to_string(at.seq) + " was acknowledged twice, differently";
  }
  return "";
}

void Ledger::Refused(const What& what) {
  const std::lock_guard lock(mutex_);
  sent_.erase(what);
}

void Ledger::BeginAnew() {
  const std::lock_guard lock(mutex_);
  at_ = thread::StartOf(case_id_);
  came_.clear();
}

std::string Ledger::Take(const thread::EntryView& entry) {
  const std::lock_guard lock(mutex_);
  const std::string name = "entry " + std::to_string(entry.seq) + " of " + case_id_.Text();
  const auto next = thread::CheckNext(case_id_, at_, entry);
  if (!next.ok()) {
    return name + " breaks the chain behind " + std::to_string(at_.seq);
  }
  const What what = WhatIs(entry);
  if (sent_.count(what) == 0) {
    return name + " was never sent";
  }
  if (!came_.emplace(what, entry.seq).second) {
    return name + " is there a second time";
  }
  const auto promised = promised_.find(entry.seq);
  if (promised != promised_.end() &&
      (promised->second.what != what || promised->second.hash != entry.hash)) {
    return name + " is not the one that was acknowledged there";
  }
  at_ = *next;
  return "";
}

std::string Ledger::End() const {
  const std::lock_guard lock(mutex_);
  if (!promised_.empty() && promised_.rbegin()->first > at_.seq) {
    return "entry " + std::to_string(promised_.rbegin()->first) + " of " + case_id_.Text() +
           " was acknowledged and is lost: the thread ends at " + std::to_string(at_.seq);
  }
  return "";
}

std::size_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return promised_.size();
}

}  // namespace renkei::crash
