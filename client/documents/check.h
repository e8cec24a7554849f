// Checks a form's message against its own rules (proto/renkei/care/v1/options.proto). One thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_CHECK_H_
#define RENKEI_CLIENT_DOCUMENTS_CHECK_H_

#include <string>
#include <vector>

#include "client/documents/dates.h"
#include "client/documents/problems.h"
#include "client/documents/rules.h"

namespace renkei::documents {

class Checker {
 public:
  // `notices` collects what is accepted but worth a look, such as a visit in the future.
  Checker(Millis now, Problems& problems, Problems& notices)
      : today_(Today(now)), problems_(problems), notices_(notices) {}

  // All rules of the message and of everything in it. Paths begin with `path`.
  void CheckMessage(const Message& message, const std::string& path);

 private:
  void CheckField(const Message& message, const Field& field, const std::string& path);
  void CheckValue(const Message& message, const Field& field, int index, const std::string& path);
  void CheckText(const Field& field, const std::string& text, const std::string& path);
  void CheckFormat(const Field& field, const std::string& text, const std::string& path);
  void CheckDate(const Field& field, const Date& date, const std::string& path);
  void CheckRange(const Field& field, double value, const std::string& shown,
                  const std::string& path);
  void CheckGroups(const Message& message, const Field& field, const std::string& path);
  bool Waived(const Message& message, const Field& field) const;

  Date today_;
  Problems& problems_;
  Problems& notices_;
  std::vector<const Message*> around_;  // the messages that hold the current one, outermost first
};

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_CHECK_H_
