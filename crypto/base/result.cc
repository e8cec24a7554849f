#include "crypto/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace renkei {

const char* CodeName(Code code) {
  switch (code) {
    case Code::kMalformed:
      return "kMalformed";
    case Code::kAuthFailed:
      return "kAuthFailed";
    case Code::kStaleEpoch:
      return "kStaleEpoch";
    case Code::kFutureEpoch:
      return "kFutureEpoch";
    case Code::kUnsupported:
      return "kUnsupported";
    case Code::kNotFound:
      return "kNotFound";
    case Code::kConflict:
      return "kConflict";
    case Code::kDenied:
      return "kDenied";
    case Code::kTooLarge:
      return "kTooLarge";
    case Code::kThrottled:
      return "kThrottled";
    case Code::kUnavailable:
      return "kUnavailable";
    case Code::kCorrupt:
      return "kCorrupt";
    case Code::kInternal:
      return "kInternal";
  }
  return "kInternal";
}

void CheckFailed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "renkei: internal check failed: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace renkei
