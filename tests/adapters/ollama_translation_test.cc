// Requests on their way to Ollama's native API; as translation_test.cc does for Anthropic's.
#include <vector>

#include "adapters/ollama_request.h"
#include "tests/adapters/translation_rows.h"
#include "tests/support/strict_apis.h"

namespace moerge::test {
namespace {

std::vector<TranslationRow> OllamaRows() {
  return {
      {"the expert's context", Hi(R"("user":null)"), R"("num_ctx":32768)", "", "", "", 32768},
      {"the client's options", Hi(R"("options":{"num_ctx":8192,"mirostat":1},"temperature":0.5)"),
       R"("options":{"num_ctx":8192,"mirostat":1,"temperature":0.5})", "32768", "", "", 32768},
      {"the client's context at the top", Hi(R"("num_ctx":1000)"), R"("num_ctx":1000)", "32768", "",
       "", 32768},
      {"options come before the top", Hi(R"("options":{"temperature":0},"temperature":0.5)"),
       R"("temperature":0})", "0.5"},
      {"repetition as other servers call it", Hi(R"("repetition_penalty":1.1)"),
       R"("options":{"repeat_penalty":1.1})"},
      {"repetition in both words", Hi(R"("repetition_penalty":1.1,"repeat_penalty":1.2)"),
       R"("options":{"repeat_penalty":1.2})"},
      {"keep_alive", Hi(R"("keep_alive":"10m")"), R"("keep_alive":"10m")"},
      {"think", Hi(R"("think":false)"), R"("think":false)"},
      {"an effort", Hi(R"("reasoning_effort":"high")"), R"("think":"high")"},
      {"the least effort", Hi(R"("reasoning_effort":"minimal")"), R"("think":"low")"},
      {"no effort", Hi(R"("reasoning_effort":"none")"), R"("think":false)"},
      {"the most effort", Hi(R"("reasoning_effort":"xhigh")"), R"("think":"high")"},
      {"an effort that it does not know", Hi(R"("reasoning_effort":"some")"), R"("think":true)", "",
       "`some`"},
      {"thinking as servers of open models are told", Hi(R"("enable_thinking":false)"),
       R"("think":false)"},
      {"thinking by the template", Hi(R"("chat_template_kwargs":{"enable_thinking":false})"),
       R"("think":false)", "chat_template", "`chat_template_kwargs`"},
      {"thoughts among the content",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"y"}]},{"role":"user","content":"z"})"),
       R"({"role":"assistant","content":"y","thinking":"hm"})"},
      {"text of the Responses API",
       Messages(R"({"role":"user","content":[{"type":"input_text","text":"x"}]})"),
       R"({"role":"user","content":"x"})"},
      {"pictures of an answer",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":"y","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},{"role":"user","content":"z"})"),
       R"({"role":"assistant","content":"y","images":["AAAA"]})"},
      {"a choice as Anthropic has it", Hi(std::string(kTool) + R"(,"tool_choice":{"type":"none"})"),
       "", "\"tools\""},
      {"search of the web by default options", Hi(R"("web_search_options":{})"), "", "", "",
       "web_search_options"},
      {"a tool of the Responses API", Hi(R"("tools":[{"type":"function","name":"f"}])"), "", "", "",
       "tools[0]"},
      {"thinking as Anthropic says it", Hi(R"("thinking":{"type":"enabled","budget_tokens":2000})"),
       R"("think":true)", "2000", "budget_tokens"},
      {"nothing of thinking", Hi(R"("user":null)"), "", "think"},
      {"reasoning of old",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning_content":"hm"},{"role":"user","content":"z"})"),
       R"("thinking":"hm")"},
      {"an assistant that said nothing",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant"},{"role":"user","content":"z"})"),
       R"({"role":"assistant","content":""})"},
      {"broken arguments",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\": "}}]},{"role":"tool","tool_call_id":"c","content":"bad"})"),
       R"("arguments":{"invalid_json":"{\"a\": "})"},
      {"a function_call of old",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":""}},{"role":"function","name":"f","content":"r"})"),
       R"({"role":"tool","content":"r","tool_name":"f"})"},
      {"a picture of a tool's",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]})"),
       R"("images":["AAAA"])"},
      {"a picture elsewhere",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"http://e.com/x.png"}}]})"),
       "", "", "", "messages[0].content[0]"},
      {"a picture's detail",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}}]})"),
       R"("images":["AAAA"])", "high", "`image_url.detail`"},
      {"parts of a turn, and pieces of an answer",
       Messages(
           R"({"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":""},{"type":"text","text":"two"}]},{"role":"assistant","content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]})"),
       R"({"role":"user","content":"one\ntwo"},{"role":"assistant","content":"Hello"})"},
      {"a file",
       Messages(
           R"({"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,AA"}}]})"),
       "", "", "", "messages[0].content[0]"},
      {"a tool that must be called", Hi(std::string(kTool) + R"(,"tool_choice":"required")"), "",
       "", "", "tool_choice"},
      {"one tool that must be called",
       Hi(std::string(kTool) + R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"), "",
       "", "", "tool_choice"},
      {"tools that may be called", Hi(std::string(kTool) + R"(,"tool_choice":"auto")"),
       R"("tools":[)"},
      {"some tools that may be called",
       Hi(R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]})"),
       R"("tools":[{"type":"function","function":{"name":"g"}}])"},
      {"some tools that must be called",
       Hi(std::string(kTool) +
          R"(,"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]})"),
       "", "", "", "tool_choice"},
      {"some tools that there are not",
       Hi(std::string(kTool) +
          R"(,"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"g"}]})"),
       "", "", "", "tool_choice"},
      {"a custom tool", Hi(R"("tools":[{"type":"custom","custom":{"name":"p"}}])"), "", "", "",
       "tools[0]"},
      {"results in another order than the calls",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"z","content":"of none"},{"role":"tool","tool_call_id":"b","content":"of b"},{"role":"tool","tool_call_id":"a","content":"of a"},{"role":"user","content":"y"})"),
       R"({"role":"tool","content":"of a","tool_name":"f","tool_call_id":"a"},{"role":"tool","content":"of b","tool_name":"f","tool_call_id":"b"},{"role":"tool","content":"of none","tool_call_id":"z"},{"role":"user","content":"y"})"},
      {"schemas beyond its types",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":["null","object"],"properties":{"raw":true,"never":false,"list":{"type":"array","items":true},"in":{"type":"object","properties":{"any":true}},"or":{"anyOf":[true,{"type":["string","null"]}]}},"required":["raw"]},"strict":true}}])"),
       R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"raw":{},"list":{"type":"array","items":{}},"in":{"type":"object","properties":{"any":{}}},"or":{"anyOf":[{},{"type":["string","null"]}]}},"required":["raw"]},"strict":true}}])",
       "never"},
      {"log-probabilities", Hi(R"("logprobs":true,"top_logprobs":3)"),
       R"("logprobs":true,"top_logprobs":3)"},
      {"a seed", Hi(R"("seed":7,"min_p":0.1)"), R"("seed":7)"},
      {"a bias", Hi(R"("logit_bias":{"1":2})"), "", "logit", "`logit_bias`"},
      {"a user", Hi(R"("user":"u")"), "", "\"u\"", "`user`"},
      {"no limit", Hi(R"("max_tokens":-1)"), "", "num_predict"},
      {"the expert's limit", Hi(R"("stop":["","x"])"), R"("num_predict":100,"stop":["x"])", "", "",
       "", 0, 100},
      {"more than the expert gives", Hi(R"("max_tokens":500)"), R"("num_predict":100)", "",
       "100 tokens", "", 0, 100},
      {"several answers", Hi(R"("n":3)"), "", "", "", "n"},
      {"an unknown role", Messages(R"({"role":"king","content":"x"})"), "", "", "",
       "messages[0].role"},
      {"a grammar", Hi(R"("response_format":{"type":"grammar"})"), "", "", "",
       "response_format.type"},
  };
}

TEST(OllamaTranslation, IsTaken) {
  for (const TranslationRow& row : OllamaRows())
    CheckTranslation(row, ToOllamaRequest, RefusedByOllama);
}

// What a model has refused of the wish that it may think is left out of it.
TEST(OllamaTranslation, ThinksAsTheModelCan) {
  const auto request = json::Document::Parse(
      R"({"model":"x","messages":[{"role":"user","content":"Hi"}],"reasoning_effort":"high"})");
  Expert expert;
  expert.model = "m";
  const std::pair<OllamaThink, const char*> cases[] = {{OllamaThink::kAsSaid, R"("think":"high")"},
                                                       {OllamaThink::kPlain, R"("think":true)"}};
  for (const auto& [think, has] : cases) {
    const auto translated = ToOllamaRequest(request->root(), expert, false, think);
    ASSERT_TRUE(translated.ok());
    EXPECT_NE(translated->body.find(has), std::string::npos) << translated->body;
    EXPECT_TRUE(translated->notes.empty());
  }
  const auto none = ToOllamaRequest(request->root(), expert, false, OllamaThink::kNone);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->body.find("think"), std::string::npos) << none->body;
  EXPECT_EQ(none->notes.size(), 1u);
}

}  // namespace
}  // namespace moerge::test
