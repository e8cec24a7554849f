// Puts together what the faces are shown, from the vault's rows. Changes nothing. One thread.
#ifndef RENKEI_CLIENT_CORE_VIEW_BUILDER_H_
#define RENKEI_CLIENT_CORE_VIEW_BUILDER_H_

#include <map>
#include <vector>

#include "client/core/alert_view.h"
#include "client/core/core.h"
#include "client/core/outbox_store.h"
#include "client/core/views.h"

namespace renkei::client {

class ViewBuilder {
 public:
  explicit ViewBuilder(Core& core) : core_(core) {}

  // Never an error for somebody unknown: the name is empty then, or `fallback_name`.
  Result<PersonView> Person(const thread::PersonRef& person, const std::string& fallback_name);
  Result<CaseView> Case(const CaseRow& row);
  Result<RecordView> Record(const RecordRow& row);
  Result<RecordView> Waiting(const OutboxItem& item);
  // What people wrote, in thread order, waiting ones last.
  Result<std::vector<RecordView>> Records(const CaseId& case_id);
  Result<CoverageView> Coverage(const RecordRow& row);
  Result<CoverageView> WaitingCoverage(const OutboxItem& item);
  // Of a record that calls somebody; one note about it, as news for this person.
  Result<AlertView> Alert(const RecordRow& row);
  Result<AlertNews> News(const RecordRow& row, const thread::RelayNote& note);

 private:
  using HeardMap = std::map<thread::PersonRef, Heard>;

  Result<const HeardMap*> HeardOf(const CaseId& case_id);
  // Whose device it is: by the card in force, else by what it wrote.
  Result<std::optional<thread::PersonRef>> OwnerOf(const CaseId& case_id, const DeviceId& device);
  Result<RecordState> StateOf(const RecordRow& row);
  Result<std::vector<thread::PersonRef>> MembersOf(const CaseId& case_id);
  Status FillMembers(const thread::Card& card, CaseView& view);
  Status FillReaders(const thread::Card& card, CaseView& view);
  Status FillPatient(const CaseRow& row, CaseView& view);
  Result<CoverageRow> Row(const RecordRow& record, const thread::PersonRef& person,
                          const Standing& standing);
  Result<std::vector<CoverageRow>> Rows(const RecordRow& row);

  Core& core_;
  std::map<thread::PersonRef, PersonView> people_;
  std::map<CaseId, HeardMap> heard_;
};

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_VIEW_BUILDER_H_
