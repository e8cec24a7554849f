#include "client/documents/check_between.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>

#include "client/documents/fill.h"
#include "renkei/care/v1/options.pb.h"

namespace renkei::documents {
namespace {

double NumberOf(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// One message under one of its rules: looks fields up and names them.
class Between {
 public:
  Between(const Message& message, const std::string& path, Problems& problems)
      : message_(message), path_(path), problems_(problems) {}

  void NotAfter(const care::v1::Check::Pair& pair) {
    // Canonical dates and times compare as text; a date compares with the day of a time.
    const std::string first = Value(pair.first());
    const std::string second = Value(pair.second());
    const std::size_t length = std::min(first.size(), second.size());
    if (Both(pair) && first.substr(0, length) > second.substr(0, length)) {
      problems_.Add(At(pair.first()),
                    Name(pair.first()) + " が " + Name(pair.second()) + " より後です",
                    At(pair.first()) + " is after " + At(pair.second()));
    }
  }
  void Less(const care::v1::Check::Pair& pair) {
    if (Both(pair) && NumberOf(Value(pair.first())) >= NumberOf(Value(pair.second()))) {
      problems_.Add(
          At(pair.second()),
          Name(pair.second()) + " は " + Name(pair.first()) + " より大きくなければなりません",
          At(pair.second()) + " must be greater than " + At(pair.first()));
    }
  }
  void Needs(const care::v1::Check::Pair& pair) {
    const auto& unless = pair.unless();
    const bool waived =
        std::find(unless.begin(), unless.end(), Value(pair.first())) != unless.end();
    if (Present(pair.first()) && !Present(pair.second()) && !waived) {
      problems_.Add(At(pair.second()),
                    Name(pair.first()) + " があるときは " + Name(pair.second()) + " が必要です",
                    At(pair.second()) + " is needed with " + At(pair.first()));
    }
  }
  void AnyOf(const care::v1::Check::AnyOf& any) {
    std::string ja;
    std::string en;
    for (const std::string& field : any.field()) {
      if (Present(field)) {
        return;
      }
      ja += (ja.empty() ? "" : "、") + Name(field);
      en += (en.empty() ? "" : " or ") + At(field);
    }
    problems_.Add(path_, ja + " のどれかが必要です", en + " is needed");
  }
  void Same(const care::v1::Check::Pair& pair) {
    if (Both(pair) && Value(pair.first()) != Value(pair.second())) {
      problems_.Add(At(pair.first()),
                    Name(pair.first()) + " と " + Name(pair.second()) + " が違います",
                    At(pair.first()) + " and " + At(pair.second()) + " differ");
    }
  }

 private:
  std::string Value(const std::string& field) const { return ValueAt(message_, field); }
  bool Present(const std::string& field) const {
    const Place place = Resolve(message_, field);
    return place.field != nullptr && IsPresent(*place.holder, *place.field);
  }
  bool Both(const care::v1::Check::Pair& pair) const {
    return Present(pair.first()) && Present(pair.second());
  }
  std::string At(const std::string& field) const {
    return path_.empty() ? field : path_ + "." + field;
  }
  std::string Name(const std::string& field) const {
    const Place place = Resolve(message_, field);
    return place.field == nullptr ? At(field) : NameOf(*place.field, At(field));
  }

  const Message& message_;
  const std::string& path_;
  Problems& problems_;
};

}  // namespace

Place Resolve(const Message& message, std::string_view path) {
  const Message* holder = &message;
  while (true) {
    const std::size_t dot = path.find('.');
    const Field* field = holder->GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
    RENKEI_CHECK(field != nullptr);  // a test resolves every path in the .proto files
    if (dot == std::string_view::npos) {
      return {holder, field};
    }
    if (!IsPresent(*holder, *field)) {
      return {};
    }
    holder = &holder->GetReflection()->GetMessage(*holder, field);
    path.remove_prefix(dot + 1);
  }
}

std::string ValueAt(const Message& message, std::string_view path) {
  const Place place = Resolve(message, path);
  return place.field != nullptr && IsPresent(*place.holder, *place.field) &&
                 !place.field->is_repeated() && place.field->message_type() == nullptr
             ? ScalarText(*place.holder, *place.field, -1)
             : "";
}

void CheckBetween(const Message& message, const care::v1::Check& check, const std::string& path,
                  Problems& problems) {
  Between between(message, path, problems);
  switch (check.rule_case()) {
    case care::v1::Check::kNotAfter:
      return between.NotAfter(check.not_after());
    case care::v1::Check::kLess:
      return between.Less(check.less());
    case care::v1::Check::kNeeds:
      return between.Needs(check.needs());
    case care::v1::Check::kAnyOf:
      return between.AnyOf(check.any_of());
    case care::v1::Check::kSame:
      return between.Same(check.same());
    case care::v1::Check::RULE_NOT_SET:
      return;
  }
}

}  // namespace renkei::documents
