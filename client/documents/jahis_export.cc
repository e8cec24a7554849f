#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <set>

#include "client/documents/content.h"
#include "client/documents/dates.h"
#include "client/documents/fill.h"
#include "client/documents/jahis.h"
#include "client/documents/jahis_layout.h"
#include "client/documents/jahis_lines.h"
#include "client/documents/problems.h"
#include "client/documents/shift_jis.h"
#include "client/documents/text.h"
#include "renkei/care/v1/content.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

using care::v1::Dispensing;
using care::v1::Drug;
using care::v1::MedicationList;

// The format has neither quotes nor escapes.
std::string WithoutSeparators(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ',') {
      out += "，";
    } else {
      out += c == '\n' || c == '\t' ? ' ' : c;
    }
  }
  return out;
}

// Lines that are kept as they came must not be able to pass for records of ours.
bool IsUnknownRecord(const std::string& line) {
  const std::size_t comma = line.find(',');
  const int number = JahisNumber(std::string_view(line).substr(0, comma));
  return comma != std::string::npos && number >= 0 && number != 911 &&
         FindJahisRecord(number) == nullptr;
}

// A leftover in words: JAHIS has one text for it.
std::string LeftoverText(const care::v1::Leftover& leftover) {
  if (!leftover.text().empty() && leftover.drug().empty()) {
    return leftover.text();
  }
  std::string text = leftover.drug();
  text += leftover.count().empty() ? "" : " " + leftover.count() + leftover.unit();
  text += leftover.reason() == 0
              ? ""
              : " " + ValueText(*care::v1::LeftoverReason_descriptor(), leftover.reason());
  text += leftover.action().empty() ? "" : " 対応:" + leftover.action();
  text += leftover.text().empty() ? "" : " " + leftover.text();
  return text;
}

class Exporter {
 public:
  void Run(const Content& content, int direction);
  JahisOutcome Take();
  void Problem(const std::string& message_ja, const std::string& message_en) {
    problems_.Add("", message_ja, message_en);
  }

 private:
  void Root(const MedicationList& list);
  void OneDispensing(const Dispensing& dispensing);
  void Drugs(const Dispensing& dispensing);
  void Rp(const Dispensing& dispensing, int first, int end);
  // One record: its number, then the columns from `message`; "" columns take `link`.
  void Record(int number, const Message& message, const std::string& link);
  // The same, if there is anything to say in its columns.
  void RecordIfAny(int number, const Message& message, const std::string& link);
  template <typename List>
  void Each(int number, const List& list, const std::string& link) {
    for (const auto& item : list) {
      Record(number, item, link);
    }
  }
  template <typename List>
  void Raw(const List& lines) {
    for (const std::string& line : lines) {
      if (IsUnknownRecord(line)) {
        Line(Printable(line, false), "");
      } else {
        Problem(
            "「" + Shorten(Printable(line, false), 40) + "」は知らない種類のレコードではありません",
            "a line kept as it came must be of an unknown record type");
      }
    }
  }
  std::string ColumnText(const Message& message, const Field& field) const;
  void Line(const std::string& text, const std::string& where);

  Bytes out_;
  Problems problems_;
};

void Exporter::Run(const Content& content, int direction) {
  Line("JAHISTC08," + std::to_string(direction), "");
  Record(1, content.header().patient(), "");
  Root(content.medication_list());
  Raw(content.medication_list().other_records());
  for (const Dispensing& dispensing : content.medication_list().dispensings()) {
    OneDispensing(dispensing);
  }
  Each(701, content.medication_list().family_pharmacists(), "");
}

JahisOutcome Exporter::Take() {
  JahisOutcome outcome;
  if (problems_.empty()) {
    outcome.file = std::move(out_);
  }
  outcome.problems = problems_.Take();
  return outcome;
}

void Exporter::Root(const MedicationList& list) {
  Each(2, list.patient_flags(), "");
  for (int i = 0; i < list.otc_size(); ++i) {
    const std::string link = std::to_string(i + 1);
    Record(3, list.otc(i), link);
    Each(31, list.otc(i).ingredients(), link);
  }
  Each(4, list.memos(), "");
}

void Exporter::OneDispensing(const Dispensing& dispensing) {
  Record(5, dispensing, "");
  const care::v1::Dispenser& dispenser = dispensing.dispenser();
  RecordIfAny(11, dispenser, "");
  RecordIfAny(15, dispenser, "");
  // Dispensed where it was prescribed: then there is no record 51.
  const std::string& table = dispenser.score_table_code();
  const bool in_house =
      (table == "1" || table == "3") && dispensing.prescriber().name() == dispenser.name();
  if (!in_house) {
    RecordIfAny(51, dispensing.prescriber(), "");
  }
  RecordIfAny(55, dispensing.prescriber(), "");
  Drugs(dispensing);
  Each(401, dispensing.cautions(), "");
  Each(411, dispensing.hospital_info(), "");
  for (care::v1::Leftover leftover : dispensing.leftover()) {
    leftover.set_text(LeftoverText(leftover));
    Record(421, leftover, "");
  }
  Each(501, dispensing.remarks(), "");
  Each(601, dispensing.patient_entry(), "");
  Raw(dispensing.other_records());
}

// RP by RP as they stand; a doctor record whenever the prescriber changes.
void Exporter::Drugs(const Dispensing& dispensing) {
  std::string doctor = dispensing.prescriber().SerializeAsString();
  std::set<int> seen;
  for (int first = 0; first < dispensing.drugs_size();) {
    const Drug& drug = dispensing.drugs(first);
    const care::v1::Prescriber& own =
        drug.has_prescriber() ? drug.prescriber() : dispensing.prescriber();
    if (own.SerializeAsString() != doctor) {
      if (own.name() != dispensing.prescriber().name()) {
        Problem("お薬手帳の形式では 1 回の調剤に処方元の医療機関は 1 つです",
                "a dispensing has one prescribing institution");
      }
      Record(55, own, "");
      doctor = own.SerializeAsString();
      seen.clear();
    }
    int end = first + 1;
    while (end < dispensing.drugs_size() && dispensing.drugs(end).rp_no() == drug.rp_no() &&
           dispensing.drugs(end).prescriber().SerializeAsString() ==
               drug.prescriber().SerializeAsString()) {
      ++end;
    }
    if (!seen.insert(drug.rp_no()).second) {
      Problem("RP番号 " + std::to_string(drug.rp_no()) + " の薬が続いて並んでいません",
              "the drugs of one RP must stand together");
    }
    Rp(dispensing, first, end);
    first = end;
  }
}

void Exporter::Rp(const Dispensing& dispensing, int first, int end) {
  const std::string rp_no = std::to_string(dispensing.drugs(first).rp_no());
  for (int i = first; i < end; ++i) {
    const Drug& drug = dispensing.drugs(i);
    Record(201, drug, "");
    Each(281, drug.drug_note(), rp_no);
    Each(291, drug.drug_caution(), rp_no);
  }
  const Drug& lead = dispensing.drugs(first);
  RecordIfAny(301, lead, rp_no);
  Each(311, lead.usage_note(), rp_no);
  Each(391, lead.rp_caution(), rp_no);
}

std::string Exporter::ColumnText(const Message& message, const Field& field) const {
  if (field.cpp_type() == Field::CPPTYPE_ENUM) {
    const int number = message.GetReflection()->GetEnumValue(message, &field);
    const bool defaults_to_one = field.enum_type() == care::v1::Creator_descriptor() ||
                                 field.name() == "code_type" || field.name() == "usage_code_type";
    return number == 0 ? (defaults_to_one ? "1" : "") : std::to_string(number);
  }
  if (!IsPresent(message, field)) {
    return "";
  }
  const std::string text = ScalarText(message, field, -1);
  if (RuleOf(field).format() == care::v1::FORMAT_DATE) {
    const auto date = ReadDate(text);
    return date ? DateDigits(*date) : "";
  }
  return WithoutSeparators(Printable(text, true));
}

void Exporter::Record(int number, const Message& message, const std::string& link) {
  const JahisRecord& record = *FindJahisRecord(number);
  std::string line = std::to_string(number);
  for (const JahisColumn& column : record.columns) {
    std::string text = link;
    std::string name = "RP番号";
    if (!column.field.empty()) {
      const Field& field = *message.GetDescriptor()->FindFieldByName(std::string(column.field));
      text = ColumnText(message, field);
      name = RuleOf(field).label();
    }
    const ShiftJisText encoded = EncodeShiftJis(text);
    if (encoded.missing.empty() && encoded.bytes.size() > column.bytes) {
      Problem(std::string(record.label) + " (" + std::to_string(number) + ") の" + name +
                  "が長すぎます（Shift_JIS で " + std::to_string(column.bytes) + " バイトまで）",
              "record " + std::to_string(number) + ": a column is over " +
                  std::to_string(column.bytes) + " bytes");
    }
    line += "," + text;
  }
  Line(line, std::string(record.label) + " (" + std::to_string(number) + ")");
}

void Exporter::RecordIfAny(int number, const Message& message, const std::string& link) {
  for (const JahisColumn& column : FindJahisRecord(number)->columns) {
    const Field* field = message.GetDescriptor()->FindFieldByName(std::string(column.field));
    if (field != nullptr && IsPresent(message, *field)) {
      return Record(number, message, link);
    }
  }
}

void Exporter::Line(const std::string& text, const std::string& where) {
  ShiftJisText encoded = EncodeShiftJis(text);
  if (!encoded.missing.empty()) {
    Problem(where + " の文字「" + encoded.missing + "」は Shift_JIS にありません",
            where + ": a character that Shift_JIS does not have");
    return;
  }
  Append(out_, encoded.bytes);
  Append(out_, AsBytes(std::string_view("\r\n")));
}

// Record 1 from the case's patient where the list does not say it, unless it names another one.
void CompletePatient(Content& content, ByteView content_bytes, ByteView patient_content) {
  const auto opened = OpenContent(patient_content);
  const auto match = ComparePatient(content_bytes, patient_content);
  if (!opened.ok() || !match.ok() || *match == PatientMatch::kDifferent) {
    return;
  }
  const care::v1::Patient& patient = opened->content->patient();
  care::v1::PatientRef known;
  known.set_name(patient.name());
  known.set_kana(patient.kana());
  known.set_birth_date(patient.birth_date());
  known.set_sex(patient.sex());
  known.set_postal_code(patient.postal_code());
  known.set_address(patient.address());
  known.set_phone(patient.phone());
  known.MergeFrom(content.header().patient());
  *content.mutable_header()->mutable_patient() = known;
}

// What the list says; else to the patient if every dispenser has the codes that this direction
// asks for.
int DirectionOf(const MedicationList& list) {
  if (list.direction() != 0) {
    return list.direction();
  }
  for (const Dispensing& dispensing : list.dispensings()) {
    if (dispensing.dispenser().institution_code().empty()) {
      return care::v1::NOTEBOOK_DIRECTION_TO_PROVIDER;
    }
  }
  return care::v1::NOTEBOOK_DIRECTION_TO_PATIENT;
}

}  // namespace

JahisOutcome ExportJahis(ByteView content_bytes, ByteView patient_content) {
  Exporter exporter;
  const auto opened = OpenContent(content_bytes);
  if (!opened.ok() || opened->kind != Kind::kMedicationList) {
    exporter.Problem("お薬情報ではありません", "not a medication list");
    return exporter.Take();
  }
  Content content = *opened->content;
  CompletePatient(content, content_bytes, patient_content);
  const care::v1::PatientRef& patient = content.header().patient();
  if (patient.name().empty() || patient.birth_date().empty()) {
    exporter.Problem("患者の氏名と生年月日が必要です",
                     "the patient's name and birth date are needed");
    return exporter.Take();
  }
  if (patient.sex() != care::v1::SEX_MALE && patient.sex() != care::v1::SEX_FEMALE) {
    exporter.Problem("お薬手帳の形式では患者の性別（男・女）が必要です",
                     "the format needs the patient's sex (1 or 2)");
    return exporter.Take();
  }
  exporter.Run(content, DirectionOf(content.medication_list()));
  return exporter.Take();
}

}  // namespace renkei::documents
