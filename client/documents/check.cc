#include "client/documents/check.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "client/documents/check_between.h"
#include "client/documents/fill.h"
#include "client/documents/text.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

constexpr int kDefaultLatestDays = 731;
constexpr int kPastLatestDays = 366;

bool OneOf(const std::string& value, const google::protobuf::RepeatedPtrField<std::string>& list) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::size_t DecimalsOf(const std::string& shown) {
  const std::size_t point = shown.find('.');
  return point == std::string::npos ? 0 : shown.size() - point - 1;
}

bool AllOf(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kPhoneChars = "0123456789-+()# ";
constexpr std::string_view kCodeChars =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-";

}  // namespace

void Checker::CheckMessage(const Message& message, const std::string& path) {
  const Descriptor& type = *message.GetDescriptor();
  for (const Field* field : FieldsOf(type)) {
    const std::string field_path = JoinPath(path, *field, -1);
    if (IsPresent(message, *field)) {
      CheckField(message, *field, field_path);
    } else if (RuleOf(*field).required() && !Waived(message, *field)) {
      problems_.Add(field_path, "必須の項目 " + NameOf(*field, field_path) + " がありません",
                    "required field " + field_path + " is missing");
    }
  }
  for (const auto& check : FormRuleOf(type).check()) {
    CheckBetween(message, check, path, problems_);
  }
}

void Checker::CheckField(const Message& message, const Field& field, const std::string& path) {
  const auto* reflection = message.GetReflection();
  const int size = field.is_repeated() ? reflection->FieldSize(message, &field) : -1;
  if (size > static_cast<int>(MaxItems(field))) {
    const std::string limit = std::to_string(MaxItems(field));
    problems_.Add(path, NameOf(field, path) + " は " + limit + " 件までです",
                  path + " holds at most " + limit + " items");
    return;
  }
  if (size < 0) {
    CheckValue(message, field, -1, path);
  }
  for (int i = 0; i < size; ++i) {
    CheckValue(message, field, i, path + "[" + std::to_string(i) + "]");
  }
  if (!RuleOf(field).group_by().empty()) {
    CheckGroups(message, field, path);
  }
}

void Checker::CheckValue(const Message& message, const Field& field, int index,
                         const std::string& path) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == Field::CPPTYPE_MESSAGE) {
    around_.push_back(&message);
    CheckMessage(index < 0 ? reflection->GetMessage(message, &field)
                           : reflection->GetRepeatedMessage(message, &field, index),
                 path);
    around_.pop_back();
    return;
  }
  const std::string shown = ScalarText(message, field, index);
  if (field.type() == Field::TYPE_BYTES) {
    const std::size_t length = RuleOf(field).format() == care::v1::FORMAT_HASH ? 64 : 36;
    if (shown.size() != length) {
      problems_.Add(path, NameOf(field, path) + " の長さが違います", path + " has a wrong length");
    }
  } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
    CheckText(field, shown, path);
  } else if (field.cpp_type() == Field::CPPTYPE_ENUM) {
    if (shown[0] == '?' || shown.empty()) {
      problems_.Add(path, NameOf(field, path) + " にこの版が知らない値があります",
                    path + " has a value that this version does not know");
    }
  } else {
    double value = 0;
    std::from_chars(shown.data(), shown.data() + shown.size(), value);
    CheckRange(field, value, shown, path);
  }
}

void Checker::CheckText(const Field& field, const std::string& text, const std::string& path) {
  const bool multiline = RuleOf(field).multiline();
  if (const auto forbidden = FindForbidden(text, multiline)) {
    const bool line = *forbidden == '\n';
    problems_.Add(
        path,
        NameOf(field, path) + (line ? " に改行は使えません" : " に使えない制御文字があります"),
        path + (line ? " must be one line" : " holds a control character"));
    return;
  }
  const std::size_t chars = CountChars(text);
  if (chars > MaxChars(field)) {
    const std::string limit = std::to_string(MaxChars(field));
    problems_.Add(path,
                  NameOf(field, path) + " は " + limit + " 文字までです（" + std::to_string(chars) +
                      " 文字あります）",
                  path + " holds at most " + limit + " characters");
    return;
  }
  CheckFormat(field, text, path);
}

void Checker::CheckFormat(const Field& field, const std::string& text, const std::string& path) {
  bool good = true;
  const char* ja = "";
  switch (RuleOf(field).format()) {
    case care::v1::FORMAT_DATE:
    case care::v1::FORMAT_DATE_TIME:
    case care::v1::FORMAT_MOMENT: {
      const auto date = DateOfMoment(text);
      const bool time = text.size() > 10;
      const auto format = RuleOf(field).format();
      good = date &&
             (format == care::v1::FORMAT_MOMENT || time == (format == care::v1::FORMAT_DATE_TIME));
      ja = " は日付として読めません";
      if (good) {
        CheckDate(field, *date, path);
      }
      break;
    }
    case care::v1::FORMAT_PHONE:
      good = text.size() >= 3 && text.size() <= 24 && AllOf(text, kPhoneChars);
      ja = " は数字とハイフンの電話番号で書いてください";
      break;
    case care::v1::FORMAT_KANA:
      good = IsKana(text);
      ja = " はかなで書いてください";
      break;
    case care::v1::FORMAT_DIGITS:
      good = AllOf(text, kDigits);
      ja = " は数字で書いてください";
      break;
    case care::v1::FORMAT_CODE:
      good = AllOf(text, kCodeChars);
      ja = " は半角の英数字で書いてください";
      break;
    case care::v1::FORMAT_DECIMAL: {
      double value = 0;
      const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
      good = AllOf(text, "0123456789.") && read.ec == std::errc() &&
             read.ptr == text.data() + text.size();
      ja = " は数値で書いてください";
      if (good) {
        CheckRange(field, value, text, path);
      }
      break;
    }
    default:
      break;
  }
  if (!good) {
    problems_.Add(path, NameOf(field, path) + ja, path + " is not in the right format");
  }
}

void Checker::CheckDate(const Field& field, const Date& date, const std::string& path) {
  const auto& rule = RuleOf(field);
  const std::int64_t ahead = DayNumber(date) - DayNumber(today_);
  const std::int64_t limit = rule.has_latest_days() ? rule.latest_days()
                             : rule.past()          ? kPastLatestDays
                                                    : kDefaultLatestDays;
  if (ahead > limit) {
    problems_.Add(path,
                  NameOf(field, path) + " " + DateForEyes(date) +
                      (limit == 0 ? " は未来の日付です" : " は先すぎる日付です"),
                  path + " " + DateText(date) +
                      (limit == 0 ? " is in the future" : " is too far in the future"));
  } else if (rule.past() && ahead > 0) {
    notices_.Add(path, NameOf(field, path) + " " + DateForEyes(date) + " は今日より後の日付です",
                 path + " " + DateText(date) + " is later than today");
  }
}

void Checker::CheckRange(const Field& field, double value, const std::string& shown,
                         const std::string& path) {
  const auto& rule = RuleOf(field);
  if ((rule.has_min() && value < rule.min()) || (rule.has_max() && value > rule.max())) {
    AddRangeProblem(field, path, shown, problems_);
    return;
  }
  const bool decimal =
      field.cpp_type() == Field::CPPTYPE_DOUBLE || rule.format() == care::v1::FORMAT_DECIMAL;
  if (decimal && DecimalsOf(shown) > rule.decimals()) {
    const std::string digits = std::to_string(rule.decimals());
    problems_.Add(path,
                  NameOf(field, path) + " " + shown + " の小数点以下は " + digits + " 桁までです",
                  path + " has at most " + digits + " decimals");
  }
  if (rule.step() > 0 && static_cast<std::int64_t>(value) % rule.step() != 0) {
    const std::string step = std::to_string(rule.step());
    problems_.Add(path,
                  NameOf(field, path) + " " + shown + " は " + step + " の倍数で書いてください",
                  path + " must be a multiple of " + step);
  }
}

void Checker::CheckGroups(const Message& message, const Field& field, const std::string& path) {
  const auto& rule = RuleOf(field);
  const auto* reflection = message.GetReflection();
  std::map<std::string, const Message*> first_of_group;
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    const Message& element = reflection->GetRepeatedMessage(message, &field, i);
    const Message& first =
        *first_of_group.emplace(ValueAt(element, rule.group_by()), &element).first->second;
    for (const std::string& name : rule.group_same()) {
      if (ValueAt(element, name) == ValueAt(first, name)) {
        continue;
      }
      const Field& same = *element.GetDescriptor()->FindFieldByName(name);
      const std::string at = JoinPath(path + "[" + std::to_string(i) + "]", same, -1);
      problems_.Add(at, NameOf(same, at) + " が同じ " + rule.group_by() + " のほかの薬と違います",
                    at + " differs from the others of the same " + rule.group_by());
    }
  }
}

bool Checker::Waived(const Message& message, const Field& field) const {
  for (const auto& waiver : RuleOf(field).waived()) {
    std::string_view path = waiver.field();
    std::size_t up = 0;
    while (!path.empty() && path[0] == '^') {
      path.remove_prefix(1);
      ++up;
    }
    if (up > around_.size()) {
      continue;
    }
    const Message& base = up == 0 ? message : *around_[around_.size() - up];
    if (OneOf(ValueAt(base, path), waiver.value())) {
      return true;
    }
  }
  return false;
}

}  // namespace renkei::documents
