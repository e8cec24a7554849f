#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <numeric>
#include <vector>

#include "client/documents/dates.h"
#include "client/documents/render.h"
#include "client/documents/text.h"
#include "renkei/care/v1/medication.pb.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::size_t kHeadlineChars = 60;

bool IsMoment(const Field& field) {
  const auto format = RuleOf(field).format();
  return format == care::v1::FORMAT_DATE || format == care::v1::FORMAT_DATE_TIME ||
         format == care::v1::FORMAT_MOMENT;
}

std::string OneLineOf(std::string text) {
  for (char& c : text) {
    c = c == '\n' || c == '\t' ? ' ' : c;
  }
  return text;
}

// Whether there is something for people to read.
bool IsShown(const Message& message, const Field& field) {
  return IsPresent(message, field) && !RuleOf(field).quiet();
}

std::vector<int> Indices(const Message& message, const Field& field) {
  if (!field.is_repeated()) {
    return {-1};
  }
  std::vector<int> out(
      static_cast<std::size_t>(message.GetReflection()->FieldSize(message, &field)));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

const Message& Inner(const Message& message, const Field& field, int index) {
  const auto* reflection = message.GetReflection();
  return index < 0 ? reflection->GetMessage(message, &field)
                   : reflection->GetRepeatedMessage(message, &field, index);
}

// A field of a one-line message: its values behind its label, lists joined.
std::string Labelled(const Message& message, const Field& field, bool with_label) {
  std::string values;
  for (const int index : Indices(message, field)) {
    values += (values.empty() ? "" : "・") + OneLineOf(ValueForEyes(message, field, index));
  }
  return with_label ? RuleOf(field).label() + " " + values : values;
}

// A drug as it stands on a prescription: ノルバスク錠２．５ｍｇ 1錠 毎食後服用 3日分（RP番号
// 1、…）.
std::string DrugLine(const care::v1::Drug& drug) {
  const auto add = [](std::string& line, const std::string& text, const char* before) {
    line += text.empty() ? "" : before + Printable(text, false);
  };
  std::string line = Printable(drug.drug_name(), false);
  add(line, drug.dose(), " ");
  add(line, drug.unit(), "");
  add(line, drug.usage_name(), " ");
  if (drug.has_qty()) {
    line += " " + std::to_string(drug.qty()) + Printable(drug.qty_unit(), false);
  }
  care::v1::Drug rest = drug;
  for (const int number : {2, 3, 4, 20, 21, 22}) {
    rest.GetReflection()->ClearField(&rest, rest.GetDescriptor()->FindFieldByNumber(number));
  }
  const std::string more = OneLine(rest);
  return more.empty() ? line : line + "（" + more + "）";
}

// Whether a message reads well in one line: nothing in it that has lines or parts of its own.
bool IsFlat(const Message& message) {
  if (message.GetDescriptor() == care::v1::Drug::descriptor()) {
    return true;
  }
  for (const Field* field : FieldsOf(*message.GetDescriptor())) {
    if (!IsShown(message, *field)) {
      continue;
    }
    if (RuleOf(*field).multiline() || (field->is_repeated() && field->message_type() != nullptr)) {
      return false;
    }
    if (field->message_type() != nullptr) {
      for (const int index : Indices(message, *field)) {
        if (!IsFlat(Inner(message, *field, index))) {
          return false;
        }
      }
    }
  }
  return true;
}

// Writes the lines of one message under a label, one level deeper per level.
class Writer {
 public:
  void Fields(const Message& message, std::size_t depth) {
    for (const Field* field : FieldsOf(*message.GetDescriptor())) {
      const std::string& section = RuleOf(*field).section();
      if (!section.empty() && depth == 1) {
        heading_ = section;
      }
      if (IsShown(message, *field)) {
        OneField(message, *field, depth);
      }
    }
  }
  std::string Take() { return std::move(out_); }

 private:
  void Line(std::size_t depth, const std::string& text) {
    if (!heading_.empty()) {
      out_ += "【" + heading_ + "】\n";
      heading_.clear();
    }
    for (std::size_t i = 0; i < depth; ++i) {
      out_ += kIndent;
    }
    out_ += text + "\n";
  }
  void Lines(std::size_t depth, std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      Line(depth, std::string(text.substr(0, end)));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
  }
  void OneField(const Message& message, const Field& field, std::size_t depth) {
    const std::string& label = RuleOf(field).label();
    const bool list = field.is_repeated();
    if (list) {
      Line(depth, label + ":");
    }
    for (const int index : Indices(message, field)) {
      OneValue(message, field, index, list ? depth + 1 : depth,
               list ? std::to_string(index + 1) + "." : label + ":");
    }
  }
  void OneValue(const Message& message, const Field& field, int index, std::size_t depth,
                const std::string& lead) {
    if (field.message_type() != nullptr && !IsFlat(Inner(message, field, index))) {
      Line(depth, lead);
      Fields(Inner(message, field, index), depth + 1);
      return;
    }
    const std::string value = ValueForEyes(message, field, index);
    if (value.find('\n') == std::string::npos) {
      Line(depth, lead + " " + value);
    } else {
      Line(depth, lead);
      Lines(depth + 1, value);
    }
  }

  std::string out_;
  std::string heading_;  // waits for the first line below it
};

std::string HeadlineValue(const Message& message, const Field& field) {
  const int count = static_cast<int>(Indices(message, field).size());
  const int first = field.is_repeated() ? 0 : -1;
  std::string value = field.message_type() != nullptr
                          ? HeadlineOf(Inner(message, field, first))
                          : OneLineOf(ValueForEyes(message, field, first));
  if (count > 1) {
    value += " ほか" + std::to_string(count - 1) + "件";
  }
  return value;
}

}  // namespace

std::string ValueForEyes(const Message& message, const Field& field, int index) {
  if (field.message_type() != nullptr) {
    return OneLine(Inner(message, field, index));
  }
  const auto& rule = RuleOf(field);
  if (field.cpp_type() == Field::CPPTYPE_ENUM) {
    const auto* reflection = message.GetReflection();
    return ValueLabel(*field.enum_type(),
                      index < 0 ? reflection->GetEnumValue(message, &field)
                                : reflection->GetRepeatedEnumValue(message, &field, index));
  }
  std::string shown = Printable(ScalarText(message, field, index), rule.multiline());
  if (IsMoment(field)) {
    shown = MomentForEyes(shown);
  }
  return rule.unit().empty() ? shown : shown + " " + rule.unit();
}

std::string OneLine(const Message& message) {
  if (message.GetDescriptor() == care::v1::Drug::descriptor() &&
      !static_cast<const care::v1::Drug&>(message).drug_name().empty()) {
    return DrugLine(static_cast<const care::v1::Drug&>(message));
  }
  const Field* primary = PrimaryOf(*message.GetDescriptor());
  if (primary != nullptr && !IsPresent(message, *primary)) {
    primary = nullptr;
  }
  std::string rest;
  for (const Field* field : FieldsOf(*message.GetDescriptor())) {
    if (field != primary && IsShown(message, *field)) {
      rest += (rest.empty() ? "" : "、") + Labelled(message, *field, true);
    }
  }
  if (primary == nullptr) {
    return rest;
  }
  const std::string lead = Labelled(message, *primary, false);
  return rest.empty() ? lead : lead + "（" + rest + "）";
}

std::string Sections(const Message& message) {
  Writer writer;
  writer.Fields(message, 1);
  return writer.Take();
}

std::string HeadlineOf(const Message& message) {
  std::string out;
  for (const std::string& name : FormRuleOf(*message.GetDescriptor()).headline()) {
    const Field* field = message.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr && IsPresent(message, *field)) {
      out += (out.empty() ? "" : " ") + HeadlineValue(message, *field);
    }
  }
  if (!out.empty()) {
    return Shorten(out, kHeadlineChars);
  }
  const Field* primary = PrimaryOf(*message.GetDescriptor());
  const bool short_form = primary != nullptr && IsPresent(message, *primary);
  return Shorten(short_form ? Labelled(message, *primary, false) : OneLine(message),
                 kHeadlineChars);
}

void CollectText(const Message& message, std::string& out) {
  for (const Field* field : FieldsOf(*message.GetDescriptor())) {
    if (!IsPresent(message, *field) || field->type() == Field::TYPE_BYTES) {
      continue;
    }
    for (const int index : Indices(message, *field)) {
      if (field->message_type() != nullptr) {
        CollectText(Inner(message, *field, index), out);
      } else if (field->cpp_type() == Field::CPPTYPE_STRING ||
                 field->cpp_type() == Field::CPPTYPE_ENUM) {
        out += Printable(ScalarText(message, *field, index), true) + "\n";
      }
    }
  }
}

}  // namespace renkei::documents
