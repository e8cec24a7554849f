#include "crypto/thread/alert_encoding.h"

namespace renkei::thread {

Status ValidateTarget(const AlertTarget& target) {
  const bool zero = (target.institution && target.institution->IsZero()) ||
                    (target.person && target.person->IsZero());
  const bool fits = target.person ? target.institution.has_value() && target.profession == 0
                                  : target.profession != 0 && target.profession <= kMaxProfession;
  if (zero || !fits) {
    return Error(Code::kMalformed, "alert: neither a person nor a profession");
  }
  return Ok();
}

void WriteTarget(FieldWriter& out, const AlertTarget& target) {
  out.Blob(1, target.institution ? target.institution->view() : ByteView());
  out.Blob(2, target.person ? target.person->view() : ByteView());
  out.U64(3, target.profession);
}

AlertTarget ReadTarget(FieldReader& in) {
  AlertTarget out;
  if (const auto institution = in.Maybe<kIdBytes>(1)) {
    out.institution = InstitutionId{*institution};
  }
  if (const auto person = in.Maybe<kIdBytes>(2)) {
    out.person = PersonId{*person};
  }
  out.profession = in.U32(3);
  return out;
}

}  // namespace renkei::thread
