#include <array>

#include "client/documents/form.h"

namespace renkei::documents {
namespace {

struct KindRow {
  Kind kind;
  const char* name;
  const char* label;
};

// A test holds this against the body of renkei.care.v1.Content: number, name and label.
constexpr std::array kKinds = {
    KindRow{Kind::kNote, "note", "連絡ノート"},
    KindRow{Kind::kDischargeSummary, "discharge-summary", "退院時サマリー"},
    KindRow{Kind::kAdmissionInfo, "admission-info", "入院時情報提供書"},
    KindRow{Kind::kMedicationList, "medication-list", "お薬情報"},
    KindRow{Kind::kMedicationNote, "medication-note", "お薬の連絡・照会"},
    KindRow{Kind::kUrgentReport, "urgent-report", "急変報告"},
    KindRow{Kind::kPatient, "patient", "患者基本情報"},
    KindRow{Kind::kAnswer, "answer", "回答"},
    KindRow{Kind::kAcknowledgement, "acknowledgement", "了承"},
    KindRow{Kind::kResponse, "response", "対応開始"},
    KindRow{Kind::kReceipt, "receipt", "受信・開封"},
};

const KindRow& RowOf(Kind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) {
      return row;
    }
  }
  RENKEI_CHECK(false && "a Kind outside the table");
  return kKinds[0];
}

}  // namespace

const char* KindName(Kind kind) {
  return RowOf(kind).name;
}

const char* KindLabel(Kind kind) {
  return RowOf(kind).label;
}

const std::vector<Kind>& PostableKinds() {
  static const std::vector<Kind> kinds = {Kind::kNote,           Kind::kDischargeSummary,
                                          Kind::kAdmissionInfo,  Kind::kMedicationList,
                                          Kind::kMedicationNote, Kind::kUrgentReport};
  return kinds;
}

std::optional<Kind> KindFromName(std::string_view name) {
  std::string wanted(name);
  for (char& c : wanted) {
    c = c == '_' ? '-' : c;
  }
  for (const KindRow& row : kKinds) {
    if (wanted == row.name) {
      return row.kind;
    }
  }
  return std::nullopt;
}

std::optional<Kind> KindFromNumber(std::uint32_t number) {
  for (const KindRow& row : kKinds) {
    if (static_cast<std::uint32_t>(row.kind) == number) {
      return row.kind;
    }
  }
  return std::nullopt;
}

}  // namespace renkei::documents
