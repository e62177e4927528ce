// How, and whether, code out of models' answers is run on this host. README.md has the ranges.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace moerge {

struct SandboxOptions {
  bool enabled = false;
  int parallel = 2;                                   // runs at a time, 1 to 16
  std::size_t queued = 64;                            // runs that wait, 0 to 10,000
  std::chrono::milliseconds max_timeout{10'000};      // a request may ask for less, not for more
  std::size_t memory_bytes = std::size_t{512} << 20;  // address space of each process
  std::size_t file_bytes = std::size_t{16} << 20;     // all files, in memory, gone with the run
  std::size_t output_bytes = std::size_t{1} << 20;    // written to standard output and error
  int processes = 16;                                 // and threads
  std::string bubblewrap = "/usr/bin/bwrap";
};

}  // namespace moerge
