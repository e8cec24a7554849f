#include "client/core/notices.h"

namespace renkei::client {

const char* NoticeText(Said said) {
  switch (said) {
    case Said::kRemoved:
      return "You are no longer a member of one of your cases. What you could read is kept and "
             "stays readable here; ask the case's steward if it should not be so.";
    case Said::kCertificateMissing:
      return "The relay does not deliver a certificate that this case needs. Everything so far is "
             "kept; sync again, and tell the operator if it stays.";
    case Said::kCaseNotSynced:
      return "One case could not be brought up to date. Nothing is lost; sync again, and tell the "
             "operator if it stays.";
    case Said::kDevicesNotServed:
      return "Requests of new devices could not be looked at. They are kept; sync again, and tell "
             "the operator if it stays.";
    case Said::kRelayRestored:
      return "The relay was restored from a backup. It has back what this device holds of the "
             "case; "
             "nothing is lost here. What you write goes out once the case's other devices have "
             "been "
             "heard; nothing is to be done.";
    case Said::kCaseClosed:
      return "A steward has closed one of your cases. Everything is kept, by the relay for years "
             "from "
             "now on, and what is written to it still arrives. Nothing is to be done.";
    case Said::kCaseReopened:
      return "A steward has reopened one of your cases. Everything is kept; it goes on. Nothing is "
             "to "
             "be done.";
    case Said::kDeletionAnnounced:
      return "The years for which the relay keeps one of your closed cases are over: it deletes it "
             "in 30 days. What is on this device is kept. If it is still needed, ask a steward to "
             "reopen it.";
    case Said::kCaseDeleted:
      return "The relay has deleted a closed case after the years for which it is kept, and given "
             "a "
             "certificate. What is on this device is kept. Nothing is to be done.";
  }
  return "Something could not be done. Nothing is lost; sync again.";
}

std::string NoticeText(Said said, const Error& error) {
  return std::string(NoticeText(said)) + " [" + error.where() + "]";
}

}  // namespace renkei::client
