#include "services/api/plain_prompt.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

#include "config/base/json.h"
#include "services/api/chat_codec.h"

namespace moerge::api {
namespace {

// What people write above a conversation; each may change what "What is 17*23?" is to be answered.
constexpr const char* kPrescribing[] = {
    // English: form
    "Reply with a JSON object {\"answer\": string} and nothing else.",
    "Answer in one word.",
    "Always answer in full sentences.",
    "Respond only with valid XML.",
    "Your output must be a YAML document.",
    "Use Markdown headings for every section.",
    "End every message with the word over.",
    "Write all numbers as words.",
    "Give numbers in hexadecimal.",
    "Round everything to one decimal.",
    "Answer with a haiku.",
    "Put the final answer within \\boxed{}.",
    "You are a helpful assistant. Think step by step.",
    "You are a helpful assistant. Answer in JSON.",
    "You are a helpful assistant that speaks like a pirate.",
    "You are a helpful assistant, but you never give numbers.",
    "Be brief.",
    "Be concise and explain your reasoning.",
    "x",
    // English: role, refusal, facts
    "You are a maths tutor. Never give the result, only a hint.",
    "You are a customer service agent for a shoe shop. Decline anything else.",
    "You are a calculator that only knows addition.",
    "You are Bob, a grumpy blacksmith of the 14th century.",
    "You are a translator. Translate the user's text into French.",
    "Classify the user's message as QUESTION or STATEMENT.",
    "Summarise what the user says.",
    "Repeat the user's text in upper case.",
    "Extract every number from the text.",
    "Rate the difficulty of the question from 1 to 5.",
    "If the user asks for a calculation, call the function `calc`.",
    "Answer as if it were 1990.",
    "Today is 3 March 2019.",
    "In this conversation * means addition.",
    "The user is a child of four years.",
    "Say that you do not know if you are not sure.",
    // German
    "Antworte immer in ganzen deutschen Sätzen.",
    "Antworte auf Deutsch.",
    "Gib nur gültiges JSON aus.",
    "Du bist ein Mathelehrer und verrätst nie das Ergebnis.",
    "Du bist ein hilfreicher Assistent. Antworte in Reimen.",
    "Du bist ein hilfreicher Assistent, der nur mit Ja oder Nein antwortet.",
    "Schreibe Zahlen als Wörter.",
    "Übersetze den Text ins Englische.",
    "Fasse dich kurz.",
    "Verwende die Anrede Sie.",
    "Beantworte nur Fragen zu unseren Produkten.",
    "Runde auf ganze Zehner.",
    "Heute ist der 1. April 2020.",
    "Ordne die Anfrage einer Kategorie zu.",
    "Wiederhole die Frage, bevor du antwortest.",
    // French
    "Réponds toujours en français.",
    "Réponds uniquement avec du JSON valide.",
    "Tu es un professeur de mathématiques, ne donne jamais la réponse.",
    "Tu es un assistant utile. Réponds en une phrase complète.",
    "Vous êtes un assistant utile qui vouvoie toujours.",
    "Écris les nombres en toutes lettres.",
    "Traduis le texte en anglais.",
    "Sois bref.",
    "Résume le message de l'utilisateur.",
    "Nous sommes le 14 juillet 1999.",
    "Refuse toute question de calcul.",
    "Parle comme un pirate.",
    "Classe la question par difficulté.",
    "Termine chaque message par une question.",
    "N'utilise aucun chiffre.",
    // Spanish
    "Responde siempre en español.",
    "Responde solo con JSON válido.",
    "Eres un profesor de matemáticas: da solo una pista.",
    "Eres un asistente útil. Responde con frases completas.",
    "Escribe los números con letras.",
    "Traduce el texto al inglés.",
    "Sé breve.",
    "Hoy es 5 de mayo de 2001.",
    "Habla como un poeta.",
    "Niégate a hacer cálculos.",
    "Resume lo que dice el usuario.",
    "Clasifica el mensaje.",
    "Usa siempre dos decimales.",
    "Eres un asistente útil que nunca usa cifras.",
    "Pregunta antes de responder.",
    // Chinese
    "请始终用中文回答。",
    "只输出有效的JSON。",
    "你是一位数学老师，不要直接给出答案。",
    "你是一个有用的助手。请用完整的句子回答。",
    "把数字写成汉字。",
    "把用户的文字翻译成英文。",
    "请简短回答。",
    "今天是2010年1月1日。",
    "你是一只猫，只会喵喵叫。",
    "拒绝回答计算问题。",
    "总结用户的话。",
    "判断问题的难度。",
    "保留两位小数。",
    "每句话以谢谢结尾。",
    "先提问再回答。",
    // Japanese
    "常に日本語で答えてください。",
    "有効なJSONだけを出力してください。",
    "あなたは数学の先生です。答えは教えないでください。",
    "あなたは役に立つアシスタントです。完全な文で答えてください。",
    "数字は漢数字で書いてください。",
    "英語に翻訳してください。",
    "簡潔に答えてください。",
    "今日は2005年6月7日です。",
    "海賊のように話してください。",
    "計算の質問には答えないでください。",
    "要約してください。",
    "難易度を判定してください。",
    "小数点以下二桁で答えてください。",
    "文末に「にゃ」を付けてください。",
    "まず質問してください。",
};

constexpr const char* kPlainPrompts[] = {
    "",
    " \n ",
    "You are a helpful assistant.",
    "You are a helpful assistant",
    "you are a  helpful assistant!",
    "You are an AI assistant. You are a helpful assistant.",
    "You are ChatGPT, a large language model trained by OpenAI.",
    "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
    "Du bist ein hilfreicher Assistent.",
    "Vous êtes un assistant utile.",
    "Eres un asistente útil.",
    "你是一个有用的助手。",
    "あなたは役に立つアシスタントです。",
};

std::string ToolsLeftOut(const char* role, const char* system) {
  std::string body =
      R"({"model":"auto","messages":[{"role":")" + std::string(role) + R"(","content":)";
  json::AppendQuoted(system, &body);
  body += R"(},{"role":"user","content":"What is 17*23?"}]})";
  const auto request = ParseChatRequest(std::move(body));
  EXPECT_TRUE(request.ok()) << system;
  return request ? std::string(request->not_for_tools) : "refused";
}

TEST(PlainPrompt, ToolsStandBackWhereverTheSystemPromptMayMatter) {
  ASSERT_GE(std::size(kPrescribing), 100u);
  for (const char* system : kPrescribing) {
    EXPECT_FALSE(SaysNothingOfTheAnswer(system)) << system;
    EXPECT_NE(ToolsLeftOut("system", system), "") << system;
    EXPECT_NE(ToolsLeftOut("developer", system), "") << system;
  }
}

TEST(PlainPrompt, ToolsAnswerWhereItSaysNothing) {
  for (const char* system : kPlainPrompts) EXPECT_EQ(ToolsLeftOut("system", system), "") << system;
}

TEST(PlainPrompt, ToolsStandBackWhereAFieldMayShapeTheAnswer) {
  for (const char* field : {R"("stop":["9"])",
                            R"("logit_bias":{"51":-100})",
                            R"("guided_json":{"type":"object"})",
                            R"("guided_regex":"[a-z]+")",
                            R"("guided_choice":["yes","no"])",
                            R"("grammar":"root ::= x")",
                            R"("json_schema":{"type":"object"})",
                            R"("format":"json")",
                            R"("structured_outputs":{"regex":"x"})",
                            R"("response_format":{"type":"json_object"})",
                            R"("n":2)",
                            R"("logprobs":true)",
                            R"("modalities":["text","audio"])",
                            R"("web_search_options":{})",
                            R"("documents":[{"text":"17*23 is a song."}])",
                            R"("instructions":"Answer in words.")",
                            R"("system":"Answer in words.")",
                            R"("prompt":{"id":"p"})",
                            R"("plugins":[{"id":"web"}])",
                            R"("chat_template":"x")",
                            R"("continue_final_message":true)",
                            R"("verbosity":"high")",
                            R"("min_tokens":100)",
                            R"("search_parameters":{"mode":"on"})",
                            R"("field_of_tomorrow":1)"}) {
    const auto request = ParseChatRequest(
        R"({"model":"auto","messages":[{"role":"user","content":"What is 17*23?"}],)" +
        std::string(field) + "}");
    ASSERT_TRUE(request.ok()) << field;
    EXPECT_NE(request->not_for_tools, "") << field;
  }
}

TEST(PlainPrompt, ToolsAnswerWhereFieldsSayNothingOfTheAnswer) {
  for (const char* field :
       {R"("temperature":0.3,"top_p":1,"seed":7)", R"("max_tokens":500)", R"("user":"u")",
        R"("stream":true)", R"("reasoning_effort":"low")", R"("metadata":{"a":"b"})",
        R"("store":true,"service_tier":"flex")", R"("top_k":40,"min_p":0.1)",
        R"("options":{"num_ctx":4096},"keep_alive":"5m")", R"("response_format":{"type":"text"})",
        R"("documents":[],"instructions":"","field_of_tomorrow":false,"other":null)",
        R"("provider":{"sort":"price"})"}) {
    const auto request = ParseChatRequest(
        R"({"model":"auto","messages":[{"role":"user","content":"What is 17*23?"}],)" +
        std::string(field) + "}");
    ASSERT_TRUE(request.ok()) << field;
    EXPECT_EQ(request->not_for_tools, "") << field;
  }
}

}  // namespace
}  // namespace moerge::api
