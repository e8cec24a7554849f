#include "client/core/outbox_store.h"

#include <utility>

#include "client/core/keys.h"
#include "renkei/vault/v1/record.pb.h"

namespace renkei::client {
namespace {

vault::v1::StoredOutboxItem FromItem(const OutboxItem& item) {
  vault::v1::StoredOutboxItem stored;
  stored.set_record_id(ToString(item.record_id.view()));
  stored.set_kind(item.kind);
  stored.set_content(ToString(item.content));
  stored.set_created_at(item.created_at.value);
  stored.set_urgent(item.urgent);
  stored.set_attempts(item.attempts);
  stored.set_waiting(static_cast<std::uint32_t>(item.waiting));
  stored.set_sealed(ToString(item.sealed));
  stored.set_acknowledged(item.acknowledged);
  if (item.pack_key.has_value()) {
    stored.set_pack_key(ToString(*item.pack_key));
  }
  stored.set_pack(ToString(item.pack));
  stored.set_generation(item.at.generation);
  stored.set_epoch(item.at.epoch);
  stored.set_alert_plan(ToString(item.alert_plan));
  stored.set_alert_seq(item.alert_seq);
  stored.set_retry_at(item.retry_at.value);
  return stored;
}

Result<OutboxItem> ToItem(ByteView key, ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredOutboxItem>(value));
  if (key.size() != kIdBytes + 9) {
    return Error(Code::kCorrupt, "outbox: damaged key");
  }
  OutboxItem item;
  RENKEI_ASSIGN(item.case_id, CaseId::FromBytes(key.first(kIdBytes)));
  item.place = ToBytes(key.subspan(kIdBytes));
  RENKEI_ASSIGN(item.record_id, StoredId<RecordId>(stored.record_id()));
  item.kind = stored.kind();
  item.content = ToBytes(stored.content());
  item.created_at = {stored.created_at()};
  item.urgent = stored.urgent();
  item.attempts = stored.attempts();
  item.waiting = static_cast<WaitReason>(stored.waiting());
  item.sealed = ToBytes(stored.sealed());
  item.acknowledged = stored.acknowledged();
  if (!stored.pack_key().empty()) {
    RENKEI_ASSIGN(item.pack_key, StoredHash(stored.pack_key()));
  }
  item.pack = ToBytes(stored.pack());
  item.at = {stored.generation(), stored.epoch()};
  item.alert_plan = ToBytes(stored.alert_plan());
  item.alert_seq = stored.alert_seq();
  item.retry_at = {stored.retry_at()};
  return item;
}

Result<std::vector<OutboxItem>> ToItems(const std::vector<Row>& rows) {
  std::vector<OutboxItem> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(auto item, ToItem(row.key, row.value));
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace

const char* WaitReasonText(WaitReason reason) {
  switch (reason) {
    case WaitReason::kNotTried:
      return "waiting for its turn";
    case WaitReason::kNoConnection:
      return "no connection to the relay";
    case WaitReason::kNotJoined:
      return "this device has not joined the case yet";
    case WaitReason::kRemoved:
      return "you are no longer a member of this case";
    case WaitReason::kRefused:
      return "the relay does not take it";
    case WaitReason::kThrottled:
      return "the relay asks to wait";
    case WaitReason::kNoSpaceLeft:
      return "the relay has no space left for your institution; its operator has to give more";
    case WaitReason::kCaseStopped:
      return "the relay does not deliver this case completely";
    case WaitReason::kRelayFull:
      return "the relay cannot store anything now";
    case WaitReason::kReturning:
      return "the relay was restored from a backup and waits for the other devices of this case";
  }
  return "waiting";
}

Status OutboxStore::Add(OutboxItem& item, Priority priority) {
  const Bytes prefix =
      RowKey(item.case_id.view()).AddU8(static_cast<std::uint8_t>(priority)).bytes();
  ScanOptions newest;
  newest.limit = 1;
  newest.descending = true;
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kOutbox, prefix, newest));
  std::uint64_t order = 1;
  if (!rows.empty()) {
    RENKEI_ASSIGN(const std::uint64_t last, LastU64(rows.front().key));
    order = last + 1;
  }
  item.place = RowKey().AddU8(static_cast<std::uint8_t>(priority)).AddU64(order).bytes();
  return Save(item);
}

Status OutboxStore::AddPack(const CaseId& case_id, const Hash32& key_id, Millis now) {
  OutboxItem item;
  item.case_id = case_id;
  item.pack_key = key_id;
  item.created_at = now;
  return Add(item, Priority::kNormal);
}

Status OutboxStore::Save(const OutboxItem& item) {
  return vault_.Put(Table::kOutbox, RowKey(item.case_id.view()).Add(item.place).bytes(),
                    AsBytes(FromItem(item).SerializeAsString()));
}

Status OutboxStore::Erase(const CaseId& case_id, ByteView place) {
  return vault_.Erase(Table::kOutbox, RowKey(case_id.view()).Add(place).bytes());
}

Result<std::vector<OutboxItem>> OutboxStore::Items(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kOutbox, case_id.view(), {}));
  return ToItems(rows);
}

Result<std::vector<OutboxItem>> OutboxStore::All() {
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kOutbox, {}, {}));
  return ToItems(rows);
}

Result<std::optional<OutboxItem>> OutboxStore::FindRecord(const CaseId& case_id,
                                                          const RecordId& record_id) {
  RENKEI_ASSIGN(auto items, Items(case_id));
  for (OutboxItem& item : items) {
    if (!item.is_pack() && item.record_id == record_id) {
      return std::optional<OutboxItem>(std::move(item));
    }
  }
  return std::optional<OutboxItem>();
}

}  // namespace renkei::client
