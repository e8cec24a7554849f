#include "tests/client/documents/sample.h"

#include <google/protobuf/descriptor.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "renkei/care/v1/options.pb.h"

namespace renkei::documents::testing {
namespace {

std::string NumberText(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

JsonValue StringOf(const Field& field) {
  switch (RuleOf(field).format()) {
    case care::v1::FORMAT_DATE:
    case care::v1::FORMAT_MOMENT:
      return JsonString("2026-03-10");
    case care::v1::FORMAT_DATE_TIME:
      return JsonString("2026-03-10T08:30:00+09:00");
    case care::v1::FORMAT_PHONE:
      return JsonString("03-0000-0000");
    case care::v1::FORMAT_KANA:
      return JsonString("ミホン");
    case care::v1::FORMAT_DECIMAL:
      return JsonNumber("2.5");
    case care::v1::FORMAT_DIGITS:
      return JsonString("1");
    case care::v1::FORMAT_CODE:
      return JsonString("A1");
    default:
      return JsonString("見本");
  }
}

JsonValue ValueOf(const Field& field);

JsonValue ObjectOf(const Descriptor& type) {
  JsonValue object{JsonValue::Type::kObject, "", {}, {}};
  for (const Field* field : FieldsOf(type)) {
    if (!RuleOf(*field).internal()) {
      object.members.push_back({KeyOf(*field), ValueOf(*field)});
    }
  }
  return object;
}

JsonValue ValueOf(const Field& field) {
  JsonValue value;
  if (field.message_type() != nullptr) {
    value = ObjectOf(*field.message_type());
  } else if (field.enum_type() != nullptr) {
    value = JsonString(ValueText(*field.enum_type(), field.enum_type()->value(1)->number()));
  } else if (field.cpp_type() == Field::CPPTYPE_STRING) {
    value = StringOf(field);
  } else {
    value = JsonNumber(NumberText(RuleOf(field).min()));
  }
  if (!field.is_repeated()) {
    return value;
  }
  JsonValue list{JsonValue::Type::kArray, "", {}, {}};
  list.items.push_back(std::move(value));
  return list;
}

void Collect(Kind kind, const Descriptor& type, const std::vector<std::string>& steps,
             const std::string& path, std::vector<Spot>& out) {
  for (const Field* field : FieldsOf(type)) {
    if (RuleOf(*field).internal()) {
      continue;
    }
    Spot spot{kind, field, JoinPath(path, *field, -1), steps};
    spot.steps.push_back(KeyOf(*field));
    if (field->message_type() != nullptr) {
      const std::string inside = JoinPath(path, *field, field->is_repeated() ? 0 : -1);
      Collect(kind, *field->message_type(), spot.steps, inside, out);
    }
    out.push_back(std::move(spot));
  }
}

JsonValue* Member(JsonValue& object, const std::string& key) {
  for (auto& [name, value] : object.members) {
    if (name == key) {
      return &value;
    }
  }
  return nullptr;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return in ? text.str() : "";
}

}  // namespace

FormContext Now() {
  return {kNow, {}};
}

const std::vector<Kind>& FormKinds() {
  static const std::vector<Kind> kinds = [] {
    std::vector<Kind> all = PostableKinds();
    all.push_back(Kind::kPatient);
    all.push_back(Kind::kAnswer);
    return all;
  }();
  return kinds;
}

JsonValue Sample(Kind kind) {
  return ObjectOf(*BodyField(kind).message_type());
}

std::vector<Spot> AllSpots() {
  std::vector<Spot> spots;
  for (const Kind kind : FormKinds()) {
    Collect(kind, *BodyField(kind).message_type(), {}, "", spots);
  }
  return spots;
}

JsonValue& At(JsonValue& form, const Spot& spot, bool list) {
  JsonValue* value = &form;
  for (const std::string& step : spot.steps) {
    if (value->type == JsonValue::Type::kArray) {
      value = &value->items[0];
    }
    value = Member(*value, step);
    RENKEI_CHECK(value != nullptr);
  }
  return !list && value->type == JsonValue::Type::kArray ? value->items[0] : *value;
}

void Remove(JsonValue& form, const Spot& spot) {
  Spot parent = spot;
  parent.steps.pop_back();
  JsonValue& object = parent.steps.empty() ? form : At(form, parent);
  std::erase_if(object.members,
                [&](const auto& member) { return member.key == spot.steps.back(); });
}

std::string With(const Spot& spot, const JsonValue& value) {
  JsonValue form = Sample(spot.kind);
  At(form, spot) = value;
  return Text(form);
}

std::string Text(const JsonValue& form) {
  return WriteJson(form, 0);
}

bool Names(const FormOutcome& outcome, std::string_view path, std::string_view words) {
  for (const FormProblem& problem : outcome.problems) {
    if (problem.path == path && problem.message_ja.find(words) != std::string::npos) {
      return true;
    }
  }
  return false;
}

std::string Say(const FormOutcome& outcome) {
  std::string text;
  for (const FormProblem& problem : outcome.problems) {
    text += "[" + problem.path + "] " + problem.message_ja + " / " + problem.message_en + "\n";
  }
  return text;
}

std::string Example(const std::string& name) {
  return ReadFile(std::string(RENKEI_SOURCE_DIR) + "/deploy/examples/" + name);
}

std::string SharedData(const std::string& name) {
  const char* folder = std::getenv("RENKEI_SHARED_DATA");
  return ReadFile(std::string(folder != nullptr ? folder : RENKEI_SHARED_DATA) + "/" + name);
}

}  // namespace renkei::documents::testing
