// Files of recorded signals: what `moerge signals` writes and `moerge eval` reads. Blocking.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "config/base/result.h"
#include "router/evaluate/recorded_signals.h"

namespace moerge::cli {

// Bad lines are said on standard error and left out. Errors: what LineReader says; with `strict`
// the first bad line, as "FILE: line 7: ...".
Result<RecordedSignals> ReadSignalFile(const std::string& file, bool strict);

// Takes lines as they come, so that what was heard is not lost with the command. A file that is
// there is gone on with. Not thread-safe.
class SignalFile {
 public:
  // "-" is standard output. Errors: the file holds something else, cannot be written.
  static Result<SignalFile> Open(const std::string& path);

  // What the file holds already.
  const RecordedSignals& before() const { return before_; }
  // `line` with its end. Error: the system's reason.
  Status Add(const std::string& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };
  std::string path_;
  RecordedSignals before_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace moerge::cli
