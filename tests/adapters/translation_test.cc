// Requests on their way to APIs of another make: what is not refused is taken by a strict stand-in,
// and nothing is left out in silence. The next report is one row of a table.
#include "adapters/anthropic_request.h"
#include "adapters/field_rules.h"
#include "adapters/ollama_request.h"
#include "tests/adapters/translation_rows.h"
#include "tests/support/strict_apis.h"

namespace moerge::test {
namespace {

const char* const kCalls =
    R"({"role":"user","content":"Go."},{"role":"assistant","content":null,"tool_calls":[)"
    R"({"id":"call.1|x","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]})";

std::string Called(std::string_view then) {
  return Messages(std::string(kCalls) + "," + std::string(then));
}

std::vector<TranslationRow> AnthropicRows() {
  const char* png =
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAA="}})";
  return {
      // Tools.
      {"strict is not promised",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])"), "", "strict",
       "tools[0].function.strict"},
      {"a name with a dot", Hi(R"("tools":[{"type":"function","function":{"name":"a.b"}}])"), "",
       "", "", "tools[0].function.name"},
      {"a custom tool", Hi(R"("tools":[{"type":"custom","custom":{"name":"apply_patch"}}])"), "",
       "", "", "tools[0]"},
      {"a tool of the server's",
       Hi(std::string(kTool).replace(std::string(kTool).size() - 1, 1,
                                     R"(,{"type":"web_search"}])")),
       "", "", "", "tools[1]"},
      // Of other makes.
      {"a tool twice",
       Hi(R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}])"),
       R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}])", "",
       "`tools[1]`"},
      {"a tool of the Responses API", Hi(R"("tools":[{"type":"function","name":"f"}])"), "", "", "",
       "tools[0]"},
      {"a choice as the API has it", Hi(std::string(kTool) + R"(,"tool_choice":{"type":"any"})"),
       R"("tool_choice":{"type":"any"})"},
      {"a choice of one as the API has it",
       Hi(std::string(kTool) + R"(,"tool_choice":{"type":"tool","name":"f"})"),
       R"("tool_choice":{"type":"tool","name":"f"})"},
      {"the names of tools of earlier turns",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"srv.get it","arguments":"{}"}},{"id":"b","function":{"name":"","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"r"},{"role":"tool","tool_call_id":"b","content":"s"})"),
       R"("name":"srv_get_it")"},
      {"two calls of one id",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"a","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"r"},{"role":"tool","tool_call_id":"a","content":"s"})"),
       R"({"type":"tool_result","tool_use_id":"a","content":"r"},{"type":"tool_result","tool_use_id":"a_2","content":"s"})",
       "is_error"},
      {"results that name the tool alone",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","name":"g","content":"s"},{"role":"tool","name":"f","content":"r"})"),
       R"({"type":"tool_result","tool_use_id":"a","content":"r"},{"type":"tool_result","tool_use_id":"b","content":"s"})",
       "is_error"},
      {"a result that is an error",
       Called(R"({"role":"tool","tool_call_id":"call.1|x","content":"r","is_error":true})"),
       R"("content":"r","is_error":true)"},
      {"arguments that say a key twice",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"x\":1,\"x\":2}"}}]},{"role":"tool","tool_call_id":"a","content":"r"})"),
       R"("input":{"x":2})"},
      {"text of the Responses API",
       Messages(
           R"({"role":"user","content":[{"type":"input_text","text":"x"}]},{"role":"assistant","content":[{"type":"output_text","text":"y"}]},{"role":"user","content":"z"})"),
       R"({"type":"text","text":"y"})"},
      {"thoughts among the content, unsigned",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"y"}]},{"role":"user","content":"z"})"),
       R"([{"type":"text","text":"y"}])", "hm", "without a signature"},
      {"thoughts among the content, signed",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"y"}]},{"role":"user","content":"z"})"),
       R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"y"})"},
      {"thoughts as a relay hands them on",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s","format":"anthropic-claude-v1"},{"type":"reasoning.encrypted","data":"d","format":"anthropic-claude-v1"}]},{"role":"user","content":"z"})"),
       R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"d"})"},
      {"thoughts of another model's, handed on",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning":"hm","reasoning_details":[{"type":"reasoning.encrypted","data":"d","format":"openai-responses-v1"}]},{"role":"user","content":"z"})"),
       "", "\"d\"", "without a signature"},
      {"pictures of an answer",
       Messages(R"({"role":"user","content":"x"},{"role":"assistant","content":"y","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAA="}}]},{"role":"user","content":"z"})"), R"x({"role":"user","content":[{"type":"text","text":"(From your answer before:)"},{"type":"image")x"},
      {"pictures among an answer's content, the last turn",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAA="}}]})"),
       "(From your answer before:)"},
      {"a picture in the system prompt",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"s"},{"type":"image_url","image_url":{"url":"http://e.com/x.png"}}]},{"role":"user","content":"x"})"),
       "", "", "", "messages[0].content[1]"},
      {"a data URL in capitals",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"DATA:IMAGE/PNG;BASE64,iVBORw0KGgoAAAA="}}]})"),
       R"("media_type":"image/png")"},
      {"more marks for the cache than it takes",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"http://e.com/x.png"},"cache_control":{"type":"ephemeral"}},{"type":"text","text":"c","cache_control":{"type":"ephemeral"}}]})"),
       R"({"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}},{"type":"image","source":{"type":"url","url":"http://e.com/x.png"},"cache_control":{"type":"ephemeral"}})",
       "", "`cache_control`"},
      {"a user's mail address", Hi(R"("user":"bob@example.com")"), "", "bob", "`user`"},
      {"a user's telephone number", Hi(R"("safety_identifier":"+44 20 7946 0958")"), "", "7946",
       "`user`"},
      {"search of the web by default options", Hi(R"("web_search_options":{})"), "", "", "",
       "web_search_options"},
      {"the most effort", Hi(R"("reasoning_effort":"xhigh","max_tokens":10000)"),
       R"("budget_tokens":9000)"},
      {"no thinking, as servers of open models are told", Hi(R"("enable_thinking":true)"),
       R"("thinking":{"type":"enabled")"},
      // Calls and results.
      {"ids with other characters",
       Called(R"({"role":"tool","tool_call_id":"call.1|x","content":"r"})"),
       R"("tool_use_id":"call_1_x")", "call.1"},
      {"the same id twice",
       Called(
           R"({"role":"tool","tool_call_id":"call.1|x","content":"r"},)" +
           std::string(
               R"({"role":"assistant","tool_calls":[{"id":"call.1|x","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call.1|x","content":"s"})")),
       R"("tool_use_id":"call_1_x_2")"},
      {"an id of nothing",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"","content":"r"})"),
       R"("tool_use_id":"call")"},
      {"a call without a result", Called(R"({"role":"user","content":"Never mind."})"),
       R"("is_error":true)"},
      {"a call at the end", Messages(kCalls), R"("is_error":true)"},
      {"a result without a call",
       Messages(
           R"({"role":"user","content":"x"},{"role":"tool","tool_call_id":"gone","content":"42"})"),
       "Result of a function call: 42"},
      {"the user speaks before the result",
       Called(
           R"({"role":"user","content":"Wait."},{"role":"tool","tool_call_id":"call.1|x","content":"r"})"),
       R"("content":"r"},{"type":"text","text":"Wait."})"},
      {"a result that comes late, with a picture",
       Called(
           R"({"role":"user","content":"Hurry."},{"role":"assistant","content":"Working."},{"role":"tool","tool_call_id":"call.1|x","content":[{"type":"text","text":"pic"},{"type":"image_url","image_url":{"url":"http://e.com/x.png"}}]})"),
       R"x("content":[{"type":"tool_result","tool_use_id":"call_1_x","content":[{"type":"text","text":"pic"},{"type":"image","source":{"type":"url","url":"http://e.com/x.png"}}]},{"type":"text","text":"Hurry."}]},{"role":"assistant","content":[{"type":"text","text":"Working."}]},{"role":"user","content":[{"type":"text","text":"(The result of the call has come.)"}]}])x",
       "no result"},
      {"a result that comes after another call",
       Called(R"({"role":"user","content":"Hurry."},{"role":"assistant","tool_calls":[{"id":"b","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","tool_call_id":"b","content":"s"},{"role":"tool","tool_call_id":"call.1|x","content":"r"})"), R"({"type":"tool_result","tool_use_id":"call_1_x","content":"r"},{"type":"text","text":"Hurry."})",
       "is_error"},
      {"broken arguments",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"path\": \"a.p"}}]},{"role":"tool","tool_call_id":"c","content":"bad"})"),
       R"("input":{"invalid_json":"{\"path\": \"a.p"})"},
      {"arguments that are an array",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"[1]"}}]},{"role":"tool","tool_call_id":"c","content":"bad"})"),
       R"({"invalid_json":"[1]"})"},
      {"arguments as an object",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","tool_call_id":"c","content":"bad"})"),
       R"("input":{"a":1})"},
      {"a function_call of old",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"})"),
       R"("tool_use_id":"call","content":"r")"},
      {"a call of a custom tool",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"patch","input":"+a"}}]},{"role":"tool","tool_call_id":"c","content":"ok"})"),
       R"("name":"patch","input":{"input":"+a"})"},
      {"tools of the history are declared",
       Called(R"({"role":"tool","tool_call_id":"call.1|x","content":"r"})"),
       R"("tool_choice":{"type":"none"})"},
      {"a result that is a picture",
       Called(
           R"({"role":"tool","tool_call_id":"call.1|x","content":[{"type":"text","text":"shot"},)" +
           std::string(png) + "]}"),
       R"("content":[{"type":"text","text":"shot"},{"type":"image")"},
      {"a result that is a PDF",
       Called(
           R"({"role":"tool","tool_call_id":"call.1|x","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}]})"),
       R"("type":"document")"},
      {"a result of nothing", Called(R"({"role":"tool","tool_call_id":"call.1|x","content":[]})"),
       R"("content":"")"},
      // Turns.
      {"a system prompt alone", Messages(R"({"role":"system","content":"Write a haiku."})"),
       R"("content":[{"type":"text","text":"Write a haiku."}])", "\"system\""},
      {"an empty user turn", Messages(R"({"role":"user","content":""})"), "(empty message)"},
      {"a user turn of blanks", Messages(R"({"role":"user","content":"\n"})"), "(empty message)"},
      {"an empty system turn",
       Messages(R"({"role":"system","content":" "},{"role":"user","content":"x"})"), "",
       "\"system\""},
      {"an empty part",
       Messages(
           R"({"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"x"}]})"),
       R"([{"type":"text","text":"x"}])"},
      {"an assistant that said nothing",
       Messages(
           R"({"role":"user","content":"a"},{"role":"assistant","content":null},{"role":"user","content":"b"})"),
       R"({"type":"text","text":"a"},{"type":"text","text":"b"})"},
      {"the assistant speaks first",
       Messages(R"({"role":"assistant","content":"Hello!"},{"role":"user","content":"x"})"),
       "(empty message)"},
      {"a prefill with trailing blanks",
       Messages(R"({"role":"user","content":"x"},{"role":"assistant","content":"Sure, \n"})"),
       R"("text":"Sure,"}])"},
      {"a refusal of old",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":"No."},{"role":"user","content":"y"})"),
       R"("text":"No.")"},
      {"a name", Messages(R"({"role":"user","name":"bob","content":"x"})"), "", "bob", "`name`"},
      {"unsigned reasoning of old",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning_content":"hm"},{"role":"user","content":"z"})"),
       "", "hm", "reasoning of an earlier turn"},
      {"signed thoughts of old",
       Messages(
           R"({"role":"user","content":"x"},{"role":"assistant","content":"y","reasoning_content":"hm","thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s"}]},{"role":"user","content":"z"})"),
       R"({"type":"thinking","thinking":"hm","signature":"s"})"},
      {"speech", Messages(R"({"role":"user","content":[{"type":"input_audio","input_audio":{}}]})"),
       "", "", "", "messages[0].content[0]"},
      {"an unknown role", Messages(R"({"role":"ipython","content":"x"})"), "", "", "",
       "messages[0].role"},
      // Pictures and marks.
      {"image/jpg",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpg;base64,AAAA"}}]})"),
       R"("media_type":"image/jpeg")"},
      {"a PNG that is called JPEG",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,iVBORw0KGgoAAAA="}}]})"),
       R"("media_type":"image/png")"},
      {"a picture without a type",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":"data:;base64,R0lGODlh"}]})"),
       R"("media_type":"image/gif")"},
      {"a TIFF",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/tiff;base64,AAAA"}}]})"),
       "", "", "", "messages[0].content[0]"},
      {"a text file",
       Messages(
           R"({"role":"user","content":[{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,SGk="}}]})"),
       R"("source":{"type":"text","media_type":"text/plain","data":"Hi"},"title":"a.txt")"},
      {"an empty text file",
       Messages(
           R"({"role":"user","content":[{"type":"file","file":{"file_data":"data:text/plain;base64,"}}]})"),
       "", "", "an empty text file", "messages[0].content[0]"},
      {"a text file in Latin-1",
       Messages(
           R"({"role":"user","content":[{"type":"file","file":{"file_data":"data:text/plain;base64,R3L232U="}}]})"),
       "", "", "not UTF-8", "messages[0].content[0]"},
      {"a text file whose base64 is broken",
       Messages(
           R"({"role":"user","content":[{"type":"file","file":{"file_data":"data:text/plain;base64,R"}}]})"),
       "", "", "base64 is broken", "messages[0].content[0]"},
      {"a picture's detail",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"http://e.com/x.png","detail":"low"}}]})"),
       "http://e.com/x.png", "low", "`image_url.detail`"},
      {"a picture's detail as the model likes",
       Messages(
           R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"http://e.com/x.png","detail":"auto"}}]})"),
       "http://e.com/x.png", "auto"},
      {"a file by its id",
       Messages(R"({"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]})"), "", "",
       "", "messages[0].content[0]"},
      {"cache marks",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]})"),
       R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}])"},
      {"marks of parts of the system prompt",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}},{"type":"text","text":"now"}]},{"role":"user","content":"x"})"),
       R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}},{"type":"text","text":"now"}])"},
      {"parts of the system prompt",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"Be brief."},{"type":"text","text":" "},{"type":"text","text":"Be kind."}]},{"role":"user","content":"x"})"),
       R"("system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}])"},
      {"parts of the system prompt alone",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}]})"),
       R"("text":"Be brief.\n\nBe kind.")", "\"system\""},
      {"parts of a result", Called(R"({"role":"tool","tool_call_id":"call.1|x","content":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]})"),
       R"("content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"cache_control":{"type":"ephemeral"}})"},
      {"parts of a result without a call",
       Messages(
           R"({"role":"user","content":"x"},{"role":"tool","tool_call_id":"gone","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})"),
       R"(Result of a function call: a\nb)"},
      {"marks of messages",
       Messages(
           R"({"role":"system","content":"s","cache_control":{"type":"ephemeral"}},{"role":"user","content":"x","cache_control":{"type":"ephemeral"}},{"role":"assistant","content":"y","cache_control":{"type":"ephemeral"}},{"role":"user","content":"z"})"),
       R"("system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":[{"type":"text","text":"y","cache_control":{"type":"ephemeral"}}]})"},
      {"marks of tools",
       Hi(R"("tools":[{"type":"function","function":{"name":"f","cache_control":{"type":"ephemeral"}}},{"type":"function","function":{"name":"g"},"cache_control":{"type":"ephemeral"}}])"),
       R"({"name":"f","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}},{"name":"g","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}})"},
      {"more marks of tools and the system prompt than it takes",
       Messages(
           R"({"role":"system","content":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":"x","cache_control":{"type":"ephemeral"}})",
           R"("tools":[{"function":{"name":"a"},"cache_control":{"type":"ephemeral"}},{"function":{"name":"b"},"cache_control":{"type":"ephemeral"}},{"function":{"name":"c"},"cache_control":{"type":"ephemeral"}}])"),
       R"("system":[{"type":"text","text":"s"},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}])",
       "", "`cache_control`"},
      {"more marks of tools than it takes",
       Hi(R"("tools":[{"function":{"name":"a"},"cache_control":{"type":"ephemeral"}},{"function":{"name":"b"},"cache_control":{"type":"ephemeral"}},{"function":{"name":"c"},"cache_control":{"type":"ephemeral"}},{"function":{"name":"d"},"cache_control":{"type":"ephemeral"}},{"function":{"name":"e"},"cache_control":{"type":"ephemeral"}}])"),
       R"({"name":"a","input_schema":{"type":"object","properties":{}}},{"name":"b","input_schema":{"type":"object","properties":{}},"cache_control")",
       "", "`cache_control`"},
      // Sampling.
      {"both knobs, one of them plain", Hi(R"("temperature":0.7,"top_p":1)"),
       R"("temperature":0.7)", "top_p"},
      {"both knobs", Hi(R"("temperature":0.7,"top_p":0.9)"), R"("temperature":0.7)",
       "\"top_p\":", "`top_p`"},
      {"the other knob plain", Hi(R"("temperature":1,"top_p":0.9)"), R"("top_p":0.9)",
       "temperature"},
      {"hotter than it goes", Hi(R"("temperature":1.5)"), R"("temperature":1)", "1.5",
       "`temperature` is 1"},
      {"blank stops", Hi(R"("stop":["\n","","END"])"), R"("stop_sequences":["END"])", "", "`stop`"},
      {"hints", Hi(R"("seed":0,"logit_bias":{"1":2},"presence_penalty":0.5)"), "", "seed",
       "`seed`"},
      {"hints that say nothing",
       Hi(R"("seed":null,"logit_bias":{},"presence_penalty":0,"frequency_penalty":0.0,"n":1,"logprobs":false,"modalities":["text"])")},
      {"a field that nobody knows", Hi(R"("chat_template_kwargs":{"enable_thinking":false})"), "",
       "chat_template", "`chat_template_kwargs`"},
      {"several answers", Hi(R"("n":2)"), "", "", "", "n"},
      {"log-probabilities", Hi(R"("logprobs":true)"), "", "", "", "logprobs"},
      {"functions of old", Hi(R"("functions":[{"name":"f"}])"), "", "", "", "functions"},
      {"speech as an answer", Hi(R"("modalities":["text","audio"])"), "", "", "", "modalities"},
      // Limits.
      {"no limit", Hi(R"("max_tokens":null)"), R"("max_tokens":8192)"},
      {"the limit that means none", Hi(R"("max_tokens":-1)"), R"("max_tokens":8192)"},
      {"the expert's limit", Hi(R"("user":"u")"), R"("max_tokens":64000)", "", "", "", 0, 64000},
      {"more than the expert gives", Hi(R"("max_tokens":9000)"), R"("max_tokens":4096)", "", "4096",
       "", 0, 4096},
      // Choices and formats.
      {"any tool", Hi(std::string(kTool) + R"(,"tool_choice":"required")"),
       R"("tool_choice":{"type":"any"})"},
      {"one tool",
       Hi(std::string(kTool) +
          R"(,"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false)"),
       R"({"type":"tool","name":"f","disable_parallel_tool_use":true})"},
      {"no tool", Hi(std::string(kTool) + R"(,"tool_choice":"none")"), R"({"type":"none"})"},
      {"some tools",
       Hi(R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})"),
       R"("tools":[{"name":"g")", R"("name":"f")"},
      {"some tools, said flat",
       Hi(R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]})"),
       R"("tools":[{"name":"g","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"any"})",
       R"("name":"f")"},
      {"one tool, said flat",
       Hi(std::string(kTool) + R"(,"tool_choice":{"type":"function","name":"f"})"),
       R"({"type":"tool","name":"f"})"},
      {"some tools that there are not",
       Hi(std::string(kTool) +
          R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"g"}}]}})"),
       "", "", "", "tool_choice"},
      {"no tools allowed",
       Hi(std::string(kTool) +
          R"(,"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]})"),
       "", "", "", "tool_choice"},
      {"some tools of a server's",
       Hi(std::string(kTool) +
          R"(,"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"mcp","server_label":"f"}]})"),
       "", "", "", "tool_choice"},
      {"one tool that there is not",
       Hi(std::string(kTool) + R"(,"tool_choice":{"type":"function","function":{"name":"g"}})"), "",
       "", "", "tool_choice"},
      {"a choice that is none", Hi(std::string(kTool) + R"(,"tool_choice":"maybe")"), "", "", "",
       "tool_choice"},
      {"a choice without tools", Hi(R"("tool_choice":"required")"), "", "", "", "tool_choice"},
      {"auto without tools", Hi(R"("tool_choice":"auto")"), "", "tool_choice"},
      {"a schema is a forced tool",
       Hi(R"("response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"a":{}}}}})"),
       R"("tool_choice":{"type":"tool","name":"moerge_json_answer")", "system"},
      {"a schema with a name that it does not take is an instruction",
       Hi(R"("response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"full name":{}}}}})"),
       "It must match this JSON schema", "moerge_json_answer"},
      {"a schema that is a reference is an instruction",
       Hi(R"("response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","$ref":"#/$defs/A","$defs":{"A":{}}}}})"),
       "It must match this JSON schema", "moerge_json_answer"},
      {"a schema beside tools is an instruction",
       Hi(std::string(kTool) +
          R"(,"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}})"),
       "It must match this JSON schema"},
      {"any JSON", Hi(R"("response_format":{"type":"json_object"})"), "Answer with one JSON value"},
      {"a grammar", Hi(R"("response_format":{"type":"grammar"})"), "", "", "",
       "response_format.type"},
      // Thinking.
      {"an effort", Hi(R"("reasoning_effort":"low","max_tokens":20000)"),
       R"("thinking":{"type":"enabled","budget_tokens":4000})"},
      {"no effort", Hi(R"("reasoning_effort":"none")"), "", "thinking"},
      {"thinking as the API says it", Hi(R"("thinking":{"type":"enabled","budget_tokens":2000})"),
       R"("budget_tokens":2000)"},
      {"think as Ollama says it", Hi(R"("think":true)"), R"("budget_tokens":4096)"},
      {"thinking and heat", Hi(R"("reasoning_effort":"high","temperature":0.2,"top_k":5)"),
       "budget_tokens", "temperature", "`temperature`"},
      {"no room to think", Hi(R"("reasoning_effort":"high","max_tokens":500)"),
       R"("max_tokens":500)", "\"thinking\"", "not asked to think"},
      {"a forced tool and thinking",
       Hi(std::string(kTool) + R"(,"tool_choice":"required","reasoning_effort":"high")"), "any",
       "\"thinking\"", "not asked to think"},
      {"thinking in the middle of calls",
       Called(R"({"role":"tool","tool_call_id":"call.1|x","content":"r"})") +
           R"(,"reasoning_effort":"high")",
       "", "\"thinking\"", "not asked to think"},
  };
}

TEST(Translation, AnthropicTakesWhatMoergeSends) {
  for (const TranslationRow& row : AnthropicRows())
    CheckTranslation(row, ToAnthropicRequest, RefusedByAnthropic);
}

// The stand-ins would be of no use if they took everything.
TEST(Translation, TheStandInsRefuse) {
  EXPECT_NE(RefusedByAnthropic(R"({"model":"m","max_tokens":1,"messages":[]})"), "");
  EXPECT_NE(
      RefusedByAnthropic(
          R"({"model":"m","max_tokens":1,"seed":1,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})"),
      "");
  EXPECT_NE(
      RefusedByAnthropic(
          R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":" "}]}]})"),
      "");
  EXPECT_EQ(
      RefusedByAnthropic(
          R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}]})"),
      "");
  EXPECT_NE(RefusedByOllama(R"({"model":"m","messages":[],"tool_choice":"auto"})"), "");
  EXPECT_NE(RefusedByOllama(R"({"model":"m","messages":[{"role":"user","content":[]}]})"), "");
  EXPECT_EQ(RefusedByOllama(R"({"model":"m","messages":[{"role":"user","content":"x"}]})"), "");
}

TEST(Translation, TheLimitThatNobodyAskedForIsKnown) {
  const std::string body = "{" + std::string(kHi) + "}";
  const auto document = json::Document::Parse(body);
  Expert expert;
  EXPECT_EQ(ToAnthropicRequest(document->root(), expert, false)->own_limit, 8192);
  EXPECT_EQ(ToOllamaRequest(document->root(), expert, false)->own_limit, 0);
  expert.max_output = 50;
  EXPECT_EQ(ToAnthropicRequest(document->root(), expert, false)->own_limit, 50);
  EXPECT_EQ(ToOllamaRequest(document->root(), expert, false)->own_limit, 50);
  const std::string other = "{" + Hi(R"("max_tokens":20)") + "}";
  const auto limited = json::Document::Parse(other);
  EXPECT_EQ(ToAnthropicRequest(limited->root(), expert, false)->own_limit, 0);
}

}  // namespace
}  // namespace moerge::test
