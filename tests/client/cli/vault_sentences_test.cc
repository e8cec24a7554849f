#include "tests/client/cli/sentences_check.h"

namespace renkei::cli {
namespace {

TEST(VaultSentencesTest, EachSaysWhatWasKeptAndWhatToDo) {
  ExpectWhole(VaultSentences());
}

}  // namespace
}  // namespace renkei::cli
