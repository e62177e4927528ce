#include "services/answers/author_prompt.h"

#include <cstdio>

#include "config/base/json.h"
#include "config/base/text.h"
#include "services/answers/final_answer.h"

namespace moerge {
namespace {

// From the first brace to the last one, which fences and words around it are not part of.
std::string_view Braced(std::string_view text) {
  const std::size_t begin = text.find('{');
  const std::size_t end = text.rfind('}');
  if (begin == text.npos || end == text.npos || end < begin) return {};
  return text.substr(begin, end - begin + 1);
}

std::string PointOf(json::Value point) {
  if (const auto text = point.AsString()) return std::string(*text);
  std::string all;
  for (const char* field : {"point", "resolution", "experts"}) {
    const json::Value part = point.Find(field);
    if (!part) continue;
    if (!all.empty()) all += "; ";
    all += part.is_string() ? std::string(*part.AsString()) : std::string(part.raw());
  }
  return all;
}

std::vector<std::string> PointsOf(json::Value list) {
  std::vector<std::string> points;
  for (const json::Value point : list.children()) points.push_back(PointOf(point));
  return points;
}

}  // namespace

std::string SynthesisInstructions(bool attributed) {
  std::string text =
      "Several models have answered the request above; their answers stand below. Write the one "
      "best answer to the request, in the form that it asks for. Weigh the answers critically: "
      "some may be wrong, and most of them may share an error. Keep what is right, correct what is "
      "not, and do not mention the answers or that there were several.";
  if (attributed) {
    text +=
        " End every sentence with the letters, in square brackets, of the answers that it rests "
        "on, such as [A] or [A, C]; a sentence of your own ends with [].";
  }
  return text;
}

std::string_view RefinementInstructions() {
  return "Below stand drafts of an answer to the request above. Some may be wrong. Reason about "
         "the "
         "request again, use what holds in the drafts, and give your own final answer in the form "
         "that the request asks for. Do not mention the drafts.";
}

std::string ConsultInstructions(const std::vector<std::string>& failed) {
  std::string text =
      "Specialists were consulted on the request above; what they say stands below. Answer the "
      "request yourself, in the form that it asks for, with their knowledge where it holds.";
  if (!failed.empty()) {
    text += " Not all of them answered: " + Join(failed, ", ") +
            " did not, so say where your answer is less certain for it.";
  }
  return text;
}

std::string_view LayerInstructions() {
  return "Other models have answered the request above; their answers stand below and may be "
         "wrong. "
         "Answer the request yourself, in the form that it asks for, better than any of them.";
}

std::string ReviewNote(const std::vector<Quote>& quotes, const std::vector<double>& mean_ranks) {
  std::string note = "\nThe models ranked these answers without knowing their authors; mean rank:";
  for (std::size_t i = 0; i < quotes.size(); ++i) {
    char rank[48];
    std::snprintf(rank, sizeof rank, " %.2f", mean_ranks[i]);
    note.append(i == 0 ? " " : ", ").append(quotes[i].label).append(rank);
  }
  return note + " (1 is best).\n";
}

std::string_view RebuttalInstructions() {
  return "Another expert answers the request above differently; the answers so far stand below, "
         "yours as A, the other one as B. If B is right say so and give its answer. If not, show "
         "where B goes wrong and why yours holds. End with your final answer in the form that the "
         "request asks for.";
}

std::string_view PanelInstructions() {
  return "A panel has answered the request above; the answers stand below. Do not answer yet. Work "
         "through them in these steps: 1. the viewpoints on which most agree; 2. those on which "
         "they "
         "conflict; 3. resolve each conflict, by the better argument, not by number alone; 4. "
         "viewpoints that only one has and that hold; 5. merge all of it into one answer to the "
         "request, in the form that it asks for. Reply with JSON and nothing else: "
         R"({"agreed":[{"point":"...","experts":["A"]}],"conflicting":[{"point":"...","resolution":"...","experts":["A","B"]}],"isolated":[{"point":"...","experts":["B"]}],"answer":"the merged answer"})";
}

std::optional<Viewpoints> ViewpointsIn(std::string_view reply) {
  const std::string text = WithoutThinking(reply);
  const auto document = json::Document::Parse(Braced(text));
  if (!document) return std::nullopt;
  const json::Value root = document->root();
  const auto answer = root.Find("answer").AsString();
  if (!answer || Trim(*answer).empty()) return std::nullopt;
  return Viewpoints{.answer = std::string(*answer),
                    .agreed = PointsOf(root.Find("agreed")),
                    .conflicting = PointsOf(root.Find("conflicting")),
                    .isolated = PointsOf(root.Find("isolated"))};
}

}  // namespace moerge
