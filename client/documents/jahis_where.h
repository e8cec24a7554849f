// Which line of a notebook a field of the form came from, so that the form's own rules can speak of
// lines: "dispensings[0].drugs[1].code" is "7行目 (201)". One thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_JAHIS_WHERE_H_
#define RENKEI_CLIENT_DOCUMENTS_JAHIS_WHERE_H_

#include <map>
#include <string>

#include "client/documents/form.h"
#include "client/documents/jahis_lines.h"

namespace renkei::documents {

// "7行目 (201)"
std::string NameOfLine(const JahisLine& line);
// A problem or notice of this line.
FormProblem AboutLine(const JahisLine& line, const std::string& message_ja,
                      const std::string& message_en);

class JahisWhere {
 public:
  // `line` must outlive this. A message's first line stays its line; a field's last one counts.
  void PutMessage(const std::string& path, const JahisLine& line) {
    line_of_path_.emplace(path, &line);
  }
  void PutField(const std::string& path, const JahisLine& line) { line_of_path_[path] = &line; }
  bool Has(const std::string& path) const { return line_of_path_.count(path) > 0; }

  // The problem as one of a line: that of its field, else of the message around it. As it is where
  // neither came from a line.
  FormProblem Name(const FormProblem& problem) const;

 private:
  std::map<std::string, const JahisLine*, std::less<>> line_of_path_;
};

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_JAHIS_WHERE_H_
