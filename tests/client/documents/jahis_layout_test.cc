#include "client/documents/jahis_layout.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "client/documents/rules.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

const std::map<int, const Descriptor*>& Targets() {
  static const std::map<int, const Descriptor*> targets = {
      {1, care::v1::PatientRef::descriptor()},    {2, care::v1::PatientFlag::descriptor()},
      {3, care::v1::OtcDrug::descriptor()},       {4, care::v1::DatedRemark::descriptor()},
      {5, care::v1::Dispensing::descriptor()},    {11, care::v1::Dispenser::descriptor()},
      {15, care::v1::Dispenser::descriptor()},    {31, care::v1::Ingredient::descriptor()},
      {51, care::v1::Prescriber::descriptor()},   {55, care::v1::Prescriber::descriptor()},
      {201, care::v1::Drug::descriptor()},        {281, care::v1::Remark::descriptor()},
      {291, care::v1::Remark::descriptor()},      {301, care::v1::Drug::descriptor()},
      {311, care::v1::Remark::descriptor()},      {391, care::v1::Remark::descriptor()},
      {401, care::v1::Remark::descriptor()},      {411, care::v1::HospitalInfo::descriptor()},
      {421, care::v1::Leftover::descriptor()},    {501, care::v1::Remark::descriptor()},
      {601, care::v1::DatedRemark::descriptor()}, {701, care::v1::FamilyPharmacist::descriptor()}};
  return targets;
}

// 23 with the split record, which joining takes away.
TEST(JahisLayout, KnowsAllRecordTypes) {
  ASSERT_EQ(JahisRecords().size(), 22U);
  for (const JahisRecord& record : JahisRecords()) {
    EXPECT_EQ(Targets().count(record.number), 1U) << record.number;
    EXPECT_EQ(FindJahisRecord(record.number), &record);
  }
  EXPECT_EQ(FindJahisRecord(911), nullptr);
  EXPECT_EQ(FindJahisRecord(0), nullptr);
}

TEST(JahisLayout, EveryColumnIsAFieldOfItsRecord) {
  for (const JahisRecord& record : JahisRecords()) {
    for (const JahisColumn& column : record.columns) {
      EXPECT_GT(column.bytes, 0U);
      if (column.field.empty()) {
        continue;
      }
      const Field* field = Targets().at(record.number)->FindFieldByName(std::string(column.field));
      ASSERT_NE(field, nullptr) << record.number << " " << column.field;
      const std::string& code = RuleOf(*field).code();
      EXPECT_TRUE(code.empty() || code == std::to_string(record.number))
          << record.number << " " << column.field << " says " << code;
    }
  }
}

TEST(JahisLayout, EveryFieldWithARecordNumberIsAColumn) {
  for (const auto& [number, type] : Targets()) {
    for (const Field* field : FieldsOf(*type)) {
      const bool here = RuleOf(*field).code() == std::to_string(number);
      if (!here || field->message_type() != nullptr) {
        continue;
      }
      bool found = false;
      for (const JahisColumn& column : FindJahisRecord(number)->columns) {
        found = found || column.field == field->name();
      }
      EXPECT_TRUE(found) << field->full_name();
    }
  }
}

}  // namespace
}  // namespace renkei::documents
