// How urgent alerts are shown: what the relay says it did, as its word and not as a person's.
#ifndef RENKEI_CLIENT_CLI_ALERT_OUTPUT_H_
#define RENKEI_CLIENT_CLI_ALERT_OUTPUT_H_

#include "client/cli/output.h"
#include "client/core/views.h"

namespace renkei::cli {

Json AlertJson(const client::AlertView& view);
Json AlertNewsJson(const client::AlertNews& news);
// Below a record: state, plan, steps.
void PrintAlert(const client::AlertView& view);
// What a person must hear now, in one sentence or two: what happened, what to do.
std::string AlertNewsText(const client::AlertNews& news);

// What became of this person's acknowledgement: it waits, they respond, or somebody was first.
void TellAcknowledged(bool json, const client::CoverageView& coverage);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_ALERT_OUTPUT_H_
