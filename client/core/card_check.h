// Whether an epoch card tells the truth about an MLS group (G3): the members by leaf, the policy,
// the epoch and the secret the card names. Pure functions; one thread.
#ifndef RENKEI_CLIENT_CORE_CARD_CHECK_H_
#define RENKEI_CLIENT_CORE_CARD_CHECK_H_

#include <vector>

#include "client/core/certificates.h"
#include "crypto/mls/group.h"
#include "crypto/thread/card.h"

namespace renkei::client {

// archive_secret[e] = MLS-Exporter("renkei archive v1", case id, 32). Secret.
SecretBytes ArchiveSecretOf(const mls::Group& group, const CaseId& case_id);

// The members that a group's tree yields, by leaf index, with joined_epoch as it follows from
// `previous` (null: the case's first card). Ids come out of the certificates, which the group's
// credential policy has verified. kMalformed: a leaf without a certificate of ours.
Result<std::vector<thread::CardMember>> MembersOf(const mls::Group& group,
                                                  const thread::Card* previous);

// `group` is what a commit led to, or what was joined. `previous` is the card before `card`.
// Each rule has a literal of its own: kDenied, the card and the group differ, so refuse both.
Status CheckCardAgainstGroup(const thread::Card& card, const thread::Card* previous,
                             const mls::Group& group);

// The same for a joined group, whose history is not known: joined_epoch is taken from the card.
Status CheckJoinedGroup(const thread::Card& card, const mls::Group& group);

// What a card's names rest on: the certificates of members and recipients that `previous` did not
// have, as of `at`, must stand for exactly whom the card names. For who cannot see the tree, and
// for recipients always.
//   kNotFound  a certificate is not known here: sync the directory, then try again
//   kDenied    it stands for somebody else, or for nobody
Status CheckCardCertificates(const thread::Card& card, const thread::Card* previous, Millis at,
                             Certificates& certificates);

}  // namespace renkei::client

#endif  // RENKEI_CLIENT_CORE_CARD_CHECK_H_
