// The .proto files are the only table of rules: these tests hold them to it.
#include "client/documents/rules.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

void Reach(const Descriptor& type, std::set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) {
    return;
  }
  for (const Field* field : FieldsOf(type)) {
    if (field->message_type() != nullptr) {
      Reach(*field->message_type(), seen);
    }
  }
}

std::set<const Descriptor*> AllTypes() {
  std::set<const Descriptor*> types;
  Reach(*care::v1::Content::descriptor(), types);
  return types;
}

// Whether "a.b" leads somewhere from `type`.
bool Leads(const Descriptor& type, const std::string& path) {
  const std::size_t dot = path.find('.');
  const Field* field = type.FindFieldByName(path.substr(0, dot));
  return field != nullptr &&
         (dot == std::string::npos || (field->message_type() != nullptr &&
                                       Leads(*field->message_type(), path.substr(dot + 1))));
}

TEST(Rules, EveryFieldHasAJapaneseLabel) {
  EXPECT_GE(AllTypes().size(), 30U);
  for (const Descriptor* type : AllTypes()) {
    EXPECT_FALSE(FormRuleOf(*type).title().empty()) << type->full_name();
    for (const Field* field : FieldsOf(*type)) {
      EXPECT_FALSE(RuleOf(*field).label().empty()) << field->full_name();
    }
  }
}

TEST(Rules, EveryListValueHasAText) {
  for (const Descriptor* type : AllTypes()) {
    for (const Field* field : FieldsOf(*type)) {
      if (field->enum_type() == nullptr) {
        continue;
      }
      EXPECT_EQ(field->enum_type()->value(0)->number(), 0) << field->full_name();
      std::map<std::string, int> texts;
      for (int i = 1; i < field->enum_type()->value_count(); ++i) {
        const auto* value = field->enum_type()->value(i);
        const auto& rule = value->options().GetExtension(care::v1::value);
        EXPECT_FALSE(rule.text().empty()) << value->full_name();
        EXPECT_EQ(FindValue(*field->enum_type(), rule.text()), value->number());
        for (const std::string& alias : rule.alias()) {
          EXPECT_EQ(FindValue(*field->enum_type(), alias), value->number())
              << value->full_name() << " " << alias << " is another value's too";
        }
      }
    }
  }
}

TEST(Rules, KeysAndAliasesAreUniqueInEachForm) {
  for (const Descriptor* type : AllTypes()) {
    std::set<std::string> keys;
    for (const Field* field : FieldsOf(*type)) {
      EXPECT_TRUE(keys.insert(KeyOf(*field)).second) << field->full_name();
      for (const std::string& alias : RuleOf(*field).alias()) {
        EXPECT_TRUE(keys.insert(alias).second) << field->full_name() << " " << alias;
      }
    }
  }
}

TEST(Rules, EveryPathInARuleLeadsSomewhere) {
  for (const Descriptor* type : AllTypes()) {
    const auto& form = FormRuleOf(*type);
    EXPECT_TRUE(form.primary().empty() || PrimaryOf(*type) != nullptr) << type->full_name();
    EXPECT_TRUE(form.inline_field().empty() || InlineOf(*type)->message_type() != nullptr);
    for (const std::string& field : form.headline()) {
      EXPECT_TRUE(Leads(*type, field)) << type->full_name() << " " << field;
    }
    for (const auto& check : form.check()) {
      EXPECT_NE(check.rule_case(), care::v1::Check::RULE_NOT_SET) << type->full_name();
      for (const auto* pair : {&check.not_after(), &check.less(), &check.needs(), &check.same()}) {
        EXPECT_TRUE(pair->first().empty() || Leads(*type, pair->first())) << pair->first();
        EXPECT_TRUE(pair->second().empty() || Leads(*type, pair->second())) << pair->second();
      }
      for (const std::string& field : check.any_of().field()) {
        EXPECT_TRUE(Leads(*type, field)) << type->full_name() << " " << field;
      }
    }
    for (const Field* field : FieldsOf(*type)) {
      const auto& rule = RuleOf(*field);
      for (const std::string& same : rule.group_same()) {
        EXPECT_TRUE(Leads(*field->message_type(), same)) << same;
      }
      EXPECT_TRUE(rule.group_by().empty() || Leads(*field->message_type(), rule.group_by()));
    }
  }
}

TEST(Rules, WaiversLeadSomewhereFromWhereTheyStand) {
  const Descriptor* list = care::v1::MedicationList::descriptor();
  const Descriptor* dispensing = care::v1::Dispensing::descriptor();
  // A type with waivers, and what stands around it, innermost first.
  const std::map<const Descriptor*, std::vector<const Descriptor*>> around = {
      {dispensing, {dispensing, list}},
      {care::v1::Drug::descriptor(), {care::v1::Drug::descriptor(), dispensing, list}}};
  for (const Descriptor* type : AllTypes()) {
    for (const Field* field : FieldsOf(*type)) {
      for (const auto& waiver : RuleOf(*field).waived()) {
        const std::size_t up = waiver.field().find_first_not_of('^');
        EXPECT_TRUE(Leads(*around.at(type).at(up), waiver.field().substr(up)))
            << field->full_name() << " " << waiver.field();
        EXPECT_GT(waiver.value_size(), 0);
      }
    }
  }
}

TEST(Rules, NumbersHaveARange) {
  for (const Descriptor* type : AllTypes()) {
    for (const Field* field : FieldsOf(*type)) {
      const bool number = field->cpp_type() == Field::CPPTYPE_INT32 ||
                          field->cpp_type() == Field::CPPTYPE_DOUBLE ||
                          RuleOf(*field).format() == care::v1::FORMAT_DECIMAL;
      if (number) {
        EXPECT_TRUE(RuleOf(*field).has_min() && RuleOf(*field).has_max()) << field->full_name();
        EXPECT_LT(RuleOf(*field).min(), RuleOf(*field).max()) << field->full_name();
        EXPECT_TRUE(field->has_presence() || field->cpp_type() == Field::CPPTYPE_STRING);
      }
    }
  }
}

// The limits of the field notes, form E: whoever changes one changes it here too, on purpose.
TEST(Rules, VitalSignsHaveTheAgreedLimits) {
  const std::map<std::string, std::pair<double, double>> limits = {
      {"temp", {30, 43}}, {"bp_sys", {40, 280}}, {"bp_dia", {20, 180}}, {"pulse", {20, 250}},
      {"rr", {4, 70}},    {"spo2", {50, 100}},   {"o2_flow", {0, 15}},  {"pain_NRS", {0, 10}},
      {"stool", {1, 7}},  {"intake", {0, 100}}};
  for (const auto& [name, limit] : limits) {
    const Field* field = care::v1::Vitals::descriptor()->FindFieldByName(name);
    ASSERT_NE(field, nullptr) << name;
    EXPECT_EQ(RuleOf(*field).min(), limit.first) << name;
    EXPECT_EQ(RuleOf(*field).max(), limit.second) << name;
  }
}

TEST(Rules, TheDischargeSummaryRequiresTheTenFhirSections) {
  std::set<std::string> required;
  for (const Field* field : FieldsOf(*care::v1::DischargeSummary::descriptor())) {
    if (RuleOf(*field).required()) {
      required.insert(RuleOf(*field).code());
    }
  }
  EXPECT_EQ(required, (std::set<std::string>{"322", "342", "352", "312", "362", "333", "324", "344",
                                             "444", "424"}));
}

TEST(Rules, KeysThatAreNoFieldNamesAreFound) {
  const Descriptor& urgent = *care::v1::UrgentReport::descriptor();
  ASSERT_NE(FindByKey(urgent, "119"), nullptr);
  EXPECT_EQ(KeyOf(*FindByKey(urgent, "119")), "119");
  EXPECT_EQ(FindByKey(*care::v1::Patient::descriptor(), "介護保険")->name(), "care_insurance");
  EXPECT_EQ(FindByKey(*care::v1::Response::descriptor(), "record_id"), nullptr);  // internal
}

TEST(Rules, ListsAreReadInAnyWidth) {
  const EnumDescriptor& dementia = *care::v1::DementiaLevel_descriptor();
  EXPECT_EQ(FindValue(dementia, "Ⅱa"), care::v1::DEMENTIA_LEVEL_II_A);
  EXPECT_EQ(FindValue(dementia, "IIa"), care::v1::DEMENTIA_LEVEL_II_A);
  EXPECT_EQ(FindValue(dementia, "ＩＩ a"), care::v1::DEMENTIA_LEVEL_II_A);
  EXPECT_EQ(FindValue(dementia, "Ⅱ"), std::nullopt);
  EXPECT_EQ(FindValue(*care::v1::CareLevel_descriptor(), "要介護３"), care::v1::CARE_LEVEL_CARE_3);
  EXPECT_EQ(ListText(*care::v1::Presence_descriptor()), "なし, あり");
  EXPECT_EQ(ValueText(dementia, 77), "?77");
}

}  // namespace
}  // namespace renkei::documents
