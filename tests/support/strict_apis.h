// Stand-ins that refuse what the real APIs are known to refuse, by the same tables that the
// translators write by. Pure.
#pragma once

#include <string>
#include <string_view>

namespace moerge::test {

// Why Anthropic's Messages API would answer this request's body with 400; empty: it takes it.
std::string RefusedByAnthropic(std::string_view body);

// The same of Ollama's /api/chat.
std::string RefusedByOllama(std::string_view body);

}  // namespace moerge::test
