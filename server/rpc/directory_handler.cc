#include "server/rpc/directory_handler.h"

#include "server/core/limits.h"
#include "server/rpc/proto_map.h"

namespace renkei::server {

namespace v1 = relay::v1;

void DirectoryHandler::Publish(const Caller& caller, const v1::PublishRequest& request,
                               const Reply<v1::PublishResponse>& reply) {
  relay_.directory().Publish(
      caller, ViewsOf(request.certificates()), [reply](const Result<PublishOutcome>& outcome) {
        if (!outcome.ok()) {
          return reply(outcome.error());
        }
        v1::PublishResponse out;
        if (const auto* position = std::get_if<std::uint64_t>(&*outcome)) {
          out.set_published(*position);
        } else {
          out.set_refused(std::get<PublishRefusal>(*outcome) == PublishRefusal::kBadCertificate
                              ? v1::PublishResponse::REFUSAL_BAD_CERTIFICATE
                              : v1::PublishResponse::REFUSAL_NOT_ALLOWED);
        }
        reply(std::move(out));
      });
}

void DirectoryHandler::Sync(const Caller& /*caller*/, const v1::DirectorySyncRequest& request,
                            const Reply<v1::DirectorySyncResponse>& reply) {
  auto page =
      relay_.directory().Sync(request.after(), request.limit(), PageBytes(request.max_bytes()));
  if (!page.ok()) {
    return reply(page.error());
  }
  v1::DirectorySyncResponse out;
  for (const DirectoryItem& item : page->items) {
    auto& entry = *out.add_entries();
    entry.set_position(item.position);
    if (item.is_revocation_list) {
      entry.set_revocation_list(ToText(item.der));
    } else {
      entry.set_certificate(ToText(item.der));
    }
  }
  out.set_complete(page->complete);
  out.set_incarnation(ToText(relay_.incarnation().view()));
  reply(std::move(out));
}

void DirectoryHandler::UploadKeyPackages(const Caller& caller,
                                         const v1::UploadKeyPackagesRequest& request,
                                         const Reply<v1::UploadKeyPackagesResponse>& reply) {
  std::vector<Bytes> key_packages;
  for (const std::string& key_package : request.key_packages()) {
    key_packages.push_back(ToBytes(key_package));
  }
  relay_.key_packages().Upload(caller, std::move(key_packages),
                               [reply](const Result<std::uint32_t>& available) {
                                 if (!available.ok()) {
                                   return reply(available.error());
                                 }
                                 v1::UploadKeyPackagesResponse out;
                                 out.set_available(*available);
                                 reply(std::move(out));
                               });
}

void DirectoryHandler::ClaimKeyPackages(const Caller& caller,
                                        const v1::ClaimKeyPackagesRequest& request,
                                        const Reply<v1::ClaimKeyPackagesResponse>& reply) {
  std::vector<PersonRef> persons;
  for (const seal::v1::PersonRef& person : request.persons()) {
    const auto mapped = MapPerson(person);
    if (!mapped.ok()) {
      return reply(mapped.error());
    }
    persons.push_back(*mapped);
  }
  relay_.key_packages().Claim(caller, std::move(persons),
                              [reply](const Result<std::vector<ClaimedKeyPackage>>& claimed) {
                                if (!claimed.ok()) {
                                  return reply(claimed.error());
                                }
                                v1::ClaimKeyPackagesResponse out;
                                for (const ClaimedKeyPackage& item : *claimed) {
                                  auto& to = *out.add_claimed();
                                  FillPerson(item.person, *to.mutable_person());
                                  to.set_device(ToText(item.device.view()));
                                  to.set_key_package(ToText(item.key_package));
                                }
                                reply(std::move(out));
                              });
}

void DirectoryHandler::PublishRevocations(const Caller& caller,
                                          const v1::PublishRevocationsRequest& request,
                                          const Reply<v1::PublishRevocationsResponse>& reply) {
  relay_.directory().PublishRevocations(
      caller, AsBytes(request.revocation_list()),
      [reply](const Result<RevocationOutcome>& outcome) {
        if (!outcome.ok()) {
          return reply(outcome.error());
        }
        v1::PublishRevocationsResponse out;
        if (const auto* position = std::get_if<std::uint64_t>(&*outcome)) {
          out.set_published(*position);
        } else {
          out.set_refused(std::get<RevocationRefusal>(*outcome) == RevocationRefusal::kOlder
                              ? v1::PublishRevocationsResponse::REFUSAL_OLDER
                              : v1::PublishRevocationsResponse::REFUSAL_BAD_LIST);
        }
        reply(std::move(out));
      });
}

}  // namespace renkei::server
