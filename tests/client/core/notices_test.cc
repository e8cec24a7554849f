#include "client/core/notices.h"

#include <gtest/gtest.h>

#include <set>

namespace renkei::client {
namespace {

TEST(CoreNotices, HaveASentenceEachThatSaysWhatIsKept) {
  std::set<std::string> all = {NoticeText(static_cast<Said>(0))};
  for (const Said said : {Said::kRemoved, Said::kCertificateMissing, Said::kCaseNotSynced,
                          Said::kDevicesNotServed, Said::kRelayRestored, Said::kCaseClosed,
                          Said::kCaseReopened, Said::kDeletionAnnounced, Said::kCaseDeleted}) {
    const std::string text = NoticeText(said);
    EXPECT_TRUE(all.insert(text).second) << text;
    EXPECT_TRUE(text.find("kept") != std::string::npos || text.find("lost") != std::string::npos ||
                text.find("stays") != std::string::npos)
        << text;
    EXPECT_EQ(text.find(" ["), std::string::npos) << "that begins the error's literal";
  }
}

TEST(CoreNotices, CarryTheErrorsLiteralBehindTheSentence) {
  EXPECT_EQ(NoticeText(Said::kCaseNotSynced, Error(Code::kConflict, "why")),
            std::string(NoticeText(Said::kCaseNotSynced)) + " [why]");
}

}  // namespace
}  // namespace renkei::client
