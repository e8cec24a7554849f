// What is answered together: while a run of replies is given on a thread, whoever is replied to may
// put off what is better done once, behind the last of them.
#ifndef RENKEI_SERVER_CORE_ANSWER_RUN_H_
#define RENKEI_SERVER_CORE_ANSWER_RUN_H_

#include <functional>
#include <vector>

namespace renkei::server {

// One thread. One that is opened inside another takes its place until it closes.
class AnswerRun {
 public:
  AnswerRun();
  // Does what was put off, in the order in which it was.
  ~AnswerRun();
  AnswerRun(const AnswerRun&) = delete;
  AnswerRun& operator=(const AnswerRun&) = delete;

  // False: no run is open on this thread, nothing is put off.
  static bool PutOff(std::function<void()> work);

 private:
  AnswerRun* const outer_;
  std::vector<std::function<void()>> put_off_;
};

}  // namespace renkei::server

#endif  // RENKEI_SERVER_CORE_ANSWER_RUN_H_
