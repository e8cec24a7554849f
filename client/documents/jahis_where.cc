#include "client/documents/jahis_where.h"

#include "client/documents/text.h"

namespace renkei::documents {
namespace {

constexpr std::size_t kShownChars = 12;  // of a record number that may be anything

std::string RecordNumber(const JahisLine& line) {
  return Shorten(Printable(line.columns[0], false), kShownChars);
}

// The long path of a field is noise where the line is named: only its last part stays.
std::string WithoutPath(std::string message, const std::string& path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos) {
    return message;
  }
  const std::string around = path.substr(0, dot + 1);
  for (std::size_t at = message.find(around); at != std::string::npos; at = message.find(around)) {
    message.erase(at, around.size());
  }
  return message;
}

}  // namespace

std::string NameOfLine(const JahisLine& line) {
  return std::to_string(line.number) + "行目 (" + RecordNumber(line) + ")";
}

FormProblem AboutLine(const JahisLine& line, const std::string& message_ja,
                      const std::string& message_en) {
  return {NameOfLine(line), NameOfLine(line) + ": " + message_ja,
          "line " + std::to_string(line.number) + " (" + RecordNumber(line) + "): " + message_en};
}

FormProblem JahisWhere::Name(const FormProblem& problem) const {
  for (std::string path = problem.path; !path.empty();) {
    const auto found = line_of_path_.find(path);
    if (found != line_of_path_.end()) {
      return AboutLine(*found->second, WithoutPath(problem.message_ja, problem.path),
                       WithoutPath(problem.message_en, problem.path));
    }
    const std::size_t cut = path.find_last_of(".[");
    path = cut == std::string::npos ? "" : path.substr(0, cut);
  }
  return problem;
}

}  // namespace renkei::documents
