#include "client/core/session_impl.h"

#include <algorithm>
#include <utility>

#include "client/core/commit.h"
#include "client/core/enrol_connect.h"
#include "client/core/join.h"
#include "client/core/kinds.h"
#include "client/core/outbox.h"
#include "client/core/take_record.h"
#include "client/core/view_builder.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::client {
namespace {

constexpr std::size_t kMaxPlaces = 3;
constexpr std::size_t kMaxHits = 1000;
constexpr std::size_t kMinIdCharacters = 4;

Result<care::v1::Content> ParseContent(ByteView bytes) {
  care::v1::Content content;
  if (!content.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      content.body_case() == care::v1::Content::BODY_NOT_SET) {
    return Error(Code::kMalformed, "record: no form");
  }
  return content;
}

std::uint32_t KindOf(const care::v1::Content& content) {
  return static_cast<std::uint32_t>(content.body_case());
}

bool Begins(const RecordId& id, std::string_view text) {
  std::string wanted(text);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return id.Text().starts_with(wanted) || ToHex(id.view()).starts_with(wanted);
}

}  // namespace

Status MarkOlderCopy(Vault& vault) {
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(vault));
  RENKEI_TRY(vault.Put(Table::kMeta, AsBytes(kOlderCopyMark), AsBytes("1")));
  RENKEI_TRY(vault.ClearOlderCopy());
  return transaction.Commit();
}

Result<std::unique_ptr<Session>> Session::Open(const Environment& environment) {
  RENKEI_ASSIGN(auto identity, LoadIdentity(environment.vault));
  RENKEI_ASSIGN(auto directory, Directory::Open(environment.vault, identity.root_der));
  auto session =
      std::make_unique<SessionImpl>(environment, std::move(identity), std::move(directory));
  RENKEI_TRY(session->Prepare());
  return std::unique_ptr<Session>(std::move(session));
}

SessionImpl::SessionImpl(const Environment& environment, Identity identity,
                         std::unique_ptr<Directory> directory)
    : environment_(environment),
      identity_(std::move(identity)),
      directory_(std::move(directory)),
      core_{.vault = environment.vault,
            .clock = environment.clock,
            .random = environment.random,
            .identity = identity_,
            .directory = *directory_,
            .search_text = environment.search_text,
            .cases = CaseStore(environment.vault),
            .groups = GroupStore(environment.vault),
            .records = RecordStore(environment.vault)} {}

Status SessionImpl::Prepare() {
  RENKEI_ASSIGN(const auto marked, core_.vault.Get(Table::kMeta, AsBytes(kOlderCopyMark)));
  if (marked.has_value() || core_.vault.OpenedOlderCopy()) {
    RENKEI_TRY(ForgetGroups(core_));
  }
  return core_.vault.IndexIsStale() ? RefreshIndex() : Ok();
}

Status SessionImpl::RefreshIndex() {
  RENKEI_ASSIGN(const auto rows, core_.cases.Rows());
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core_.vault));
  RENKEI_TRY(core_.vault.ResetIndex());
  for (const CaseRow& row : rows) {
    RENKEI_ASSIGN(const auto records, core_.records.Records(row.case_id, 0));
    for (const RecordRow& record : records) {
      if (kinds::IsWritten(record.kind) && record.problem.empty()) {
        RENKEI_TRY(core_.vault.IndexText(record.case_id, record.record_id,
                                         core_.search_text(record.content)));
      }
    }
  }
  return transaction.Commit();
}

PersonView SessionImpl::Self() const {
  auto found = core_.directory.FindPerson(core_.self());
  PersonView view;
  if (found.ok() && found->has_value()) {
    view = std::move(**found);
  } else {
    // Before the first sync the own certificate is all there is.
    const auto certificate = pki::Certificate::Parse(identity_.signing_certificate);
    if (certificate.ok()) {
      view.name = certificate->name();
      view.profession = std::string(pki::NamesOf(certificate->profession()).certificate);
      view.institution = certificate->organization();
    }
    view.institution_id = identity_.institution;
    view.person_id = identity_.person;
  }
  view.self = true;
  return view;
}

std::vector<PersonView> SessionImpl::People() const {
  auto people = core_.directory.People();
  if (!people.ok()) {
    return {};
  }
  for (PersonView& person : *people) {
    person.self = thread::PersonRef{person.institution_id, person.person_id} == core_.self();
  }
  return std::move(*people);
}

Result<PersonView> SessionImpl::FindPerson(std::string_view text) const {
  RENKEI_ASSIGN(auto person, core_.directory.FindPerson(text));
  person.self = thread::PersonRef{person.institution_id, person.person_id} == core_.self();
  return person;
}

Result<Relay*> SessionImpl::Connect() {
  if (relay_ == nullptr) {
    RENKEI_ASSIGN(relay_, ConnectAs(environment_, identity_));
  }
  return relay_.get();
}

Result<CaseId> SessionImpl::NewCase(ByteView patient) {
  RENKEI_ASSIGN(const auto content, ParseContent(patient));
  if (KindOf(content) != kinds::kPatient) {
    return Error(Code::kMalformed, "case: not a patient's form");
  }
  RENKEI_ASSIGN(Relay * relay, Connect());
  RENKEI_TRY(core_.directory.Sync(*relay, core_.now()));  // also tells whether it can be reached
  OpenCase open = NewOpenCase(CaseId::Generate(core_.random));
  thread::CasePolicy policy;
  policy.stewards = {core_.self()};
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core_.vault));
  RENKEI_TRY(SaveCreate(core_, open, policy));
  RENKEI_TRY(QueueRecord(core_, open.id(), kinds::kPatient, patient, false, Priority::kNormal));
  RENKEI_TRY(transaction.Commit());
  RENKEI_TRY(TrySend(open.id()));
  return open.id();
}

Result<std::vector<CaseView>> SessionImpl::ListCases() {
  RENKEI_ASSIGN(const auto rows, core_.cases.Rows());
  ViewBuilder views(core_);
  std::vector<CaseView> out;
  for (const CaseRow& row : rows) {
    RENKEI_ASSIGN(auto view, views.Case(row));
    out.push_back(std::move(view));
  }
  return out;
}

Result<CaseView> SessionImpl::ShowCase(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto row, core_.cases.FindRow(case_id));
  if (!row.has_value()) {
    return Error(Code::kNotFound, "case: no such case here");
  }
  return ViewBuilder(core_).Case(*row);
}

Result<thread::PersonRef> SessionImpl::PersonOf(const PersonId& person) {
  RENKEI_ASSIGN(const auto found, core_.directory.FindPerson(person.Text()));
  return thread::PersonRef{found.institution_id, found.person_id};
}

// A commit is saved before it is sent, and sent again by every sync until it is answered: whoever
// was not answered must not be told that nothing was changed.
Status SessionImpl::AfterLostAnswer(const CaseId& case_id, const thread::PersonRef& who, bool add,
                                    const Error& error) {
  const Code code = error.code();
  if (code != Code::kUnavailable && code != Code::kThrottled && code != Code::kAuthFailed) {
    return error;
  }
  RENKEI_ASSIGN(const OpenCase open, LoadCase(core_, case_id));
  if (open.sent.has_value()) {
    return Error(Code::kUnavailable, "case: the change is saved and not answered yet");
  }
  const bool done = open.card.has_value() && thread::HasPerson(open.card->card, who) == add;
  return done ? Ok() : Status(error);
}

Status SessionImpl::ChangeMembers(const CaseId& case_id, const PersonId& person, bool add) {
  RENKEI_ASSIGN(Relay * relay, Connect());
  RENKEI_TRY(SyncDirectory(*relay));
  RENKEI_ASSIGN(const auto who, PersonOf(person));
  if (!add && who == core_.self()) {
    return Error(Code::kDenied, "case: nobody can remove themselves; ask another member");
  }
  RENKEI_ASSIGN(OpenCase open, LoadCase(core_, case_id));
  Changes changes;
  const Status synced = SyncCase(*relay, open, changes);
  KeepNews(changes);
  RENKEI_TRY(synced);
  if (open.row.removed) {
    return Error(Code::kDenied, "case: you are not a member of it");
  }
  if (!add && open.card.has_value() && !thread::HasPerson(open.card->card, who)) {
    return Error(Code::kNotFound, "case: that person is no member");
  }
  Change change;
  (add ? change.add : change.remove).push_back(who);
  Changes of_change;
  const Status changed = ChangeCase(core_, *relay, open, change, of_change);
  KeepNews(of_change);
  if (!changed.ok()) {
    RENKEI_TRY(AfterLostAnswer(case_id, who, add, changed.error()));
  }
  return TrySend(case_id);  // what the newcomer is owed
}

Status SessionImpl::AddMember(const CaseId& case_id, const PersonId& person) {
  return ChangeMembers(case_id, person, true);
}

Status SessionImpl::RemoveMember(const CaseId& case_id, const PersonId& person) {
  return ChangeMembers(case_id, person, false);
}

Result<RecordView> SessionImpl::Post(const CaseId& case_id, ByteView bytes,
                                     const PostOptions& options) {
  RENKEI_ASSIGN(auto content, ParseContent(bytes));
  const std::uint32_t kind = KindOf(content);
  RENKEI_ASSIGN(const auto row, core_.cases.FindRow(case_id));
  if (!row.has_value()) {
    return Error(Code::kNotFound, "case: no such case here");
  }
  if (row->removed) {
    return Error(Code::kDenied, "case: you are not a member of it");
  }
  RENKEI_TRY(SetReferences(case_id, options, content));
  RENKEI_ASSIGN(Bytes plan, PlanFor(*row, options));
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core_.vault));
  RENKEI_ASSIGN(auto item, QueueRecord(core_, case_id, kind, AsBytes(content.SerializeAsString()),
                                       options.urgent,
                                       options.urgent ? Priority::kUrgent : Priority::kNormal));
  item.alert_plan = std::move(plan);
  RENKEI_TRY(OutboxStore(core_.vault).Save(item));
  RENKEI_TRY(transaction.Commit());
  RENKEI_TRY(TrySend(case_id));
  return Record(item.record_id);
}

Status SessionImpl::SetReferences(const CaseId& case_id, const PostOptions& options,
                                  care::v1::Content& content) {
  if (options.corrects.has_value()) {
    RENKEI_ASSIGN(const auto corrected, Record(*options.corrects));
    if (corrected.case_id != case_id || !kinds::IsWritten(corrected.kind)) {
      return Error(Code::kNotFound, "record: what is corrected is not in this case");
    }
    if (corrected.kind != KindOf(content)) {
      return Error(Code::kMalformed, "record: a correction is of the same kind as the original");
    }
    if (options.correction_reason.empty()) {
      return Error(Code::kMalformed, "record: a correction needs a reason");
    }
    content.set_corrects(ToString(options.corrects->view()));
    content.set_correction_reason(options.correction_reason);
  }
  if (options.answers.has_value()) {
    RENKEI_ASSIGN(const auto answered, Record(*options.answers));
    if (answered.case_id != case_id) {
      return Error(Code::kNotFound, "record: what is answered is not in this case");
    }
    content.set_answers(ToString(options.answers->view()));
  }
  return Ok();
}

Result<std::vector<RecordView>> SessionImpl::Records(const CaseId& case_id) {
  RENKEI_ASSIGN(const auto row, core_.cases.FindRow(case_id));
  if (!row.has_value()) {
    return Error(Code::kNotFound, "case: no such case here");
  }
  return ViewBuilder(core_).Records(case_id);
}

Result<std::optional<OutboxItem>> SessionImpl::FindWaiting(const RecordId& record_id) {
  OutboxStore outbox(core_.vault);
  RENKEI_ASSIGN(auto items, outbox.All());
  for (OutboxItem& item : items) {
    if (!item.is_pack() && item.record_id == record_id) {
      return std::optional<OutboxItem>(std::move(item));
    }
  }
  return std::optional<OutboxItem>();
}

Result<RecordRow> SessionImpl::FindRow(const RecordId& record_id) {
  RENKEI_ASSIGN(const auto place, core_.records.FindPlace(record_id));
  if (!place.has_value()) {
    return Error(Code::kNotFound, "record: no such record here");
  }
  RENKEI_ASSIGN(auto row, core_.records.Find(place->case_id, place->seq));
  if (!row.has_value()) {
    return Error(Code::kCorrupt, "record: its row is missing");
  }
  return std::move(*row);
}

Result<RecordView> SessionImpl::Record(const RecordId& record_id) {
  RENKEI_ASSIGN(const auto waiting, FindWaiting(record_id));
  if (waiting.has_value()) {
    return ViewBuilder(core_).Waiting(*waiting);
  }
  RENKEI_ASSIGN(const auto row, FindRow(record_id));
  return ViewBuilder(core_).Record(row);
}

Result<RecordId> SessionImpl::FindRecord(std::string_view text) {
  if (text.size() < kMinIdCharacters) {
    return Error(Code::kNotFound, "record: write at least four characters of its number");
  }
  std::vector<RecordId> found;
  const auto places = core_.records.FindPlaces(text, kMaxPlaces);
  if (!places.ok() && places.error().code() != Code::kMalformed) {
    return places.error();
  }
  for (const RecordPlace& place : places.ok() ? *places : std::vector<RecordPlace>()) {
    found.push_back(place.record_id);
  }
  OutboxStore outbox(core_.vault);
  RENKEI_ASSIGN(const auto items, outbox.All());
  for (const OutboxItem& item : items) {
    const bool known = std::find(found.begin(), found.end(), item.record_id) != found.end();
    if (!item.is_pack() && !known && Begins(item.record_id, text)) {
      found.push_back(item.record_id);
    }
  }
  if (found.empty()) {
    return Error(Code::kNotFound, "record: no such record here");
  }
  if (found.size() > 1) {
    return Error(Code::kConflict, "record: several numbers begin like that; write more of it");
  }
  return found.front();
}

Status SessionImpl::MarkOpened(const CaseId& case_id, const std::vector<RecordId>& records) {
  RENKEI_ASSIGN(auto row, core_.cases.FindRow(case_id));
  if (!row.has_value()) {
    return Error(Code::kNotFound, "case: no such case here");
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core_.vault));
  std::vector<RecordId> fresh;
  for (const RecordId& id : records) {
    RENKEI_ASSIGN(const auto place, core_.records.FindPlace(id));
    if (!place.has_value() || place->case_id != case_id) {
      continue;  // waits in the outbox: the person's own
    }
    RENKEI_ASSIGN(const auto record, core_.records.Find(case_id, place->seq));
    if (!record.has_value() || record->author == core_.self() || !record->problem.empty()) {
      continue;
    }
    RENKEI_ASSIGN(const bool news, TakeOpenedHere(core_, *row, *record));
    if (news) {
      fresh.push_back(id);
    }
  }
  if (fresh.empty()) {
    return Ok();
  }
  RENKEI_TRY(core_.cases.SaveRow(*row));
  if (!row->removed) {
    RENKEI_TRY(QueueOpened(core_, case_id, fresh));
  }
  RENKEI_TRY(transaction.Commit());
  return TrySend(case_id);
}

Result<RecordView> SessionImpl::PostAbout(const RecordId& record_id, ByteView content,
                                          std::uint32_t kind) {
  RENKEI_ASSIGN(const auto record, FindRow(record_id));
  if (!record.problem.empty() || !kinds::IsWritten(record.kind)) {
    return Error(Code::kNotFound, "record: no readable record of that number");
  }
  if (record.author == core_.self()) {
    return Error(Code::kDenied, "record: it is your own");
  }
  RENKEI_ASSIGN(auto row, core_.cases.FindRow(record.case_id));
  if (!row.has_value() || row->removed) {
    return Error(Code::kDenied, "case: you are not a member of it");
  }
  RENKEI_ASSIGN(auto transaction, Transaction::Begin(core_.vault));
  RENKEI_TRY(TakeOpenedHere(core_, *row, record));
  RENKEI_TRY(core_.cases.SaveRow(*row));
  RENKEI_ASSIGN(auto item,
                QueueRecord(core_, record.case_id, kind, content, false, Priority::kUrgent));
  if (kind == kinds::kAcknowledgement && record.has_alert()) {
    item.alert_seq = record.seq;
    RENKEI_TRY(OutboxStore(core_.vault).Save(item));
  }
  RENKEI_TRY(transaction.Commit());
  RENKEI_TRY(TrySend(record.case_id));
  return Record(item.record_id);
}

Result<RecordView> SessionImpl::Acknowledge(const RecordId& record_id, std::string_view read_back) {
  if (read_back.empty()) {
    return Error(Code::kMalformed, "record: an acknowledgement needs a read-back");
  }
  care::v1::Content content;
  content.mutable_acknowledgement()->set_record_id(ToString(record_id.view()));
  content.mutable_acknowledgement()->set_read_back(std::string(read_back));
  return PostAbout(record_id, AsBytes(content.SerializeAsString()), kinds::kAcknowledgement);
}

Result<RecordView> SessionImpl::Respond(const RecordId& record_id) {
  care::v1::Content content;
  content.mutable_response()->set_record_id(ToString(record_id.view()));
  return PostAbout(record_id, AsBytes(content.SerializeAsString()), kinds::kResponse);
}

Result<CoverageView> SessionImpl::Coverage(const RecordId& record_id) {
  RENKEI_ASSIGN(const auto waiting, FindWaiting(record_id));
  if (waiting.has_value()) {
    return ViewBuilder(core_).WaitingCoverage(*waiting);
  }
  RENKEI_ASSIGN(const auto row, FindRow(record_id));
  return ViewBuilder(core_).Coverage(row);
}

Result<std::vector<OutboxView>> SessionImpl::Outbox() {
  OutboxStore outbox(core_.vault);
  RENKEI_ASSIGN(const auto items, outbox.All());
  std::vector<OutboxView> out;
  for (const OutboxItem& item : items) {
    if (item.is_pack() || item.kind == kinds::kReceipt) {
      continue;
    }
    out.push_back({.case_id = item.case_id,
                   .record_id = item.record_id,
                   .kind = item.kind,
                   .urgent = item.urgent,
                   .created_at = item.created_at,
                   .attempts = item.attempts,
                   .waiting_for = WaitReasonText(item.waiting),
                   .retry_at = SendableFrom(core_, item)});
  }
  return out;
}

Result<std::vector<RecordView>> SessionImpl::Search(std::string_view text) {
  RENKEI_ASSIGN(const auto hits, core_.vault.Search(text, kMaxHits));
  ViewBuilder views(core_);
  std::vector<RecordView> out;
  for (const SearchHit& hit : hits) {
    RENKEI_ASSIGN(const auto place, core_.records.FindPlace(hit.record_id));
    if (!place.has_value()) {
      continue;
    }
    RENKEI_ASSIGN(const auto row, core_.records.Find(place->case_id, place->seq));
    if (row.has_value()) {
      RENKEI_ASSIGN(auto view, views.Record(*row));
      out.push_back(std::move(view));
    }
  }
  return out;
}

}  // namespace renkei::client
