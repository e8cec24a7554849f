// Forms on their way in: a file, checked against every rule of its form, problems said one by one.
#ifndef RENKEI_CLIENT_CLI_FORM_INPUT_H_
#define RENKEI_CLIENT_CLI_FORM_INPUT_H_

#include <string>
#include <string_view>

#include "client/cli/app.h"

namespace renkei::cli {

// Reads `path` ("-": standard input) as a form of the kind named `kind` into *content (a Content).
// `original`: the Content that is corrected, or empty. Exit code; on anything but kExitDone the
// problems were said and nothing changed.
int ReadForm(App& app, std::string_view kind, const std::string& path, Bytes* content,
             ByteView original = {});

// The patient's name in a Content with a Patient; empty if there is none.
std::string PatientName(ByteView content);

}  // namespace renkei::cli

#endif  // RENKEI_CLIENT_CLI_FORM_INPUT_H_
