// Collects what is wrong with a form: bounded, in the order found. One thread.
#ifndef RENKEI_CLIENT_DOCUMENTS_PROBLEMS_H_
#define RENKEI_CLIENT_DOCUMENTS_PROBLEMS_H_

#include <string>
#include <utility>
#include <vector>

#include "client/documents/form.h"

namespace renkei::documents {

class Problems {
 public:
  void Add(std::string path, std::string message_ja, std::string message_en) {
    ++count_;
    if (list_.size() < kMaxProblems) {
      list_.push_back({std::move(path), std::move(message_ja), std::move(message_en)});
    }
  }
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  const std::vector<FormProblem>& list() const { return list_; }

  // What was collected; if there were more, a last line says how many.
  std::vector<FormProblem> Take() {
    if (count_ > list_.size()) {
      const std::string more = std::to_string(count_ - list_.size());
      list_.push_back({"", "ほかに " + more + " 件あります", more + " more"});
    }
    count_ = 0;
    return std::move(list_);
  }

 private:
  std::vector<FormProblem> list_;
  std::size_t count_ = 0;
};

}  // namespace renkei::documents

#endif  // RENKEI_CLIENT_DOCUMENTS_PROBLEMS_H_
