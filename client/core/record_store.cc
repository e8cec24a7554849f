#include "client/core/record_store.h"

#include <algorithm>
#include <utility>

#include "client/core/keys.h"
#include "renkei/vault/v1/record.pb.h"

namespace renkei::client {
namespace {

constexpr std::size_t kPersonBytes = 2 * kIdBytes;
constexpr std::size_t kMinPrefixCharacters = 4;

Bytes PlaceKey(const RecordId& record_id) {
  return RowKey("i").Add(record_id.view()).bytes();
}

Bytes StandingPrefix(const CaseId& case_id, const RecordId& record_id) {
  return RowKey(case_id.view()).AddText("r").Add(record_id.view()).bytes();
}

Result<thread::PersonRef> LastPerson(ByteView key) {
  if (key.size() < kPersonBytes) {
    return Error(Code::kCorrupt, "vault: damaged key");
  }
  const ByteView tail = key.last(kPersonBytes);
  thread::PersonRef person;
  RENKEI_ASSIGN(person.institution, InstitutionId::FromBytes(tail.first(kIdBytes)));
  RENKEI_ASSIGN(person.person, PersonId::FromBytes(tail.last(kIdBytes)));
  return person;
}

Result<std::optional<RecordId>> OptionalId(const std::string& bytes) {
  if (bytes.empty()) {
    return std::optional<RecordId>();
  }
  RENKEI_ASSIGN(const auto id, StoredId<RecordId>(bytes));
  return std::optional<RecordId>(id);
}

std::string OptionalBytes(const std::optional<RecordId>& id) {
  return id.has_value() ? ToString(id->view()) : std::string();
}

std::optional<Millis> OptionalTime(std::int64_t value) {
  return value == 0 ? std::nullopt : std::optional<Millis>(Millis{value});
}

std::int64_t TimeValue(const std::optional<Millis>& at) {
  return at.has_value() ? at->value : 0;
}

Result<RecordRow> ToRow(ByteView key, ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredRecord>(value));
  RecordRow row;
  RENKEI_ASSIGN(row.seq, LastU64(key));
  RENKEI_ASSIGN(row.case_id, CaseId::FromBytes(key.first(key.size() - 8)));
  RENKEI_ASSIGN(row.record_id, StoredId<RecordId>(stored.record_id()));
  row.kind = stored.kind();
  RENKEI_ASSIGN(row.author.institution, StoredId<InstitutionId>(stored.institution()));
  RENKEI_ASSIGN(row.author.person, StoredId<PersonId>(stored.person()));
  RENKEI_ASSIGN(row.device, StoredId<DeviceId>(stored.device()));
  row.author_name = stored.author_name();
  row.created_at = {stored.created_at()};
  row.received_at = {stored.received_at()};
  row.urgent = stored.urgent();
  row.content = ToBytes(stored.content());
  RENKEI_ASSIGN(row.corrects, OptionalId(stored.corrects()));
  row.correction_reason = stored.correction_reason();
  RENKEI_ASSIGN(row.answers, OptionalId(stored.answers()));
  row.at = {stored.generation(), stored.epoch()};
  row.waiting_for_secret = stored.waiting_for_secret();
  row.problem = stored.problem();
  row.seen_seq = stored.seen_seq();
  if (!stored.alert_plan_hash().empty()) {
    RENKEI_ASSIGN(row.alert_plan_hash, StoredHash(stored.alert_plan_hash()));
  }
  return row;
}

vault::v1::StoredRecord FromRow(const RecordRow& row) {
  vault::v1::StoredRecord stored;
  stored.set_record_id(ToString(row.record_id.view()));
  stored.set_kind(row.kind);
  stored.set_institution(ToString(row.author.institution.view()));
  stored.set_person(ToString(row.author.person.view()));
  stored.set_device(ToString(row.device.view()));
  stored.set_author_name(row.author_name);
  stored.set_created_at(row.created_at.value);
  stored.set_received_at(row.received_at.value);
  stored.set_urgent(row.urgent);
  stored.set_content(ToString(row.content));
  stored.set_corrects(OptionalBytes(row.corrects));
  stored.set_correction_reason(row.correction_reason);
  stored.set_answers(OptionalBytes(row.answers));
  stored.set_generation(row.at.generation);
  stored.set_epoch(row.at.epoch);
  stored.set_waiting_for_secret(row.waiting_for_secret);
  stored.set_problem(row.problem);
  stored.set_seen_seq(row.seen_seq);
  if (row.has_alert()) {
    stored.set_alert_plan_hash(ToString(row.alert_plan_hash));
  }
  return stored;
}

Result<RecordPlace> ToPlace(ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredRecordPlace>(value));
  RecordPlace place;
  RENKEI_ASSIGN(place.case_id, StoredId<CaseId>(stored.case_id()));
  place.seq = stored.seq();
  RENKEI_ASSIGN(place.record_id, StoredId<RecordId>(stored.record_id()));
  RENKEI_ASSIGN(place.sender_device, StoredId<DeviceId>(stored.sender_device()));
  return place;
}

std::string FromPlace(const RecordPlace& place) {
  vault::v1::StoredRecordPlace stored;
  stored.set_case_id(ToString(place.case_id.view()));
  stored.set_seq(place.seq);
  stored.set_record_id(ToString(place.record_id.view()));
  stored.set_sender_device(ToString(place.sender_device.view()));
  return stored.SerializeAsString();
}

Result<Standing> ToStanding(ByteView value) {
  RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredStanding>(value));
  return Standing{.opened_at = OptionalTime(stored.opened_at()),
                  .acknowledged_at = OptionalTime(stored.acknowledged_at()),
                  .read_back = stored.read_back(),
                  .responding_at = OptionalTime(stored.responding_at()),
                  .opened_here = stored.opened_here()};
}

// The whole bytes that the hexadecimal text, dashes left out, begins with.
Result<Bytes> PrefixBytes(std::string_view text) {
  if (text.size() < kMinPrefixCharacters || text.size() > 2 * kIdBytes + 4) {
    return Error(Code::kMalformed, "record: write at least four characters of its number");
  }
  std::string digits;
  for (const char c : text) {
    if (c != '-') {
      digits.push_back(c);
    }
  }
  if (digits.size() % 2 == 1) {
    digits.pop_back();
  }
  return FromHex(digits);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'F') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return out;
}

}  // namespace

Status RecordStore::Save(const RecordRow& row) {
  return vault_.Put(Table::kRecords, RowKey(row.case_id.view()).AddU64(row.seq).bytes(),
                    AsBytes(FromRow(row).SerializeAsString()));
}

Result<bool> RecordStore::SaveNew(const RecordRow& row) {
  RENKEI_ASSIGN(const auto before, FindPlace(row.record_id));
  if (before.has_value()) {
    RENKEI_ASSIGN(const auto other, Find(before->case_id, before->seq));
    if (!other.has_value() || other->problem.empty()) {
      return false;
    }
  }
  RENKEI_TRY(Save(row));
  RENKEI_TRY(vault_.Put(Table::kRecordIndex, PlaceKey(row.record_id),
                        AsBytes(FromPlace({row.case_id, row.seq, row.record_id, row.device}))));
  return true;
}

Result<std::optional<RecordRow>> RecordStore::Find(const CaseId& case_id, std::uint64_t seq) {
  const RowKey key = RowKey(case_id.view()).AddU64(seq);
  RENKEI_ASSIGN(const auto value, vault_.Get(Table::kRecords, key.bytes()));
  if (!value.has_value()) {
    return std::optional<RecordRow>();
  }
  RENKEI_ASSIGN(auto row, ToRow(key.bytes(), *value));
  return std::optional<RecordRow>(std::move(row));
}

Result<std::vector<RecordRow>> RecordStore::Records(const CaseId& case_id, std::uint64_t after) {
  ScanOptions options;
  options.after = RowKey(case_id.view()).AddU64(after).bytes();
  RENKEI_ASSIGN(const auto rows, vault_.Scan(Table::kRecords, case_id.view(), options));
  std::vector<RecordRow> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(auto each, ToRow(row.key, row.value));
    out.push_back(std::move(each));
  }
  return out;
}

Result<std::optional<RecordPlace>> RecordStore::FindPlace(const RecordId& record_id) {
  RENKEI_ASSIGN(const auto value, vault_.Get(Table::kRecordIndex, PlaceKey(record_id)));
  if (!value.has_value()) {
    return std::optional<RecordPlace>();
  }
  RENKEI_ASSIGN(const auto place, ToPlace(*value));
  return std::optional<RecordPlace>(place);
}

Result<std::vector<RecordPlace>> RecordStore::FindPlaces(std::string_view text, std::size_t limit) {
  RENKEI_ASSIGN(const Bytes prefix, PrefixBytes(text));
  const std::string wanted = Lower(text);
  RENKEI_ASSIGN(const auto rows,
                vault_.Scan(Table::kRecordIndex, RowKey("i").Add(prefix).bytes(), {}));
  std::vector<RecordPlace> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto place, ToPlace(row.value));
    const std::string id = place.record_id.Text();
    const bool plain = wanted.find('-') == std::string::npos;
    if ((plain ? ToHex(place.record_id.view()) : id).starts_with(wanted) && out.size() < limit) {
      out.push_back(place);
    }
  }
  return out;
}

Status RecordStore::SaveCorrection(const RecordId& corrected, const RecordPlace& correction) {
  return vault_.Put(Table::kRecordIndex,
                    RowKey("c").Add(corrected.view()).AddU64(correction.seq).bytes(),
                    AsBytes(FromPlace(correction)));
}

Result<std::vector<RecordPlace>> RecordStore::Corrections(const RecordId& corrected) {
  RENKEI_ASSIGN(const auto rows,
                vault_.Scan(Table::kRecordIndex, RowKey("c").Add(corrected.view()).bytes(), {}));
  std::vector<RecordPlace> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto place, ToPlace(row.value));
    out.push_back(place);
  }
  return out;
}

Status RecordStore::SaveStanding(const CaseId& case_id, const RecordId& record_id,
                                 const thread::PersonRef& person, const Standing& standing) {
  vault::v1::StoredStanding stored;
  stored.set_opened_at(TimeValue(standing.opened_at));
  stored.set_acknowledged_at(TimeValue(standing.acknowledged_at));
  stored.set_read_back(standing.read_back);
  stored.set_responding_at(TimeValue(standing.responding_at));
  stored.set_opened_here(standing.opened_here);
  return vault_.Put(Table::kReceipts,
                    RowKey(StandingPrefix(case_id, record_id)).AddPerson(person).bytes(),
                    AsBytes(stored.SerializeAsString()));
}

Result<Standing> RecordStore::FindStanding(const CaseId& case_id, const RecordId& record_id,
                                           const thread::PersonRef& person) {
  RENKEI_ASSIGN(const auto value,
                vault_.Get(Table::kReceipts,
                           RowKey(StandingPrefix(case_id, record_id)).AddPerson(person).bytes()));
  return value.has_value() ? ToStanding(*value) : Result<Standing>(Standing{});
}

Result<std::vector<std::pair<thread::PersonRef, Standing>>> RecordStore::Standings(
    const CaseId& case_id, const RecordId& record_id) {
  RENKEI_ASSIGN(const auto rows,
                vault_.Scan(Table::kReceipts, StandingPrefix(case_id, record_id), {}));
  std::vector<std::pair<thread::PersonRef, Standing>> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto person, LastPerson(row.key));
    RENKEI_ASSIGN(auto standing, ToStanding(row.value));
    out.emplace_back(person, std::move(standing));
  }
  return out;
}

Status RecordStore::SaveHeard(const CaseId& case_id, const thread::PersonRef& person,
                              std::uint64_t seq, Millis at, std::uint64_t received_to) {
  const RowKey key = RowKey(case_id.view()).AddText("h").AddPerson(person);
  RENKEI_ASSIGN(const auto value, vault_.Get(Table::kReceipts, key.bytes()));
  vault::v1::StoredHeard heard;
  if (value.has_value()) {
    RENKEI_ASSIGN(heard, ParseRow<vault::v1::StoredHeard>(*value));
  }
  // Old entries are opened late by a newcomer: then received_to need not grow with seq.
  const bool tells_more = received_to > heard.received_to() || seq < heard.seq();
  if (received_to != 0 && tells_more) {
    vault::v1::StoredReceived received;
    received.set_received_to(received_to);
    received.set_at(at.value);
    RENKEI_TRY(vault_.Put(Table::kReceipts,
                          RowKey(case_id.view()).AddText("p").AddPerson(person).AddU64(seq).bytes(),
                          AsBytes(received.SerializeAsString())));
  }
  heard.set_received_to(std::max(heard.received_to(), received_to));
  if (seq > heard.seq()) {
    heard.set_seq(seq);
    heard.set_at(at.value);
  }
  return vault_.Put(Table::kReceipts, key.bytes(), AsBytes(heard.SerializeAsString()));
}

Result<std::vector<std::pair<thread::PersonRef, Heard>>> RecordStore::HeardOf(
    const CaseId& case_id) {
  RENKEI_ASSIGN(const auto rows,
                vault_.Scan(Table::kReceipts, RowKey(case_id.view()).AddText("h").bytes(), {}));
  std::vector<std::pair<thread::PersonRef, Heard>> out;
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto person, LastPerson(row.key));
    RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredHeard>(row.value));
    out.emplace_back(
        person,
        Heard{.seq = stored.seq(), .at = {stored.at()}, .received_to = stored.received_to()});
  }
  return out;
}

Result<std::optional<Millis>> RecordStore::ReceivedAt(const CaseId& case_id,
                                                      const thread::PersonRef& person,
                                                      std::uint64_t seq) {
  RENKEI_ASSIGN(const auto rows,
                vault_.Scan(Table::kReceipts,
                            RowKey(case_id.view()).AddText("p").AddPerson(person).bytes(), {}));
  for (const Row& row : rows) {
    RENKEI_ASSIGN(const auto stored, ParseRow<vault::v1::StoredReceived>(row.value));
    if (stored.received_to() >= seq) {
      return std::optional<Millis>(Millis{stored.at()});
    }
  }
  return std::optional<Millis>();
}

}  // namespace renkei::client
