// What a client, or a policy, says a good answer is: JSON that satisfies a schema, a text that
// matches a regular expression, or code that passes tests. And whether an answer is one.
//
// Checks of schemas and expressions are pure, bounded and quick, and run where they are asked for.
// Tests run code and need a VerifierRunner. Verifiers are immutable and cheap to copy. Thread-safe.
#pragma once

#include <re2/re2.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "config/base/json.h"
#include "config/base/result.h"
#include "services/verify/json_schema.h"

namespace moerge {

struct Verification {
  bool passed = false;
  std::string why;  // why not: one line of at most 400 bytes of valid UTF-8; empty if it passed
};

struct RegexVerifier {
  std::string text;
  std::shared_ptr<const RE2> compiled;
};

struct TestsVerifier {
  std::string language;                     // one of TestLanguageNames()
  std::string code;                         // at most 64 KiB
  std::chrono::milliseconds timeout{5000};  // 100 to 60,000; a host may allow less
};

struct Verifier {
  std::variant<JsonSchema, RegexVerifier, TestsVerifier> check;
};

// {"json_schema": {...}}, {"regex": "..."} or {"tests": {"language", "code", "timeout_ms"}}:
// exactly one of them. `param` is where it stands in the request. Error: kInvalid with the field as
// `param`.
Result<Verifier> ParseVerifier(json::Value value, const std::string& param = "moerge.verify");

// The same check for OpenAI's `response_format`: of type `json_schema`, or `json_object`, for which
// any object will do. Nothing: absent, or a type that says nothing of the answer.
Result<std::optional<Verifier>> VerifierOfResponseFormat(json::Value format);

// Nothing: the verifier is tests, which need a VerifierRunner.
std::optional<Verification> JudgeText(const Verifier& verifier, std::string_view answer);

}  // namespace moerge
