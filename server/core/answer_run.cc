#include "server/core/answer_run.h"

#include <utility>

namespace renkei::server {
namespace {

thread_local AnswerRun* open_run = nullptr;

}  // namespace

AnswerRun::AnswerRun() : outer_(open_run) {
  open_run = this;
}

AnswerRun::~AnswerRun() {
  open_run = outer_;
  for (const std::function<void()>& work : put_off_) {
    work();
  }
}

bool AnswerRun::PutOff(std::function<void()> work) {
  if (open_run == nullptr) {
    return false;
  }
  open_run->put_off_.push_back(std::move(work));
  return true;
}

}  // namespace renkei::server
