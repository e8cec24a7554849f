#include "tests/support/relay_request.h"

namespace renkei::test {

relay::v1::CommitRequest RequestOf(const CommitParts& parts) {
  relay::v1::CommitRequest out;
  out.mutable_card()->set_card(ToString(parts.card.card_bytes));
  out.mutable_card()->set_signature(ToString(parts.card.signature));
  out.set_commit(ToString(parts.commit));
  out.set_group_info(ToString(parts.group_info));
  for (const auto& [devices, welcome] : parts.welcomes) {
    auto& item = *out.add_welcomes();
    item.set_welcome(ToString(welcome));
    for (const DeviceId& device : devices) {
      item.add_devices(ToString(device.view()));
    }
  }
  for (const thread::Envelope& envelope : parts.envelopes) {
    RENKEI_CHECK(
        out.add_envelopes()->ParseFromString(ToString(thread::SerializeEnvelope(envelope))));
  }
  return out;
}

}  // namespace renkei::test
