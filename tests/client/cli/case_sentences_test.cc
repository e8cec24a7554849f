#include "tests/client/cli/sentences_check.h"

namespace renkei::cli {
namespace {

TEST(CaseSentencesTest, EachSaysWhatWasKeptAndWhatToDo) {
  ExpectWhole(CaseSentences());
}

}  // namespace
}  // namespace renkei::cli
