// What form.h offers for showing: JSON, text, headline, index text, patient.
#include <google/protobuf/descriptor.h>

#include "client/documents/content.h"
#include "client/documents/dates.h"
#include "client/documents/form.h"
#include "client/documents/render.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"

namespace renkei::documents {
namespace {

JsonValue FormObject(const Opened& opened) {
  JsonValue object{JsonValue::Type::kObject, "", {}, {}};
  AddMembers(opened.content->header(), object);
  AddMembers(*opened.body, object);
  return object;
}

// The patient as the file names it, in one line; empty if it does not.
std::string StatedPatient(const Content& content) {
  return content.header().has_patient() ? OneLine(content.header().patient()) : "";
}

}  // namespace

Result<std::string> RenderJson(ByteView content) {
  RENKEI_ASSIGN(const auto opened, OpenContent(content));
  return WriteJson(FormObject(opened), 0);
}

Result<std::string> RenderPrettyJson(ByteView content) {
  RENKEI_ASSIGN(const auto opened, OpenContent(content));
  return WriteJson(FormObject(opened), 2) + "\n";
}

Result<PatientIdentity> IdentifyPatient(ByteView patient_content) {
  RENKEI_ASSIGN(const auto opened, OpenContent(patient_content));
  if (opened.kind != Kind::kPatient) {
    return Error(Code::kNotFound, "documents: not a patient profile");
  }
  const care::v1::Patient& patient = opened.content->patient();
  PatientIdentity identity;
  identity.name = Printable(patient.name(), false);
  identity.kana = Printable(patient.kana(), false);
  identity.birth_date = Printable(patient.birth_date(), false);
  identity.sex = patient.sex() == care::v1::SEX_UNSPECIFIED
                     ? ""
                     : ValueLabel(*care::v1::Sex_descriptor(), patient.sex());
  return identity;
}

bool SameName(std::string_view one, std::string_view other) {
  const std::string folded = FoldForName(one);
  return !folded.empty() && folded == FoldForName(other);
}

bool SamePatient(const PatientIdentity& one, const PatientIdentity& other) {
  return one.birth_date == other.birth_date &&
         (SameName(one.name, other.name) || SameName(one.kana, other.kana));
}

std::string IdentityLine(const PatientIdentity& patient, Millis now) {
  std::string line = patient.name;
  line += patient.kana.empty() ? "" : "（" + patient.kana + "）";
  line += patient.sex.empty() ? "" : " " + patient.sex;
  if (const auto birth = DateOfMoment(patient.birth_date)) {
    line += " " + DateForEyes(*birth) + "生";
    line += "（" + std::to_string(AgeAt(*birth, Today(now))) + "歳）";
  }
  return line;
}

Result<PatientMatch> ComparePatient(ByteView content, ByteView patient_content) {
  RENKEI_ASSIGN(const auto opened, OpenContent(content));
  RENKEI_ASSIGN(const auto patient_opened, OpenContent(patient_content));
  if (patient_opened.kind != Kind::kPatient) {
    return Error(Code::kNotFound, "documents: not a patient profile");
  }
  if (!opened.content->header().has_patient()) {
    return PatientMatch::kNotStated;
  }
  const care::v1::PatientRef& stated = opened.content->header().patient();
  const care::v1::Patient& patient = patient_opened.content->patient();
  return SamePatient({stated.name(), stated.kana(), stated.birth_date(), ""},
                     {patient.name(), patient.kana(), patient.birth_date(), ""})
             ? PatientMatch::kSame
             : PatientMatch::kDifferent;
}

Result<std::string> RenderText(ByteView content, const TextOptions& options) {
  RENKEI_ASSIGN(const auto opened, OpenContent(content));
  std::string text = std::string("■ ") + KindLabel(opened.kind) + "\n";
  if (options.patient) {
    text += "患者: " + IdentityLine(*options.patient, options.now) + "\n";
  }
  if (const std::string stated = StatedPatient(*opened.content); !stated.empty()) {
    text += "書類に記載の患者: " + stated + "\n";
  }
  for (const int source : opened.content->header().source()) {
    text += "情報源: " + ValueLabel(*care::v1::Source_descriptor(), source) + "\n";
  }
  if (!opened.content->header().confirmed_at().empty()) {
    text +=
        "確定: " + MomentForEyes(Printable(opened.content->header().confirmed_at(), false)) + "\n";
  }
  return text + Sections(*opened.body);
}

Result<std::string> Headline(ByteView content) {
  RENKEI_ASSIGN(const auto opened, OpenContent(content));
  const std::string said = HeadlineOf(*opened.body);
  return Shorten(std::string(KindLabel(opened.kind)) + (said.empty() ? "" : ": " + said), 60);
}

std::string SearchText(ByteView content) {
  const auto opened = OpenContent(content);
  std::string out;
  if (opened.ok()) {
    CollectText(opened->content->header(), out);
    CollectText(*opened->body, out);
    out += Printable(opened->content->correction_reason(), true);
  }
  return out;
}

}  // namespace renkei::documents
