// How core answers: once, perhaps later and on another thread. The views of a request must live
// until then.
#ifndef RENKEI_SERVER_CORE_REPLY_H_
#define RENKEI_SERVER_CORE_REPLY_H_

#include <functional>

#include "crypto/base/result.h"

namespace renkei::server {

// Called exactly once: the outcome (expected refusals included), or an Error, which means that
// nothing was changed (kUnavailable: as far as the store could tell; the same request again is
// safe).
template <typename T>
using Reply = std::function<void(Result<T>)>;

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_REPLY_H_
