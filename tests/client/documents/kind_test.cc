#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "client/documents/form.h"
#include "client/documents/rules.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

TEST(Kinds, TheTableIsTheBodyOfContent) {
  const auto* body = care::v1::Content::descriptor()->FindOneofByName("body");
  for (int i = 0; i < body->field_count(); ++i) {
    const Field& field = *body->field(i);
    const auto kind = KindFromNumber(static_cast<std::uint32_t>(field.number()));
    ASSERT_TRUE(kind.has_value()) << field.name();
    EXPECT_EQ(KindFromName(field.name()), kind);
    EXPECT_EQ(KindLabel(*kind), RuleOf(field).label());
    EXPECT_EQ(&BodyField(*kind), &field);
    EXPECT_EQ(KindFromName(KindName(*kind)), kind);
  }
  EXPECT_EQ(body->field_count(), 11);
}

TEST(Kinds, NumbersAreOnDiskAndNeverChange) {
  EXPECT_EQ(static_cast<int>(Kind::kNote), 10);
  EXPECT_EQ(static_cast<int>(Kind::kDischargeSummary), 11);
  EXPECT_EQ(static_cast<int>(Kind::kAdmissionInfo), 12);
  EXPECT_EQ(static_cast<int>(Kind::kMedicationList), 13);
  EXPECT_EQ(static_cast<int>(Kind::kMedicationNote), 14);
  EXPECT_EQ(static_cast<int>(Kind::kUrgentReport), 15);
  EXPECT_EQ(static_cast<int>(Kind::kPatient), 30);
  EXPECT_EQ(static_cast<int>(Kind::kReceipt), 34);
}

TEST(Kinds, UnknownOnesAreNotFound) {
  EXPECT_FALSE(KindFromName("discharge").has_value());
  EXPECT_FALSE(KindFromName("").has_value());
  EXPECT_FALSE(KindFromNumber(0).has_value());
  EXPECT_FALSE(KindFromNumber(99).has_value());
}

TEST(Kinds, TheCommandLinesSixArePostable) {
  std::string names;
  for (const Kind kind : PostableKinds()) {
    names += std::string(KindName(kind)) + " ";
  }
  EXPECT_EQ(names,
            "note discharge-summary admission-info medication-list medication-note urgent-report ");
}

}  // namespace
}  // namespace renkei::documents
