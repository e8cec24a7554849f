// Urgent alerts.
#include <algorithm>

#include "tests/support/memory_transaction.h"

namespace renkei::test {

using namespace server;  // NOLINT(google-build-using-namespace): this file is about its rows

template <typename Wanted>
std::vector<AlertRow> MemoryTransaction::Alerts(const Wanted& wanted) const {
  std::map<std::uint64_t, AlertRow> by_age;
  for (const auto& [key, item] : c_.alerts) {
    if (item.second.state == AlertState::kOpen && wanted(item.second)) {
      by_age[item.first] = item.second;
    }
  }
  std::vector<AlertRow> out;
  for (const auto& [order, row] : by_age) {
    out.push_back(row);
  }
  return out;
}

Result<std::optional<AlertRow>> MemoryTransaction::FindAlert(const CaseId& case_id,
                                                             std::uint64_t seq) {
  const auto found = Find(c_.alerts, {case_id, seq});
  return found ? std::optional(found->second) : std::optional<AlertRow>();
}

Result<std::vector<AlertRow>> MemoryTransaction::OpenAlerts() {
  return Alerts([](const AlertRow&) { return true; });
}

Result<std::vector<AlertRow>> MemoryTransaction::OpenAlertsOf(const PersonRef& member) {
  return Alerts([&](const AlertRow& row) {
    return std::any_of(c_.spans.begin(), c_.spans.end(), [&](const auto& item) {
      const Content::PersonSpan& span = item.second;
      return span.case_id == row.case_id && span.person == member && !span.span.last;
    });
  });
}

Result<std::size_t> MemoryTransaction::CountOpenAlerts(const CaseId& case_id) {
  return Alerts([&](const AlertRow& row) { return row.case_id == case_id; }).size();
}

Result<std::size_t> MemoryTransaction::CountOpenAlertsOf(const DeviceId& sender_device) {
  return Alerts([&](const AlertRow& row) { return row.sender_device == sender_device; }).size();
}

Status MemoryTransaction::PutAlert(const AlertRow& row) {
  const auto there = Find(c_.alerts, {row.case_id, row.seq});
  const std::uint64_t order = there ? there->first : ++c_.last_id;
  return Put(c_.alerts, {row.case_id, row.seq}, std::pair(order, row));
}

}  // namespace renkei::test
