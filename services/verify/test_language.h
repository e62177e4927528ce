// The languages that tests can run in. To add one: its harness, and a line of the table in
// test_language.cc.
//
// A harness is a program in that language that the interpreter runs. It reads from descriptor 0
// texts that are each preceded by their size in bytes and a newline, and writes lines to descriptor
// 3: "started"; after it has run the first text, the answer, "loaded"; it reads two more, a token
// and the tests, runs the tests in what the answer has left, and writes the token. "answer WHY" or
// "tests WHY" instead if one of them failed. It gives neither its descriptors nor the tests to the
// answer before they are needed. Thread-safe, pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

struct TestLanguage {
  std::string_view name;
  std::span<const std::string_view>
      fences;  // what code blocks of it are called, its name among them
  std::string_view interpreter;
  std::string_view package;                 // Debian's, which has the interpreter
  std::span<const std::string_view> flags;  // before the harness
  std::string_view harness;
};

// By any of its fences, without regard to case; null: none.
const TestLanguage* FindTestLanguage(std::string_view name);
std::vector<std::string> TestLanguageNames();

}  // namespace moerge
