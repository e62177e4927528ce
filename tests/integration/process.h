// A child process with its output caught, for tests of the command line.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moerge::test {

struct Finished {
  int code = -1;  // exit code; -1: killed by a signal
  std::string out;
  std::string err;
};

// Whether `part` stands somewhere in an output.
inline bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

using Environment = std::vector<std::pair<std::string, std::string>>;

class Process {
 public:
  // Starts `moerge` with these arguments in `folder`; `max_files`: what its limit of open files is,
  // 0: ours.
  Process(const std::vector<std::string>& arguments, const std::string& folder,
          const Environment& environment = {}, int max_files = 0);
  ~Process();  // kills it if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Reads both outputs until `mark` has come; false: they ended, or a minute passed.
  bool AwaitOutput(std::string_view mark);
  void Signal(int number) const;
  pid_t pid() const { return pid_; }
  // Reads to the end and waits.
  Finished Wait();
  const std::string& output() const { return out_; }
  const std::string& errors() const { return err_; }

 private:
  bool Read(int timeout_ms);

  pid_t pid_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  std::string out_;
  std::string err_;
};

Finished RunMoerge(const std::vector<std::string>& arguments, const std::string& folder,
                   const Environment& environment = {});

}  // namespace moerge::test
