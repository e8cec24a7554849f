#include "crypto/mls/psk.h"

namespace renkei::mls {
namespace {

Status Decode(wire::Reader& in, ResumptionPsk& value) {
  std::uint8_t usage = 0;
  RENKEI_TRY(in.U8(usage));
  if (usage < static_cast<std::uint8_t>(ResumptionPskUsage::kApplication) ||
      usage > static_cast<std::uint8_t>(ResumptionPskUsage::kBranch)) {
    return Error(Code::kMalformed, "mls: resumption psk usage");
  }
  value.usage = static_cast<ResumptionPskUsage>(usage);
  RENKEI_TRY(in.Opaque(value.psk_group_id));
  return Decode(in, value.psk_epoch);
}

}  // namespace

PskType PreSharedKeyId::type() const {
  return std::holds_alternative<ExternalPsk>(value) ? PskType::kExternal : PskType::kResumption;
}

void Encode(wire::Writer& out, const PreSharedKeyId& value) {
  out.U8(static_cast<std::uint8_t>(value.type()));
  if (const auto* external = std::get_if<ExternalPsk>(&value.value)) {
    out.Opaque(external->psk_id);
  } else if (const auto* resumption = std::get_if<ResumptionPsk>(&value.value)) {
    out.U8(static_cast<std::uint8_t>(resumption->usage));
    out.Opaque(resumption->psk_group_id);
    Encode(out, resumption->psk_epoch);
  }
  out.Opaque(value.psk_nonce);
}

Status Decode(wire::Reader& in, PreSharedKeyId& value) {
  std::uint8_t type = 0;
  RENKEI_TRY(in.U8(type));
  if (type == static_cast<std::uint8_t>(PskType::kExternal)) {
    RENKEI_TRY(in.Opaque(value.value.emplace<ExternalPsk>().psk_id));
  } else if (type == static_cast<std::uint8_t>(PskType::kResumption)) {
    RENKEI_TRY(Decode(in, value.value.emplace<ResumptionPsk>()));
  } else {
    return Error(Code::kMalformed, "mls: psk type");
  }
  return in.Opaque(value.psk_nonce);
}

}  // namespace renkei::mls
