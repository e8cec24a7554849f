// Whether two spellings are one name to whoever types it. Functions; any thread.
#ifndef RENKEI_CLIENT_CORE_SAME_NAME_H_
#define RENKEI_CLIENT_CORE_SAME_NAME_H_

#include <string_view>

namespace renkei::client {

// True if both fold to the same letters (text_fold.h: width, kana, variant kanji), spaces apart or
// not: 伊藤 一郎 = 伊藤　一郎 = 伊藤一郎. False for what has no letter, or is too long to be
// folded. Two people may have names that are the same in this sense: who picks somebody by it asks
// whether exactly one matches, and takes the exact spelling first. Source: ours.
bool SameName(std::string_view one, std::string_view other);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_SAME_NAME_H_
