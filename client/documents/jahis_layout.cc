#include "client/documents/jahis_layout.h"

namespace renkei::documents {
namespace {

// The record's own number of its RP or of its over-the-counter drug.
constexpr JahisColumn kLink = {"", 3};
constexpr JahisColumn kCreator = {"creator", 1};

std::vector<JahisColumn> TextColumns(std::size_t bytes) {
  return {{"text", bytes}, kCreator};
}

std::vector<JahisColumn> RpTextColumns(std::size_t bytes) {
  return {kLink, {"text", bytes}, kCreator};
}

std::vector<JahisRecord> PatientRecords() {
  return {
      {1,
       "患者情報",
       {{"name", 40},
        {"sex", 1},
        {"birth_date", 8},
        {"postal_code", 8},
        {"address", 800},
        {"phone", 13},
        {"emergency_contact", 800},
        {"blood_type", 20},
        {"weight", 7},
        {"kana", 40}}},
      {2, "患者特記", {{"type", 1}, {"text", 120}, kCreator}},
      {3,
       "一般用医薬品",
       {{"drug_name", 120}, {"started_on", 8}, {"ended_on", 8}, kCreator, kLink, {"jan_code", 13}}},
      {4, "手帳メモ", {{"text", 400}, {"on", 8}, kCreator}},
      {5, "調剤年月日", {{"dispensed_on", 8}, kCreator}},
      {11,
       "調剤－医療機関等",
       {{"name", 120},
        {"prefecture_code", 2},
        {"score_table_code", 1},
        {"institution_code", 7},
        {"postal_code", 8},
        {"address", 800},
        {"tel", 13},
        kCreator}},
      {15,
       "調剤－医師・薬剤師",
       {{"pharmacist", 40}, {"pharmacist_contact", 800}, {"pharmacist_creator", 1}}},
      {31, "一般用医薬品成分", {kLink, {"name", 256}, {"code_type", 1}, {"code", 20}, kCreator}},
      {51,
       "処方－医療機関",
       {{"name", 120},
        {"prefecture_code", 2},
        {"score_table_code", 1},
        {"institution_code", 7},
        kCreator}},
      {55, "処方－医師", {{"doctor", 40}, {"department", 80}, {"doctor_creator", 1}}},
  };
}

std::vector<JahisRecord> DrugRecords() {
  return {
      {201,
       "薬品",
       {{"rp_no", 3},
        {"drug_name", 120},
        {"dose", 12},
        {"unit", 12},
        {"code_type", 1},
        {"code", 13},
        kCreator,
        {"general_name", 120},
        {"general_code_type", 1},
        {"general_code", 12}}},
      {281, "薬品補足", RpTextColumns(100)},
      {291, "薬品服用注意", RpTextColumns(400)},
      {301,
       "用法",
       {kLink,
        {"usage_name", 100},
        {"qty", 3},
        {"qty_unit", 100},
        {"dosage_form", 2},
        {"usage_code_type", 1},
        {"usage_code", 16},
        {"usage_creator", 1}}},
      {311, "用法補足", RpTextColumns(100)},
      {391, "処方服用注意", RpTextColumns(400)},
      {401, "服用注意", TextColumns(400)},
      {411, "医療機関等提供情報", {{"text", 400}, {"type", 2}, kCreator}},
      {421, "残薬確認", TextColumns(400)},
      {501, "備考", TextColumns(400)},
      {601, "患者等記入", {{"text", 400}, {"on", 8}}},
      {701,
       "かかりつけ薬剤師",
       {{"name", 40},
        {"pharmacy", 120},
        {"contact", 800},
        {"started_on", 8},
        {"ended_on", 8},
        kCreator}},
  };
}

}  // namespace

const std::vector<JahisRecord>& JahisRecords() {
  static const std::vector<JahisRecord> records = [] {
    std::vector<JahisRecord> all = PatientRecords();
    for (JahisRecord& record : DrugRecords()) {
      all.push_back(std::move(record));
    }
    return all;
  }();
  return records;
}

const JahisRecord* FindJahisRecord(int number) {
  for (const JahisRecord& record : JahisRecords()) {
    if (record.number == number) {
      return &record;
    }
  }
  return nullptr;
}

}  // namespace renkei::documents
