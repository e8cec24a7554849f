// The half of SessionImpl that is about urgent alerts: making their plans, following them.
#include <utility>

#include "client/core/alert_store.h"
#include "client/core/session_impl.h"
#include "client/core/view_builder.h"

namespace renkei::client {

Result<Bytes> SessionImpl::PlanFor(const CaseRow& row, const PostOptions& options) {
  if (!options.urgent) {
    return Bytes();
  }
  CallList list;
  if (options.call_list.has_value()) {
    list = *options.call_list;
  } else {
    RENKEI_ASSIGN(const auto view, ViewBuilder(core_).Case(row));
    list = DefaultCallList(view);
  }
  return list.steps.empty() ? Result<Bytes>(Bytes()) : ToAlertPlan(list);
}

Status SessionImpl::FollowAlerts() {
  AlertStore alerts(core_.vault);
  RENKEI_ASSIGN(const auto places, alerts.AllOpen());
  std::vector<AlertWatch::OpenAlert> open;
  for (const AlertPlace& place : places) {
    RENKEI_ASSIGN(const auto row, core_.cases.FindRow(place.first));
    RENKEI_ASSIGN(const auto record, core_.records.Find(place.first, place.second));
    if (!row.has_value() || row->removed || !record.has_value()) {
      continue;
    }
    if (core_.now() > record->received_at + thread::kMaxAlertLength) {
      RENKEI_TRY(alerts.Close(place.first, place.second));  // no list is longer: lost with a relay
      continue;
    }
    RENKEI_ASSIGN(const auto notes, alerts.Notes(place.first, place.second));
    const AlertProgress progress = ProgressOf(*record, notes);
    if (progress.open) {
      open.push_back({place, progress});
    }
  }
  alert_watch_.Follow(open, core_.now(), elapsed());
  alarm_.Set(alert_watch_.UntilNext(elapsed()));
  return Ok();
}

Result<SyncReport> SessionImpl::LateAlerts() {
  SyncReport report;
  ViewBuilder views(core_);
  for (const AlertPlace& place : alert_watch_.TakeLate(elapsed())) {
    RENKEI_ASSIGN(const auto record, core_.records.Find(place.first, place.second));
    if (!record.has_value()) {
      continue;
    }
    AlertNews news;
    news.kind = AlertNews::Kind::kLate;
    news.case_id = record->case_id;
    news.record_id = record->record_id;
    RENKEI_ASSIGN(auto view, views.Alert(*record));
    if (!view.steps.empty()) {
      news.step = std::move(view.steps.back());
    }
    report.alerts.push_back(std::move(news));
  }
  alarm_.Set(alert_watch_.UntilNext(elapsed()));
  return report;
}

Result<std::vector<AlertNews>> SessionImpl::NewsOf(const std::vector<AlertNotePlace>& places) {
  AlertStore alerts(core_.vault);
  ViewBuilder views(core_);
  std::vector<AlertNews> out;
  for (const AlertNotePlace& place : places) {
    RENKEI_ASSIGN(const auto record, core_.records.Find(place.case_id, place.record_seq));
    RENKEI_ASSIGN(const auto note, alerts.Note(place.case_id, place.record_seq, place.note_seq));
    if (record.has_value() && note.has_value()) {
      RENKEI_ASSIGN(auto news, views.News(*record, *note));
      out.push_back(std::move(news));
    }
  }
  return out;
}

}  // namespace renkei::client
