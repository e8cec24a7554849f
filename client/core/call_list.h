// Whom an urgent record calls, as a person writes it: a list of steps (field.md §4.1 and README.md
// "Urgent"). The relay and the others get it as an alert plan (crypto/README.md "Alert plan").
// Functions on values; any thread.
#ifndef RENKEI_CLIENT_CORE_CALL_LIST_H_
#define RENKEI_CLIENT_CORE_CALL_LIST_H_

#include <optional>
#include <vector>

#include "client/core/views.h"
#include "crypto/base/result.h"
#include "crypto/pki/profession.h"

namespace renkei::client {

// One person, or every member of a profession.
struct Callee {
  std::optional<PersonView> person;
  pki::Profession profession = pki::Profession::kNone;  // exactly without a person
};

struct CallStep {
  std::vector<Callee> callees;  // called together
  Millis wait;                  // before the next step
};

struct CallList {
  std::uint32_t rounds = 1;
  std::vector<CallStep> steps;  // empty: calls nobody
};

// Who is called where nobody says otherwise, from who the case's members are (our proposal, after
// field practice; the limits are the doctor's to set): first the visiting nurses and the doctor who
// leads, 5 minutes later the other doctors outside hospitals and the other nurses, after 5 more the
// hospital, after 5 more the care managers and coordinators; everybody twice. Steps for which the
// case has nobody are left out; the person who writes is not called. Empty: nobody else is there.
CallList DefaultCallList(const CaseView& view);

// Bytes of seal.v1.AlertPlan. kMalformed, kTooLarge: not within its bounds (crypto/thread's
// alert_plan.h); an empty list.
Result<Bytes> ToAlertPlan(const CallList& list);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CALL_LIST_H_
