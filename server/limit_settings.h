// The limits of callers that an operator's settings ask for. Functions; any thread.
#ifndef RENKEI_SERVER_LIMIT_SETTINGS_H_
#define RENKEI_SERVER_LIMIT_SETTINGS_H_

#include "server/config.h"
#include "server/core/admission.h"
#include "server/core/usage.h"
#include "server/rpc/reader_budget.h"

namespace renkei::server {

// A setting that is 0 follows from another one (deploy/relay.toml), so that an operator who raises
// one raises all.
AdmissionLimits LimitsOf(const Settings& from);
StoredLimits StoredLimitsOf(const Settings& from);
ReaderShares ReaderSharesOf(const Settings& from);

}  // namespace renkei::server

#endif  // RENKEI_SERVER_LIMIT_SETTINGS_H_
