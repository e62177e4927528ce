#include "services/verify/verifier.h"

#include <utility>
#include <vector>

#include "config/base/text.h"
#include "config/base/utf8.h"
#include "services/answers/final_answer.h"
#include "services/verify/answer_text.h"
#include "services/verify/pattern.h"
#include "services/verify/test_language.h"

namespace moerge {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxAnswer = 1 << 20;
constexpr std::size_t kMaxTests = 64 * 1024;
constexpr std::size_t kMaxMatchWork = 20'000'000;  // bytes times instructions; 0.2 s at worst
constexpr std::int64_t kLeastTimeout = 100;
constexpr std::int64_t kMostTimeout = 60'000;

Error Invalid(const std::string& param, const std::string& must) {
  return Error{.code = ErrorCode::kInvalid, .message = "`" + param + "` " + must, .param = param};
}

Error UnknownKey(const std::string& param, std::string_view key,
                 const std::vector<std::string>& known) {
  const std::string name(utf8::Truncate(key, 80));
  return Error{.code = ErrorCode::kInvalid,
               .message = "`" + param + "` has no field `" + name + "`." + DidYouMean(name, known) +
                          " It takes " + Join(known, ", ") + ".",
               .param = param + "." + name};
}

Result<Verifier> ReadSchema(json::Value value, const std::string& param) {
  auto schema = JsonSchema::Parse(value.raw(), param);
  if (!schema.ok()) return std::move(schema).error();
  return Verifier{*std::move(schema)};
}

Result<Verifier> ReadRegex(json::Value value, const std::string& param) {
  const auto text = value.AsString();
  if (!text || text->empty()) return Invalid(param, "must be a regular expression");
  auto compiled = CompilePattern(*text, "`" + param + "`", param);
  if (!compiled.ok()) return std::move(compiled).error();
  return Verifier{RegexVerifier{std::string(*text), *std::move(compiled)}};
}

Status ReadLanguage(json::Value value, const std::string& param, TestsVerifier* tests) {
  const auto name = value.AsString();
  if (name && FindTestLanguage(*name) != nullptr) {
    tests->language = FindTestLanguage(*name)->name;
    return Ok{};
  }
  return Invalid(param,
                 "must be a language that tests can run in: " + Join(TestLanguageNames(), ", "));
}

Status ReadCode(json::Value value, const std::string& param, TestsVerifier* tests) {
  const auto code = value.AsString();
  if (!code || Trim(*code).empty()) return Invalid(param, "must be the code of the tests");
  if (code->size() > kMaxTests) {
    return Invalid(param, "must have at most " + std::to_string(kMaxTests) + " bytes");
  }
  tests->code = *code;
  return Ok{};
}

Status ReadTimeout(json::Value value, const std::string& param, TestsVerifier* tests) {
  const auto timeout = value.AsInt();
  if (!timeout || *timeout < kLeastTimeout || *timeout > kMostTimeout) {
    return Invalid(param, "must be a whole number from " + std::to_string(kLeastTimeout) + " to " +
                              std::to_string(kMostTimeout));
  }
  tests->timeout = milliseconds(*timeout);
  return Ok{};
}

Status ReadTestsField(json::Value value, const std::string& param, TestsVerifier* tests) {
  const std::string_view key = value.key();
  const std::string field = param + "." + std::string(utf8::Truncate(key, 80));
  if (key == "language") return ReadLanguage(value, field, tests);
  if (key == "code") return ReadCode(value, field, tests);
  if (key == "timeout_ms") return ReadTimeout(value, field, tests);
  return UnknownKey(param, key, {"language", "code", "timeout_ms"});
}

Result<Verifier> ReadTests(json::Value value, const std::string& param) {
  if (!value.is_object()) return Invalid(param, "must be an object");
  TestsVerifier tests;
  for (const json::Value field : value.children()) {
    const Status status = ReadTestsField(field, param, &tests);
    if (!status.ok()) return status.error();
  }
  if (tests.language.empty()) return Invalid(param + ".language", "is missing");
  if (tests.code.empty()) return Invalid(param + ".code", "is missing");
  return Verifier{std::move(tests)};
}

Verification Failed(std::string_view why) { return {false, std::string(utf8::Truncate(why, 400))}; }

Verification JudgeJson(const JsonSchema& schema, std::string_view answer) {
  const std::string text = JsonTextIn(answer);
  const auto document = json::Document::Parse(text, JsonSchema::kMaxSchemaDepth);
  if (!document.ok()) return Failed("the answer is not JSON: " + document.error().message);
  const auto violation = schema.Violation(document->root());
  return violation ? Failed("the answer does not follow the schema: " + *violation)
                   : Verification{true, {}};
}

Verification JudgeMatch(const RegexVerifier& regex, std::string_view answer) {
  const std::string text = WithoutThinking(answer);
  const auto size = static_cast<std::size_t>(regex.compiled->ProgramSize());
  if (text.size() * size > kMaxMatchWork) {
    return Failed("the answer is too long for a regular expression of this size");
  }
  const bool matches = RE2::PartialMatch({text.data(), text.size()}, *regex.compiled);
  if (matches) return {true, {}};
  return Failed("nothing in the answer matches `" + std::string(utf8::Truncate(regex.text, 200)) +
                "`");
}

}  // namespace

Result<Verifier> ParseVerifier(json::Value value, const std::string& param) {
  const std::vector<std::string> known{"json_schema", "regex", "tests"};
  if (!value.is_object()) {
    return Invalid(param, "must be an object with one of " + Join(known, ", "));
  }
  for (const json::Value field : value.children()) {
    if (std::ranges::find(known, field.key()) == known.end()) {
      return UnknownKey(param, field.key(), known);
    }
  }
  if (value.size() != 1) return Invalid(param, "must have exactly one of " + Join(known, ", "));
  const json::Value field = *value.children().begin();
  const std::string at = param + "." + std::string(field.key());
  if (field.key() == "json_schema") return ReadSchema(field, at);
  return field.key() == "regex" ? ReadRegex(field, at) : ReadTests(field, at);
}

Result<std::optional<Verifier>> VerifierOfResponseFormat(json::Value format) {
  const std::string_view type = format.Find("type").AsString().value_or("");
  const std::string param = "response_format.json_schema.schema";
  if (type != "json_object" && type != "json_schema") return std::optional<Verifier>();
  const json::Value given = format.Find("json_schema").Find("schema");
  std::string_view text = R"({"type": "object"})";
  if (type == "json_schema") text = given ? given.raw() : "true";
  auto schema = JsonSchema::Parse(text, param);
  if (!schema.ok()) return std::move(schema).error();
  return std::optional<Verifier>(Verifier{*std::move(schema)});
}

std::optional<Verification> JudgeText(const Verifier& verifier, std::string_view answer) {
  if (std::holds_alternative<TestsVerifier>(verifier.check)) return std::nullopt;
  if (answer.size() > kMaxAnswer) return Failed("the answer is too long to be checked");
  if (const auto* const schema = std::get_if<JsonSchema>(&verifier.check)) {
    return JudgeJson(*schema, answer);
  }
  return JudgeMatch(std::get<RegexVerifier>(verifier.check), answer);
}

}  // namespace moerge
