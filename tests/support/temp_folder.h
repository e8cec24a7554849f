// A folder for one test, which goes with it.
#ifndef RENKEI_TESTS_SUPPORT_TEMP_FOLDER_H_
#define RENKEI_TESTS_SUPPORT_TEMP_FOLDER_H_

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "crypto/base/result.h"

namespace renkei::test {

class TempFolder {
 public:
  // name: how its own begins, "renkei-relay".
  explicit TempFolder(const std::string& name,
                      const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
    std::string made = in / (name + "-XXXXXX");
    RENKEI_CHECK(mkdtemp(made.data()) != nullptr);
    path_ = made;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace renkei::test

#endif  // RENKEI_TESTS_SUPPORT_TEMP_FOLDER_H_
