#include "config/backend_notes.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace moerge {
namespace {

constexpr const char* kSecretValue = "sk-not-for-any-eye";

struct NoteCase {
  const char* name;
  Backend backend;
  const char* says;  // of its only note; null: there is none
};

Backend At(std::string url, Protocol protocol = Protocol::kOpenAi) {
  Backend backend;
  backend.name = "b";
  backend.base_url = std::move(url);
  backend.protocol = protocol;
  return backend;
}

Backend WithKey(std::string variable) {
  Backend backend = At("https://h/v1");
  backend.api_key_env = std::move(variable);
  return backend;
}

Backend WithParameter(std::string value) {
  Backend backend = At("https://h/v1");
  backend.query["key"] = std::move(value);
  return backend;
}

Backend WithHeader(std::string value) {
  Backend backend = At("https://h/v1");
  backend.headers["api-key"] = std::move(value);
  return backend;
}

TEST(BackendNotes, SayWhatIsProbablyWrong) {
  ::unsetenv("MOERGE_TEST_UNSET");
  ::setenv("MOERGE_TEST_EMPTY", " ", 1);
  ::setenv("MOERGE_TEST_FINE", kSecretValue, 1);
  ::setenv("MOERGE_TEST_BREAK", (std::string(kSecretValue) + "\r\nx").c_str(), 1);
  ::setenv("MOERGE_TEST_BELL", (std::string(kSecretValue) + "\x07").c_str(), 1);
  ::setenv("MOERGE_TEST_TAIL", (std::string(kSecretValue) + "\n").c_str(), 1);
  const NoteCase cases[] = {
      {"nothing to say", At("http://h/v1"), nullptr},
      {"a key", WithKey("MOERGE_TEST_FINE"), nullptr},
      {"a key that is not set", WithKey("MOERGE_TEST_UNSET"),
       "MOERGE_TEST_UNSET (api_key_env) is not set"},
      {"an empty key", WithKey("MOERGE_TEST_EMPTY"), "(api_key_env) is empty"},
      {"a key of two lines", WithKey("MOERGE_TEST_BREAK"), "holds a line break"},
      {"a key from a file", WithKey("MOERGE_TEST_TAIL"), "ends in a line break, which is left out"},
      {"a header", WithHeader("plain"), nullptr},
      {"a header's variable", WithHeader("Bearer ${MOERGE_TEST_FINE}"), nullptr},
      {"a header's variable that is not set", WithHeader("${MOERGE_TEST_UNSET}"),
       "headers.api-key: the environment variable MOERGE_TEST_UNSET is not set"},
      {"one with a default", WithHeader("${MOERGE_TEST_UNSET:-x}"), nullptr},
      {"a header's variable of two lines", WithHeader("${MOERGE_TEST_BREAK}"),
       "headers.api-key holds a line break"},
      {"a header's variable from a file", WithHeader("Bearer ${MOERGE_TEST_TAIL}"), nullptr},
      {"a line break in the middle", WithHeader("${MOERGE_TEST_TAIL} b"), "holds a line break"},
      {"a control character", WithHeader("${MOERGE_TEST_BELL}"), "another control character"},
      {"a key with one", WithKey("MOERGE_TEST_BELL"),
       "(api_key_env) holds a line break or another"},
      {"a header that is empty", WithHeader("${MOERGE_TEST_EMPTY}"),
       "headers.api-key: what its variables hold is empty; the header is left out"},
      {"a parameter", WithParameter("${MOERGE_TEST_FINE}"), nullptr},
      {"a parameter of any characters", WithParameter("${MOERGE_TEST_BREAK}"), nullptr},
      {"a parameter that is not set", WithParameter("${MOERGE_TEST_UNSET}"),
       "query.key: the environment variable MOERGE_TEST_UNSET is not set"},
      {"a chat endpoint", At("http://h/v1/chat/completions"), "write http://h/v1"},
      {"an endpoint of old", At("http://h/v1/completions"), "write http://h/v1"},
      {"embeddings", At("http://h/v1/embeddings"), "write http://h/v1"},
      {"responses", At("http://h/v1/responses"), "write http://h/v1"},
      {"the list of models", At("http://h/v1/models"), "write http://h/v1"},
      {"Anthropic's", At("https://h/v1/messages", Protocol::kAnthropic), "write https://h/v1"},
      {"Ollama's", At("http://h:11434/api/chat", Protocol::kOllama), "write http://h:11434"},
      {"Ollama's other", At("http://h/api/generate", Protocol::kOllama), "write http://h"},
      {"a path that only sounds so", At("http://h/my-completions/v1"), nullptr},
  };
  for (const NoteCase& each : cases) {
    SCOPED_TRACE(each.name);
    const std::vector<std::string> notes = NotesOf(each.backend);
    ASSERT_EQ(notes.size(), each.says == nullptr ? 0u : 1u);
    if (each.says == nullptr) continue;
    EXPECT_NE(notes[0].find(each.says), std::string::npos) << notes[0];
    EXPECT_EQ(notes[0].find("backend `b`: "), 0u) << notes[0];
    EXPECT_EQ(notes[0].find(kSecretValue), std::string::npos) << notes[0];
  }
  EXPECT_EQ(NotesOf({cases[2].backend, cases[0].backend, cases[3].backend}).size(), 2u);
}

}  // namespace
}  // namespace moerge
