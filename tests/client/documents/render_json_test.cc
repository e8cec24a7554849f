#include <gtest/gtest.h>

#include <limits>

#include "client/documents/content.h"
#include "client/documents/render.h"
#include "renkei/care/v1/content.pb.h"
#include "tests/client/documents/sample.h"

namespace renkei::documents {
namespace {

using testing::FormKinds;
using testing::Now;
using testing::Sample;
using testing::Say;

TEST(RenderJson, WhatWasReadComesOutAndGoesInAgain) {
  for (const Kind kind : FormKinds()) {
    const FormOutcome first = ParseForm(kind, WriteJson(Sample(kind), 0), Now());
    ASSERT_TRUE(first.ok()) << Say(first);
    const std::string json = *RenderJson(first.content);
    EXPECT_EQ(json, WriteJson(Sample(kind), 0)) << KindName(kind);
    EXPECT_EQ(ParseForm(kind, *RenderPrettyJson(first.content), Now()).content, first.content);
  }
}

TEST(RenderJson, ListsAndCodesShowAsTheFormPrintsThem) {
  const FormOutcome outcome =
      ParseForm(Kind::kUrgentReport,
                R"({"identify":"x","situation":"x","request":"x","119":true,"alert_level":"赤",
          "consciousness":"ii-10","source":["本人","家族"]})",
                Now());
  ASSERT_TRUE(outcome.ok()) << Say(outcome);
  EXPECT_EQ(*RenderJson(outcome.content),
            R"({"source":["本人","家族"],"identify":"x","situation":"x","request":"x",)"
            R"("consciousness":"JCS Ⅱ-10","119":"あり","alert_level":"red"})");
}

TEST(RenderJson, IdsAreUuidsAndHashesHexadecimal) {
  Content content;
  content.mutable_receipt()->set_received_to(7);
  content.mutable_receipt()->set_received_hash(std::string(32, '\xAB'));
  content.mutable_receipt()->add_opened(std::string(16, '\x01'));
  EXPECT_EQ(*RenderJson(SerializeContent(content)),
            R"({"received_to":7,"received_hash":")" +
                std::string(64, ' ').replace(0, 64,
                                             [] {
                                               std::string hex;
                                               for (int i = 0; i < 32; ++i) {
                                                 hex += "ab";
                                               }
                                               return hex;
                                             }()) +
                R"(","opened":["01010101-0101-0101-0101-010101010101"]})");
}

TEST(RenderJson, HostileValuesStayJson) {
  Content content;
  content.mutable_note()->set_text("x");
  content.mutable_note()->mutable_vitals()->set_temp(std::numeric_limits<double>::infinity());
  content.mutable_note()->mutable_vitals()->set_weight(std::numeric_limits<double>::quiet_NaN());
  content.mutable_note()->set_alert_level(static_cast<care::v1::AlertLevel>(77));
  const std::string json = *RenderJson(SerializeContent(content));
  JsonValue read;
  EXPECT_EQ(ParseJson(json, 5, read).what, JsonFault::What::kNone) << json;
  EXPECT_NE(json.find(R"("alert_level":"?77")"), std::string::npos) << json;

  Content list;
  for (const char* dose : {"", "1", "2.50", "0.5", "05", "1.", ".5", "1e5", "-1", "0x1"}) {
    list.mutable_medication_list()->add_dispensings()->add_drugs()->set_dose(dose);
  }
  const std::string doses = *RenderJson(SerializeContent(list));
  EXPECT_EQ(ParseJson(doses, 8, read).what, JsonFault::What::kNone) << doses;
  EXPECT_NE(doses.find(R"("dose":2.50)"), std::string::npos) << doses;
  EXPECT_NE(doses.find(R"("dose":"05")"), std::string::npos) << doses;
}

TEST(RenderJson, OfNoContentIsAnError) {
  EXPECT_EQ(RenderJson(Bytes{1, 2, 3}).error().code(), Code::kMalformed);
  EXPECT_EQ(RenderPrettyJson({}).error().code(), Code::kMalformed);
}

}  // namespace
}  // namespace renkei::documents
