#include "client/documents/suggest.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "renkei/care/v1/content.pb.h"

namespace renkei::documents {
namespace {

const Descriptor& Discharge() {
  return *care::v1::DischargeSummary::descriptor();
}

TEST(Suggest, AFewLettersOff) {
  EXPECT_EQ(SuggestKey(Discharge(), "dis_dxx"), "dis_dx");
  EXPECT_EQ(SuggestKey(Discharge(), "disDx"), "dis_dx");
  EXPECT_EQ(SuggestKey(Discharge(), "Instruction"), "instructions");
  EXPECT_EQ(SuggestKey(*care::v1::Vitals::descriptor(), "rrr"), "rr");
}

TEST(Suggest, ByTheJapaneseLabel) {
  EXPECT_EQ(SuggestKey(Discharge(), "退院時診断"), "dis_dx");
  EXPECT_EQ(SuggestKey(*care::v1::Vitals::descriptor(), "呼吸数"), "rr");
}

TEST(Suggest, OneLevelDown) {
  EXPECT_EQ(SuggestKey(*care::v1::UrgentReport::descriptor(), "rr"), "vitals.rr");
}

TEST(Suggest, NothingIsNear) {
  EXPECT_EQ(SuggestKey(Discharge(), "zzzzzzzzzz"), "");
  EXPECT_EQ(SuggestKey(Discharge(), std::string(1000, 'd')), "");
  EXPECT_EQ(SuggestKey(*care::v1::Receipt::descriptor(), "received_to"), "");
}

}  // namespace
}  // namespace renkei::documents
