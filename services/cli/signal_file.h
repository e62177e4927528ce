// Files of recorded signals: `moerge record` writes them, `moerge eval` reads them. Blocking.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "config/base/result.h"
#include "router/evaluate/recorded_signals.h"

namespace moerge::cli {

// Bad lines are reported on standard error and skipped. Errors: those of LineReader; with `strict`
// the first bad line, as "FILE: line 7: ...".
Result<RecordedSignals> ReadSignalFile(const std::string& file, bool strict);

// Writes each line when it arrives, so that an interrupted command loses nothing. An existing file
// is continued. Not thread-safe.
class SignalFile {
 public:
  // "-" is standard output. Errors: the file holds something else, cannot be written.
  static Result<SignalFile> Open(const std::string& path);

  // What the file held when it was opened.
  const RecordedSignals& before() const { return before_; }
  // `line` ends with a newline. Error: the system's reason.
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
